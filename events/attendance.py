"""Who came: ticked by staff in the chat or the console, or by the carer who scans the venue's poster."""

from datetime import datetime, timedelta
from enum import StrEnum

from carers.audit import record
from carers.people import Carer, StaffMember
from storage.attendance import Attendance, AttendanceState
from storage.attendance_queries import attendance_of
from storage.engine import Session
from storage.events import Event, EventState
from storage.events_queries import event_of_code

CHECK_IN_FROM = timedelta(hours=1)
"""Before the start; until the end of the event."""


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
    UNKNOWN = "unknown"


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
    event = await session.get(Event, event_id)
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


async def check_in(
    session: Session, code: str, carer: Carer, now: datetime
) -> tuple[CheckedIn, Event | None]:
    """The carer scanned the poster of an event. It counts from an hour before the start until the end."""
    event = await event_of_code(session, code)
    if event is None or event.state is EventState.CANCELLED:
        return CheckedIn.UNKNOWN, None
    if now < event.starts_at - CHECK_IN_FROM:
        return CheckedIn.TOO_EARLY, event
    if now >= event.ends_at:
        return CheckedIn.OVER, event
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


__all__ = ["AttendanceState", "CheckedIn", "Ticked", "check_in", "tick"]
