"""A round on one page: what is going well, what to work on, what has changed, what goes with leaving.

It is made of `surveys.results.Results` alone, so that it can show nothing that the results hold back; what is
done about it is handed in by whoever shows it, for actions are not the surveys' to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from surveys.definition import Words, words
from surveys.results import Results
from surveys.tabulation import Item, Share

MOST_LINES = 5
GOOD_FROM = 0.6
"""From this share of favourable answers on, a question is told among what is going well."""
ROOM = 2800
"""Characters of questions and actions that one message of the app may hold, in any language."""
MOST_STEPS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One question by its share of favourable answers. ``change``: since the round before, in points, where
    it is more than chance; else null."""

    question: str
    text: Words
    favourable: Share
    change: int | None

    @property
    def percent(self) -> int:
        return round(100 * self.favourable.value)


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done about what was said, in words of one language."""

    said: str
    did: str


@dataclass(frozen=True, slots=True)
class Summary:
    """``strengths``, the best first, and ``to_work_on``, the worst first; no question is in both, and the one
    whose answer the results look for reasons of (thinking of leaving, say) is in neither.

    ``wellbeing``: how carers are, which is no good or bad work of the service; in the survey's order.
    """

    round_id: int
    title: Words
    closed_at: datetime
    responses: int
    asked: int
    strengths: tuple[Line, ...]
    to_work_on: tuple[Line, ...]
    wellbeing: tuple[Line, ...]
    compared: bool
    """There was a round before to compare with."""
    languages: frozenset[str]
    """In which all that it says of the survey is there."""


def summarise(results: Results, closed_at: datetime) -> Summary:
    """The summary of a round that closed at this time (aware UTC)."""
    every = [(item.question, line) for item in results.items if (line := _line(results, item))]
    lines = sorted(
        (line for question, line in every if not question.wellbeing),
        key=lambda line: (-line.favourable.value, line.question),
    )
    good = [line for line in lines if line.favourable.value >= GOOD_FROM]
    rest = [line for line in reversed(lines) if line.favourable.value < GOOD_FROM]
    if not rest and len(good) > 1:
        rest = [good.pop()]  # there is always something to work on
    return Summary(
        round_id=results.round_id,
        title=results.definition.title,
        closed_at=closed_at,
        responses=results.responses,
        asked=results.asked,
        strengths=tuple(good[:MOST_LINES]),
        to_work_on=tuple(rest[:MOST_LINES]),
        wellbeing=tuple(line for question, line in every if question.wellbeing),
        compared=results.comparison is not None,
        languages=results.definition.languages(),
    )


def _line(results: Results, item: Item) -> Line | None:
    """The question's line, if it was asked of everybody and its share of favourable answers is shown."""
    outcome, question = results.definition.outcome, item.question
    if item.favourable is None or question.asked_if or (outcome and outcome.question == question.id):
        return None
    return Line(question.id, question.text, item.favourable, _change(results, question.id))


def _change(results: Results, question: str) -> int | None:
    """In whole points; null where there is nothing to compare with or it may be chance."""
    change = results.comparison.changes.get(question) if results.comparison else None
    if change is None or change.difference is None or not change.clear:
        return None
    return round(100 * change.difference) or None


def told(summary: Summary, steps: Sequence[Step], language: str, *, for_all: bool = False) -> dict[str, Any]:
    """The parameters of the text ``told``, which carers read: as many of its questions and steps as fit into
    one message. ``for_all``: as a message to all, and not on a tap."""
    good = [_told_line(line, language) for line in summary.strengths]
    work = [_told_line(line, language) for line in summary.to_work_on]
    shown = list(steps[:MOST_STEPS])
    while _length(good, work, shown) > ROOM:
        longest = shown if len(shown) > 1 else max(good, work, key=len)
        longest.pop()
    return {
        "round": summary.round_id,
        "title": words(summary.title, language),
        "when": summary.closed_at.isoformat(),
        "took_part": summary.responses,
        "asked": summary.asked,
        "good": good,
        "work": work,
        "next": [{"said": step.said, "did": step.did} for step in shown],
        "more": len(shown) < len(steps),
        "for_all": for_all,
    }


def _told_line(line: Line, language: str) -> dict[str, Any]:
    return {"text": words(line.text, language), "percent": line.percent, "change": line.change}


def _length(good: Sequence[dict[str, Any]], work: Sequence[dict[str, Any]], steps: Sequence[Step]) -> int:
    said = 40  # what is said of each question besides its text
    return sum(said + len(line["text"]) for line in (*good, *work)) + sum(
        said + len(step.said) + len(step.did) for step in steps
    )
