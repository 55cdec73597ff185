"""Which answers staff noted for parties that phoned: the audit log is the only place that says so."""

from datetime import datetime

from sqlalchemy import select

from storage.engine import Session
from storage.staff import AuditEntry

ACTION = "rsvp.answer_for"


async def answers_noted(session: Session, event_ref: str) -> dict[tuple[str, datetime], str]:
    """Who noted which answer of this event: the name of the member of staff by party and time.

    An answer that stands was noted by staff if it was given at that very time: its carers' own answers,
    before or after, have another.
    """
    query = select(AuditEntry.detail, AuditEntry.at, AuditEntry.actor).where(
        AuditEntry.subject == f"event:{event_ref}", AuditEntry.action == ACTION
    )
    return {(detail.get("party", ""), at): actor for detail, at, actor in await session.execute(query)}
