"""Listing updates that were set aside: when they came and what went wrong, never what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.engine import Session
from storage.inbox import StoredUpdate, UpdateState


@dataclass(frozen=True, slots=True)
class SetAside:
    """An update that the bot gave up on. ``error`` is the type of what went wrong."""

    received_at: datetime
    attempts: int
    error: str


async def latest_set_aside(session: Session, count: int) -> Sequence[SetAside]:
    """The latest updates that were set aside."""
    query = (
        select(StoredUpdate.received_at, StoredUpdate.attempts, StoredUpdate.error)
        .where(StoredUpdate.state == UpdateState.SET_ASIDE)
        .order_by(StoredUpdate.id.desc())
        .limit(count)
    )
    rows = await session.execute(query)
    return [SetAside(received_at, attempts, error or "") for received_at, attempts, error in rows.all()]
