"""The delivery engine: everything that the bot says goes out here, at a pace, and is written down.

It lives in turns. A turn is one transaction: the results of finished requests go in, and what may go now is
claimed. Only then are the requests made, each in a task of its own, at the slot that the pace gives it. All
results that come in during one commit share the next.

What a crash costs is said beside each lane; a claim whose transaction did not commit made no request.
One engine runs at a time: whoever calls `Engine.run` holds the lease for it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots, Unsent
from broadcasts.lane_cards import CardLane
from broadcasts.lane_deliveries import DeliveryLane
from broadcasts.lane_replies import ReplyLane
from broadcasts.pace import Pace
from broadcasts.policy import Policy
from broadcasts.progress import Progress
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Outcome, Refused, Renderer, Retry, Sender, Unknown
from storage.engine import Database, Session
from storage.faults import passes

log = logging.getLogger(__name__)

AHEAD = 0.1
"""Seconds for which slots are given out in advance; a carer's tap waits behind no more than these."""
IDLE = 1.0
"""Seconds between two looks for work that nobody announced: what is due now, what another process queued."""
REQUEST_LIMIT = 90.0
"""Seconds after which a request counts as unanswered; the sender's own time-outs are shorter."""
LANDING = 1.2
"""Seconds that requests in flight get to finish when the process is told to stop."""
OTHER_WAY_ROUND = 10
"""Every so many turns the lanes are asked last first, so that no lane starves."""


@dataclass(frozen=True, slots=True)
class _Time:
    """The present as a date, and as seconds that never go back."""

    clock: Callable[[], datetime]
    timer: Callable[[], float]


class Engine:
    """Serves the lanes until it is stopped. ``clock`` gives aware UTC times."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        composer: Composer,
        renderer: Renderer,
        policy: Policy,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        random: Random | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.progress = Progress()
        self._database = database
        self._sender = sender
        self._renderer = renderer
        self._clock = clock
        self._window = policy.window
        self._pace = pace or Pace(policy.rate)
        chance = random or SystemRandom()
        quick = Waits(timedelta(seconds=1), timedelta(minutes=1), chance)
        patient = Waits(timedelta(seconds=2), timedelta(minutes=10), chance)
        self._lanes: tuple[Lane[Any], ...] = (
            ReplyLane(quick),
            CardLane(composer, quick),
            DeliveryLane(composer, policy, patient),
        )
        self._flights: dict[Errand[Any], asyncio.Task[None]] = {}
        self._finished: dict[Errand[Any], Result[Any]] = {}
        self._wake = asyncio.Event()
        self._adrift: list[Errand[Any]] = []
        """Claimed in a transaction of which nobody knows whether it committed; no request was made."""
        self._stopping = False
        self._turns = 0

    def wake(self) -> None:
        """Look for work now: something was committed."""
        self._wake.set()

    async def recover(self, now: datetime) -> None:
        """Deal with what a process that is gone had claimed. Call it before anything else is sent."""
        tally: Counter[str] = Counter()
        async with self._database.write() as session:
            for lane in self._lanes:
                await lane.recover(session, now, tally)
        self.progress.counts += tally

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; then let what is in flight finish, and write its results down.

        A database that is away is waited for. Raises nothing but what ends the process.
        """
        time = _Time(self._clock, asyncio.get_running_loop().time)
        self._stopping = False
        # What was before is of an earlier lead; the time that starting takes counts as waiting.
        self.progress.last_turn, self.progress.last_progress = None, time.clock()
        watcher = asyncio.create_task(self._wake_at(stop))
        try:
            await self._until_it_works(lambda: self._take_up(time), stop)
            while not stop.is_set():
                self._wake.clear()
                if not await self._safe_turn(time):
                    await self._rest(time)
        finally:
            watcher.cancel()
            await self._land(time)

    async def work_once(self, now: datetime) -> int:
        """One turn at this moment, requests and results included; returns how much was done, 0 when nothing.

        For tests with a time of their own: what is due later needs a later ``now``. The pace holds too.
        """
        time = _Time(lambda: now, now.timestamp)
        done = await self._turn_past_faults(time, ahead=0.0)
        await asyncio.gather(*self._flights.values())
        await self._put_down(time)
        return done

    async def _take_up(self, time: _Time) -> None:
        """Write down what this very process still knows, and deal with what only the database remembers."""
        await self._put_down(time)
        await self.recover(time.clock())

    async def _put_down(self, time: _Time) -> None:
        if self._finished or self._adrift:
            await self._turn(time, ahead=0.0, claims=False)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _until_it_works(self, attempt: Callable[[], Any], stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await attempt()
            except Exception as error:
                if not passes(error):
                    raise
                log.warning("the database is away: %s", type(error).__name__)
                await asyncio.sleep(IDLE)
            else:
                return

    async def _safe_turn(self, time: _Time) -> int:
        try:
            return await self._turn_past_faults(time, AHEAD)
        except Exception:
            log.exception("a turn failed")
            self.progress.counts["faults"] += 1
            return 0

    async def _turn_past_faults(self, time: _Time, ahead: float) -> int:
        """A turn; what cannot be composed is set aside, so that it stops nobody else."""
        try:
            return await self._turn(time, ahead)
        except CannotCompose as fault:
            # The transaction is rolled back, and with it what was claimed beside the one at fault.
            if passes(fault.cause):
                raise
            log.error("cannot be composed: %s", fault, exc_info=fault.cause)
            async with self._database.write() as session:
                reason = f"cannot_compose:{type(fault.cause).__name__}"
                await fault.lane.set_aside(session, fault.row, reason[:80], time.clock())
            self.progress.counts["set_aside"] += 1
            return 1

    async def _turn(self, time: _Time, ahead: float, claims: bool = True) -> int:
        """Write down what is finished and claim what may go; returns how much was claimed or settled."""
        now, at = time.clock(), time.timer()
        self.progress.last_turn = now
        finished = dict(self._finished)
        flying = [errand for errand in self._flights if errand not in finished]
        slots = Slots(
            pace=self._pace,
            at=at,
            until=at + ahead,
            left=self._window - len(flying) if claims else 0,
            busy={errand.chat_id for errand in flying},
        )
        if not finished and not self._adrift and not await self._anything_to_do(now, slots):
            return 0
        claimed: list[Errand[Any]] = []
        try:
            async with self._database.write() as session:
                await self._settle(session, finished, now, slots.tally)
                claimed = await self._claim(session, now, slots)
        except BaseException:
            self._adrift += claimed
            raise
        self._adrift.clear()
        for errand in finished:
            del self._finished[errand], self._flights[errand]
        for errand in claimed:
            self._flights[errand] = asyncio.create_task(self._fly(errand, self._slot_of(errand, time), time))
        self.progress.counts += slots.tally
        self.progress.in_flight = len(self._flights)
        if claimed or finished:
            self.progress.last_progress = now
        return len(claimed) + slots.tally.total()

    async def _anything_to_do(self, now: datetime, slots: Slots) -> bool:
        async with self._database.read() as session:
            for lane in self._lanes:
                if await lane.is_due(session, now):
                    return slots.left > 0 and not self._pace.is_halted(slots.at)
        self.progress.last_progress = now
        return False

    async def _settle(
        self,
        session: Session,
        finished: dict[Errand[Any], Result[Any]],
        now: datetime,
        tally: Counter[str],
    ) -> None:
        for lane in self._lanes:
            adrift = [errand.row for errand in self._adrift if errand.lane is lane]
            if adrift:
                await lane.release(session, adrift)
            results = [result for errand, result in finished.items() if errand.lane is lane]
            if results:
                await lane.settle(session, results, now, tally)

    async def _claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[Any]]:
        if slots.left <= 0:
            return []
        self._turns += 1
        lanes = self._lanes if self._turns % OTHER_WAY_ROUND else self._lanes[::-1]
        claimed: list[Errand[Any]] = []
        for lane in lanes:
            if slots.left > 0 and not self._pace.is_halted(slots.at):
                claimed += await lane.claim(session, now, slots)
        return claimed

    def _slot_of(self, errand: Errand[Any], time: _Time) -> float:
        at = time.timer()
        return self._pace.take(errand.chat_id, at, errand.at_once) if errand.at_once else at

    async def _fly(self, errand: Errand[Any], slot: float, time: _Time) -> None:
        """Make one request at its slot and keep what came of it for the next turn."""
        outcome: Outcome | Unsent
        try:
            await asyncio.sleep(max(0.0, slot - time.timer()))
            if self._stopping or self._pace.is_halted(time.timer()):
                outcome = Unsent()
            else:
                outcome = await self._request(errand)
        except asyncio.CancelledError:
            # Only landing cancels: the request may have been heard.
            outcome = Unknown("stopped")
        except Exception as error:
            log.exception("the sender raised")
            outcome = Unknown(type(error).__name__)
        if isinstance(outcome, Retry) and outcome.everyone:
            self._pace.halt(time.timer() + outcome.after.total_seconds())
        self._finished[errand] = Result(errand.row, outcome, time.clock())
        self._wake.set()

    async def _request(self, errand: Errand[Any]) -> Outcome:
        message: Any = None
        if errand.content is not None and errand.op is not Op.DELETE:
            try:
                message = self._renderer.render(errand.content.kind, errand.content.params, errand.language)
            except Exception as error:
                log.exception("cannot be rendered: %s", errand.content.kind)
                return Refused(f"cannot_render:{type(error).__name__}")
        try:
            async with asyncio.timeout(REQUEST_LIMIT):
                return await self._dispatch(errand, message)
        except TimeoutError:
            return Unknown("timed_out")

    async def _dispatch(self, errand: Errand[Any], message: Any) -> Outcome:
        match errand.op:
            case Op.SEND:
                return await self._sender.send(errand.chat_id, message)
            case Op.EDIT:
                return await self._sender.edit(errand.chat_id, errand.message_id or 0, message)
            case Op.DELETE:
                return await self._sender.delete(errand.chat_id, errand.message_id or 0)
            case Op.TOAST:
                return await self._sender.toast(errand.callback_id or "", message.text)

    async def _rest(self, time: _Time) -> None:
        """Wait for news, or until there may be work again."""
        at = time.timer()
        waiting = self._pace.next_slot(at) > at or self._pace.resting(at, at + AHEAD)
        try:
            async with asyncio.timeout(AHEAD if waiting else IDLE):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _land(self, time: _Time) -> None:
        """Make no more requests, give those in flight a moment, and write down what came of them."""
        self._stopping = True
        if self._flights:
            _, late = await asyncio.wait(self._flights.values(), timeout=LANDING)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._put_down(time)
        except Exception:
            log.exception("the last results could not be written; the next start finds them unknown")
