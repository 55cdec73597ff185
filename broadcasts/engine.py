"""The delivery engine: everything that the bot says goes out here, at a pace, and is written down.

There is one engine for each channel that a machine sends by, with its own sender, pace and journal, so that
an outage of one never holds up the other: the app's has all the lanes, email's has deliveries alone.

It lives in turns. A turn is one transaction: the results of finished requests go in, and what may go soon is
claimed. Only then do the requests leave, each at its slot (`broadcasts.departures`). All results that come in
during one commit share the next, so that a message costs a fraction of a transaction.

What a crash costs is said beside each lane; a claim whose transaction did not commit made no request.
One engine of a channel runs at a time: whoever calls `Engine.run` holds the lease for it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from broadcasts.attachments import FilesAtHand
from broadcasts.departures import Departures, Time
from broadcasts.errands import CannotCompose, Errand, Lane, Op, Result, Slots
from broadcasts.journal import Journal, NoJournal
from broadcasts.kinds import Priority
from broadcasts.lane_amendments import AmendmentLane
from broadcasts.lane_cards import CardLane
from broadcasts.lane_deliveries import DeliveryLane
from broadcasts.lane_replies import RANK as REPLIES
from broadcasts.lane_replies import ReplyLane
from broadcasts.pace import Pace
from broadcasts.policy import PolicyNow
from broadcasts.progress import Progress
from broadcasts.retries import Waits
from broadcasts.sender import Composer, Outcome, Refused, Renderer, Sender
from storage.deliveries_waiting import what_is_due
from storage.engine import Database, Session
from storage.faults import passes
from storage.households import Channel
from storage.leases_queries import fact, set_fact

log = logging.getLogger(__name__)

AHEAD = 0.15
"""Seconds of the pace for which is claimed at a time. Long enough for a commit, short enough to stop at."""
BATCH = 2000
"""The most that is claimed beyond the window of requests in flight, where the pace would allow any number."""
LOW = 800
"""With no more than these left to leave, and more due, it is time to claim again."""
RESULTS = 0.1
"""Seconds for which results gather, where nothing waits for them."""
IDLE = 1.0
"""Seconds between two looks for work that nobody announced: what is due now, what another process queued."""
RESTING = 0.1
"""Seconds between two looks while chats rest that have had their message of this second."""
LANDING = 1.2
"""Seconds that requests in flight get to finish when the process is told to stop."""
OTHER_WAY_ROUND = 10
"""Every so many turns that have room the lanes are asked last first, so that no lane starves."""
PRIORITIES = tuple(int(priority) for priority in sorted(Priority))
_MARK = "journal"
"""The fact that holds the mark of the app's journal; another channel's has its name behind it."""


class Engine:
    """Serves the lanes of one channel until it is stopped. ``clock`` gives aware UTC times; without a
    ``journal``, which no other engine may have, a crash leaves everything in doubt that is claimed."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        composer: Composer,
        renderer: Renderer,
        policy: PolicyNow,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        channel: Channel = Channel.APP,
        random: Random | None = None,
        pace: Pace | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.progress = Progress()
        self._database = database
        self._sender = sender
        self._renderer = renderer
        self._clock = clock
        # Without a journal everything claimed is in doubt after a crash: then no more than the window.
        window = policy().window
        self._most = window + (BATCH if journal else 0)
        self._channel = channel
        self._pace = pace or Pace(policy().rate_of(channel))
        self._journal = journal or NoJournal()
        chance = random or SystemRandom()
        quick = Waits(timedelta(seconds=1), timedelta(minutes=1), chance)
        patient = Waits(timedelta(seconds=2), timedelta(minutes=10), chance)
        files = FilesAtHand()
        deliveries = DeliveryLane(composer, policy, patient, files, channel)
        self._lanes: tuple[Lane[Any], ...] = (deliveries,)
        if channel is Channel.APP:
            chats = (ReplyLane(quick, files), CardLane(composer, quick), AmendmentLane(composer, quick))
            self._lanes = (*chats, deliveries)
        self._mark = _MARK if channel is Channel.APP else f"{_MARK}:{channel}"
        self._departures = Departures(
            self._perform, self._pace, window, self._journal, _standing_still(), self._landed
        )
        self._adrift: list[Errand[Any]] = []
        """Claimed in a transaction of which nobody knows whether it committed; no request was made."""
        self._wake = asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._more = False
        """Whether the last claim took as many as it might: there is probably more."""
        self._turns = 0
        self._journal_begun = False
        """Whether the journal began since the lead was taken: cards, which need none, may be first."""

    def wake(self) -> None:
        """Look for work now: something was committed."""
        self._wake.set()

    async def recover(self, now: datetime) -> None:
        """Deal with what a process that is gone had claimed. Call it before anything else is sent."""
        tally: Counter[str] = Counter()
        self._journal_begun = False
        async with self._database.write() as session:
            mark = await fact(session, self._mark)
            memory = self._journal.remember(mark.value["mark"] if mark else None)
            for lane in self._lanes:
                await lane.recover(session, memory, now, tally)
        self.progress.counts += tally

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; then let what is in flight finish, and write its results down.

        A database that is away is waited for. Raises nothing but what ends the process.
        """
        time = self._departures.time = Time(self._clock, asyncio.get_running_loop().time)
        # What was before is of an earlier lead; the time that starting takes counts as waiting.
        self.progress.last_turn, self.progress.last_progress = None, time.clock()
        watcher = asyncio.create_task(self._wake_at(stop))
        try:
            await self._until_it_works(lambda: self._take_up(time), stop)
            self._departures.open()
            while not stop.is_set():
                self._wake.clear()
                await self._safe_turn(time)
                await self._rest(time)
        finally:
            watcher.cancel()
            await self._land(time)

    async def work_once(self, now: datetime) -> int:
        """One turn at this moment, requests and results included; returns how much was done, 0 when nothing.

        For tests with a time of their own: what is due later needs a later ``now``. The pace holds too.
        """
        time = self._departures.time = Time(lambda: now, now.timestamp)
        done = await self._turn_past_faults(time, ahead=0.0)
        await self._departures.all_back()
        await self._put_down(time)
        return done

    async def _take_up(self, time: Time) -> None:
        """Write down what this very process still knows, and deal with what only the database remembers."""
        await self._put_down(time)
        await self.recover(time.clock())

    async def _put_down(self, time: Time) -> None:
        if self._departures.results or self._adrift:
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

    async def _safe_turn(self, time: Time) -> int:
        try:
            return await self._turn_past_faults(time, AHEAD)
        except Exception:
            log.exception("a turn failed")
            self.progress.counts["faults"] += 1
            self._more = False
            return 0

    async def _turn_past_faults(self, time: Time, ahead: float) -> int:
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

    async def _turn(self, time: Time, ahead: float, claims: bool = True) -> int:
        """Write down what is finished and claim what may go; returns how much was claimed or settled."""
        now, at = time.clock(), time.timer()
        self.progress.last_turn = now
        finished = dict(self._departures.results)
        slots = self._slots(at, at + ahead, claims, finished)
        may_claim = slots.left
        if (
            not finished
            and not self._adrift
            and not self._more
            and not await self._anything_to_do(now, slots)
        ):
            return 0
        claimed: list[Errand[Any]] = []
        begun = False
        try:
            async with self._database.write() as session:
                await self._settle(session, finished, now, slots.tally)
                if may_claim > 0:
                    claimed = await self._claim(session, now, slots)
                    begun = await self._begin_journal(session, claimed, finished, now)
        except BaseException:
            self._adrift += claimed
            raise
        self._adrift.clear()
        self._journal_begun |= begun
        if may_claim > 0:
            self._more = slots.left <= 0
        self._departures.settled(finished)
        for errand in claimed:
            self._render(errand)
        self._departures.add(claimed)
        self.progress.counts += slots.tally
        self.progress.in_flight = self._departures.in_flight
        if claimed or finished:
            self.progress.last_progress = now
        return len(claimed) + slots.tally.total()

    def _slots(
        self, at: float, until: float, claims: bool, finished: dict[Errand[Any], Result[Any]]
    ) -> Slots:
        departures = self._departures
        under_way = departures.waiting + departures.in_flight
        most = 1 if departures.is_cut_off else self._most
        return Slots(
            pace=self._pace,
            at=at,
            until=until,
            left=most - under_way if claims else 0,
            busy=departures.busy() - {errand.to for errand in finished},
            taken=departures.waiting_for_slots,
        )

    async def _anything_to_do(self, now: datetime, slots: Slots) -> bool:
        async with self._database.read() as session:
            due = await what_is_due(session, PRIORITIES, now, self._channel)
        if due:
            # Only replies go without a slot: at a slow pace nobody else's transactions wait for an empty one.
            room = slots.room > 0 or due.replies
            return room and slots.left > 0 and not self._pace.is_halted(slots.at)
        self.progress.last_progress = now
        return False

    async def _begin_journal(
        self,
        session: Session,
        claimed: list[Errand[Any]],
        finished: dict[Errand[Any], Result[Any]],
        now: datetime,
    ) -> bool:
        """Start the journal afresh where a busy period begins: what was claimed before is settled by now, or
        needs no journal. Whether it began.

        The file first: a crash before the commit leaves the ledger with the older mark, and nothing claimed.
        """
        fresh = not self._journal_begun or self._departures.is_idle(but=finished)
        if not fresh or not any(errand.lane.journaled for errand in claimed):
            return False
        self._journal.begin()
        await set_fact(session, self._mark, {"mark": self._journal.mark}, now)
        return True

    async def _settle(
        self,
        session: Session,
        finished: dict[Errand[Any], Result[Any]],
        now: datetime,
        tally: Counter[str],
    ) -> None:
        for lane in self._lanes:
            adrift = [errand.key for errand in self._adrift if errand.lane is lane]
            if adrift:
                await lane.release(session, adrift)
            results = [result for errand, result in finished.items() if errand.lane is lane]
            if results:
                await lane.settle(session, results, now, tally)

    async def _claim(self, session: Session, now: datetime, slots: Slots) -> list[Errand[Any]]:
        if slots.room > 0:  # where nothing can leave, it is nobody's turn
            self._turns += 1
        lanes = self._lanes if self._turns % OTHER_WAY_ROUND else self._lanes[::-1]
        claimed: list[Errand[Any]] = []
        slots.waiting = await what_is_due(session, PRIORITIES, now, self._channel)
        for lane in lanes:
            if lane.is_due(slots.waiting) and slots.left > 0 and not self._pace.is_halted(slots.at):
                claimed += await lane.claim(session, now, slots)
        return claimed

    def _landed(self, errand: Errand[Any]) -> None:
        """A result is there: write it down at once where something waits for that, or soon with others."""
        if errand.rank == REPLIES or (self._more and self._departures.waiting <= LOW):
            self._wake.set()
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(RESULTS, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._wake.set()

    def _render(self, errand: Errand[Any]) -> None:
        """All that were claimed are rendered in one go: that is quicker than each between two requests."""
        if errand.content is None or errand.op is Op.DELETE:
            return
        content = errand.content
        try:
            errand.message = self._renderer.render(content.kind, content.params, errand.language)
        except Exception as error:
            log.exception("cannot be rendered: %s", content.kind)
            errand.refused = Refused(f"cannot_render:{type(error).__name__}")

    def _perform(self, errand: Errand[Any]) -> Awaitable[Outcome]:
        """Make one request."""
        if errand.refused is not None:
            return _said(errand.refused)
        match errand.op:
            case Op.SEND:
                return self._sender.send(errand.to, errand.message)
            case Op.EDIT:
                return self._sender.edit(
                    errand.to, errand.message_id or 0, errand.message, photo=errand.photo
                )
            case Op.DELETE:
                return self._sender.delete(errand.to, errand.message_id or 0)
            case Op.TOAST:
                return self._sender.toast(errand.callback_id or "", errand.message.text)

    async def _rest(self, time: Time) -> None:
        """Wait for news, or until there may be work again."""
        at = time.timer()
        try:
            async with asyncio.timeout(self._pause(at)):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _pause(self, at: float) -> float:
        """Seconds until there may be work that nobody announces."""
        if self._pace.is_halted(at):
            return min(self._pace.next_slot(at) - at, IDLE)
        return RESTING if self._pace.next_slot(at) > at or self._pace.anyone_rests(at) else IDLE

    async def _land(self, time: Time) -> None:
        """Make no more requests, give those in flight a moment, and write down what came of them."""
        await self._departures.close(LANDING)
        try:
            await self._put_down(time)
        except Exception:
            log.exception("the last results could not be written; the next start finds them unknown")


def _standing_still() -> Time:
    """The time of an engine that does not run yet."""
    return Time(lambda: datetime.now(UTC), lambda: 0.0)


async def _said(outcome: Outcome) -> Outcome:
    """What is known without a request."""
    return outcome
