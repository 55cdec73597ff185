"""Series: what comes again is planned once, and the clock keeps a year of it in the programme."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audit import record
from events.occurrences import Work, make_missing, plan_of_series, write_plan
from events.rhythm import TermDates, in_words
from events.series_plan import (
    AHEAD,
    MOST,
    Occasion,
    SeriesPlan,
    SeriesProblem,
    preview,
    problems,
)
from events.terms import term_dates
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.series import Series
from storage.series_queries import (
    all_series,
    events_of_series,
    events_to_come,
    lock_series,
    series_refs_starting,
    series_to_extend,
)
from storage.staff import StaffMember

LONGEST_REF = 48
"""Leaves room for the day behind it, in the refs of the events."""


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series in the list of all. ``ended``: by staff. ``note``: what to look at, in English."""

    id: int
    ref: str
    title: str
    kind: str
    in_words: str
    next_at: datetime | None
    upcoming: int
    until: date | None
    ended: bool
    note: str


@dataclass(frozen=True, slots=True)
class OccasionLine:
    """One day to come. No ``event_id``: nothing is planned on it, since it is skipped."""

    event_id: int | None
    day: date
    starts_at: datetime
    mode: Mode
    state: EventState | None
    skipped: bool
    changed_alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series with its days to come, in order, those that are skipped or cancelled too."""

    id: int
    plan: SeriesPlan
    version: int
    in_words: str
    ended: bool
    note: str
    occasions: tuple[OccasionLine, ...]


async def plan_series(
    session: Session, plan: SeriesPlan, by: StaffMember | None, now: datetime, zone: ZoneInfo
) -> Series:
    """Put a series into the programme with the events of its next 366 days; its ref must be new.

    Days that are past are left out. Raises ``ValueError`` for a plan that has `problems`.
    """
    terms = await term_dates(session)
    if found := problems(plan, terms, now, zone):
        raise ValueError(f"a series that cannot be: {', '.join(found)}")
    ref = plan.ref or await _new_ref(session, plan.pattern.title)
    series = Series(ref=ref, created_at=now, created_by_id=by.id if by else None)
    write_plan(series, plan, now)
    session.add(series)
    await session.flush()
    work = Work(session, by, now, zone)
    await make_missing(work, series, terms)
    await record(session, now, by, "series.plan", f"series:{ref}", title=plan.pattern.title, events=work.made)
    return series


async def any_to_extend(session: Session, now: datetime, zone: ZoneInfo) -> bool:
    """Whether `extend_series` has anything to look at; once a day it has."""
    return bool(await series_to_extend(session, now.astimezone(zone).date() + AHEAD))


async def extend_series(session: Session, now: datetime, zone: ZoneInfo) -> int:
    """Keep the events of a year ahead in the programme; how many were made. Twice makes nothing twice."""
    terms = await term_dates(session)
    work = Work(session, None, now, zone)
    for series_id in await series_to_extend(session, work.today + AHEAD):
        series = await lock_series(session, series_id)
        if series is not None and series.ended_at is None:
            await make_missing(work, series, terms)
    return work.made


async def series_list(session: Session, now: datetime) -> list[SeriesLine]:
    """Every series, those that go on first."""
    terms, to_come = await term_dates(session), await events_to_come(session, now)
    return [
        _line(series, to_come.get(series.id, (None, 0)), terms, now) for series in await all_series(session)
    ]


async def series_page(session: Session, series_id: int, now: datetime, zone: ZoneInfo) -> SeriesPage | None:
    """A series as its page shows it."""
    series = await session.get(Series, series_id)
    if series is None:
        return None
    plan, terms = plan_of_series(series), await term_dates(session)
    events = [event for event in await events_of_series(session, series_id) if event.ends_at > now]
    lines = [_of_event(event, plan, zone) for event in events]
    days = {line.day for line in lines}
    if series.ended_at is None:
        lines += [
            _of_skipped(day) for day in preview(plan, terms, now, zone) if day.skipped and day.day not in days
        ]
    return SeriesPage(
        series.id,
        plan,
        series.version,
        in_words(plan.rhythm, plan.first_on),
        series.ended_at is not None,
        _note(series, plan, terms, now),
        tuple(sorted(lines, key=lambda line: line.starts_at)),
    )


def _line(
    series: Series, to_come: tuple[datetime | None, int], terms: list[TermDates], now: datetime
) -> SeriesLine:
    plan = plan_of_series(series)
    return SeriesLine(
        series.id,
        series.ref,
        plan.pattern.title,
        plan.pattern.kind,
        in_words(plan.rhythm, plan.first_on),
        *to_come,
        series.until,
        series.ended_at is not None,
        _note(series, plan, terms, now),
    )


def _note(series: Series, plan: SeriesPlan, terms: list[TermDates], now: datetime) -> str:
    """That term dates are missing for days that are to come."""
    last = max((term.ends_on for term in terms), default=None)
    end = min(plan.until or date.max, now.date() + AHEAD)
    if not plan.rhythm.needs_terms or series.ended_at is not None or (last is not None and last >= end):
        return ""
    return "No term dates" if last is None else f"No term dates after {last.day} {last:%B %Y}"


def _of_event(event: Event, plan: SeriesPlan, zone: ZoneInfo) -> OccasionLine:
    day = event.occurrence_on or event.starts_at.astimezone(zone).date()
    return OccasionLine(
        event.id,
        day,
        event.starts_at,
        event.mode,
        event.state,
        day in plan.skipped,
        tuple(event.changed_alone),
    )


def _of_skipped(occasion: Occasion) -> OccasionLine:
    return OccasionLine(
        None, occasion.day, occasion.starts_at, occasion.mode, None, skipped=True, changed_alone=()
    )


async def _new_ref(session: Session, title: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].rstrip("-") or "series"
    used = await series_refs_starting(session, base)
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(used) + 3))]
    return next(candidate for candidate in candidates if candidate not in used)


__all__ = [
    "AHEAD",
    "LONGEST_REF",
    "MOST",
    "Occasion",
    "OccasionLine",
    "SeriesLine",
    "SeriesPage",
    "SeriesPlan",
    "SeriesProblem",
    "any_to_extend",
    "extend_series",
    "plan_series",
    "preview",
    "problems",
    "series_list",
    "series_page",
]
