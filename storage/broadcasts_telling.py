"""Which message in which chat shows how a broadcast gets on, and what it says: rows among the small facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.deliveries import Reply, ReplyState
from storage.engine import Session
from storage.leases import Fact
from storage.leases_queries import fact, set_fact
from storage.types import JsonDict

_PREFIX = "broadcast-shown:"


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that shows a broadcast, and the parameters of its text when it was last drawn."""

    broadcast_id: int
    chat_id: int
    message_id: int
    params: JsonDict
    at: datetime


async def all_shown(session: Session) -> Sequence[Shown]:
    """Every message that is kept up to date."""
    query = select(Fact).where(Fact.name.startswith(_PREFIX, autoescape=True)).order_by(Fact.name)
    rows = await session.scalars(query, execution_options={"populate_existing": True})
    return [_shown(row) for row in rows]


async def shown_in(session: Session, broadcast_id: int, chat_id: int) -> Shown | None:
    """The message of this chat, if it has one."""
    row = await fact(session, _name(broadcast_id, chat_id))
    return _shown(row) if row else None


async def keep_shown(session: Session, shown: Shown) -> None:
    """One message a chat and broadcast: over the one before."""
    value = {"message_id": shown.message_id, "params": shown.params}
    await set_fact(session, _name(shown.broadcast_id, shown.chat_id), value, shown.at)


async def forget_shown(session: Session, broadcast_id: int, chat_id: int) -> None:
    await session.execute(
        delete(Fact)
        .where(Fact.name == _name(broadcast_id, chat_id))
        .execution_options(synchronize_session=False)
    )


async def is_about_to_change(session: Session, chat_id: int, message_id: int) -> bool:
    """Whether an edit of this message waits to go out already."""
    query = select(Reply.id).where(
        Reply.chat_id == chat_id, Reply.message_id == message_id, Reply.state == ReplyState.QUEUED
    )
    return await session.scalar(query.limit(1)) is not None


def _name(broadcast_id: int, chat_id: int) -> str:
    return f"{_PREFIX}{broadcast_id}:{chat_id}"


def _shown(row: Fact) -> Shown:
    broadcast_id, chat_id = row.name.removeprefix(_PREFIX).split(":")
    return Shown(
        int(broadcast_id), int(chat_id), row.value["message_id"], row.value["params"], row.updated_at
    )
