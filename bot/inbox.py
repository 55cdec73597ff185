"""The durable inbox: updates are stored before they are acknowledged, and handled from the store.

A crash costs nothing at any point: before the commit that stores an update Telegram still has it; after that
the row waits; and its effect, the notices and replies that it causes and the mark "done" are one transaction,
so it is handled again from the start or not at all. A chat's updates are handled in their order, different
chats side by side. What cannot be handled after three attempts is set aside, and the next one goes on.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
import structlog

from bot import metrics
from bot.clock import Clock
from storage.engine import Database, Session
from storage.faults import passes
from storage.inbox_queries import (
    Arrival,
    Waiting,
    claim_update,
    note_failed_attempt,
    set_update_aside,
    store_updates,
    waiting_updates,
)

MOST_ATTEMPTS = 3
MOST_LANES = 32
AT_ONCE = 6
"""Transactions side by side. Fewer than the pool has connections: sending and the console need some."""
HANDLING_SECONDS = 30
CLOSING_SECONDS = 0.5
LOOK_EVERY_SECONDS = 1.0
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0

Handle = Callable[[Session, dict[str, Any]], Awaitable[None]]
"""Handles one update in the given transaction, or raises."""

log = structlog.get_logger(__name__)


class Seal(Protocol):
    """Makes a raw update unreadable while it waits: a tap may be the answer to an anonymous survey."""

    def seal(self, text: str, now: datetime) -> str: ...
    def open(self, sealed: str) -> str: ...


class Inbox:
    """Stores updates, and handles what is stored while `run` runs.

    ``seal`` closes what is stored and opens it again. ``apologise`` says to the chat that its update could
    not be handled; ``after_commit`` is called when an update has been handled and there may be something to
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
    ) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._handle = handle
        self._apologise = apologise
        self._after_commit = after_commit
        self._woken = asyncio.Event()
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._closing = False

    async def receive(self, body: bytes) -> None:
        """Store one update from its JSON, as a webhook gets it. Raises when it could not be stored."""
        await self.store([_parsed(body)])

    async def store(self, updates: Sequence[Any]) -> None:
        """Store updates in one transaction. Only once this returns may they be acknowledged.

        What is no update at all is counted and left out: to refuse it would make Telegram send it for ever.
        """
        now = self._clock()
        arrivals = [arrival for update in updates if (arrival := self._arrival(update, now)) is not None]
        metrics.UPDATES_UNREADABLE.inc(len(updates) - len(arrivals))
        if not arrivals:
            return
        async with self._database.write() as session:
            stored = await store_updates(session, arrivals, now)
        metrics.UPDATES_STORED.inc(stored)
        self._woken.set()

    async def run(self) -> None:
        """Handle what is stored until cancelled; what another process stores is found within a second."""
        self._closing = False
        try:
            while True:
                self._woken.clear()
                try:
                    await self._open_lanes()
                except Exception as error:
                    if not passes(error):
                        raise
                    log.warning("the inbox cannot be read", error=type(error).__name__)
                # Not wait_for, which in Python 3.11 can swallow a cancellation that comes with the wake-up.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_SECONDS):
                        await self._woken.wait()
        finally:
            await self._close_lanes()

    async def _open_lanes(self) -> None:
        if len(self._lanes) >= MOST_LANES:
            return
        async with self._database.read() as session:
            waiting = await waiting_updates(session, self._lanes.keys(), limit=100)
        lanes: dict[int, list[Waiting]] = {}
        for item in waiting:
            # One that belongs to no chat has no order to keep: a lane of its own, under a key no chat has.
            lanes.setdefault(item.chat_id if item.chat_id is not None else -(2**62) - item.id, []).append(
                item
            )
        for key, items in list(lanes.items())[: MOST_LANES - len(self._lanes)]:
            if key not in self._lanes:
                self._lanes[key] = asyncio.create_task(self._run_lane(key, items))

    async def _run_lane(self, key: int, items: list[Waiting]) -> None:
        try:
            for item in items:
                wait = _FIRST_WAIT
                while not self._closing and not await self._settle(item):
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, _LONGEST_WAIT)
        finally:
            del self._lanes[key]
            self._woken.set()

    async def _settle(self, item: Waiting) -> bool:
        """One attempt at an update; true once it needs no further one."""
        try:
            async with self._at_once:
                await self._attempt(item)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the next update must go on
            return await self._failed(item, error)
        self._after_commit()
        return True

    async def _attempt(self, item: Waiting) -> None:
        with metrics.UPDATE_SECONDS.time():
            async with self._database.write() as session:
                # The claim is a conditional UPDATE in the same transaction as the effect: whoever comes
                # second changes no row, and a roll-back gives the update back.
                if await claim_update(session, item.id, self._clock()):
                    async with asyncio.timeout(HANDLING_SECONDS):
                        await self._handle(session, self._opened(item))
        metrics.UPDATES_DONE.inc()

    async def _failed(self, item: Waiting, error: Exception) -> bool:
        if passes(error):
            log.warning("the database is busy; the update waits", error=type(error).__name__)
            return False
        # The message of an error may quote what a carer wrote, so the log gets its type and its place.
        log.error("an update could not be handled", id=item.id, error=type(error).__name__, at=_place(error))
        try:
            return await self._count_failure(item, type(error).__name__)
        except Exception as again:
            if not passes(again):
                raise
            return False

    async def _count_failure(self, item: Waiting, error: str) -> bool:
        async with self._database.write() as session:
            attempts = await note_failed_attempt(session, item.id, error)
        if 0 < attempts < MOST_ATTEMPTS:
            return False
        try:
            async with self._database.write() as session:
                given_up = await set_update_aside(session, item.id, error, self._clock())
                if given_up:
                    await self._apologise(session, self._opened(item))
        except Exception as fault:  # noqa: BLE001 - an apology that fails too must not hold up the chat
            log.warning("no apology could be queued", error=type(fault).__name__)
            async with self._database.write() as session:
                given_up = await set_update_aside(session, item.id, error, self._clock())
        if given_up:
            metrics.UPDATES_SET_ASIDE.inc()
            self._after_commit()
        return True

    def _arrival(self, update: Any, now: datetime) -> Arrival | None:
        update_id = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(update_id, int) or not 0 <= update_id < 2**63:
            return None
        return Arrival(update_id, chat_of(update), self._seal.seal(json.dumps(update), now))

    def _opened(self, item: Waiting) -> Any:
        return _parsed(self._seal.open(item.payload))

    async def _close_lanes(self) -> None:
        """Let what is being handled end, for a moment; what is cut off rolls back and is found again."""
        self._closing = True
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=CLOSING_SECONDS)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)


def _parsed(text: str | bytes) -> Any:
    """What the JSON says; None for what is no JSON. The slow reader takes what the fast one refuses."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return json.loads(text)
        except ValueError:
            return None


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat that a raw update belongs to, if it says so in one of the usual places."""
    for part in update.values():
        if not isinstance(part, dict):
            continue
        message = part.get("message")
        for holder in (message if isinstance(message, dict) else {}, part):
            chat = holder.get("chat")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
        sender = part.get("from")
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return None


def _place(error: BaseException) -> list[str]:
    """Where it was raised: the last frames, without a single value."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    return frames[-6:]
