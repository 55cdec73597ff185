"""Storing updates, claiming them, and setting aside what cannot be handled."""

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
    payload: str


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
    statement = (
        insert_for(session, StoredUpdate)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["update_id"])
        .returning(StoredUpdate.id)
    )
    return len((await session.scalars(statement)).all())


async def waiting_updates(session: Session, busy: Collection[int | None], limit: int) -> list[Waiting]:
    """The oldest updates that are not handled, leaving out chats that are ``busy``."""
    query = (
        select(StoredUpdate.id, StoredUpdate.chat_id, StoredUpdate.payload)
        .where(StoredUpdate.state == UpdateState.NEW)
        .order_by(StoredUpdate.id)
        .limit(limit)
    )
    chats = [chat for chat in busy if chat is not None]
    if chats:
        query = query.where(StoredUpdate.chat_id.is_(None) | StoredUpdate.chat_id.not_in(chats))
    return [Waiting(id, chat_id, payload or "") for id, chat_id, payload in await session.execute(query)]


async def claim_update(session: Session, id: int, now: datetime) -> bool:
    """Mark one update done and wipe what it said; false if somebody else has it.

    The claim is part of the transaction that handles the update: if that rolls back, so does this.
    """
    return await _finish(session, id, UpdateState.DONE, now)


async def set_update_aside(session: Session, id: int, error: str, now: datetime) -> bool:
    """Give up on an update, keeping the type of the error alone; false if it is no longer waiting."""
    return await _finish(session, id, UpdateState.SET_ASIDE, now, error=error[:200])


async def _finish(session: Session, id: int, state: UpdateState, now: datetime, **values: str) -> bool:
    # The chat goes too: who wrote at what time is nothing that this table needs to remember.
    statement = (
        update(StoredUpdate)
        .where(StoredUpdate.id == id, StoredUpdate.state == UpdateState.NEW)
        .values(state=state, done_at=now, payload=None, chat_id=None, **values)
    )
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount == 1


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
