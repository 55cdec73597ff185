"""Pausing a notice: nothing more of it is claimed until it goes on."""

from datetime import datetime

from sqlalchemy import update

from storage.deliveries import Notice
from storage.engine import Session


async def pause(session: Session, notice_id: int, reason: str, now: datetime) -> bool:
    """Whether the notice was running and is paused now."""
    statement = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.paused_at.is_(None))
        .values(paused_at=now, paused_reason=reason[:80])
        .returning(Notice.id)
    )
    return (await session.scalars(statement)).one_or_none() is not None


async def unpause(session: Session, notice_id: int) -> bool:
    """Whether the notice was paused and goes on now."""
    statement = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.paused_at.is_not(None))
        .values(paused_at=None, paused_reason=None)
        .returning(Notice.id)
    )
    return (await session.scalars(statement)).one_or_none() is not None
