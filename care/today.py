"""What of the programme and of one's own drafts waits today, for the first page of the console."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage import due_today as queries
from storage.due_today import Due
from storage.engine import Session
from storage.staff import StaffMember

SOON = timedelta(hours=6)
MOST = 100
"""Of drafts nobody needs to know more than that there are as many."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """What somebody began and has not sent, by id: messages to many, and events that lie ahead."""

    messages: Sequence[int]
    events: Sequence[int]


async def offers_lapsing(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> Sequence[Due]:
    """By event, the places on offer that lapse today or within six hours."""
    until = max(now + SOON, _midnight(now, zone, 1))
    return await queries.offers_lapsing(session, now, until, social_worker_id)


async def attendance_to_take(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> Sequence[Due]:
    """The events of yesterday and today that have begun and of which nobody's attendance is noted."""
    return await queries.attendance_to_take(session, _midnight(now, zone, -1), now, social_worker_id)


async def drafts_of(session: Session, staff: StaffMember, now: datetime) -> Drafts:
    return Drafts(
        await queries.drafts_of_messages(session, staff.id, MOST),
        await queries.drafts_of_events(session, staff.id, now, MOST),
    )


def _midnight(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    """The local midnight that begins the day so many days from today."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(UTC)


__all__ = ["Drafts", "Due", "attendance_to_take", "drafts_of", "offers_lapsing"]
