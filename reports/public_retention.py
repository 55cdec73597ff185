"""Which points of the retention curve the public may see.

The numerators of two points differ by the households that left between them, and those of two years' reports
by the households that left in a year: neither may be one to four. Only the report's own year is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from disclosure.suppression import K
from reports.retention import POINTS, Watch, watches
from reports.tallies import TYPES
from reports.years import FosteringYear
from storage.report_queries import Approval


@dataclass(frozen=True, slots=True)
class Record:
    """What the curve is made of: the households, the record's first day, and the day that ends it."""

    year: FosteringYear
    households: Sequence[Approval]
    since: date | None
    until: date


def shown_retention(record: Record) -> set[tuple[str, str]]:
    """(household type or ``all``, years) that may be shown."""
    if record.since is None:
        return set()
    watched = watches(record.households, record.since, record.until)
    new = sum(1 for each in record.households if each.approved_on in record.year)
    if 0 < new < K:
        return set()
    leavers = [watch for watch in watched if watch.left]
    points = _points([_ages(leavers), _ages_of_year(record)], len(watched))
    shown = {("all", str(point)) for point in points}
    if points and all(_safe_type(record, kind, points) for kind in TYPES):
        shown |= {(kind, str(point)) for kind in TYPES for point in points}
    return shown


def _ages(leavers: Iterable[Watch]) -> list[float]:
    return sorted(watch.exit for watch in leavers)


def _ages_of_year(record: Record, kind: str | None = None) -> list[float]:
    """How long those who left in the report's year had stayed."""
    if record.since is None:
        return []
    left = [
        each
        for each in record.households
        if each.ended_on in record.year and kind in (None, each.household_type)
    ]
    return _ages(watch for watch in watches(left, record.since, record.until) if watch.left)


def _points(records: list[list[float]], watched: int) -> list[int]:
    """As many points as leave no group of one to four before, between and after them."""
    if watched - len(records[0]) in range(1, K):
        return []
    chosen: list[int] = []
    for point in POINTS:
        start = chosen[-1] if chosen else 0
        if all(_enough(ages, start, point) for ages in records):
            chosen.append(point)
    while chosen and not all(_enough(ages, chosen[-1], float("inf")) for ages in records):
        chosen.pop()
    return chosen


def _enough(ages: Sequence[float], start: float, end: float) -> bool:
    return sum(1 for age in ages if start < age <= end) not in range(1, K)


def _safe_type(record: Record, kind: str, points: Sequence[int]) -> bool:
    if record.since is None:
        return False
    of_kind = [each for each in record.households if each.household_type == kind]
    watched = watches(of_kind, record.since, record.until)
    new = sum(1 for each in of_kind if each.approved_on in record.year)
    leavers = _ages(watch for watch in watched if watch.left)
    if any(number in range(1, K) for number in (len(watched), new, len(watched) - len(leavers))):
        return False
    edges = [0.0, *points, float("inf")]
    spans = list(pairwise(edges))
    return all(_enough(ages, *span) for ages in (leavers, _ages_of_year(record, kind)) for span in spans)
