"""Which figures about those who came in their first year the public may see.

They part households as no other table does: by whether they came, by when their first anniversary was, by
when they left after it. What two reports differ by is the households of the years between them. So they are
shown where each such part is of nobody or of five and more, the parts of which nothing is said as well: who
left too early, and who began before attendance was recorded. Where a year's parts are too small they are not
shown, and the next year's are added to them.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from reports.landmark import GROUPS, POINTS, Landmark, landmark
from reports.public_retention import BEFORE, Counted, Known, Record, none_few, safe_points
from reports.survival import Watched, estimate
from reports.years import FosteringYear, anniversary, year_of

EARLY, UNKNOWN = "early", "unknown"
"""In neither group: left before the first anniversary, or nobody knows whether they came."""

TOLD = "early, as the curve tells"
BOTH = "both"


class Leaver(NamedTuple):
    """A household that left: in which year, of which group, and the last of `_ANNIVERSARIES` that it reached,
    counted from the first; -1 where it reached none."""

    year: FosteringYear
    group: str
    years: int


_ANNIVERSARIES = (1, *(point + 1 for point in POINTS))
_TABLES = tuple(BEFORE)
_LEVELS = tuple(POINTS[:number] for number in range(len(POINTS) + 1))
"""No point, the first, the first two and so on: what is shown of a later one adds to the ones before."""

Parts = Counter[tuple[str, object]]


def shown_first_year(known: Known) -> dict[tuple[str, str], Counted] | None:
    """None where nothing may be shown. Else the share and the test may, and the estimates of these groups at
    these years, with what each is made of."""
    record = known.record
    if record.since is None or not record.years or not known.in_every_year("left_within_2_years", "all"):
        return None
    parted = landmark(record.households, record.since)
    leaving = _leaving(record, record.since)
    chosen = _chosen(known, parted, leaving)
    if chosen is None:
        return None
    groups = parted.groups(record.until)
    safe = [safe_points(estimate(group, POINTS[-1]), POINTS) for group in groups.values()]
    shown = takewhile(
        lambda point: all(point in each for each in safe) and _told(known, point),
        chosen,
    )
    return {
        (group, str(point)): _counted(groups[group], leaving, group, point)
        for point in shown
        for group in GROUPS
    }


def _chosen(known: Known, parted: Landmark, leaving: Iterable[Leaver]) -> Sequence[int] | None:
    """The most points whose parts are none too small since the last report that showed as many; None where
    those of no point are."""
    early = set(known.first_years_told())
    by_year = {
        year: [
            each._replace(group=TOLD) if each.group == EARLY and year in early else each
            for each in leaving
            if each.year == year
        ]
        for year in known.record.years
    }
    # Where everybody's first year is known, both groups together are all that left between two points.
    told = [point - 1 for point in BEFORE if known.before("all", point)]
    together = {
        year: [each._replace(group=BOTH) for each in found if each.group in GROUPS]
        for year, found in by_year.items()
    }
    reaching = _reaching(known.record, parted.since)
    since_shown: list[Parts] = [Counter() for _ in _LEVELS]
    shown: list[Sequence[int]] = []
    before = dict.fromkeys(GROUPS, 0)
    for year in known.record.years:
        groups = parted.groups(year.as_at(known.record.until))
        there = [group.number - group.left.total() for group in groups.values()]
        there.append(known.tallies[year].stayed.total() - sum(there))
        shown = []
        for points, parts in zip(_LEVELS, since_shown, strict=True):
            parts.update(_between(by_year[year], points))
            parts.update(_between(together[year], told))
            parts.update(reaching[year])
            parts.update({(group, "entered"): groups[group].number - before[group] for group in GROUPS})
            if none_few(there) and none_few(parts.values()) and len(shown) == len(points):
                shown.append(points)
                parts.clear()
        before = {group: groups[group].number for group in GROUPS}
    return shown[-1] if shown else None


def _told(known: Known, point: int) -> bool:
    """Whether the years' tables tell how many of all households left between the points of theirs up to the
    one at or after this."""
    told = _TABLES[: bisect_left(_TABLES, point + 1) + 1]
    return all(known.before("all", each) for each in told)


def _counted(watched: Watched, leaving: Iterable[Leaver], group: str, point: int) -> Counted:
    """By anniversaries, as the years' tables count those who left."""
    left = sum(each == group and years < point for _, each, years in leaving)
    return Counted(watched.number - left, watched.number)


def _reaching(record: Record, since: date) -> dict[FosteringYear, Parts]:
    """By the year of their first anniversary, the households that came, that did not, of which nobody knows,
    and that left before it, in that year or in the one before."""
    found: dict[FosteringYear, Parts] = {year: Counter() for year in record.years}
    for one in record.households:
        reached = anniversary(one.approved_on, 1)
        if since <= reached <= record.until:
            outcome: object = one.engaged
            if one.ended_on is not None and one.ended_on < reached:
                outcome = "that year" if year_of(one.ended_on) == year_of(reached) else "the year before"
            found[year_of(reached)]["reached", outcome] += 1
    return found


def _leaving(record: Record, since: date) -> list[Leaver]:
    found = []
    for one, ended in record.leavers:
        years = (
            bisect_right(_ANNIVERSARIES, ended, key=lambda number: anniversary(one.approved_on, number)) - 1
        )
        group = "yes" if one.engaged else "no"
        if one.engaged is None or ended <= since:
            group = UNKNOWN
        found.append(Leaver(year_of(ended), EARLY if years < 0 else group, _ANNIVERSARIES[years] - 1))
    return found


def _between(leaving: Iterable[Leaver], points: Sequence[int]) -> Parts:
    """How many left of each group between these points."""
    return Counter((group, bisect_right(points, years)) for _, group, years in leaving)
