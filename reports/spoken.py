"""What a message says of a report's headlines: a line for each, under the part that it belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.figures import Figure
from reports.headlines import OF_TAKING_PART
from reports.sentences import sentence
from reports.words import TITLES, value

LEAVING, TAKING_PART = "Who left", "Who can be told, and who takes part"


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines under one heading."""

    title: str
    lines: tuple[str, ...]


def spoken(figures: Iterable[Figure]) -> list[Part]:
    """Every figure in a sentence of its own, or where it has no number with the reason; parts without any are
    left out."""
    parts: dict[str, list[str]] = {LEAVING: [], TAKING_PART: []}
    for figure in figures:
        parts[TAKING_PART if figure.id in OF_TAKING_PART else LEAVING].append(_said(figure))
    return [Part(title, tuple(lines)) for title, lines in parts.items() if lines]


def _said(figure: Figure) -> str:
    title, note = TITLES[figure.id], figure.note
    if figure.denominator == 0:  # it is known, but there is nothing that it could be a share of
        return f"{title}: {note[:1].lower()}{note[1:]}"
    return sentence(figure) or f"{title}: {value(figure)}. {note}".strip()
