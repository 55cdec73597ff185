"""Changing what repeats: its rule, one occurrence and all after it, a day that is left out, its end.

Old and new days are paired, so that who said yes keeps their answer and is told of the move as of any other:
by their place in the rule where only the day or the time moves, by the same day where the rule itself is
another one. A new day that has no pair becomes a new event. An old one without a pair goes: it disappears if
nobody was invited to it, and is cancelled with a reason otherwise. What has begun or is cancelled is never
touched, but keeps its place in the rule, so that nothing is put on a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from events import planning
from events.occurrences import (
    OFF,
    TIMES,
    Work,
    alter,
    carry_out,
    changed_alone,
    is_to_come,
    make_missing,
    plan_of_series,
    refuse,
    take_out,
    write_plan,
)
from events.pattern import plan_on
from events.planning import EventPlan
from events.rhythm import Occurrence
from events.series_pairs import Change, change_from_here_on, change_of_rule
from events.series_plan import AHEAD, SeriesPlan, occurrences, problems
from events.terms import term_dates
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.series import Series
from storage.series_queries import lock_events_of_series, lock_series
from storage.staff import StaffMember

_OF_MODE = frozenset({"mode", "venue", "map_url", "online_url", "capacity", "online_capacity"})


class SeriesResult(StrEnum):
    """How a change of a series ended. All but the first changed nothing."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    OUTDATED = "outdated"
    """Somebody else changed it since ``version`` was read."""
    PROBLEMS = "problems"
    """It cannot be; ``refused`` says why."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SeriesOutcome:
    """How many events were made, changed, removed unheard of and cancelled, and how many carers are told.

    ``refused``: events that stay as they are, each with the reason, in English for staff.
    """

    result: SeriesResult
    made: int = 0
    changed: int = 0
    removed: int = 0
    cancelled: int = 0
    told: int = 0
    refused: tuple[str, ...] = ()


async def change_series(
    session: Session,
    series_id: int,
    plan: SeriesPlan,
    version: int | None,
    by: StaffMember | None,
    now: datetime,
    zone: ZoneInfo,
) -> SeriesOutcome:
    """Make a series what the plan says, from now on.

    Of the pattern, events to come get the fields that differ from what it was, but for those that staff
    changed on one alone. ``version``, when given, must be the one that was read. The ref stays.
    """
    series = await lock_series(session, series_id)
    if refusal := _refusal(series, version):
        return SeriesOutcome(refusal)
    assert series is not None  # noqa: S101 - for the type checker
    before, plan = plan_of_series(series), replace(plan, ref=series.ref)
    if before == plan:
        return SeriesOutcome(SeriesResult.UNCHANGED)
    terms = await term_dates(session)
    if found := problems(plan, terms, now, zone):
        return SeriesOutcome(SeriesResult.PROBLEMS, refused=tuple(found))
    work = Work(session, by, now, zone)
    change = change_of_rule(before, plan, terms, work.today + AHEAD)
    events = await lock_events_of_series(session, series.id)
    return await _follow(work, series, change, events, events)


async def change_all_to_come(
    session: Session,
    event_id: int,
    plan: EventPlan,
    by: StaffMember | None,
    now: datetime,
    zone: ZoneInfo,
    version: int | None = None,
) -> SeriesOutcome:
    """Make an event of a series what the plan says, and change all after it in the same way.

    What differs from this event as it was goes to it and to every later one, but for fields changed there
    alone. A new day moves the rule: the series goes on from it. ``version``, when given, is the event's.
    """
    found = await session.get(Event, event_id)
    series = await lock_series(session, found.series_id) if found and found.series_id else None
    if series is None:
        return SeriesOutcome(SeriesResult.NOT_FOUND)
    events = await lock_events_of_series(session, series.id)
    event = next(event for event in events if event.id == event_id)
    if version is not None and version != event.version:
        return SeriesOutcome(SeriesResult.OUTDATED)
    work, later = Work(session, by, now, zone), [other for other in events if _is_after(other, event)]
    before, terms, last = plan_of_series(series), await term_dates(session), work.today + AHEAD
    change = change_from_here_on(event, plan, before, terms, last, zone)
    if wrong := _why_not(event, plan, change, [other for other in events if other not in later], now):
        return SeriesOutcome(SeriesResult.PROBLEMS, refused=wrong)
    done = await carry_out(work, event, plan)
    if work.refused:
        return SeriesOutcome(SeriesResult.PROBLEMS, refused=tuple(work.refused))
    event.changed_alone = [name for name in event.changed_alone if name not in done]
    await _move_days(session, [event], change, [])
    return await _follow(work, series, change, later, events)


async def skip_day(
    session: Session,
    series_id: int,
    day: date,
    reason: str,
    by: StaffMember | None,
    now: datetime,
    zone: ZoneInfo,
) -> SeriesOutcome:
    """Leave out a day of the rule. Who was invited to its event reads ``reason``."""
    series = await lock_series(session, series_id)
    if refusal := _refusal(series):
        return SeriesOutcome(refusal)
    assert series is not None  # noqa: S101 - for the type checker
    plan, terms = plan_of_series(series), await term_dates(session)
    if day in plan.skipped:
        return SeriesOutcome(SeriesResult.UNCHANGED)
    event = _on(await lock_events_of_series(session, series.id), day)
    if event is None and day not in {found.day for found in occurrences(plan, terms, day)}:
        return SeriesOutcome(SeriesResult.NOT_FOUND)
    if event is not None and event.starts_at <= now:
        return SeriesOutcome(SeriesResult.PROBLEMS, refused=("it has begun",))
    work = Work(session, by, now, zone)
    await take_out(work, [event] if event is not None and is_to_come(event, now) else [], reason)
    write_plan(series, replace(plan, skipped=plan.skipped | {day}), now)
    return await _done(work, series, "series.skip", day=day.isoformat())


async def unskip_day(
    session: Session, series_id: int, day: date, by: StaffMember | None, now: datetime, zone: ZoneInfo
) -> SeriesOutcome:
    """Put a day back on that was skipped or cancelled. What was cancelled stays so: a new event is made."""
    series = await lock_series(session, series_id)
    if refusal := _refusal(series):
        return SeriesOutcome(refusal)
    assert series is not None  # noqa: S101 - for the type checker
    plan, terms = plan_of_series(series), await term_dates(session)
    event = _on(await lock_events_of_series(session, series.id), day)
    off = event is not None and event.state is EventState.CANCELLED
    if day not in plan.skipped and not off:
        return SeriesOutcome(SeriesResult.UNCHANGED)
    if event is not None and off:
        event.occurrence_on = None
        await session.flush()
    write_plan(series, replace(plan, skipped=plan.skipped - {day}), now)
    work = Work(session, by, now, zone)
    await make_missing(work, series, terms)
    return await _done(work, series, "series.unskip", day=day.isoformat())


async def end_series(
    session: Session,
    series_id: int,
    after: date,
    reason: str,
    by: StaffMember | None,
    now: datetime,
    zone: ZoneInfo,
) -> SeriesOutcome:
    """End a series after this day. Who was invited to a later event reads ``reason``."""
    series = await lock_series(session, series_id)
    if refusal := _refusal(series):
        return SeriesOutcome(refusal)
    assert series is not None  # noqa: S101 - for the type checker
    work = Work(session, by, now, zone)
    events = await lock_events_of_series(session, series.id)
    later = [event for event in events if is_to_come(event, now) and _day(event, zone) > after]
    await take_out(work, later, reason)
    plan = plan_of_series(series)
    write_plan(series, replace(plan, until=after if plan.until is None else min(after, plan.until)), now)
    series.ended_at = now
    return await _done(work, series, "series.end", after=after.isoformat())


def _refusal(series: Series | None, version: int | None = None) -> SeriesResult | None:
    if series is None:
        return SeriesResult.NOT_FOUND
    if series.ended_at is not None:
        return SeriesResult.ENDED
    return SeriesResult.OUTDATED if version is not None and version != series.version else None


def _why_not(
    event: Event, plan: EventPlan, change: Change, earlier: Sequence[Event], now: datetime
) -> tuple[str, ...]:
    if not is_to_come(event, now):
        return ("it is cancelled" if event.state is EventState.CANCELLED else "it has begun",)
    if plan.starts_at != event.starts_at and plan.starts_at <= now:
        return ("its new time is past",)
    new = change.pair(event)
    if new is not None and any(other.occurrence_on == new.day for other in earlier if other is not event):
        return ("another of the series is on that day",)
    return tuple(planning.problems(plan))


def _on(events: Sequence[Event], day: date) -> Event | None:
    return next((event for event in events if event.occurrence_on == day), None)


def _day(event: Event, zone: ZoneInfo) -> date:
    return event.occurrence_on or event.starts_at.astimezone(zone).date()


def _is_after(other: Event, event: Event) -> bool:
    if other.occurrence_on and event.occurrence_on:
        return other.occurrence_on > event.occurrence_on
    return other.starts_at > event.starts_at


async def _follow(
    work: Work, series: Series, change: Change, events: Sequence[Event], everything: Sequence[Event]
) -> SeriesOutcome:
    """Let these events of the series follow its change."""
    change = change.skipping({event.occurrence_on for event in everything if event.starts_at <= work.now})
    staying = [event for event in events if change.leaves_in(event)]
    gone = (event for event in events if event not in staying and is_to_come(event, work.now))
    await take_out(work, gone, OFF)
    moving = [event for event in staying if event.starts_at > work.now]
    new_days = {event.id: change.pair(event) for event in moving}
    moved = await _move_days(work.session, moving, change, everything)
    for event in moving:
        if is_to_come(event, work.now):
            await _alter_one(work, event, change, new_days[event.id], event.id in moved)
    if change.before == change.after and not work.anything:
        return SeriesOutcome(SeriesResult.UNCHANGED, refused=tuple(work.refused))
    write_plan(series, change.after, work.now)
    if series.ended_at is None:
        await make_missing(work, series, change.terms)
    return await _done(work, series, "series.change", title=change.after.pattern.title)


async def _move_days(
    session: Session, events: Sequence[Event], change: Change, everything: Sequence[Event]
) -> set[int]:
    """Give events the days of the new rule; the ids of those whose day is another one now.

    First all let go of their days, so that none takes one which another still has. Where an event that does
    not move has the day, the one that moves does without.
    """
    moves = {event: new.day for event in events if (new := change.pair(event)) is not None}
    changing = {event: day for event, day in moves.items() if day != event.occurrence_on}
    kept = {event.occurrence_on for event in everything if event not in changing}
    for event in changing:
        event.occurrence_on = None
    await session.flush()
    for event, day in changing.items():
        event.occurrence_on = day if day not in kept else None
    await session.flush()
    return {event.id for event in changing}


async def _alter_one(work: Work, event: Event, change: Change, new: Occurrence | None, moved: bool) -> None:
    """Give an event what its series has changed: its fields, its day, and the mode whose turn it is."""
    after, names = change.after, set(change.names)
    taking_turns = after.rhythm.alternate or change.before.rhythm.alternate
    online = after.rhythm.is_online(new.number) if new else taking_turns and event.mode is Mode.ONLINE
    own_day = event.starts_at.astimezone(work.zone).date()
    day = own_day if new is None or "starts_at" in changed_alone(event) else new.day
    target = plan_on(after.pattern, day, work.zone, online=online)
    if moved:
        names |= TIMES
    if (taking_turns and target.mode is not event.mode) or (online and "online_capacity" in names):
        names |= _OF_MODE
    if target.starts_at <= work.now and "starts_at" in names - changed_alone(event):
        refuse(work, event, "its new time would be past, so it stays")
        names -= TIMES
    if names:
        await alter(work, event, names, target)


async def _done(work: Work, series: Series, action: str, **detail: str) -> SeriesOutcome:
    series.version += 1
    series.updated_at = work.now
    counts = {
        "made": work.made,
        "changed": work.changed,
        "removed": work.removed,
        "cancelled": work.cancelled,
        "told": work.told,
    }
    await record(work.session, work.now, work.by, action, f"series:{series.ref}", **detail, **counts)
    return SeriesOutcome(SeriesResult.CHANGED, **counts, refused=tuple(work.refused))
