"""How long households stay: product-limit estimates with delayed entry, and how many each rests on.

A register of today's households and of those that left since some day is left-truncated: a household that
left before that day is not in it, so one approved long before must not count as watched in its early years.
It enters the risk set only at the age it had on that day.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from reports.figures import Figure, Sheet
from reports.survival import NEVER, Curve, Estimate, Stay, estimate, line, together, watched
from reports.tallies import TYPES
from reports.words import label
from storage.report_queries import Approval

POINTS = (1, 2, 5, 10)
"""Years after approval."""

LINES = 4
"""Household types that a drawing holds apart."""

FEWEST = 10
"""Households under watch in the line of one type: of fewer the band is as high as the drawing."""

NO_SINCE = (
    "How long households stay is not estimated, because the service has not said from which day its register "
    "holds every household that left; without that day too many would seem to stay. (An administrator sets "
    "it: HEARTHLINE_REGISTER_SINCE.)"
)
NOT_WATCHED = "None of these households was watched all the way to that age, so there is no estimate."
EMPTIED = (
    "Where an estimate is 0%: at some age all who were under watch left, be it one household alone, and the "
    "estimate stays at nothing from there on. It says little where few were under watch."
)
ESTIMATED = (
    "The percentages here are estimates, and not one number divided by the other: many households have been "
    "watched for part of the time alone, because they joined recently or were there before the record began."
)

Stays = Mapping[str, list[Stay]]
"""By household type, as `stays_by_type` makes it."""


def stays_by_type(households: Iterable[Approval], since: date) -> dict[str, list[Stay]]:
    """The households watched from ``since``, by type; who left before is not in the record."""
    found: dict[str, list[Stay]] = {kind: [] for kind in TYPES}
    first = since.toordinal()
    for household in households:
        begun = household.approved_on.toordinal()
        stay = stay_since(first, begun, household.ended_on)
        if stay is not None:
            found[household.household_type].append(stay)
    return found


def stay_since(first: int, begun: int, ended_on: date | None) -> Stay | None:
    """A household under watch from the day ``first``, its age counted from the day ``begun``; None if it had
    left by then."""
    entry = first - begun if first > begun else 0
    if ended_on is None:
        return begun, entry, NEVER
    ended = ended_on.toordinal()
    if ended > begun + entry or (ended == begun and not entry):
        return begun, entry, ended
    return None


def estimates(stays: Stays, until: date) -> dict[str, Estimate]:
    """Of each type, and of all households under an empty name, watched to the end of ``until``."""
    last, years = until.toordinal(), POINTS[-1]
    groups = {kind: watched(of_kind, last) for kind, of_kind in stays.items()}
    found = {"": estimate(together(groups.values()), years)}
    return found | {kind: estimate(group, years) for kind, group in groups.items()}


def retention_figures(sheet: Sheet, found: Mapping[str, Estimate] | None) -> Iterator[Figure]:
    """Retention and the numbers at risk, overall and by household type; ``found`` is None where nobody knows
    since when the register is complete."""
    for kind in ("", *TYPES):
        of_kind = {"household_type": kind} if kind else {}
        group = found[kind] if found is not None else None
        yield from curve_figures(sheet, "retention_at_years", group, POINTS, **of_kind)
    for kind in ("", *TYPES):
        of_kind = {"household_type": kind} if kind else {}
        group = found[kind] if found is not None else None
        yield from risk_figures(sheet, group, POINTS, **of_kind)


def curve_figures(
    sheet: Sheet, figure_id: str, found: Estimate | None, points: Iterable[int], **group: str
) -> Iterator[Figure]:
    """The share of one group that stays, at each of ``points`` in years."""
    for years in points:
        of_point = {"years": str(years), **group}
        retained = found.retained(years) if found is not None else None
        if retained is None:
            yield sheet.nothing(figure_id, NO_SINCE if found is None else NOT_WATCHED, **of_point)
            continue
        stayed = retained.watched - retained.leavers
        note = "" if retained.share else EMPTIED
        yield sheet.estimate(
            figure_id, stayed, retained.watched, retained.share, retained.interval, note, **of_point
        )


def risk_figures(
    sheet: Sheet, found: Estimate | None, points: Iterable[int], **group: str
) -> Iterator[Figure]:
    """How many of one group were under watch at its beginning and at each of ``points`` in years."""
    for years in (0, *points):
        of_point = {"years": str(years), **group}
        if found is None:
            yield sheet.nothing("households_at_risk", NO_SINCE, **of_point)
        else:
            yield sheet.count("households_at_risk", found.at_risk(years), **of_point)


def retention_curves(found: Mapping[str, Estimate]) -> Iterator[Curve]:
    """All households, and beside one another the types with the most households that can be drawn."""
    points = (0, *POINTS)
    overall = line(label("all"), found[""], points)
    if overall is not None:
        yield Curve("How long households stay", (overall,))
    largest = sorted(TYPES, key=lambda kind: -found[kind].watched)
    lines = [line(label(kind), found[kind], points) for kind in largest if found[kind].watched >= FEWEST]
    drawn = [one for one in lines if one is not None][:LINES]
    if len(drawn) > 1:
        yield Curve("How long households stay, by type", tuple(drawn))
