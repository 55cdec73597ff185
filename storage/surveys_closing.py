"""The close of an anonymous round: what the database must forget, and what it keeps.

These run inside one transaction (`surveys.closing`), so that on PostgreSQL every row that stays carries the
same ``xmin``, and a crash leaves either everything sealed or everything released. `scrub` comes after it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update

from storage.conversations import Conversation
from storage.deliveries import SURVEY_REMINDER, Delivery, DeliveryState, Notice
from storage.engine import Database, Session
from storage.inbox import StoredUpdate, UpdateState
from storage.surveys import Comment, Participant, Response, Round, RoundState, SealedDraft

TOPIC = "survey"


async def rounds_to_close(session: Session, now: datetime) -> Sequence[Round]:
    """Rounds that are due to close, or that a crash left half closed; locked, so that one closer works."""
    half_closed = Round.state.in_((RoundState.CLOSING, RoundState.RELEASED))
    due = (Round.state == RoundState.OPEN) & (Round.closes_at <= now)
    query = select(Round).where(half_closed | due).order_by(Round.id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def sealed_of(session: Session, round_id: int) -> Sequence[SealedDraft]:
    """Every sealed row of a round, sent or only begun."""
    return (await session.scalars(select(SealedDraft).where(SealedDraft.round_id == round_id))).all()


async def write_responses(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add answer sheets in exactly this order, which becomes their order on disk."""
    if rows:
        await session.execute(insert(Response), list(rows))


async def write_comments(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add comments in exactly this order, which becomes their order on disk."""
    if rows:
        await session.execute(insert(Comment), list(rows))


async def forget_who_took_part(session: Session, round_id: int, now: datetime) -> None:
    """Delete all that tells who took part, when, or where they stood. Counts stay.

    The rows of reminders go because a reminder went to those alone who had not taken part by then; their
    notice keeps how many were sent.
    """
    reminders = (Delivery.round_id == round_id) & (Delivery.kind == SURVEY_REMINDER)
    sent = (
        select(Delivery.notice_id, func.count())
        .where(reminders, Delivery.state == DeliveryState.SENT)
        .group_by(Delivery.notice_id)
    )
    for notice_id, count in (await session.execute(sent)).all():
        await session.execute(update(Notice).where(Notice.id == notice_id).values(params={"sent": count}))
    await session.execute(delete(Delivery).where(reminders))
    await session.execute(delete(SealedDraft).where(SealedDraft.round_id == round_id))
    await session.execute(delete(Participant).where(Participant.round_id == round_id))
    await _forget_conversations(session, round_id, now)


async def _forget_conversations(session: Session, round_id: int, now: datetime) -> None:
    """A chat that still waits for a comment, or for afterthoughts, forgets of which round and which of the
    two, but goes on waiting: were the row deleted, what the carer then writes would go to staff under their
    name."""
    waiting = (await session.scalars(select(Conversation).where(Conversation.topic == TOPIC))).all()
    for conversation in waiting:
        if conversation.data.get("round") == round_id:
            conversation.step, conversation.data, conversation.updated_at = "", {}, now
    await session.flush()


async def starts_of_waiting_updates(session: Session, length: int) -> set[str]:
    """How the raw updates begin that are not handled yet: which keys they still need."""
    start = func.substr(StoredUpdate.payload, 1, length)
    query = select(start).where(StoredUpdate.state == UpdateState.NEW).distinct()
    return {found for found in (await session.scalars(query)).all() if found}


async def scrub(database: Database) -> None:
    """Take what was deleted off the disk as well: SQLite's write-ahead log, PostgreSQL's dead rows.

    What they hold is sealed under a key that is gone; this takes the ciphertext too, and who took part. A
    reader that holds on to an old state for more than half a minute leaves the log as it is until the next.
    """
    async with database.connection() as connection:
        if database.dialect == "sqlite":
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("SET lock_timeout = '10s'"))
        await alone.execute(text("VACUUM FULL sealed_drafts, round_participants"))
        await alone.execute(text("VACUUM conversations, deliveries, updates, replies"))
        await alone.execute(text("RESET lock_timeout"))
