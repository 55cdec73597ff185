"""Which points of the retention curve, and which numbers under watch, the public may see.

A point of the curve says how many left before so many years since the register began, and two years' reports
say it of the year between them. So a point is shown only where each year's own table tells as much: then it
adds nothing but an estimate, and that only where five or more were under watch at every age before it.

The numbers under watch at the beginning are the households approved since the register began, which the
leaving rates tell. At a later age they are not shown: from year to year they count those who left before it
of the households approved in one year, who are few. Only the report's own year is shown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil

from disclosure.suppression import K
from reports.public_tables import Shown, shown_of_year
from reports.retention import POINTS, stays_by_type
from reports.survival import DAYS_A_YEAR, Watched, estimate, together, watched
from reports.tallies import FOSTERED, TYPES, Tally, in_all, of_type, tally
from reports.years import FosteringYear, anniversary, year_of
from storage.report_queries import Approval

BEFORE = {2: FOSTERED[:1], 5: FOSTERED[:2], 10: FOSTERED[:3]}
"""By years after approval, the columns of a year's table with those who left before."""

ASTRIDE = 4
"""No anniversary is as many days from so many years of 365.25 days."""


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
        """Who left in those years, and when."""
        if not self.years:
            return []
        first, last = self.years[0].first_day, self.years[-1].last_day
        return [
            (one, one.ended_on)
            for one in self.households
            if one.ended_on is not None and first <= one.ended_on <= last
        ]

    @cached_property
    def astride(self) -> set[tuple[str, int]]:
        """The points that some left within a day of, by type: the curve counts days and the tables
        anniversaries, and whom one has and the other has not would be told apart."""
        return {
            (kind, point)
            for one, ended in self.leavers
            for point in BEFORE
            if abs((ended - one.approved_on).days - point * DAYS_A_YEAR) < ASTRIDE
            and _before(one, ended, point) != (ended < anniversary(one.approved_on, point))
            for kind in ("all", one.household_type)
        }


@dataclass(frozen=True)
class Known:
    """The years of the record, counted, and what each year's own tables tell of it."""

    record: Record
    tallies: dict[FosteringYear, Tally]
    shown: dict[FosteringYear, Shown]

    def in_every_year(self, figure_id: str, kind: str, column: str = "") -> bool:
        return all((figure_id, kind, column) in self.shown[year] for year in self.record.years)

    def before(self, kind: str, point: int) -> bool:
        """Whether a reader knows of each year how many left before so many years, and how many later."""
        if not self.in_every_year("deregistered_households", kind):
            return False
        return all(
            any(
                all(("leavers_by_years_fostered", kind, column) in self.shown[year] for column in side)
                for side in (BEFORE[point], [each for each in FOSTERED if each not in BEFORE[point]])
            )
            for year in self.record.years
        )


def known_of(record: Record, tallies: dict[FosteringYear, Tally], shown: dict[FosteringYear, Shown]) -> Known:
    """What is known of the record's years, those counted here that ``tallies`` and ``shown`` lack."""
    until = record.until
    counted = {year: tallies.get(year) or tally(record.households, year, until) for year in record.years}
    return Known(
        record,
        counted,
        {year: shown[year] if year in shown else shown_of_year(counted[year]) for year in record.years},
    )


def shown_retention(known: Known) -> tuple[set[tuple[str, str]], set[str]]:
    """The points of the curve that may be shown, as (household type or ``all``, years); and the types of
    which the number under watch at the beginning may be."""
    record = known.record
    if record.since is None or not record.years:
        return set(), set()
    groups = {
        kind: watched(stays, record.until.toordinal())
        for kind, stays in stays_by_type(record.households, record.since).items()
    }
    groups["all"] = together(groups[kind] for kind in TYPES)
    points = {
        (kind, str(point))
        for kind, group in groups.items()
        if _adds_nobody(known, kind, group)
        for point in safe_points(group, POINTS)
        if _told(known, kind, point)
    }
    return points, {kind for kind, group in groups.items() if _begun(known, kind, group)}


def safe_points(group: Watched, points: Iterable[int]) -> list[int]:
    """The points before which five or more were under watch at every age."""
    points = list(points)
    risks = estimate(group, points[-1]).risks
    return [point for point in points if min(risks[1 : ceil(point * DAYS_A_YEAR) + 1]) >= K]


def _adds_nobody(known: Known, kind: str, group: Watched) -> bool:
    """Whether those under watch are those who left by the years' tables and those who stayed by the last
    one's rate: otherwise the difference is of households of a single day."""
    year = known.record.year
    left = sum(in_all(known.tallies[each].left, kind) for each in known.record.years)
    stayed = in_all(known.tallies[year].stayed, kind)
    return (
        ("deregistration_rate", kind, "") in known.shown[year]
        and group.left.total() == left
        and group.number - left == stayed
    )


def _told(known: Known, kind: str, point: int) -> bool:
    if point in BEFORE:
        return known.before(kind, point) and (kind, point) not in known.record.astride
    # Within the first two years no table tells the first from the second.
    if kind != "all" or not known.in_every_year("left_within_2_years", kind):
        return False
    early = Counter(year_of(ended) for one, ended in known.record.leavers if _before(one, ended, point))
    in_two_years = ((year, of_type(each.fostered, kind, FOSTERED[0])) for year, each in known.tallies.items())
    return none_few(part for year, whole in in_two_years for part in (early[year], whole - early[year]))


def none_few(counts: Iterable[int]) -> bool:
    """Whether none is one to four, nor less than nothing."""
    return all(count == 0 or count >= K for count in counts)


def _before(one: Approval, ended: date, point: int) -> bool:
    """Whether the curve counts it as left by so many years."""
    return (ended - one.approved_on).days <= point * DAYS_A_YEAR


def _begun(known: Known, kind: str, group: Watched) -> bool:
    """Whether those under watch at the beginning are those approved by the years' leaving rates."""
    approved = sum(in_all(known.tallies[year].approved, kind) for year in known.record.years)
    return (
        known.in_every_year("deregistration_rate", kind)
        and estimate(group, 1).at_risk(0) == approved
        and approved >= K
    )
