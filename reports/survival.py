"""How long something lasts where few are watched from its beginning and fewer to its end. Pure arithmetic.

A record that begins late does not hold those that were over before: whoever is in it was watched only from
the age they had on its first day (delayed entry). Each age is estimated from those under watch at it and
multiplied up, which is the product limit (Kaplan and Meier, 1958; Lynden-Bell, 1971). Ages are whole days.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, erfc, exp, floor, log, sqrt
from typing import NamedTuple

from disclosure.intervals import Z, wilson

Interval = tuple[float, float]

DAYS_A_YEAR = 365.25
NEVER = 10**9
"""The end of what lasts still; later than every day of the calendar."""

MOST_STEPS = 120
"""As many as a drawing can show; a large service has one for every day."""


Stay = tuple[int, int, int]
"""One that is under watch: begun, entry, ended. It began and ended on these days of the calendar (ordinals),
`NEVER` while it lasts; the watch of it began at the age of ``entry`` days. Plain, for there are many."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Those under watch, counted by age in days: when the watch began, when they left, and when the watch
    ended of those that were still there. Somebody is at risk after the day of entry up to that of leaving."""

    entered: Counter[int]
    left: Counter[int]
    stayed: Counter[int]

    @property
    def number(self) -> int:
        return self.entered.total()

    def at_risk(self, days: int) -> list[int]:
        """How many were at risk on each day of age from 0 to ``days``; on day 0 nobody is yet."""
        change = [0] * days
        for age, number in self.entered.items():
            if age < days:
                change[age] += number
        for gone in (self.left, self.stayed):
            for age, number in gone.items():
                if age < days:
                    change[age] -= number
        return [0, *accumulate(change)]


def watched(stays: Sequence[Stay], until: int) -> Watched:
    """Those of ``stays`` as they were seen to the end of the day ``until``. Whoever left on the day on which
    the watch of them began counts as having been there for one day."""
    gone = [(entry, ended - begun) for begun, entry, ended in stays if ended <= until]
    there = [(entry, until - begun) for begun, entry, ended in stays if begun + entry < until < ended]
    entered = Counter([entry for entry, _ in gone])
    entered.update([entry for entry, _ in there])
    return Watched(entered, Counter([age or 1 for _, age in gone]), Counter([age for _, age in there]))


def together(parts: Iterable[Watched]) -> Watched:
    """Several groups as one."""
    whole = Watched(Counter(), Counter(), Counter())
    for part in parts:
        whole.entered.update(part.entered)
        whole.left.update(part.left)
        whole.stayed.update(part.stayed)
    return whole


class Drop(NamedTuple):
    """The estimate from a day of age on which somebody left: ``leavers`` up to it, the share that stays,
    and the sum of Greenwood's variance."""

    day: int
    at_risk: int
    leavers: int
    share: float
    variance: float


@dataclass(frozen=True, slots=True)
class Retained:
    """The share retained after so many years, of ``watched`` households, ``leavers`` of which left before."""

    share: float
    interval: Interval
    leavers: int
    watched: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The product-limit estimate up to some years of age."""

    watched: int
    drops: tuple[Drop, ...]
    risks: Sequence[int]
    """At risk on each day of age, from 0."""
    covered: int
    """Somebody was at risk on every day of age up to this one. A gap would pass for nobody leaving."""

    def at_risk(self, years: float) -> int:
        """How many were under watch at that age."""
        return self.risks[max(ceil(years * DAYS_A_YEAR), 1)]

    def retained(self, years: float) -> Retained | None:
        """The share retained after so many years, or None where some of those years were watched by nobody.

        Once all who were under watch left, it is 0 for good, be they one of one: few are under watch at the
        ages at which the record begins. The interval is as wide as those few make it.
        """
        index = bisect_right(self.drops, floor(years * DAYS_A_YEAR), key=lambda drop: drop.day)
        share = self.drops[index - 1].share if index else 1.0
        if share > 0 and self.covered < years * DAYS_A_YEAR:
            return None
        leavers = self.drops[index - 1].leavers if index else 0
        interval = self._interval(index, max(self.at_risk(years), 1))
        return Retained(share, interval, leavers, self.watched)

    def _interval(self, drops: int, at_risk: int) -> Interval:
        """95 % after so many drops: Greenwood's variance on the log(-log) scale, or Wilson's interval of
        those at risk where nobody left, and of those who were at risk when all left."""
        if not drops:
            return wilson(at_risk, at_risk)
        share, variance = self.drops[drops - 1].share, self.drops[drops - 1].variance
        if share == 0:
            return wilson(0, next(drop.at_risk for drop in self.drops if drop.share == 0))
        spread = Z * sqrt(variance) / -log(share)
        return share ** exp(spread), share ** exp(-spread)

    def steps(self, years: float) -> tuple["Step", ...]:
        """The curve from 0 to as many years, or as far as somebody was watched, in at most `MOST_STEPS`."""
        last_day = min(self.covered, floor(years * DAYS_A_YEAR))
        if last_day <= 0:
            return ()
        drops = bisect_right(self.drops, last_day, key=lambda drop: drop.day)
        every = max(ceil(drops / (MOST_STEPS - 2)), 1)
        shown = [min(number + every, drops) for number in range(0, drops, every)]
        steps = [Step(0.0, 1.0, 1.0, 1.0), *map(self._step, shown)]
        if not shown:  # a line without a band would look certain
            steps = [Step(0.0, 1.0, *self._interval(0, self.risks[last_day]))]
        last = steps[-1]
        return (
            *steps,
            Step(round(min(self.covered / DAYS_A_YEAR, years), 4), last.share, last.low, last.high),
        )

    def _step(self, drops: int) -> "Step":
        drop = self.drops[drops - 1]
        low, high = self._interval(drops, drop.at_risk)
        return Step(round(drop.day / DAYS_A_YEAR, 4), drop.share, low, high)


def estimate(group: Watched, years: float) -> Estimate:
    """The product limit of a group, for ages of up to so many years."""
    days = max(ceil(years * DAYS_A_YEAR), 1)
    risks = group.at_risk(days)
    try:
        covered = risks.index(0, 1) - 1
    except ValueError:
        covered = days
    return Estimate(group.number, tuple(_drops(group.left, risks)), risks, covered)


def _drops(left: Counter[int], risks: Sequence[int]) -> Iterable[Drop]:
    share, variance, leavers = 1.0, 0.0, 0
    for day in sorted(left):
        if day >= len(risks):
            break
        leaving, at_risk = left[day], risks[day]
        leavers += leaving
        share *= 1 - leaving / at_risk
        if at_risk > leaving:
            variance += leaving / (at_risk * (at_risk - leaving))
        yield Drop(day, at_risk, leavers, share, variance)


@dataclass(frozen=True, slots=True)
class LogRank:
    """How the leavers of the first of two groups compare with what both groups alike would have had.

    ``leavers``: of both groups. ``p``: how often chance alone would part them at least so far, two-sided.
    """

    observed: int
    expected: float
    leavers: int
    p: float


def log_rank(first: Watched, second: Watched) -> LogRank | None:
    """The log-rank test with delayed entry (Mantel, 1966): at each age at which somebody left, the leavers
    are compared with those at risk at that age. None where both were never at risk at such an age."""
    days = sorted(first.left.keys() | second.left.keys())
    if not days:
        return None
    risks, others = first.at_risk(days[-1]), second.at_risk(days[-1])
    expected = variance = 0.0
    for day in days:
        leaving, at_risk = first.left[day] + second.left[day], risks[day] + others[day]
        expected += leaving * risks[day] / at_risk
        if at_risk > 1:
            mixed = risks[day] * others[day] / at_risk**2
            variance += leaving * mixed * (at_risk - leaving) / (at_risk - 1)
    if variance == 0:
        return None
    observed = first.left.total()
    p = erfc(abs(observed - expected) / sqrt(2 * variance))
    return LogRank(observed, expected, observed + second.left.total(), p)


@dataclass(frozen=True, slots=True)
class Step:
    """From the age ``at`` on, in years, this share stays; with the 95 % band."""

    at: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One group's curve; ``at_risk``: (age in years, how many were under watch at it)."""

    label: str
    steps: tuple[Step, ...]
    at_risk: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawing of how many stay for how long."""

    title: str
    lines: tuple[Line, ...]
    unit: str = "years after approval"


def line(label: str, found: Estimate, points: Sequence[float]) -> Line | None:
    """The curve of one group up to the last of ``points``, in years, with the numbers at risk at each; None
    where nobody was watched from the beginning."""
    steps = found.steps(points[-1])
    if not steps:
        return None
    return Line(label, steps, tuple((float(years), found.at_risk(years)) for years in points))
