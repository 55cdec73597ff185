"""The heartbeat: every second or two it asks the domain whether something is due. The database says what is.

Nothing is kept in the scheduler. A tick that comes late, twice or never costs nothing, since the next one
asks the same question; so late ticks run, missed ones are made up by one, and no job overlaps itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import metrics
from bot.clock import Clock
from bot.purge import purge_all
from broadcasts import calls, launching, post, telling
from broadcasts.policy import PolicyNow
from care.erasure import clear_the_disk
from care.retention import Keeping
from events import ballot, feedback, invitations, leavers, reminders, series, waitlist
from storage.engine import Database, Session
from storage.events import Event
from storage.faults import passes
from storage.leases_queries import fact, set_fact
from storage.routing import any_to_reroute, reroute
from surveys import closing, occasions, reminding, rounds, themes
from surveys.keys import RoundKeys
from surveys.update_seal import destroy_old_keys

STILL_AFTER = timedelta(seconds=30)
PURGE_FROM_HOUR = 3  # local time, when few are about
_PURGED = "purged_on"

Due = Callable[[Session, datetime], Awaitable[int]]
Look = Callable[[Session, datetime], Awaitable[bool]]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Due work: a use case that does what is due now and returns how much that was."""

    name: str
    seconds: float
    work: Callable[[Database, datetime], Awaitable[int]]


def in_one_transaction(work: Due) -> Callable[[Database, datetime], Awaitable[int]]:
    """Most due work is one use case in one transaction."""

    async def run(database: Database, now: datetime) -> int:
        async with database.write() as session:
            return await work(session, now)

    return run


def after_a_look(look: Look, work: Due) -> Callable[[Database, datetime], Awaitable[int]]:
    """Work that looks before it asks for a turn to write, which the engine needs while a broadcast is out."""

    async def run(database: Database, now: datetime) -> int:
        async with database.read() as session:
            if not await look(session, now):
                return 0
        async with database.write() as session:
            return await work(session, now)

    return run


def due_work(zone: ZoneInfo, policy: PolicyNow, keys: RoundKeys) -> list[Job]:
    """Everything that happens because time passes."""

    async def invite(session: Session, now: datetime) -> int:
        return await invitations.send_due_invitations(session, now, zone)

    async def invite_the_missing(database: Database, now: datetime) -> int:
        """An event at a time: after a large register each takes seconds, and others want to write too."""
        one = in_one_transaction(partial(invitations.invite_the_missing, zone=zone, one_event=True))
        invited = 0
        while more := await one(database, now):
            invited += more
        return invited

    async def remind(session: Session, now: datetime) -> int:
        return await reminders.queue_due(session, now, policy().quiet)

    async def any_progress_to_tell(session: Session, now: datetime) -> bool:
        return await telling.any_to_tell(session, now, policy())

    async def tell_progress(session: Session, now: datetime) -> int:
        return await telling.tell_progress(session, now, policy())

    async def pass_on_offers(session: Session, now: datetime) -> int:
        return await waitlist.expire_offers(session, now, zone)

    async def finish_is_near(session: Session, _now: datetime) -> bool:
        return await launching.any_to_finish(session)

    async def ask_how_it_was(session: Session, now: datetime) -> int:
        return await feedback.ask_due(session, now, zone, ask_by_form)

    async def ask_by_form(session: Session, event: Event, form: str, now: datetime) -> int | None:
        return await occasions.ask_of_event(session, event, form, now, keys, zone)

    async def ask_on_occasions(session: Session, now: datetime) -> int:
        return await occasions.ask_due(session, now, keys, zone)

    async def open_rounds(session: Session, now: datetime) -> int:
        return len(await rounds.open_due(session, now, keys, zone))

    async def close_rounds(database: Database, now: datetime) -> int:
        return len(await closing.close_rounds(database, now, keys))

    async def add_up_themes(database: Database, _now: datetime) -> int:
        """There is nothing to do once those from before themes were kept are done."""
        await themes.add_up_earlier(database)
        return 0  # nothing to send comes of it

    async def destroy_update_keys(database: Database, now: datetime) -> int:
        await destroy_old_keys(database, keys, now)
        return 0  # nothing to send comes of it

    return [
        Job("invitations", 2, in_one_transaction(invite)),
        Job(
            "series to extend",
            600,
            after_a_look(partial(series.any_to_extend, zone=zone), partial(series.extend_series, zone=zone)),
        ),
        Job("missing invitations", 60, invite_the_missing),
        Job("reminders", 5, in_one_transaction(remind)),
        # Nudges are due to the day: this look goes through all who are silent, and minutes are soon enough.
        Job("nudges", 120, after_a_look(reminders.any_to_nudge, reminders.queue_nudges)),
        Job(
            "broadcasts to start",
            1,
            after_a_look(launching.any_to_start, partial(launching.start_due, zone=zone)),
        ),
        Job("broadcasts to finish", 2, after_a_look(finish_is_near, launching.finish_done)),
        Job("how broadcasts get on", 5, after_a_look(any_progress_to_tell, tell_progress)),
        Job("ways to carers", 60, after_a_look(any_to_reroute, reroute)),
        Job("stale letters", 600, in_one_transaction(post.miss_stale)),
        Job("calls to make", 15, after_a_look(calls.any_calls, calls.tell_of_calls)),
        Job("offers", 2, in_one_transaction(pass_on_offers)),
        Job("ballots", 5, after_a_look(ballot.any_to_draw, partial(ballot.draw_due, zone=zone))),
        Job(
            "leavers",
            60,
            after_a_look(
                partial(leavers.any_leavers, zone=zone), partial(leavers.release_leavers, zone=zone)
            ),
        ),
        Job("feedback", 10, in_one_transaction(ask_how_it_was)),
        Job(
            "surveys after panels and at the end",
            20,
            after_a_look(partial(occasions.any_to_ask, zone=zone), ask_on_occasions),
        ),
        Job("survey rounds to open", 2, in_one_transaction(open_rounds)),
        Job("survey rounds to close", 5, close_rounds),
        Job("themes of earlier survey rounds", 60, add_up_themes),
        Job("keys of raw updates", 60, destroy_update_keys),
        Job("what was erased, on the disk", 5, clear_the_disk),
        Job("survey reminders", 60, in_one_transaction(reminding.remind_due)),
    ]


class Heartbeat:
    """Ticks while `run` runs. ``wake`` is called when a tick queued something."""

    def __init__(
        self, database: Database, clock: Clock, keeping: Keeping, jobs: list[Job], wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._keeping = keeping
        self._jobs = jobs
        self._wake = wake
        self._last = clock()
        self._ticks: set[asyncio.Task[None]] = set()
        self._ending = False

    def trouble(self) -> str | None:
        """What is wrong with the jobs, in plain words."""
        if self._clock() - self._last > STILL_AFTER:
            return f"nothing that was due has run since {self._last:%H:%M:%S} UTC"
        return None

    async def run(self) -> None:
        """Tick until cancelled; then what is under way is given up, and rolled back before this returns."""
        self._last, self._ending = self._clock(), False
        scheduler = AsyncIOScheduler(
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for job in self._jobs:
            tick = partial(self._scheduled, partial(self.tick, job))
            scheduler.add_job(tick, "interval", seconds=job.seconds, id=job.name)
        scheduler.add_job(partial(self._scheduled, self.purge_daily), "interval", minutes=10, id="purge")
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.pause()
            self._ending = True
            for under_way in self._ticks:
                under_way.cancel()
            await asyncio.gather(*self._ticks, return_exceptions=True)
            scheduler.shutdown(wait=False)

    async def _scheduled(self, work: Callable[[], Awaitable[None]]) -> None:
        """What the scheduler runs. It would cancel a tick at the end too, but wait for none, so that one
        might use a database that is closed by then; and it would call each a failure."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the scheduler makes one for each run
        self._ticks.add(task)
        try:
            await work()
        except asyncio.CancelledError:
            if not self._ending:
                raise
        finally:
            self._ticks.discard(task)

    async def tick(self, job: Job) -> None:
        """Do what is due of one job. A failure costs nothing but time: the next tick tries again."""
        try:
            done = await job.work(self._database, self._clock())
        except Exception as error:
            metrics.TICK_FAILURES.labels(job.name).inc()
            if passes(error):
                log.warning("the database is busy; due work waits", job=job.name)
            else:
                log.exception("due work failed", job=job.name)
            return
        self._last = self._clock()
        if done:
            self._wake()

    async def purge_daily(self) -> None:
        """Purge once on each local day. The database remembers on which day it was done last."""
        now = self._clock()
        local = now.astimezone(self._keeping.zone)
        today = local.date().isoformat()
        try:
            async with self._database.read() as session:
                last = await fact(session, _PURGED)
            if local.hour < PURGE_FROM_HOUR or (last is not None and last.value["day"] == today):
                return
            counts = await purge_all(self._database, now, keeping=self._keeping)
            async with self._database.write() as session:
                await set_fact(session, _PURGED, {"day": today}, now)
            log.info("purged", rows=sum(counts.values()))
        except Exception:
            metrics.TICK_FAILURES.labels("purge").inc()
            log.exception("the daily purge failed")
