"""Where the parts of the charts of a survey's results lie, in per cent of their width.

Positions are per cent and heights pixels: words in a chart stay as large on a telephone as on paper.
Nothing here knows more than `Results`: what is held back is drawn as one hatched rest, as wide as anybody
could work out from the numbers that are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.definition import QuestionType, words
from surveys.views import Bar, Item, Share

NARROWEST_WITH_WORDS = 13.0
"""Per cent of the chart's width from which on a piece has room for its share, on a telephone too."""
SHADES = 3
HELD = "held"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar. ``left`` and ``width`` are per cent of the chart; ``words`` is written into it."""

    left: float
    width: float
    look: str
    """Its class in the stylesheet: ``good-1`` to ``good-3``, ``other-…``, ``plain-…`` or ``held``."""
    words: str = ""

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the table behind a chart; ``count`` null: held back."""

    label: str
    count: int | None
    look: str = ""
    width: float = 0.0
    """Per cent of those asked, for a bar of its own beside it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One question drawn: ``pieces`` is empty where each answer has a bar of its own, or where nothing
    can be shown. ``centre``: where favourable answers begin, if the question has any."""

    answers: Sequence[Answer]
    pieces: Sequence[Piece]
    centre: float | None
    told: str

    @property
    def shown(self) -> Sequence[Answer]:
        """The answers whose numbers are shown."""
        return [one for one in self.answers if one.count is not None]

    @property
    def held(self) -> str:
        """The answers whose numbers are held back: ``0 to 4, No answer``. Empty where none is."""
        runs: list[list[str]] = []
        for one in (answer.label for answer in self.answers if answer.count is None):
            follows = (
                runs and one.isdecimal() and runs[-1][-1].isdecimal() and int(runs[-1][-1]) + 1 == int(one)
            )
            if follows:
                runs[-1].append(one)
            else:
                runs.append([one])
        return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else run[0] for run in runs)


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale for all the bars with favourable answers of a page, so that they can be compared: the widest
    shares of other and of favourable answers that any of them has."""

    other: float
    good: float

    @property
    def centre(self) -> float:
        return 100 * self.other / (self.other + self.good)

    def wide(self, share: float) -> float:
        """How wide a share is on it."""
        return 100 * share / (self.other + self.good)


def axis_of(items: Iterable[Item]) -> Axis:
    """The scale on which all of these fit."""
    shares = [item.favourable.value for item in items if item.favourable is not None]
    other, good = max((1 - one for one in shares), default=0.5), max(shares, default=0.5)
    return Axis(other, good)


def chart_of(item: Item, axis: Axis) -> Chart:
    """The bar of one question and the rows of the table behind it."""
    looks = _looks(item)
    base = item.base or 0
    answers = [
        Answer(
            words(bar.label, "en"),
            bar.count,
            looks[bar.value],
            100 * (bar.count or 0) / base if base else 0.0,
        )
        for bar in item.bars
    ]
    if item.no_answer is None or item.no_answer:
        answers.append(Answer("No answer", item.no_answer, "none"))
    told = "; ".join(f"{one.label}: {'held back' if one.count is None else one.count}" for one in answers)
    if not base or item.question.type is QuestionType.SEVERAL:
        return Chart(answers, (), None, told)
    if item.favourable is None:
        return Chart(answers, _in_a_row(item, looks, base), None, told)
    pieces = _about_a_line(item, item.favourable, looks, axis, base)
    return Chart(answers, pieces, axis.centre, told)


def _sides(item: Item) -> tuple[list[Bar], list[Bar]]:
    """Favourable answers and the others, each from the line outwards."""
    good = [bar for bar in item.bars if bar.value in item.question.favourable]
    other = [bar for bar in item.bars if bar.value not in item.question.favourable]
    if good and other and good[0].value < other[0].value:  # the first answers are the good ones
        return good[::-1], other
    return good, other[::-1]


def _looks(item: Item) -> dict[int, str]:
    """The look of each answer: shades from the pale beside the line to the strong at either end."""
    if item.question.type is QuestionType.SEVERAL:
        return {bar.value: "plain-3" for bar in item.bars}
    good, other = _sides(item)
    if not good:
        return {bar.value: f"plain-{place % SHADES + 1}" for place, bar in enumerate(item.bars)}
    sides = {"good": good, "other": other}
    return {
        bar.value: f"{side}-{_shade(place, len(bars))}"
        for side, bars in sides.items()
        for place, bar in enumerate(bars)
    }


def _shade(place: int, of: int) -> int:
    """1 beside the line, `SHADES` at the far end; a side with a single answer is strong."""
    return SHADES if of == 1 else 1 + place * (SHADES - 1) // (of - 1)


def _in_a_row(item: Item, looks: Mapping[int, str], base: int) -> list[Piece]:
    """From the left: the answers that are shown, then what is held back. Who gave no answer is left out."""
    shown = [(looks[bar.value], bar.count) for bar in item.bars if bar.count]
    held = base - sum(count for _, count in shown) - (item.no_answer or 0)
    return _laid([*shown, (HELD, held)], 0.0, 100 / base, base)


def _about_a_line(
    item: Item, favourable: Share, looks: Mapping[int, str], axis: Axis, base: int
) -> list[Piece]:
    """Favourable answers to the right of the line, the others to the left, the strongest outermost."""
    sides = [[(looks[bar.value], bar.count) for bar in side if bar.count] for side in _sides(item)]
    good, other = sides
    held_good = favourable.numerator - sum(count for _, count in good)
    held_other = base - favourable.numerator - sum(count for _, count in other) - (item.no_answer or 0)
    left = [(HELD, held_other), *other[::-1]]
    person = axis.wide(1 / base)
    start = axis.centre - person * sum(count for _, count in left)
    return [
        *_laid(left, start, person, base),
        *_laid([*good, (HELD, held_good)], axis.centre, person, base),
    ]


def _laid(parts: Iterable[tuple[str, int]], start: float, person: float, base: int) -> list[Piece]:
    """One piece after the other from ``start``; ``person``: how wide one person is."""
    pieces = []
    for look, count in parts:
        width = person * count
        if count > 0:
            room = width >= NARROWEST_WITH_WORDS and look != HELD
            pieces.append(Piece(start, width, look, f"{100 * count / base:.0f}%" if room else ""))
        start += width
    return pieces
