"""Who came: ticked by staff in the chat or the console, or by the carer who scans the venue's poster.

Whoever is there counts, invited or not. Who said yes and did not come is noted one by one, or, once the event
has begun, all at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.people import Carer, StaffMember
from events.holds import LONDON
from events.parties import AttendanceRow, attendance_list
from storage.attendance import Attendance, AttendanceState
from storage.attendance_queries import attendance_of, count_came, latest_of_source
from storage.directory import Search, carers_found
from storage.engine import Session
from storage.events import Event, EventState, RsvpBy
from storage.events_queries import event_of_code, lock_event
from storage.households import Household
from storage.households_queries import fosters_no_more
from storage.rsvp import RsvpState

CHECK_IN_FROM = timedelta(hours=1)
"""Before the start; until the end of the event."""


REST = "rest:"
"""How the source begins of what was noted of all the others at once."""
MOST_FOUND = 20


class Ticked(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    CANCELLED = "cancelled"


class CheckedIn(StrEnum):
    """What became of a scan of the poster."""

    WELCOME = "welcome"
    ALREADY = "already"
    TOO_EARLY = "too_early"
    OVER = "over"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """No poster of ours, or somebody who fosters here no more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A carer who may have walked in."""

    id: int
    ref: str
    name: str
    household_ref: str


async def tick(
    session: Session,
    event_id: int,
    carer_id: int,
    state: AttendanceState | None,
    by: StaffMember,
    now: datetime,
    source: str = "chat",
) -> Ticked:
    """Note that a carer came or did not; null takes it back. Who was not invited may be ticked too."""
    # Locked, for the carer may scan the poster at this very moment.
    event = await lock_event(session, event_id)
    carer = await session.get(Carer, carer_id)
    if event is None or carer is None:
        return Ticked.NOT_FOUND
    if event.state is EventState.CANCELLED:
        return Ticked.CANCELLED
    if not await _note(session, event, carer, state, by, now, source):
        return Ticked.UNCHANGED
    noted = state.value if state else "nothing"
    await record(session, now, by, "attendance.tick", f"event:{event.ref}", carer=carer.ref, state=noted)
    return Ticked.RECORDED


async def find_carers(
    session: Session,
    words: str,
    now: datetime,
    zone: ZoneInfo = LONDON,
    *,
    own_households: int | None = None,
    most: int = MOST_FOUND,
) -> list[Found]:
    """Current carers whose name or ref has all of these words, by name; nobody without a word.

    ``own_households``: only those of this social worker.
    """
    words = words.replace("\0", "")
    if not words.strip():
        return []
    search = Search(words, None, own_households)
    today = now.astimezone(zone).date()
    rows = await carers_found(session, search, today, now, offset=0, count=most)
    return [
        Found(carer.id, carer.ref, f"{carer.first_name} {carer.last_name}".strip(), carer.household.ref)
        for carer, _ in rows
    ]


async def rest_did_not_come(
    session: Session,
    event_id: int,
    by: StaffMember,
    now: datetime,
    *,
    own_households: int | None = None,
    source: str = "console",
) -> int:
    """Note of all who said that they were going, and of whom nothing is noted, that they did not come.

    After the start only; returns how many. Where households answer, one that came with one of its carers did
    come. `undo_rest` takes the latest such note back.
    """
    event = await lock_event(session, event_id)
    if event is None or event.state is EventState.CANCELLED or now < event.starts_at:
        return 0
    rows = await attendance_list(session, event_id, social_worker_id=own_households)
    absent = not_there(rows, by_household=event.rsvp_by is RsvpBy.HOUSEHOLD)
    for row in absent:
        carer = await session.get_one(Carer, row.carer_id)
        await _note(session, event, carer, AttendanceState.NO_SHOW, by, now, f"{REST}{source}")
    if absent:
        await record(session, now, by, "attendance.rest", f"event:{event.ref}", carers=len(absent))
    return len(absent)


def not_there(rows: Sequence[AttendanceRow], *, by_household: bool) -> list[AttendanceRow]:
    """Of whom `rest_did_not_come` would note that they did not come."""
    came = {row.household_ref for row in rows if row.state is AttendanceState.ATTENDED}
    return [
        row
        for row in rows
        if row.state is None
        and row.answer is RsvpState.GOING
        and not (by_household and row.household_ref in came)
    ]


async def undo_rest(
    session: Session, event_id: int, by: StaffMember, now: datetime, *, own_households: int | None = None
) -> int:
    """Take back what `rest_did_not_come` noted last and nobody has changed since; returns of how many."""
    event = await lock_event(session, event_id)
    rows = await latest_of_source(session, event_id, REST, own_households) if event is not None else []
    for row in rows:
        await session.delete(row)
    await session.flush()
    if event is not None and rows:
        await record(session, now, by, "attendance.undo_rest", f"event:{event.ref}", carers=len(rows))
    return len(rows)


async def can_undo_rest(session: Session, event_id: int, *, own_households: int | None = None) -> int:
    """How many notes `undo_rest` would take back."""
    return len(await latest_of_source(session, event_id, REST, own_households))


async def check_in(
    session: Session, code: str, carer: Carer, now: datetime, zone: ZoneInfo = LONDON
) -> tuple[CheckedIn, Event | None]:
    """The carer scanned the poster of an event. It counts from an hour before the start until the end."""
    event = await event_of_code(session, code)
    home = await session.get_one(Household, carer.household_id)
    if event is None or fosters_no_more(carer, home, now.astimezone(zone).date()):
        return CheckedIn.UNKNOWN, None
    if event.state is EventState.CANCELLED:
        return CheckedIn.CANCELLED, event
    if now < event.starts_at - CHECK_IN_FROM:
        return CheckedIn.TOO_EARLY, event
    if now >= event.ends_at:
        return CheckedIn.OVER, event
    await lock_event(session, event.id)
    if await _note(session, event, carer, AttendanceState.ATTENDED, None, now, "poster"):
        return CheckedIn.WELCOME, event
    return CheckedIn.ALREADY, event


async def _note(
    session: Session,
    event: Event,
    carer: Carer,
    state: AttendanceState | None,
    by: StaffMember | None,
    now: datetime,
    source: str,
) -> bool:
    """Write it down; false if it was written so already."""
    row = await attendance_of(session, event.id, carer.id)
    if (row.state if row else None) is state:
        return False
    if row is not None and state is None:
        await session.delete(row)
    elif state is not None:
        if row is None:
            row = Attendance(event_id=event.id, carer_id=carer.id, household_id=carer.household_id)
            session.add(row)
        row.state, row.source, row.recorded_at = state, source, now
        row.recorded_by_id = by.id if by else None
    await session.flush()
    return True


__all__ = [
    "AttendanceState",
    "CheckedIn",
    "Found",
    "Ticked",
    "can_undo_rest",
    "check_in",
    "count_came",
    "find_carers",
    "not_there",
    "rest_did_not_come",
    "tick",
    "undo_rest",
]
