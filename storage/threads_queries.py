"""Threads one at a time: the carer's open one, held while it changes, and what was written in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, Select, delete, func, select, text
from sqlalchemy.exc import IntegrityError

from storage.conversations import CarerMessage, Thread, ThreadState
from storage.engine import Session
from storage.households import Carer, Household
from storage.rows import insert_for

WAITING = (ThreadState.NEW, ThreadState.TAKEN)
"""Where the carer was the last to write."""


async def open_thread(session: Session, carer_id: int, now: datetime) -> tuple[Thread, bool]:
    """The carer's thread that is not settled, held until the transaction ends, and whether it was made now.

    Two messages that come at once open one: the second waits at the index for the first, and then finds its
    thread. Whoever finds neither was beaten by somebody who settled it in between, and looks again.
    """
    theirs = select(Thread).where(Thread.carer_id == carer_id, Thread.state != ThreadState.SETTLED)
    opening = (
        insert_for(session, Thread)
        .values(carer_id=carer_id, state=ThreadState.NEW, urgent=False, opened_at=now, heard_at=now)
        .on_conflict_do_nothing(index_elements=["carer_id"], index_where=text("state <> 'settled'"))
        .returning(Thread.id)
    )
    while True:
        if (thread := await _held(session, theirs)) is not None:
            return thread, False
        made = (await session.scalars(opening)).one_or_none()
        if made is not None:
            return await session.get_one(Thread, made), True


async def lock_thread(session: Session, thread_id: int, social_worker_id: int | None = None) -> Thread | None:
    """One thread, held until the transaction ends; None for another worker's household."""
    query = select(Thread).where(Thread.id == thread_id)
    if social_worker_id is not None:
        own = select(Carer.id).join(Household).where(Household.social_worker_id == social_worker_id)
        query = query.where(Thread.carer_id.in_(own))
    return await _held(session, query)


async def unsettle(session: Session, thread: Thread, owner_id: int) -> bool:
    """Open a settled thread again, as this person's; False where its carer has another that is open, for the
    index lets them have one."""
    try:
        async with session.begin_nested():
            thread.state, thread.owner_id = ThreadState.TAKEN, owner_id
            thread.settled_at = thread.settled_by_id = None
            await session.flush()
    except IntegrityError:
        return False
    return True


async def message_in_chat(
    session: Session, chat_id: int, message_id: int, household_id: int
) -> tuple[Thread, CarerMessage] | None:
    """What a carer of this household wrote there, if its thread is not settled and the words still stand;
    the thread is held first, as by all who change what stands in it."""
    there = (
        select(CarerMessage)
        .join(Carer, Carer.id == CarerMessage.carer_id)
        .where(
            CarerMessage.chat_id == chat_id,
            CarerMessage.message_id == message_id,
            CarerMessage.written_by_id.is_(None),
            CarerMessage.text.is_not(None),
            Carer.household_id == household_id,
        )
    )
    found = (await session.scalars(there)).one_or_none()
    if found is None or found.thread_id is None:
        return None
    thread = await lock_thread(session, found.thread_id)
    if thread is None or thread.state is ThreadState.SETTLED:
        return None
    await session.refresh(found)
    return None if found.text is None else (thread, found)


async def message_of_thread(session: Session, thread: Thread, message_id: int) -> CarerMessage | None:
    """One message of a thread that is held."""
    query = select(CarerMessage).where(CarerMessage.id == message_id, CarerMessage.thread_id == thread.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def last_message_id(session: Session, thread_id: int) -> int:
    """The number of the newest message in a thread, 0 where there is none."""
    query = select(func.max(CarerMessage.id)).where(CarerMessage.thread_id == thread_id)
    return await session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Purged:
    """How many messages went, and how many threads that had none left."""

    messages: int
    threads: int


async def delete_messages(session: Session, before: datetime) -> Purged:
    """Delete what was written before this time, and threads in which nothing is left.

    ``heard_at`` is looked at again where a carer writes meanwhile: their words do not go with an old thread.
    """
    messages = await session.execute(delete(CarerMessage).where(CarerMessage.received_at < before))
    written = select(CarerMessage.thread_id).where(CarerMessage.thread_id.is_not(None))
    threads = await session.execute(delete(Thread).where(Thread.heard_at < before, Thread.id.not_in(written)))
    return Purged(_rows(messages), _rows(threads))


def _rows(result: object) -> int:
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount


async def _held(session: Session, query: Select[Thread]) -> Thread | None:
    found: Sequence[Thread] = (
        await session.scalars(query.with_for_update().execution_options(populate_existing=True))
    ).all()
    return found[0] if found else None
