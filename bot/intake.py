"""Storing updates as they come: what comes while one commit is on its way shares the next.

A webhook brings each update in a request of its own. Two thousand carers who tap at once would cost as many
commits, and each of them waits for the disk.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot import metrics
from bot.clock import Clock
from storage.engine import Database
from storage.inbox_queries import Arrival, store_updates


@dataclass(slots=True, eq=False)
class _Call:
    arrivals: Sequence[Arrival]
    alone: bool = False
    """What it was stored with could not be stored: perhaps because of this one."""


class Intake:
    """Stores arrivals in the order in which they came. A crash costs nothing: none is acknowledged."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._calls: list[_Call] = []
        self._turn = asyncio.Lock()

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        """Returns once these are committed. Raises when they could not be stored."""
        call = _Call(arrivals)
        self._calls.append(call)
        try:
            async with self._turn:
                if call in self._calls:  # nobody has stored it on the way
                    await self._store_with_others(call)
        finally:
            if call in self._calls:
                self._calls.remove(call)

    async def _store_with_others(self, call: _Call) -> None:
        together = [call] if call.alone else [each for each in self._calls if not each.alone]
        try:
            await self._write(together)
        except Exception:
            if len(together) == 1:
                raise
            for each in together:
                each.alone = True
            await self._write([call])

    async def _write(self, calls: Sequence[_Call]) -> None:
        arrivals = [arrival for call in calls for arrival in call.arrivals]
        async with self._database.write() as session:
            stored = await store_updates(session, arrivals, self._clock())
        metrics.UPDATES_STORED.inc(stored)
        self._calls = [call for call in self._calls if call not in calls]
