"""Counting the register by year: who was approved, who left, how, after how long and at what age."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from reports.years import FosteringYear, anniversary
from storage.households import EndRoute, HouseholdType
from storage.report_queries import Approval

TYPES = tuple(kind.value for kind in HouseholdType)
ROUTES = (*(route.value for route in EndRoute), "not_recorded")
NO_REASON = "not_recorded"
BANDS = ("20-29", "30-39", "40-49", "50-59", "60-69", "70+")
OVER_50 = ("50-59", "60-69", "70+")
NO_AGE = "not_known"
UNDER_2, BETWEEN, AFTER_10 = "under_2", "2_to_10", "after_10"
FOSTERED = ("under_2", "2_to_5", "5_to_10", "10_and_over")
"""Years from approval to leaving: each begins on an anniversary, and ends before the next one's."""
TENURE = dict(zip(FOSTERED, (UNDER_2, BETWEEN, BETWEEN, AFTER_10), strict=True))

Cells = Counter[tuple[str, str]]
"""Households by household type and something else."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Households in one year.

    ``left``: approval ended in it. ``stayed``: approved on its last day. Together: approved at any time in
    it. ``approved``: approved during it. A household whose approval ends on a day is not approved at the
    day's end. Ages are calendar years less the main carer's year of birth: the year of leaving, for those
    who stayed the year in which the fostering year ends.
    """

    left: Counter[str] = field(default_factory=Counter)
    stayed: Counter[str] = field(default_factory=Counter)
    approved: Counter[str] = field(default_factory=Counter)
    left_by_then: Counter[str] = field(default_factory=Counter)
    """Approval ended in it by the same day of the year as the data date."""
    tenure: Cells = field(default_factory=Counter)
    fostered: Cells = field(default_factory=Counter)
    """Leavers by `FOSTERED`."""
    routes: Cells = field(default_factory=Counter)
    reasons: Cells = field(default_factory=Counter)
    reasons_given: Counter[int] = field(default_factory=Counter)
    """Leavers by how many reasons they gave."""
    left_by_age: Cells = field(default_factory=Counter)
    stayed_by_age: Cells = field(default_factory=Counter)
    constellation: Counter[bool] = field(default_factory=Counter)
    """Those who stayed, by whether they are in a constellation."""


def tally(households: Iterable[Approval], year: FosteringYear, data_date: date) -> Tally:
    """Count one year. While it runs, its last day is ``data_date``: who is to leave later has not left."""
    counts, then = Tally(), year.same_day(data_date)
    first, last_day = year.first_day, year.as_at(data_date)
    last = max(last_day, first)
    stayed: list[tuple[str, int | None, bool]] = []
    for household in households:
        approved_on, ended_on = household.approved_on, household.ended_on
        if approved_on > last or (ended_on is not None and ended_on < first):
            continue
        kind = household.household_type
        if approved_on >= first:
            counts.approved[kind] += 1
        if ended_on is not None and ended_on <= last_day:
            _count_leaver(counts, household, ended_on)
            counts.left_by_then[kind] += ended_on <= then
        else:
            stayed.append((kind, household.birth_year, household.in_constellation))
    # A nation's households are tens of thousands and alike in a few hundred ways.
    for (kind, birth_year, in_constellation), number in Counter(stayed).items():
        counts.stayed[kind] += number
        counts.stayed_by_age[kind, band(birth_year, last.year)] += number
        counts.constellation[in_constellation] += number
    return counts


def _count_leaver(counts: Tally, household: Approval, ended_on: date) -> None:
    kind = household.household_type
    counts.left[kind] += 1
    fostered = _fostered(household.approved_on, ended_on)
    counts.fostered[kind, fostered] += 1
    counts.tenure[kind, TENURE[fostered]] += 1
    counts.routes[kind, household.end_route or "not_recorded"] += 1
    counts.reasons_given[len(household.end_reasons)] += 1
    for reason in household.end_reasons or (NO_REASON,):
        counts.reasons[kind, reason] += 1
    counts.left_by_age[kind, band(household.birth_year, ended_on.year)] += 1


def _fostered(approved_on: date, ended_on: date) -> str:
    reached = sum(ended_on >= anniversary(approved_on, years) for years in (2, 5, 10))
    return FOSTERED[reached]


def band(birth_year: int | None, year: int) -> str:
    """The age band in ``year`` of someone born in ``birth_year``; below 20 is taken for a slip of the pen."""
    if birth_year is None or year - birth_year < 20:
        return NO_AGE
    return BANDS[min((year - birth_year) // 10 - 2, len(BANDS) - 1)]


def of_type(cells: Cells, kind: str, column: str) -> int:
    """One cell, or the sum over all types where ``kind`` is ``all``."""
    if kind != "all":
        return cells[kind, column]
    return sum(cells[each, column] for each in TYPES)


def in_all(counts: Counter[str], kind: str) -> int:
    """One type's count, or everybody's where ``kind`` is ``all``."""
    return counts.total() if kind == "all" else counts[kind]
