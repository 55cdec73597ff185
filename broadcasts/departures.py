"""Departures: errands that are claimed leave from here, each at its slot, so many at once.

What goes out next is decided at the moment when the pace allows it, not when it was claimed: an answer to a
carer's tap that comes in meanwhile goes first. Every so often the least urgent goes, so that none starves.

A crash costs what the journal (`broadcasts.journal`) cannot vouch for: the requests in flight, at most a
window of them. What is claimed and has not left was never requested, and is queued again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcasts.errands import Errand, Result, Unsent
from broadcasts.journal import Journal
from broadcasts.pace import Pace
from broadcasts.sender import FLOOD, NOT_CONNECTED, Address, NotYet, Outcome, Retry, Sent, Unknown

log = logging.getLogger(__name__)

OTHER_WAY_ROUND = 10
"""Every so many departures the least urgent errand goes first."""
LONGEST_CUT_OFF = 15.0
"""Seconds between two attempts to reach a server that is away, once it has been for a while: what is urgent
waits no longer than this when the way is back."""
NO_MESSAGE = -1
"""The rank of what is no message and waits for no slot."""

Perform = Callable[[Errand[Any]], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Time:
    """The present as an aware UTC date, and as seconds that never go back."""

    clock: Callable[[], datetime]
    timer: Callable[[], float]


class Departures:
    """``perform`` makes one request; ``landed`` is called when there is a result to write down."""

    def __init__(
        self,
        perform: Perform,
        pace: Pace,
        window: int,
        journal: Journal,
        time: Time,
        landed: Callable[[Errand[Any]], None],
    ) -> None:
        self.time = time
        self._perform = perform
        self._pace = pace
        self._window = window
        self._journal = journal
        self._landed = landed
        self._stock: dict[int, deque[Errand[Any]]] = {}
        self._flying: dict[Errand[Any], asyncio.Task[None]] = {}
        self._results: dict[Errand[Any], Result[Any]] = {}
        self._gone = 0
        self._misses = 0
        """How often in a row there was no way to the server."""
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def results(self) -> dict[Errand[Any], Result[Any]]:
        """What has come back and is not settled yet."""
        return self._results

    @property
    def waiting(self) -> int:
        """How many are claimed and have not left."""
        return sum(len(errands) for errands in self._stock.values())

    @property
    def waiting_for_slots(self) -> int:
        """Of those, how many wait for a slot of the pace."""
        return self.waiting - len(self._stock.get(NO_MESSAGE, ()))

    @property
    def in_flight(self) -> int:
        return len(self._flying)

    @property
    def is_cut_off(self) -> bool:
        """Whether there was no way to the server when it was last tried: one errand is enough to see."""
        return self._misses > 0

    def busy(self) -> set[Address]:
        """The addresses to which something is claimed and not settled."""
        return {errand.to for errand in self._claimed() if errand.at_once}

    def is_idle(self, but: Collection[Errand[Any]]) -> bool:
        """Whether nothing is claimed but these."""
        return not (self._flying or self._stock or self._results.keys() - but)

    def open(self) -> None:
        """Let errands leave, from now on."""
        self._closed = False

    def add(self, errands: Collection[Errand[Any]]) -> None:
        """Let these leave. Their claims have committed."""
        for errand in errands:
            rank = errand.rank if errand.at_once else NO_MESSAGE
            self._stock.setdefault(rank, deque()).append(errand)
        self._depart()

    def settled(self, errands: Collection[Errand[Any]]) -> None:
        """The results of these are written down."""
        for errand in errands:
            del self._results[errand]

    async def all_back(self) -> None:
        """Wait until everything that may leave now has left and come back; the rest goes back unsent."""
        while self._flying:
            await asyncio.gather(*self._flying.values())
        self._turn_back()

    async def close(self, seconds: float) -> None:
        """Let nothing more leave, and give what is in flight so long. What is cut off may have arrived."""
        self._closed = True
        self._turn_back()
        flights = list(self._flying.values())
        if flights:
            _, late = await asyncio.wait(flights, timeout=seconds)
            for flight in late:
                flight.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _depart(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while len(self._flying) < self._window:
            errand = self._next()
            if errand is None:
                return
            self._flying[errand] = asyncio.create_task(self._fly(errand))

    def _next(self) -> Errand[Any] | None:
        """The errand whose turn it is, if one may leave now. Sets the alarm for the next slot otherwise."""
        if not self._stock:
            return None
        at = self.time.timer()
        if self._closed or self._pace.is_halted(at):
            self._turn_back()
            return None
        if NO_MESSAGE in self._stock:
            return self._pop(NO_MESSAGE)
        slot = self._pace.next_slot(at)
        if slot > at:
            if self._alarm is None:
                self._alarm = asyncio.get_running_loop().call_later(slot - at, self._depart)
            return None
        self._gone += 1
        errand = self._pop((min if self._gone % OTHER_WAY_ROUND else max)(self._stock))
        self._pace.take(errand.to, at)
        return errand

    def _pop(self, rank: int) -> Errand[Any]:
        errands = self._stock[rank]
        errand = errands.popleft()
        if not errands:
            del self._stock[rank]
        return errand

    async def _fly(self, errand: Errand[Any]) -> None:
        """Make one request after the other, as long as there is one that may leave."""
        task = self._flying[errand]
        following: Errand[Any] | None = errand
        while following is not None:
            errand = following
            try:
                outcome = await self._make(errand)
            finally:
                del self._flying[errand]
            if errand.refused is None:
                self._heed(outcome)
            self._results[errand] = Result(errand.row, outcome, self.time.clock())
            self._landed(errand)
            # Whoever cancels this task wants it to end: it takes nothing more.
            following = None if task.cancelling() else self._next()
            if following is not None:
                self._flying[following] = task

    def _heed(self, outcome: Outcome | Unsent) -> None:
        """Have everything wait where this outcome is not for one errand alone.

        While the server is away the waits double, and are the same for all: when the way is back what is most
        urgent goes first, whenever it was tried last.
        """
        at = self.time.timer()
        match outcome:
            case Retry(after=after, reason=reason, everyone=True) if reason == NOT_CONNECTED:
                if not self._pace.is_halted(at):  # the others of the same window tell nothing new
                    self._misses += 1
                    wait = after.total_seconds() * 2 ** min(self._misses - 1, 10)
                    self._pace.halt(at, min(wait, LONGEST_CUT_OFF))
            case Retry(after=after, reason=reason, everyone=True):
                self._misses = 0
                self._pace.halt(at, after.total_seconds(), flood=reason == FLOOD)
            case Unsent() | NotYet():
                pass
            case _:
                self._misses = 0

    async def _make(self, errand: Errand[Any]) -> Outcome | Unsent:
        """One request, with a line of the journal before it and, if it is accepted, one after it.

        Whatever raises leaves a doubt, which staff see: without an outcome the errand would stay claimed
        until the next start.
        """
        lane = errand.lane
        try:
            if lane.journaled and not self._journal.start(lane.name, errand.key):
                return Unsent()
            outcome = await self._perform(errand)
            if lane.journaled and isinstance(outcome, Sent):
                self._journal.accept(lane.name, errand.key, outcome.message_id, outcome.photo)
        except asyncio.CancelledError:
            # Only closing cancels: the request may have been heard.
            return Unknown("stopped")
        except Exception as error:
            log.exception("the sender or the journal raised")
            return Unknown(type(error).__name__)
        return outcome

    def _turn_back(self) -> None:
        """What has not left goes back into the ledger: by the time that it may leave, it may be stale."""
        stock, self._stock = self._stock, {}
        now = self.time.clock()
        for errand in (errand for errands in stock.values() for errand in errands):
            self._results[errand] = Result(errand.row, Unsent(), now)
            self._landed(errand)

    def _claimed(self) -> Iterator[Errand[Any]]:
        for errands in self._stock.values():
            yield from errands
        yield from self._flying
        yield from self._results
