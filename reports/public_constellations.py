"""In which years the public may see the share of households in a constellation.

Membership is today's in every year, so between two years the members grow by those who joined fostering and
shrink by those who left. How many of these were members is not shown, but where hardly anybody was approved
the one follows from the other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from disclosure.suppression import K
from reports.public_tables import Shown
from reports.years import FosteringYear
from storage.report_queries import Approval

SHARE = ("mockingbird_share", "all", "")


def without_small_flows(
    households: Sequence[Approval], shown: dict[FosteringYear, Shown]
) -> dict[FosteringYear, Shown]:
    """``shown`` without the share of each year of which too much is known from the one before."""
    found, last = {}, None
    for year in sorted(shown):
        cells = shown[year]
        if SHARE in cells and last is not None and not _could_be_more(households, last, year):
            cells = cells - {SHARE}
        if SHARE in cells:
            last = year
        found[year] = cells
    return found


def _could_be_more(households: Iterable[Approval], last: FosteringYear, year: FosteringYear) -> bool:
    """Whether the members and the others among those approved and those who left since the end of ``last``
    could each be five or more: one more member among both changes neither year's share."""
    start, end = last.last_day, year.last_day
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
