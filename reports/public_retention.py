"""Which points of the retention curve, and which numbers under watch, the public may see.

A point of the curve says how many left before so many years since the register began, and two years' reports
say it of the year between them. So a point is shown only where each year's own table tells as much: then it
adds nothing but an estimate, and that only where five or more were under watch at every age before it. Two
years after approval may be shown of all households where some years' tables do not, if all that they hide
could be five or more even for somebody who knows the sum of those years. What an estimate is made of is
counted as the tables count, which may be a few more or fewer than the internal version says.

The numbers under watch at the beginning are the households approved since the register began, which the
leaving rates tell. At a later age they are not shown: from year to year they count those who left before it
of the households approved in one year, who are few. Only the report's own year is shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from math import ceil
from typing import Any, NamedTuple

from disclosure.suppression import Cell, K, covered
from reports.public_flows import without_small_flows
from reports.public_tables import Shown, hidden_of_tenure, shown_of_year
from reports.retention import POINTS, stays_by_type
from reports.survival import DAYS_A_YEAR, Estimate, estimate, together, watched
from reports.tallies import FOSTERED, TYPES, Tally, in_all, of_type, tally
from reports.years import FosteringYear, year_of
from storage.report_queries import Approval

BEFORE = {2: FOSTERED[:1], 5: FOSTERED[:2], 10: FOSTERED[:3]}
"""By years after approval, the columns of a year's table with those who left before."""

ALONE = 2
"""The one point that may be shown where some year's own tables do not tell it."""


@dataclass(frozen=True)
class Record:
    """What the curve is made of: the households, the record's first day, and the day that ends it."""

    year: FosteringYear
    households: Sequence[Approval]
    since: date | None
    until: date

    @cached_property
    def years(self) -> list[FosteringYear]:
        """From that in which the record begins to the report's own; none where nobody knows."""
        first = year_of(self.since).start if self.since is not None else self.year.start + 1
        return [FosteringYear(start) for start in range(first, self.year.start + 1)]

    @cached_property
    def leavers(self) -> list[tuple[Approval, date]]:
        """Who left in those years up to the last day, and when."""
        if not self.years:
            return []
        first = self.years[0].first_day
        return [
            (one, one.ended_on)
            for one in self.households
            if one.ended_on is not None and first <= one.ended_on <= self.until
        ]


class Counted(NamedTuple):
    """What an estimate that is shown is made of."""

    numerator: int
    denominator: int


@dataclass(frozen=True)
class Known:
    """The years of the report and of the record, counted, and what may be shown of each."""

    record: Record
    tallies: dict[FosteringYear, Tally]
    shown: dict[FosteringYear, Shown]

    def in_every_year(self, figure_id: str, kind: str, column: str = "") -> bool:
        return all((figure_id, kind, column) in self.shown[year] for year in self.record.years)

    def before(self, kind: str, point: int) -> bool:
        """Whether a reader knows of each year how many left before so many years, and how many later."""
        return self.in_every_year("deregistered_households", kind) and all(
            self._told(year, kind, point) for year in self.record.years
        )

    def _told(self, year: FosteringYear, kind: str, point: int) -> bool:
        sides = BEFORE[point], [each for each in FOSTERED if each not in BEFORE[point]]
        return any(
            all(("leavers_by_years_fostered", kind, column) in self.shown[year] for column in side)
            for side in sides
        )

    def first_years_told(self) -> list[FosteringYear]:
        """The years up to which reports may tell how many left in their first year, and in their second."""
        early = Counter(
            year_of(ended)
            for one, ended in self.record.leavers
            if (ended - one.approved_on).days <= DAYS_A_YEAR
        )

        def may_be_told(year: FosteringYear) -> bool:
            whole = of_type(self.tallies[year].fostered, "all", FOSTERED[0])
            told = ("left_within_2_years", "all", "") in self.shown[year]
            return told and none_few((early[year], whole - early[year]))

        return list(takewhile(may_be_told, self.record.years))

    def together(self, point: int) -> bool:
        """Whether a reader may know how many of all households left before so many years since the register
        began, though not of each year: a report in which they do tells them of the years since the last."""
        if not self.in_every_year("deregistered_households", "all"):
            return False
        untold: list[FosteringYear] = []
        for year in self.record.years:
            untold.append(year)
            if all(self._told(each, "all", point) for each in untold) or self._covered(untold, point):
                untold = []
        return not untold

    def _covered(self, years: Iterable[FosteringYear], point: int) -> bool:
        heads = {column: ("side", column in BEFORE[point]) for column in FOSTERED}
        cells: dict[Any, Cell] = {}
        for year in years:
            cells |= hidden_of_tenure(year, self.tallies[year], self.shown[year], heads)
        return covered(cells, cells)


def known_of(record: Record, tallies: dict[FosteringYear, Tally]) -> Known:
    """What is known of the years of the report and of the record, some of which ``tallies`` may lack."""
    begins = record.years[0] if record.years else record.year
    years = {year for year in tallies if record.since is None or year >= begins} | set(record.years)
    counted = {
        year: tallies.get(year) or tally(record.households, year, record.until) for year in sorted(years)
    }
    shown = {year: shown_of_year(counts) for year, counts in counted.items()}
    return Known(record, counted, without_small_flows(record.households, counted, shown, record.until))


def shown_retention(known: Known) -> tuple[dict[tuple[str, str], Counted], dict[str, int]]:
    """The points of the curve that may be shown, as (household type or ``all``, years), with what each is
    made of; and by type, where it may be shown, how many were under watch at the beginning."""
    record = known.record
    if record.since is None or not record.years:
        return {}, {}
    groups = {
        kind: watched(stays, record.until.toordinal())
        for kind, stays in stays_by_type(record.households, record.since).items()
    }
    groups["all"] = together(groups[kind] for kind in TYPES)
    points = {}
    begun = {}
    for kind, group in groups.items():
        found = estimate(group, POINTS[-1])
        if ("deregistration_rate", kind, "") in known.shown[record.year]:
            for point in safe_points(found, POINTS):
                counted = _counted(known, kind, point, found) if _told(known, kind, point) else None
                if counted is not None:
                    points[kind, str(point)] = counted
        if record.since == record.years[0].first_day and known.in_every_year("deregistration_rate", kind):
            begun[kind] = sum(in_all(known.tallies[year].approved, kind) for year in record.years)
    return points, {kind: number for kind, number in begun.items() if number >= K}


def safe_points(found: Estimate, points: Iterable[int]) -> list[int]:
    """The points before which five or more were under watch at every age."""
    return [point for point in points if min(found.risks[1 : ceil(point * DAYS_A_YEAR) + 1]) >= K]


def _counted(known: Known, kind: str, point: int, found: Estimate) -> Counted | None:
    """What a point is made of as the years' tables count it, but for the first anniversary, which no table
    has. The curve counts days and not anniversaries, and leaves out households of the first and the last
    day: those few would be the difference between the two."""
    years, retained = known.record.years, found.retained(point)
    if retained is None:
        return None
    everyone = sum(in_all(known.tallies[year].left, kind) for year in years)
    everyone += in_all(known.tallies[known.record.year].stayed, kind)
    left = retained.leavers
    if point in BEFORE:
        tables = [known.tallies[year].fostered for year in years]
        left = sum(of_type(table, kind, column) for table in tables for column in BEFORE[point])
    return Counted(everyone - left, everyone)


def _told(known: Known, kind: str, point: int) -> bool:
    if point in BEFORE:
        return known.before(kind, point) or (kind == "all" and point == ALONE and known.together(point))
    # Within the first two years no table tells the first from the second.
    return kind == "all" and len(known.first_years_told()) == len(known.record.years)


def none_few(counts: Iterable[int]) -> bool:
    """Whether none is one to four, nor less than nothing."""
    return all(count == 0 or count >= K for count in counts)
