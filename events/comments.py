"""What carers added to their rating of an event: for staff to read, and to take away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carers.audit import record
from carers.people import StaffMember
from storage.attendance import Feedback
from storage.attendance_queries import commented_on
from storage.engine import Session


@dataclass(frozen=True, slots=True)
class EventComment:
    """A comment and its rating, without a name: it is about the event, not about who wrote it."""

    id: int
    rating: int
    text: str


async def comments_on(session: Session, event_id: int) -> Sequence[EventComment]:
    """The comments that an event got, oldest first."""
    return [
        EventComment(row.id, row.rating, row.comment)
        for row in await commented_on(session, event_id)
        if row.comment
    ]


async def redact_comment(
    session: Session, event_id: int, feedback_id: int, by: StaffMember, now: datetime
) -> bool:
    """Erase the words for good; the rating stays. False if there are none."""
    row = await session.get(Feedback, feedback_id)
    if row is None or row.event_id != event_id or row.comment is None:
        return False
    row.comment = None
    await record(session, now, by, "feedback.redact", f"event:{event_id}")
    return True
