"""Which figures about those who came in their first year the public may see.

They part households as no other table does: by whether they came, by when their first anniversary was, by
when they left after it. What two reports differ by is the households of the years between them. So they are
shown where each such part is of nobody or of five and more, the parts of which nothing is said as well: who
left too early, and who began before attendance was recorded. Where a year's parts are too small they are not
shown, and the next year's are added to them.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from reports.landmark import GROUPS, POINTS, Landmark, landmark
from reports.public_retention import Counted, Known, Record, none_few, safe_points
from reports.survival import DAYS_A_YEAR, Watched, estimate
from reports.years import FosteringYear, anniversary, year_of
from storage.report_queries import Approval

EARLY, UNKNOWN = "early", "unknown"
"""In neither group: left before the first anniversary, or nobody knows whether they came."""

BOTH = "both"
POINT = POINTS[0]
"""The one point after the first year that may be shown: at later ones hardly any part is of enough."""


class Leaver(NamedTuple):
    """A household that left: in which year, of which group, and whether after the point or before it."""

    year: FosteringYear
    group: str
    late: bool


Parts = Counter[tuple[object, ...]]


def shown_first_year(known: Known) -> dict[tuple[str, str], Counted] | None:
    """None where nothing may be shown. Else the share and the test may, and the estimates of these groups at
    these years, with what each is made of: a year after the first anniversary, where that rests on enough."""
    record = known.record
    if record.since is None or not record.years or not known.in_every_year("left_within_2_years", "all"):
        return None
    parted = landmark(record.households, record.since)
    leaving = _leaving(record, record.since)
    if not _none_few_since_shown(known, parted, leaving):
        return None
    groups = parted.groups(record.until)
    if not all(safe_points(estimate(group, POINT), [POINT]) for group in groups.values()):
        return {}
    return {(group, str(POINT)): _counted(groups[group], leaving, group) for group in GROUPS}


def _none_few_since_shown(known: Known, parted: Landmark, leaving: Counter[Leaver]) -> bool:
    """Whether the last year's report may show what no report has shown since the one that did last."""
    early = known.first_years_told()
    reaching = _reaching(known.record, parted.since, apart=bool(early))
    parts: Parts = Counter()
    before = dict.fromkeys(GROUPS, 0)
    shown = False
    for year in known.record.years:
        groups = parted.groups(year.as_at(known.record.until))
        there = [group.number - group.left.total() for group in groups.values()]
        there.append(known.tallies[year].stayed.total() - sum(there))
        for group, found in groups.items():
            parts[group, "entered"] += found.number - before[group]
            before[group] = found.number
        for each, number in leaving.items():
            if each.year == year:
                parts.update(dict.fromkeys(_parts_of(each, curve=year in early), number))
        parts.update(reaching[year])
        shown = none_few(there) and none_few(parts.values())
        if shown:
            parts.clear()
    return shown


def _parts_of(leaver: Leaver, *, curve: bool) -> Iterator[tuple[object, ...]]:
    """The parts of what is known that a household that left belongs to. Where it is known of everybody
    whether they came, both groups together are all that left before the point, or after it."""
    if leaver.group == EARLY:
        yield EARLY, curve
        return
    yield leaver.group, leaver.late
    if leaver.group in GROUPS:
        yield BOTH, leaver.late


def _counted(watched: Watched, leaving: Counter[Leaver], group: str) -> Counted:
    """By anniversaries, as the years' tables count those who left."""
    left = sum(number for each, number in leaving.items() if each.group == group and not each.late)
    return Counted(watched.number - left, watched.number)


def _reaching(record: Record, since: date, *, apart: bool) -> dict[FosteringYear, Parts]:
    """By the year of their first anniversary, the households that came, that did not, of which nobody knows,
    and that left before it, in that year or in the one before: ``apart`` for each year."""
    found: dict[FosteringYear, Parts] = {year: Counter() for year in record.years}
    for one in record.households:
        reached = anniversary(one.approved_on, 1)
        if since <= reached <= record.until:
            year = year_of(reached)
            if one.ended_on is not None and one.ended_on < reached:
                found[year][EARLY, year_of(one.ended_on) == year, year if apart else ""] += 1
            else:
                found[year]["reached", one.engaged] += 1
    return found


def _leaving(record: Record, since: date) -> Counter[Leaver]:
    # By plain numbers first, which are counted in a third of the time.
    found = Counter(
        (year_of(ended).start, _group(one, ended, since), _reached(one.approved_on, ended, 1 + POINT))
        for one, ended in record.leavers
    )
    return Counter(
        {Leaver(FosteringYear(start), group, late): number for (start, group, late), number in found.items()}
    )


def _group(one: Approval, ended: date, since: date) -> str:
    if not _reached(one.approved_on, ended, 1):
        return EARLY
    if one.engaged is None or ended <= since:
        return UNKNOWN
    return "yes" if one.engaged else "no"


def _reached(begun: date, ended: date, years: int) -> bool:
    """Whether this anniversary was reached; of most that follows from the days alone, which is quicker."""
    days = (ended - begun).days
    if abs(days - years * DAYS_A_YEAR) > years + 1:
        return days > years * DAYS_A_YEAR
    return ended >= anniversary(begun, years)
