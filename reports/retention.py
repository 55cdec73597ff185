"""How long households stay: product-limit estimates with delayed entry.

A register of today's households and of those that left since some day is left-truncated: a household that
left before that day is not in it, so one approved long before must not count as watched in its early years.
It enters the risk set only at the age it had on that day (Kaplan and Meier, 1958; Lynden-Bell, 1971).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import exp, log

from disclosure.intervals import Z, wilson
from reports.figures import Figure, Interval, Sheet
from reports.tallies import TYPES
from storage.report_queries import Approval

POINTS = (1, 2, 5, 10)
"""Years after approval."""

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Watch:
    """One household under observation: ages in years since approval. ``left``: seen to leave at ``exit``."""

    entry: float
    exit: float
    left: bool


@dataclass(frozen=True, slots=True)
class Retained:
    """The share retained after so many years, of ``watched`` households, ``leavers`` of which left before."""

    share: float
    interval: Interval
    leavers: int
    watched: int


def watches(households: Iterable[Approval], since: date, until: date) -> list[Watch]:
    """The households watched from ``since`` to the end of ``until``; who left before is not in the record."""
    found = []
    for household in households:
        left = household.ended_on is not None and household.ended_on <= until
        end = household.ended_on if left and household.ended_on is not None else until
        begin = max(household.approved_on, since)
        if end > begin or (end == begin == household.approved_on and left):
            entry = _years(household.approved_on, begin)
            found.append(Watch(entry, max(_years(household.approved_on, end), 1 / DAYS_A_YEAR), left))
    return found


def _years(start: date, end: date) -> float:
    return (end - start).days / DAYS_A_YEAR


def retained(watched: list[Watch], years: float) -> Retained | None:
    """The share retained after so many years, or None where some of those years were watched by nobody."""
    share, variance = 1.0, 0.0
    leavers = 0
    for age, leaving, at_risk in _steps(watched):
        if age > years:
            break
        leavers += leaving
        share *= 1 - leaving / at_risk
        if at_risk > leaving:
            variance += leaving / (at_risk * (at_risk - leaving))
    if share > 0 and not _watched_throughout(watched, years):
        return None
    at_risk = sum(1 for watch in watched if watch.entry < years <= watch.exit)
    return Retained(share, _interval(share, variance, max(at_risk, 1)), leavers, len(watched))


def _steps(watched: list[Watch]) -> Iterator[tuple[float, int, int]]:
    """(age, how many left at it, how many were at risk), by age."""
    entries = sorted(watch.entry for watch in watched)
    exits = sorted((watch.exit, watch.left) for watch in watched)
    entered = gone = 0
    while gone < len(exits):
        age = exits[gone][0]
        while entered < len(entries) and entries[entered] < age:
            entered += 1
        at_risk = entered - gone
        leaving = 0
        while gone < len(exits) and exits[gone][0] == age:
            leaving += exits[gone][1]
            gone += 1
        if leaving:
            yield age, leaving, at_risk


def _watched_throughout(watched: list[Watch], years: float) -> bool:
    """Whether at every age up to ``years`` somebody was at risk: a gap would pass for nobody leaving."""
    reached = 0.0
    for watch in sorted(watched, key=lambda watch: watch.entry):
        if watch.entry > reached or reached >= years:
            break
        reached = max(reached, watch.exit)
    return reached >= years


def _interval(share: float, variance: float, at_risk: int) -> Interval:
    """95 %: Greenwood's variance on the log(-log) scale; Wilson of those at risk where nobody or all left."""
    if share in (0.0, 1.0):
        return wilson(int(share) * at_risk, at_risk)
    spread = Z * variance**0.5 / -log(share)
    return share ** exp(spread), share ** exp(-spread)


def retention_figures(
    sheet: Sheet, households: Iterable[Approval], since: date | None, until: date
) -> Iterator[Figure]:
    """Retention overall and by household type, watched from ``since`` to ``until``."""
    households = list(households)
    for kind in ("", *TYPES):
        of_kind = [each for each in households if not kind or each.household_type == kind]
        watched = watches(of_kind, since, until) if since is not None else []
        for years in POINTS:
            group = {"years": str(years), **({"household_type": kind} if kind else {})}
            yield _figure(sheet, watched, years, since, group)


def _figure(
    sheet: Sheet, watched: list[Watch], years: int, since: date | None, group: dict[str, str]
) -> Figure:
    if since is None:
        return sheet.nothing("retention_at_years", NO_SINCE, **group)
    found = retained(watched, years)
    if found is None:
        return sheet.nothing("retention_at_years", NOT_WATCHED, **group)
    return sheet.estimate(
        "retention_at_years",
        found.watched - found.leavers,
        found.watched,
        found.share,
        found.interval,
        **group,
    )


NO_SINCE = (
    "No retention curve: HEARTHLINE_REGISTER_SINCE is not set, so nobody can tell from which day the "
    "register holds every household that left, and a curve without that would flatter."
)
NOT_WATCHED = "No household of this kind was watched at every age up to so many years."
