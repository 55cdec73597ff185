"""Whether households that came to something in their first year stay longer than those that did not.

Whoever stays longer has more time to come, so households are parted by what is known on their first
anniversary, the landmark, and watched from there on alone (Anderson, Cain and Gelber, 1983): those that left
before it are in neither group, and coming later moves nobody from one to the other. The record begins late
here too, so a household enters at the age it had then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reports.figures import Figure, Sheet
from reports.retention import NO_SINCE, curve_figures, risk_figures, stay_since
from reports.survival import Curve, Stay, Watched, estimate, line, log_rank, watched
from reports.years import anniversary
from storage.report_queries import Approval

POINTS = (1, 2, 4, 9)
"""Years after the first anniversary of approval: two, three, five and ten after approval."""

GROUPS = {"yes": "Came in their first year", "no": "Did not come in their first year"}

LANDMARK_WARNING = (
    "Households that come to events may differ from those that do not in ways that nobody recorded, such as "
    "how far away they live or how things were at home. So this comparison does not prove that coming to "
    "events makes households stay, nor that it does not."
)
BY_CONSTELLATION = (
    "Retention is not shown by constellation: the register holds today's members and not the day on which "
    "each joined. Households are often asked to join once they have stayed for some time, so without those "
    "days members would seem to stay longer whether or not belonging helps."
)
NOT_KNOWN = (
    "Attendance has not been recorded for long enough: no household has yet reached its first anniversary of "
    "which it is known whether it came to something in its first year."
)
ONE_GROUP = "No household of one of the two groups was watched, so there is nothing to compare it with."
NO_LEAVERS = "No household of either group was seen to leave after its first anniversary."
NOT_TOGETHER = "At no age at which a household left were households of both groups under watch."
ROUGH = (
    "Fewer than five leavers were to be expected in one of the two groups, so nothing should be concluded "
    "from the log-rank test."
)
ENOUGH = 5
"""Expected leavers in each group from which the distribution that p is taken from holds well enough."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """The households of which it is known whether they were engaged in their first year, under ``yes`` and
    ``no``, and that were still approved on its last day; their age is counted from the first anniversary.

    ``since``: the day from which the register holds every household that left.
    """

    since: date
    stays: Mapping[str, list[Stay]]

    def groups(self, until: date) -> dict[str, Watched]:
        """Both groups, watched to the end of ``until``."""
        return {group: watched(stays, until.toordinal()) for group, stays in self.stays.items()}

    def reached(self, until: date) -> dict[str, int]:
        """How many of each group had their first anniversary while the register was complete. Of those that
        had it before, only who stayed is in the register, which would make the engaged too many or few."""
        first, last = self.since.toordinal(), until.toordinal()
        return {
            group: sum(1 for begun, _, _ in stays if first <= begun <= last)
            for group, stays in self.stays.items()
        }


def landmark(households: Iterable[Approval], since: date) -> Landmark:
    """Part the households at their first anniversary, watched from ``since`` on."""
    stays: dict[str, list[Stay]] = {group: [] for group in GROUPS}
    first = since.toordinal()
    for household in households:
        if household.engaged is None:
            continue
        begun = anniversary(household.approved_on, 1)
        if household.ended_on is not None and household.ended_on < begun:
            continue
        stay = stay_since(first, begun.toordinal(), household.ended_on)
        if stay is not None:
            stays["yes" if household.engaged else "no"].append(stay)
    return Landmark(since, stays)


def landmark_figures(sheet: Sheet, parted: Landmark | None, until: date) -> Iterator[Figure]:
    """How many were engaged in their first year, how long each group stays, on how many that rests, and the
    test between the two; ``parted`` is None where nobody knows since when the register is complete."""
    groups = parted.groups(until) if parted is not None else {}
    found = {group: estimate(groups[group], POINTS[-1]) if groups else None for group in GROUPS}
    yield _engaged(sheet, parted, until)
    for group, of_group in found.items():
        yield from curve_figures(sheet, "retention_after_first_year", of_group, POINTS, engaged=group)
    for group, of_group in found.items():
        yield from risk_figures(sheet, of_group, POINTS, engaged=group)
    yield _test(sheet, groups)


def _engaged(sheet: Sheet, parted: Landmark | None, until: date) -> Figure:
    if parted is None:
        return sheet.nothing("engaged_in_first_year", NO_SINCE)
    reached = parted.reached(until)
    if not sum(reached.values()):
        return sheet.nothing("engaged_in_first_year", NOT_KNOWN)
    return sheet.share("engaged_in_first_year", reached["yes"], sum(reached.values()))


def _test(sheet: Sheet, groups: Mapping[str, Watched]) -> Figure:
    """The p value; its definition says what was expected, for without that a p says little."""
    if not groups:
        return sheet.nothing("engaged_log_rank", NO_SINCE)
    found = log_rank(groups["yes"], groups["no"])
    if found is None:
        return sheet.nothing("engaged_log_rank", _no_test(groups))
    fewest = min(found.expected, found.leavers - found.expected)
    note = ROUGH if fewest < ENOUGH else ""
    figure = sheet.estimate("engaged_log_rank", found.observed, found.leavers, found.p, None, note)
    expected = (
        f"If both left at the same rate, {found.expected:.1f} of the {found.leavers:,} leavers were to be "
        f"expected among the engaged; there were {found.observed:,}."
    )
    return replace(figure, definition=f"{figure.definition} {expected}")


def _no_test(groups: Mapping[str, Watched]) -> str:
    if not any(group.number for group in groups.values()):
        return NOT_KNOWN
    if not all(group.number for group in groups.values()):
        return ONE_GROUP
    return NOT_TOGETHER if any(group.left for group in groups.values()) else NO_LEAVERS


def landmark_curves(parted: Landmark, until: date) -> Iterator[Curve]:
    """Both groups beside one another, as far as each can be drawn; none where neither can."""
    points = (0, *POINTS)
    groups = parted.groups(until)
    lines = [line(words, estimate(groups[group], POINTS[-1]), points) for group, words in GROUPS.items()]
    drawn = tuple(one for one in lines if one is not None)
    if drawn:
        yield Curve(
            "How long households stay after their first year", drawn, "years after the first anniversary"
        )
