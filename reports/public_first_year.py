"""Which figures about those who came in their first year the public may see.

They part households as no other table does: by whether they came, by when their first anniversary was, by
when they left after it. Each report adds a year to the one before, so what two of them differ by is the
households of one year. They are shown only where every such part is of nobody or of five and more, the parts
of which nothing is said as well: who left too early, and who began before attendance was recorded.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reports.landmark import GROUPS, POINTS, Landmark, landmark
from reports.public_retention import ASTRIDE, Known, Record, none_few, safe_points
from reports.survival import DAYS_A_YEAR
from reports.years import FosteringYear, anniversary, year_of

EARLY, UNKNOWN = "early", "unknown"
"""In neither group: left before the first anniversary, or nobody knows whether they came."""


@dataclass(frozen=True, slots=True)
class FirstYear:
    """What may be shown of the first year: the share, the test, and the points at which both groups are."""

    share: bool = False
    test: bool = False
    points: frozenset[str] = frozenset()


def shown_first_year(known: Known, points: Iterable[tuple[str, str]]) -> FirstYear:
    """``points``: those that are shown of the curve of all households."""
    record = known.record
    if record.since is None or not record.years or not known.in_every_year("left_within_2_years", "all"):
        return FirstYear()
    share = none_few(_reaching(record, record.since).values())
    parted = landmark(record.households, record.since)
    groups, leaving = parted.groups(record.until), _leaving(record)
    same = sum(group.left.total() for group in groups.values()) == sum(
        each in GROUPS for _, each, _ in leaving
    )
    if not same or not none_few(_under_watch(known, parted)) or not none_few(_between(leaving, [])):
        return FirstYear(share)
    safe = [set(safe_points(groups[group], POINTS)) for group in GROUPS]
    shown = (point for point in POINTS if ("all", str(point + 1)) in points and _told(known, point))
    chosen = sorted(set.intersection(set(shown), *safe))
    while chosen and not none_few(_between(leaving, chosen)):
        chosen.pop()
    return FirstYear(share, True, frozenset(map(str, chosen)))


def _told(known: Known, point: int) -> bool:
    """Whether the years' tables tell how many left by then, and nobody left within a day of it."""
    after = (
        ((ended - anniversary(one.approved_on, 1)).days, one, ended) for one, ended in known.record.leavers
    )
    return known.before("all", point + 1) and not any(
        abs(age - point * DAYS_A_YEAR) < ASTRIDE
        and (age <= point * DAYS_A_YEAR) != (ended < anniversary(one.approved_on, point + 1))
        for age, one, ended in after
    )


def _reaching(record: Record, since: date) -> Counter[tuple[FosteringYear, object]]:
    """The households by the year of their first anniversary, and by whether they came; those that left before
    it by the year in which they did."""
    found: Counter[tuple[FosteringYear, object]] = Counter()
    for one in record.households:
        reached = anniversary(one.approved_on, 1)
        if since <= reached <= record.until:
            early = one.ended_on if one.ended_on is not None and one.ended_on < reached else None
            found[year_of(reached), year_of(early) if early is not None else one.engaged] += 1
    return found


def _under_watch(known: Known, parted: Landmark) -> Iterator[int]:
    """How many came under watch in each year and how many were left at its end, in each group; and of all
    that were approved at its end those in neither."""
    before = dict.fromkeys(GROUPS, 0)
    for year in known.record.years:
        until = year.as_at(known.record.until)
        there = 0
        for group, found in parted.groups(until).items():
            yield found.number - before[group]
            yield found.number - found.left.total()
            before[group] = found.number
            there += found.number - found.left.total()
        yield known.tallies[year].stayed.total() - there


def _leaving(record: Record) -> list[tuple[FosteringYear, str, int]]:
    """Who left: in which year, of which group, and how many days after the first anniversary."""
    found = []
    for one, ended in record.leavers:
        age = (ended - anniversary(one.approved_on, 1)).days
        group = UNKNOWN if one.engaged is None else "yes" if one.engaged else "no"
        found.append((year_of(ended), EARLY if age < 0 else group, max(age, 0)))
    return found


def _between(leaving: Iterable[tuple[FosteringYear, str, int]], points: Sequence[int]) -> Iterable[int]:
    """How many left in each year and of each group between these points, in years."""
    ends = [point * DAYS_A_YEAR for point in points]
    return Counter((year, group, bisect_left(ends, age)) for year, group, age in leaving).values()
