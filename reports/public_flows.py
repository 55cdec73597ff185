"""What the public must not see of a year because of the years before it.

The leaving rates of two years tell between them how many were approved, and where a year was left out, how
many were in both years together. Membership of a constellation is today's in every year, so between two years
the members grow by those who were approved and shrink by those who left; where hardly anybody was approved,
the one follows from the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from disclosure.suppression import K
from reports.public_tables import Shown
from reports.tallies import TYPES, Tally
from reports.years import FosteringYear
from storage.report_queries import Approval

RATE, BANDS, SHARE = "deregistration_rate", "leaving_rate_by_age_band", "mockingbird_share"


def without_small_flows(
    households: Sequence[Approval],
    tallies: Mapping[FosteringYear, Tally],
    shown: Mapping[FosteringYear, Shown],
    until: date,
) -> dict[FosteringYear, Shown]:
    """``shown`` without what would tell of one to four people beside the years before. ``until``: the last
    year's end."""
    return _constellations(households, _rates(tallies, shown), until)


def _rates(
    tallies: Mapping[FosteringYear, Tally], shown: Mapping[FosteringYear, Shown]
) -> dict[FosteringYear, Shown]:
    """Without the rates of all types where too few of one, or of all others, were approved since a year of
    which as much is known; and without that of all households where too few were altogether."""
    found: dict[FosteringYear, Shown] = {}
    for year in sorted(shown):
        cells, hidden = shown[year], set[str]()
        for earlier, before in found.items():
            since = [counts.approved for each, counts in tallies.items() if earlier < each <= year]
            approved = sum(since, Counter[str]())
            both = {kind for kind in TYPES if (RATE, kind, "") in before & cells}
            rest = sum(approved[kind] for kind in TYPES if kind not in both)
            if (RATE, "all", "") in before & cells and 0 < approved.total() < K:
                hidden = {*TYPES, "all"}
            elif both and any(0 < number < K for number in (rest, *(approved[kind] for kind in both))):
                hidden |= set(TYPES)
        rates = {cell for cell in cells if cell[0] in (RATE, BANDS, SHARE) and cell[1] in hidden}
        found[year] = cells - rates
    return found


def _constellations(
    households: Sequence[Approval], shown: Mapping[FosteringYear, Shown], until: date
) -> dict[FosteringYear, Shown]:
    found: dict[FosteringYear, Shown] = {}
    last: FosteringYear | None = None
    for year, cells in shown.items():
        kept = cells
        if (SHARE, "all", "") in cells:
            if last is None or _could_be_more(households, last.last_day, year.as_at(until)):
                last = year
            else:
                kept = cells - {(SHARE, "all", "")}
        found[year] = kept
    return found


def _could_be_more(households: Iterable[Approval], start: date, end: date) -> bool:
    """Whether the members and the others among those approved and those who left after ``start`` could each
    be five or more: one more member among both changes neither year's share."""
    new = Counter(one.in_constellation for one in households if start < one.approved_on <= end)
    left = Counter(
        one.in_constellation for one in households if one.ended_on is not None and start < one.ended_on <= end
    )
    return all(
        flow[side] + min(new[not side], left[not side]) >= K
        for side in (True, False)
        for flow in (new, left)
        if 0 < flow[side] < K
    )
