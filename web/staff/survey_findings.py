"""What the results of a round say of change and of reasons, in words and as places on a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.definition import Question, QuestionType, words
from surveys.drivers import Driver
from surveys.views import Item, Results, Share
from web.staff.words import plural

MARGIN = 4
"""Per cent of a chart's width left free at either end, for its dots."""


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """How a share stands to that of the round before. ``arrow``: ``up``, ``down``, or empty where the
    difference may be chance."""

    arrow: str
    points: str
    told: str


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One question of the ranking. ``zero``, ``low``, ``at`` and ``high``: per cent of the chart's width."""

    driver: Driver
    points: str
    told: str
    zero: str
    low: str
    at: str
    high: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """What goes with the outcome. ``outcome``: the question and the answer whose company is looked for."""

    outcome: str
    rows: Sequence[DriverRow]

    @property
    def clear(self) -> Sequence[DriverRow]:
        """Those that are clearly more than chance and the wrong way round from what one would wish."""
        return [row for row in self.rows if row.driver.clear and row.driver.difference > 0]


def outcome_words(found: Results) -> str:
    """The answer that the results look for reasons of: ``“Yes” to “Have you thought of leaving?”``.
    Empty where the survey has none."""
    if found.outcome is None:
        return ""
    question, value = found.outcome.question, found.outcome.value
    label = next((words(one.label, "en") for one in question.options if one.value == value), "")
    return f"“{label}” to “{words(question.text, 'en')}”"


def outcome_share(found: Results) -> str:
    """How many gave that answer: ``19 of 106 carers (18 %)``; empty where that is held back."""
    if found.outcome is None:
        return ""
    for item in found.items:
        if item.question.id == found.outcome.question.id and item.base:
            count = next((bar.count for bar in item.bars if bar.value == found.outcome.value), None)
            if count is not None:
                return f"{count} of {plural(item.base, 'carer')} ({100 * count / item.base:.0f} %)"
    return ""


def favourable_words(question: Question) -> str:
    """Which answers are the favourable ones: ``Mostly or Very much``, ``0 to 3``."""
    good = sorted(question.favourable)
    if question.type is QuestionType.NUMBER and len(good) > 2 and good[-1] - good[0] == len(good) - 1:
        return f"{good[0]} to {good[-1]}"
    return " or ".join(words(one.label, "en") for one in question.options if one.value in good)


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One question at a glance. ``place``: which of the page's charts it is, the first is 1.

    ``answers``: which are favourable, where it is one of numbers, whose words do not say.
    """

    place: int
    text: str
    answers: str
    share: Share
    change: ChangeWords | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All shares of favourable answers that are shown, the lowest first.

    ``wellbeing``: how carers are, which is no good or bad work of the service.
    """

    work: Sequence[OverviewRow]
    wellbeing: Sequence[OverviewRow]


def overview_of(found: Results) -> Overview:
    """What a page of results begins with."""
    rows = [
        (item.question.wellbeing, OverviewRow(place, words(item.question.text, "en"), *glance))
        for place, item in enumerate(found.items, 1)
        if (glance := _glance(found, item))
    ]
    rows.sort(key=lambda row: row[1].share.value)
    return Overview(
        [row for wellbeing, row in rows if not wellbeing], [row for wellbeing, row in rows if wellbeing]
    )


def _glance(found: Results, item: Item) -> tuple[str, Share, ChangeWords | None] | None:
    if item.favourable is None:
        return None
    answers = favourable_words(item.question) if item.question.type is QuestionType.NUMBER else ""
    return answers, item.favourable, change_of(found, item.question.id)


def ranking_of(found: Results) -> Ranking | None:
    """The ranking with its chart; None where nothing of it can be shown."""
    if not found.drivers:
        return None
    left = min(0.0, *(one.low for one in found.drivers))
    right = max(0.0, *(one.high for one in found.drivers))

    def place(fraction: float) -> str:
        return f"{MARGIN + (100 - 2 * MARGIN) * (fraction - left) / (right - left):.2f}"

    rows = [
        DriverRow(
            one,
            f"{100 * one.difference:+.0f}".replace("-", "−"),
            _difference_told(one),
            place(0),
            place(one.low),
            place(one.difference),
            place(one.high),
        )
        for one in found.drivers
    ]
    return Ranking(outcome_words(found), rows)


def _difference_told(one: Driver) -> str:
    """``24 points more (95 % interval 8 to 41)``"""
    gap = round(100 * abs(one.difference))
    more = "more" if one.difference >= 0 else "fewer"
    low, high = round(100 * one.low), round(100 * one.high)
    return f"{plural(gap, 'point')} {more} (95 % interval {low} to {high})".replace("-", "−")


def change_of(found: Results, question: str) -> ChangeWords | None:
    """How this question stands to the round before; None where there is nothing to compare with."""
    change = found.comparison.changes.get(question) if found.comparison else None
    if change is None or change.then is None or change.now is None or change.difference is None:
        return None
    reworded = " The question was worded differently then." if change.reworded else ""
    between = f"from {_percent(change.then)} to {_percent(change.now)}"
    if not change.clear or change.low is None or change.high is None:
        return ChangeWords("", "no clear change", f"({between}; this may be chance).{reworded}")
    up = change.difference > 0
    ends = sorted(round(100 * abs(end)) for end in (change.low, change.high))
    points = f"{plural(round(100 * abs(change.difference)), 'point')} {'up' if up else 'down'}"
    told = f"({between}; 95 % interval {ends[0]} to {ends[1]} points).{reworded}"
    return ChangeWords("up" if up else "down", points, told)


def _percent(share: Share) -> str:
    return f"{100 * share.value:.0f} %"
