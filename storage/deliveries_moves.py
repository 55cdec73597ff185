"""Moving deliveries from state to state: each move says from which state, so that a late one does nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import BigInteger, Update, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from storage.deliveries import IS_SENDING, IS_WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.households import Channel
from storage.rows import as_parameter, dialect_of, rows_table
from storage.types import Utc
from storage.ways import way_of_recipient


@dataclass(frozen=True, slots=True)
class Settled:
    """A waiting delivery that is not sent now: held until ``due_at``, or done with."""

    id: int
    state: DeliveryState
    reason: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """Where a delivery stands after its request. ``sent_at`` null: nothing was accepted."""

    id: int
    state: DeliveryState
    reason: str | None
    due_at: datetime
    message_id: int | None
    sent_at: datetime | None
    attempts: int
    doubts: int


async def settle_deliveries(session: Session, rows: Sequence[Settled]) -> None:
    """Hold, skip or miss waiting deliveries; who is not waiting any more stays as it is."""
    if not rows:
        return
    statement = (
        update(Delivery)
        .where(Delivery.id == bindparam("key"), IS_WAITING)
        .values(state=bindparam("to_state"), reason=bindparam("why"), due_at=bindparam("due"))
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [{"key": row.id, "to_state": row.state, "why": row.reason, "due": row.due_at} for row in rows],
    )


async def mark_sending(session: Session, chats: Mapping[int, int | None], now: datetime) -> set[int]:
    """Write down the intent to send these deliveries to these chats, null for what is no message of the app;
    returns those that were still waiting.

    Once this has committed a request may go out at any moment: whoever finds a row in this state after a
    crash cannot know whether it did, unless the journal does.
    """
    rows = as_parameter([{"id": id, "chat": chat} for id, chat in chats.items()])
    statement = _mark_sending(dialect_of(session))
    connection = await session.connection()
    claimed = await connection.execute(statement, {**rows, "now": now})
    return {row.id for row in claimed}


@lru_cache
def _mark_sending(dialect: str) -> ReturningUpdate[tuple[int]]:
    given = rows_table(dialect, {"id": BigInteger(), "chat": BigInteger()})
    return (
        update(Delivery)
        .where(Delivery.id == given.c.id, IS_WAITING)
        .values(
            state=DeliveryState.SENDING,
            reason=None,
            chat_id=given.c.chat,
            sent_at=bindparam("now", type_=Utc()),
        )
        .returning(Delivery.id)
    )


async def note_sent(session: Session, messages: Mapping[int, int | None]) -> None:
    """Write down that these were accepted at once, each as the message with this number.

    What nearly every request comes to, in one statement for all: ``sent_at`` stays when the intent was
    written. A row that is not ``sending`` any more stays as it is.
    """
    if not messages:
        return
    rows = as_parameter([{"id": id, "message": message} for id, message in messages.items()])
    connection = await session.connection()
    await connection.execute(_note_sent(dialect_of(session)), rows)


@lru_cache
def _note_sent(dialect: str) -> Update:
    given = rows_table(dialect, {"id": BigInteger(), "message": BigInteger()})
    return (
        update(Delivery)
        .where(Delivery.id == given.c.id, IS_SENDING)
        .values(
            state=DeliveryState.SENT,
            reason=None,
            message_id=given.c.message,
            attempts=Delivery.attempts + 1,
        )
    )


async def answer_deliveries(session: Session, rows: Sequence[Answered]) -> None:
    """Write down what came of the requests. A row that is not ``sending`` any more stays as it is."""
    if not rows:
        return
    statement = (
        update(Delivery)
        .where(Delivery.id == bindparam("key"), IS_SENDING)
        .values(
            state=bindparam("to_state"),
            reason=bindparam("why"),
            due_at=bindparam("due"),
            message_id=bindparam("message"),
            sent_at=bindparam("sent"),
            attempts=bindparam("tries"),
            doubts=bindparam("unanswered"),
        )
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [
            {
                "key": row.id,
                "to_state": row.state,
                "why": row.reason,
                "due": row.due_at,
                "message": row.message_id,
                "sent": row.sent_at,
                "tries": row.attempts,
                "unanswered": row.doubts,
            }
            for row in rows
        ],
    )


async def release_sending(session: Session, ids: Collection[int]) -> None:
    """Put back what was claimed but never requested, where the claim stands."""
    await session.execute(
        update(Delivery)
        .where(IS_SENDING, Delivery.id.in_(ids))
        .values(state=DeliveryState.QUEUED, sent_at=None)
        .execution_options(synchronize_session=False)
    )


async def claimed_ids(session: Session, channel: Channel) -> set[int]:
    """The rows of this channel that are ``sending``: after a crash, what a process that is gone claimed."""
    query = select(Delivery.id).where(IS_SENDING, Delivery.channel == channel)
    return set((await session.scalars(query)).all())


async def repeat_sending(
    session: Session, channel: Channel, kinds: Collection[str], reason: str, now: datetime
) -> int:
    """Queue the ``sending`` rows of this channel and these kinds once more, unless that happened before. How
    many."""
    statement = (
        update(Delivery)
        .where(
            IS_SENDING,
            Delivery.channel == channel,
            Delivery.kind.in_(kinds),
            Delivery.doubts == 0,
        )
        .values(
            state=DeliveryState.RETRYING,
            reason=reason,
            due_at=now,
            sent_at=None,
            attempts=Delivery.attempts + 1,
            doubts=1,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


async def doubt_sending(session: Session, channel: Channel, reason: str) -> int:
    """Make every ``sending`` row of this channel ``unknown``: it may have arrived. How many."""
    statement = (
        update(Delivery)
        .where(IS_SENDING, Delivery.channel == channel)
        .values(
            state=DeliveryState.UNKNOWN,
            reason=reason,
            attempts=Delivery.attempts + 1,
            doubts=Delivery.doubts + 1,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())


async def fail_waiting(session: Session, delivery_id: int, reason: str) -> None:
    """Give up a waiting delivery that cannot be composed."""
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, IS_WAITING)
        .values(state=DeliveryState.FAILED, reason=reason)
        .execution_options(synchronize_session=False)
    )


async def requeue(
    session: Session, delivery_id: int, from_states: Collection[DeliveryState], now: datetime
) -> bool:
    """Queue one delivery afresh, on the way that reaches its recipient now, if it is in one of these states
    and not stale yet."""
    statement = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(from_states), Delivery.send_by > now)
        .values(
            state=DeliveryState.QUEUED,
            channel=way_of_recipient(Delivery.carer_id, Delivery.staff_id, Delivery.kind),
            reason=None,
            due_at=now,
            sent_at=None,
            message_id=None,
            attempts=0,
            doubts=0,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalars(statement)).one_or_none() is not None
