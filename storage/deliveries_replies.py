"""The replies that wait: the first of each chat, and what came of those that were tried."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, bindparam, delete, func, or_, select, update

from storage.deliveries import Reply, ReplyState
from storage.engine import Session
from storage.types import JsonDict

HARMLESS_TWICE = ("edit", "delete", "toast")
"""What may be done again without anyone noticing; a second message would be noticed."""

RATHER_TWICE = ("welcome", "message_urgent")
"""Whose loss is worse than a second one: the notice of privacy and safety, and whom to ring in danger."""

MOST_TRIES = 3
"""Of those: nobody gets them more often than this, even if Telegram never says that they arrived."""


@dataclass(frozen=True, slots=True)
class DueReply:
    """The next thing to do in one chat. Times are UTC."""

    id: int
    chat_id: int
    op: str
    kind: str
    params: JsonDict
    language: str
    message_id: int | None
    callback_id: str | None
    invitation_id: int | None
    carer_id: int | None
    photo: bool
    attempts: int
    due_at: datetime
    send_by: datetime


@dataclass(frozen=True, slots=True)
class PostponedReply:
    """A reply that was not accepted, and when it is tried again."""

    id: int
    due_at: datetime
    attempts: int


async def is_about_to_be_said(session: Session, chat_id: int, kind: str) -> bool:
    """Whether a message of this kind waits to go out to the chat. Not one on its way, which may stand already
    above what was written since."""
    query = select(Reply.id).where(
        Reply.chat_id == chat_id, Reply.kind == kind, Reply.op == "send", Reply.state == ReplyState.QUEUED
    )
    return await session.scalar(query.limit(1)) is not None


_FIRST_OF_EACH_CHAT = select(func.min(Reply.id)).group_by(Reply.chat_id)


async def due_replies(
    session: Session, now: datetime, *, but_chats: Collection[int], limit: int
) -> list[DueReply]:
    """The first reply of each chat, where its time has come, the oldest first.

    A chat whose first reply waits, or is on its way, is passed over: its replies keep their order.
    """
    query = (
        select(*(getattr(Reply, name) for name in DueReply.__slots__))
        .where(
            Reply.id.in_(_FIRST_OF_EACH_CHAT),
            Reply.state == ReplyState.QUEUED,
            Reply.due_at <= now,
        )
        .order_by(Reply.id)
        .limit(limit)
    )
    if but_chats:
        query = query.where(Reply.chat_id.not_in(but_chats))
    return [DueReply(*row) for row in (await session.execute(query)).all()]


async def mark_replies_sending(session: Session, ids: Collection[int]) -> set[int]:
    """Write down the intent to send these; returns those that were still queued."""
    statement = (
        update(Reply)
        .where(Reply.id.in_(ids), Reply.state == ReplyState.QUEUED)
        .values(state=ReplyState.SENDING)
        .returning(Reply.id)
        .execution_options(synchronize_session=False)
    )
    return set((await session.scalars(statement)).all())


async def forget_replies(session: Session, ids: Collection[int]) -> None:
    """Take out what has gone out, or never will."""
    if ids:
        await session.execute(
            delete(Reply).where(Reply.id.in_(ids)).execution_options(synchronize_session=False)
        )


async def postpone_replies(session: Session, rows: Sequence[PostponedReply]) -> None:
    """Queue these again for later."""
    if not rows:
        return
    statement = (
        update(Reply)
        .where(Reply.id == bindparam("key"))
        .values(state=ReplyState.QUEUED, due_at=bindparam("due"), attempts=bindparam("tries"))
    )
    connection = await session.connection()
    await connection.execute(
        statement, [{"key": row.id, "due": row.due_at, "tries": row.attempts} for row in rows]
    )


async def release_replies(session: Session, ids: Collection[int]) -> None:
    """Put back what was claimed but never requested, where the claim stands."""
    await session.execute(_queue_again().where(Reply.id.in_(ids)))


async def claimed_replies(session: Session) -> list[DueReply]:
    """The replies that a process that is gone had claimed."""
    query = select(*(getattr(Reply, name) for name in DueReply.__slots__)).where(
        Reply.state == ReplyState.SENDING
    )
    return [DueReply(*row) for row in (await session.execute(query)).all()]


async def recover_replies(session: Session) -> tuple[int, int]:
    """After a crash: (how many are done again, how many may have arrived and are dropped)."""
    dropped = await session.scalars(
        delete(Reply)
        .where(
            Reply.state == ReplyState.SENDING,
            Reply.op.not_in(HARMLESS_TWICE),
            or_(Reply.kind.not_in(RATHER_TWICE), Reply.attempts >= MOST_TRIES - 1),
        )
        .returning(Reply.id)
        .execution_options(synchronize_session=False)
    )
    lost = len(dropped.all())
    again = await session.scalars(_queue_again().values(attempts=Reply.attempts + 1).returning(Reply.id))
    return len(again.all()), lost


def _queue_again() -> Update:
    return (
        update(Reply)
        .where(Reply.state == ReplyState.SENDING)
        .values(state=ReplyState.QUEUED)
        .execution_options(synchronize_session=False)
    )
