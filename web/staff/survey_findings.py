"""What the results of a round say of change and of reasons, in words and as places on a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.definition import words
from surveys.drivers import Driver
from surveys.views import Results, Share
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
    """The answer that the results look for reasons of; empty where the survey has none."""
    if found.outcome is None:
        return ""
    question, value = found.outcome.question, found.outcome.value
    label = next((words(one.label, "en") for one in question.options if one.value == value), "")
    return f"{words(question.text, 'en')} {label}".strip()


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
