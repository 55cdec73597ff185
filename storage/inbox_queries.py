"""Storing updates, taking them to handle, and setting aside what cannot be handled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update

from storage.engine import Session
from storage.inbox import StoredUpdate, UpdateState
from storage.ledger import insert_for


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it came: ``payload`` is its raw JSON, ``chat_id`` where its order matters."""

    update_id: int
    chat_id: int | None
    payload: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored update that is not handled yet; ``id`` is the order of arrival."""

    id: int
    chat_id: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An update that this transaction handles; ``update_id`` is its number at Telegram."""

    id: int
    update_id: int


async def store_updates(session: Session, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Keep these updates, in this order, leaving out those whose ``update_id`` is known; returns how many."""
    if not arrivals:
        return 0
    rows = [
        {
            "update_id": arrival.update_id,
            "chat_id": arrival.chat_id,
            "state": UpdateState.NEW,
            "payload": arrival.payload,
            "received_at": now,
            "attempts": 0,
        }
        for arrival in arrivals
    ]
    statement = insert_for(session, StoredUpdate).on_conflict_do_nothing(index_elements=["update_id"])
    connection = await session.connection()
    result = await connection.execute(statement, rows, execution_options={"preserve_rowcount": True})
    return result.rowcount


async def waiting_updates(session: Session, but_chats: Collection[int], limit: int) -> list[Waiting]:
    """The oldest updates that are not handled, leaving out those of some chats."""
    query = (
        select(StoredUpdate.id, StoredUpdate.chat_id)
        .where(StoredUpdate.state == UpdateState.NEW)
        .order_by(StoredUpdate.id)
        .limit(limit)
    )
    if but_chats:
        query = query.where(StoredUpdate.chat_id.is_(None) | StoredUpdate.chat_id.not_in(but_chats))
    return [Waiting(id, chat_id) for id, chat_id in await session.execute(query)]


async def take_updates(session: Session, ids: Collection[int]) -> list[Taken]:
    """Those of these updates that still wait, in their order, for this transaction alone.

    Whoever asks for one that another transaction has waits for the end of that: had it been handled, it is
    not among them; had it been given back, it is.
    """
    query = (
        select(StoredUpdate.id, StoredUpdate.update_id)
        .where(StoredUpdate.id.in_(ids), StoredUpdate.state == UpdateState.NEW)
        .order_by(StoredUpdate.id)
        .with_for_update()
    )
    return [Taken(id, update_id) for id, update_id in await session.execute(query)]


async def payloads(session: Session, ids: Collection[int]) -> dict[int, str]:
    """What these updates say, as it was stored, by id."""
    if not ids:
        return {}
    query = select(StoredUpdate.id, StoredUpdate.payload).where(StoredUpdate.id.in_(ids))
    return {id: payload or "" for id, payload in await session.execute(query)}


async def finish_updates(session: Session, ids: Collection[int], now: datetime) -> None:
    """Mark these done and wipe what they said, in the transaction that took and handled them."""
    await _finish(session, ids, UpdateState.DONE, now)


async def set_update_aside(session: Session, id: int, error: str, now: datetime) -> bool:
    """Give up on an update, keeping the type of the error alone; false if it is no longer waiting."""
    return await _finish(session, [id], UpdateState.SET_ASIDE, now, error=error[:200]) == 1


async def _finish(
    session: Session, ids: Collection[int], state: UpdateState, now: datetime, **values: str
) -> int:
    # The chat goes too: who wrote at what time is nothing that this table needs to remember.
    statement = (
        update(StoredUpdate)
        .where(StoredUpdate.id.in_(ids), StoredUpdate.state == UpdateState.NEW)
        .values(state=state, done_at=now, payload=None, chat_id=None, **values)
        .execution_options(synchronize_session=False)
    )
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount


async def note_failed_attempt(session: Session, id: int, error: str) -> int:
    """Count a failed attempt; returns how many there were."""
    statement = (
        update(StoredUpdate)
        .where(StoredUpdate.id == id, StoredUpdate.state == UpdateState.NEW)
        .values(attempts=StoredUpdate.attempts + 1, error=error[:200])
        .returning(StoredUpdate.attempts)
    )
    return (await session.scalars(statement)).one_or_none() or 0


async def count_updates(session: Session, state: UpdateState) -> int:
    """How many updates are in this state: for the console, the metrics and the state of health."""
    query = select(func.count()).select_from(StoredUpdate).where(StoredUpdate.state == state)
    return (await session.scalars(query)).one()


async def delete_handled_updates(session: Session, before: datetime) -> int:
    """Forget updates that were finished before this time; returns how many.

    Telegram sends an update again for 24 hours at most, so a week of ``update_id`` is enough to tell.
    """
    statement = delete(StoredUpdate).where(
        StoredUpdate.state != UpdateState.NEW, StoredUpdate.done_at < before
    )
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount
