"""Which points of the retention curve the public may see.

The numerators of two points differ by the households that left between them, and those of two years' reports
by the households that left in a year: neither may be one to four. Only the report's own year is shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from disclosure.suppression import K
from reports.retention import POINTS, stays_by_type
from reports.survival import DAYS_A_YEAR, Stay, watched
from reports.tallies import TYPES
from reports.years import FosteringYear
from storage.report_queries import Approval

Ages = Counter[int]
"""Leavers by how many days they had stayed."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the curve is made of: the households, the record's first day, and the day that ends it."""

    year: FosteringYear
    households: Sequence[Approval]
    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class _Group:
    """Households under watch: how many there are, how many were approved in the report's year, and who left
    in all and in that year."""

    watched: int
    new: int
    left: Ages
    left_in_year: Ages

    @property
    def there(self) -> int:
        return self.watched - self.left.total()


def shown_retention(record: Record) -> set[tuple[str, str]]:
    """(household type or ``all``, years) that may be shown."""
    if record.since is None:
        return set()
    stays = stays_by_type(record.households, record.since)
    new = Counter(each.household_type for each in record.households if each.approved_on in record.year)
    every = _group(record, [stay for of_kind in stays.values() for stay in of_kind], new.total())
    if 0 < every.new < K:
        return set()
    points = _points(every)
    shown = {("all", str(point)) for point in points}
    if points and all(_safe_type(_group(record, stays[kind], new[kind]), points) for kind in TYPES):
        shown |= {(kind, str(point)) for kind in TYPES for point in points}
    return shown


def _group(record: Record, stays: Sequence[Stay], new: int) -> _Group:
    found = watched(stays, record.until.toordinal())
    before = watched(stays, record.year.first_day.toordinal() - 1)
    return _Group(found.number, new, found.left, found.left - before.left)


def _points(group: _Group) -> list[int]:
    """As many points as leave no group of one to four before, between and after them."""
    if group.there in range(1, K):
        return []
    records = (group.left, group.left_in_year)
    chosen: list[int] = []
    for point in POINTS:
        start = chosen[-1] if chosen else 0
        if all(_enough(ages, start, point) for ages in records):
            chosen.append(point)
    while chosen and not all(_enough(ages, chosen[-1], float("inf")) for ages in records):
        chosen.pop()
    return chosen


def _enough(ages: Ages, start: float, end: float) -> bool:
    """Whether no group of one to four left between these ages in years."""
    first, last = start * DAYS_A_YEAR, end * DAYS_A_YEAR
    return sum(number for age, number in ages.items() if first < age <= last) not in range(1, K)


def _safe_type(group: _Group, points: Sequence[int]) -> bool:
    if any(number in range(1, K) for number in (group.watched, group.new, group.there)):
        return False
    spans = list(pairwise([0.0, *points, float("inf")]))
    return all(_enough(ages, *span) for ages in (group.left, group.left_in_year) for span in spans)
