"""The durable inbox: updates are stored before they are acknowledged, and handled from the store.

A crash costs nothing at any point: before the commit that stores an update Telegram still has it; after that
the row waits; and its effect, the notices and replies that it causes and the mark "done" are one transaction,
so it is handled again from the start or not at all. What cannot be handled after three attempts is set aside,
and the next one goes on.

What waits is handled in groups: one update after the other, in the order of arrival, and one commit for
all, since a commit waits for the disk and most of what a transaction costs it costs once. A group is kept
short, for nobody else writes meanwhile. If anything in it fails or takes long, all of it is rolled back, and
its updates are handled each in a transaction of its own: a chat's in their order, different chats side by
side.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

import structlog

from bot import metrics
from bot.clock import Clock
from bot.intake import Intake
from bot.raw_updates import chat_of, kept, number_of, parsed
from storage.engine import Database, Session
from storage.faults import passes
from storage.inbox_queries import (
    Arrival,
    Taken,
    Waiting,
    finish_updates,
    note_failed_attempt,
    payloads,
    set_update_aside,
    take_updates,
    waiting_updates,
)

MOST_ATTEMPTS = 3
GROUP, FEWEST = 200, 8
"""How many updates at most, and how many are tried even where fewer fitted into the time."""
GROUP_SECONDS = 0.1
"""After so long no further update is begun in a group: the engine and the console want to write as well."""
GROUP_LIMIT = 1.0
"""A group that takes so long has something slow in it, and ends."""
AT_ONCE = 6
"""Transactions side by side. Fewer than the pool has connections: sending and the console need some."""
HANDLING_SECONDS = 30
CLOSING_SECONDS = 0.5
LOOK_EVERY_SECONDS = 1.0
MOST_FRESH = 2000
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0

Handle = Callable[[Session, dict[str, Any]], Awaitable[None]]
"""Handles one update in the given transaction, or raises."""

Together = Callable[[Session, Sequence[dict[str, Any]]], AbstractAsyncContextManager[None]]
"""Surrounds the handling of these updates in one transaction: to read for all what each of them needs, and to
write at the end what may be written once."""

log = structlog.get_logger(__name__)


class Seal(Protocol):
    """Makes a raw update unreadable while it waits: a tap may be the answer to an anonymous survey."""

    def seal(self, text: str, now: datetime) -> str: ...
    def open(self, sealed: str) -> str: ...


class Inbox:
    """Stores updates, and handles what is stored while `run` runs.

    ``seal`` closes what is stored and opens it again. ``apologise`` says to the chat that its update could
    not be handled; ``after_commit`` is called when updates have been handled and there may be something to
    send.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        seal: Seal,
        handle: Handle,
        apologise: Handle,
        after_commit: Callable[[], None],
        together: Together = lambda _session, _updates: contextlib.nullcontext(),
    ) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._handle = handle
        self._apologise = apologise
        self._after_commit = after_commit
        self._together = together
        self._intake = Intake(database, clock)
        self._fresh: dict[int, dict[str, Any]] = {}
        """By their numbers, updates that this process has just stored: they need not be read and opened."""
        self._woken = asyncio.Event()
        self._group: asyncio.Task[None] | None = None
        self._group_size = GROUP
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._closing = False

    async def receive(self, body: bytes) -> None:
        """Store one update from its JSON, as a webhook gets it. Raises when it could not be stored."""
        await self.store([parsed(body)])

    async def store(self, updates: Sequence[Any]) -> None:
        """Store updates in one transaction. Only once this returns may they be acknowledged.

        What is no update at all is counted and left out: to refuse it would make Telegram send it for ever.
        """
        now = self._clock()
        fresh = {number: kept(update) for update in updates if (number := number_of(update)) is not None}
        metrics.UPDATES_UNREADABLE.inc(sum(number_of(update) is None for update in updates))
        if fresh:
            await self._intake.store([self._arrival(number, raw, now) for number, raw in fresh.items()])
            if len(self._fresh) + len(fresh) <= MOST_FRESH:
                self._fresh = fresh | self._fresh
            self._woken.set()

    async def run(self) -> None:
        """Handle what is stored until cancelled; what another process stores is found within a second."""
        self._closing = False
        try:
            while True:
                self._woken.clear()
                try:
                    more = await self._look()
                except Exception as error:
                    if not passes(error):
                        raise
                    log.warning("the inbox cannot be read", error=type(error).__name__)
                    more = False
                if not more:
                    # Not wait_for: in Python 3.11 it can swallow a cancellation that comes with the wake-up.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY_SECONDS):
                            await self._woken.wait()
        finally:
            await self._close()

    async def _look(self) -> bool:
        """Handle the oldest updates that wait, if any; true if there may be more."""
        if len(self._lanes) >= GROUP:
            return False
        async with self._database.read() as session:
            waiting = await waiting_updates(session, self._lanes.keys(), self._group_size)
        waiting = [item for item in waiting if _lane_of(item) not in self._lanes]
        if not waiting and not self._lanes:
            self._fresh.clear()  # somebody else handled what is still there
        if len(waiting) < 2:
            self._open_lanes(waiting)
            return False
        self._group = asyncio.create_task(self._settle_group(waiting))
        await asyncio.shield(self._group)
        return True

    async def _settle_group(self, waiting: Sequence[Waiting]) -> None:
        try:
            handled = await self._attempt([item.id for item in waiting], GROUP_LIMIT)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others must go on
            log.info("a group of updates is handled one by one", error=type(error).__name__)
            if not self._closing:
                self._open_lanes(waiting)
        else:
            # What does not fit into the time of a group is read in vain.
            more = 2 * self._group_size
            self._group_size = min(GROUP, more) if handled == len(waiting) else max(FEWEST, handled)
            self._after_commit()

    def _open_lanes(self, waiting: Sequence[Waiting]) -> None:
        lanes: dict[int, list[int]] = {}
        for item in waiting:
            lanes.setdefault(_lane_of(item), []).append(item.id)
        for key, ids in lanes.items():
            self._lanes[key] = asyncio.create_task(self._run_lane(key, ids))

    async def _run_lane(self, key: int, ids: Sequence[int]) -> None:
        try:
            for id in ids:
                wait = _FIRST_WAIT
                while not self._closing and not await self._settle(id):
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, _LONGEST_WAIT)
        finally:
            del self._lanes[key]
            self._woken.set()

    async def _settle(self, id: int) -> bool:
        """One attempt at an update; true once it needs no further one."""
        try:
            async with self._at_once:
                await self._attempt([id], HANDLING_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the next update must go on
            return await self._failed(id, error)
        self._after_commit()
        return True

    async def _attempt(self, ids: Sequence[int], limit: float) -> int:
        """Handle these, or the first of them if they take long, in one transaction; returns how many.

        Raises whatever a handler raised. The updates are taken, handled and marked in the same transaction:
        whoever comes second finds nothing to take, and a roll-back gives them back.
        """
        begun: dict[int, float] = {}
        async with self._database.write() as session:
            await session.connection()  # to wait for the one writer of SQLite is nobody's fault
            stop_at = perf_counter() + GROUP_SECONDS
            async with asyncio.timeout(limit):
                taken = await self._take(session, ids)
                async with self._together(session, [raw for _, raw in taken]):
                    for item, raw in taken:
                        if begun and perf_counter() > stop_at:
                            break
                        begun[item.id] = perf_counter()
                        await self._handle(session, raw)
            await finish_updates(session, begun, self._clock())
        committed = perf_counter()
        self._forget(taken[: len(begun)])
        for at in begun.values():
            metrics.UPDATE_SECONDS.observe(committed - at)
        metrics.UPDATES_DONE.inc(len(begun))
        return len(begun)

    async def _failed(self, id: int, error: Exception) -> bool:
        if passes(error):
            log.warning("the database is busy; the update waits", error=type(error).__name__)
            return False
        # The message of an error may quote what a carer wrote, so the log gets its type and its place.
        log.error("an update could not be handled", id=id, error=type(error).__name__, at=_place(error))
        try:
            return await self._count_failure(id, type(error).__name__)
        except Exception as again:
            if not passes(again):
                raise
            return False

    async def _count_failure(self, id: int, error: str) -> bool:
        async with self._database.write() as session:
            attempts = await note_failed_attempt(session, id, error)
        if 0 < attempts < MOST_ATTEMPTS:
            return False
        try:
            async with self._database.write() as session:
                taken = await self._take(session, [id])
                given_up = await set_update_aside(session, id, error, self._clock())
                for _, raw in taken:
                    await self._apologise(session, raw)
        except Exception as fault:  # noqa: BLE001 - an apology that fails too must not hold up the chat
            log.warning("no apology could be queued", error=type(fault).__name__)
            async with self._database.write() as session:
                given_up = await set_update_aside(session, id, error, self._clock())
        if given_up:
            metrics.UPDATES_SET_ASIDE.inc()
            self._after_commit()
        return True

    def _arrival(self, number: int, raw: dict[str, Any], now: datetime) -> Arrival:
        return Arrival(number, chat_of(raw), self._seal.seal(json.dumps(raw), now))

    async def _take(self, session: Session, ids: Sequence[int]) -> list[tuple[Taken, Any]]:
        """Take these updates, each with what it says. Raises for one that cannot be opened."""
        taken = await take_updates(session, ids)
        said = {item.id: self._fresh.get(item.update_id) for item in taken}
        sealed = await payloads(session, [id for id, raw in said.items() if raw is None])
        opened = {id: parsed(self._seal.open(payload)) for id, payload in sealed.items()}
        return [(item, opened[item.id] if item.id in opened else said[item.id]) for item in taken]

    def _forget(self, taken: Sequence[tuple[Taken, Any]]) -> None:
        for item, _ in taken:
            self._fresh.pop(item.update_id, None)

    async def _close(self) -> None:
        """Let what is being handled end, for a moment; what is cut off rolls back and is found again."""
        self._closing = True
        tasks = [*self._lanes.values(), *([self._group] if self._group else [])]
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _lane_of(item: Waiting) -> int:
    """One that belongs to no chat has no order to keep: a lane of its own, under a key no chat has."""
    return item.chat_id if item.chat_id is not None else -(2**62) - item.id


def _place(error: BaseException) -> list[str]:
    """Where it was raised: the last frames, without a single value."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    return frames[-6:]
