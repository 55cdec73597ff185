"""The heartbeat asks what is due and nothing more: a failure, a late tick or a restart costs nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.compose import Composers, all_composers
from bot.jobs import STILL_AFTER, Heartbeat, Job, due_work, in_one_transaction
from bot.purge import purge_all
from bot.steady import SHOWN_FOR, Steady
from broadcasts.kinds import KINDS
from care.retention import Keeping, periods
from storage.conversations import CarerMessage
from storage.engine import Database, Session
from storage.inbox import StoredUpdate, UpdateState
from surveys.keys import RoundKeys
from tests.support.cast import NOON, gather
from tests.support.delivery import POLICY

LONDON = ZoneInfo("Europe/London")
BROADCAST = "broadcast"
"""Has no words yet: nothing queues one so far."""


class Hands:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def heartbeat(database: Database, clock: Hands, *jobs: Job, woken: list[int] | None = None) -> Heartbeat:
    rung = woken if woken is not None else []
    return Heartbeat(database, clock, Keeping(LONDON), list(jobs), lambda: rung.append(1))


def job(work: Callable[[Session, datetime], Awaitable[int]]) -> Job:
    return Job("coffee", 1, in_one_transaction(work))


async def messages(database: Database) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count(CarerMessage.id)))).one()


async def test_a_tick_that_queued_something_wakes_the_engine(database: Database) -> None:
    async def three(session: Session, now: datetime) -> int:
        return 3

    async def none(session: Session, now: datetime) -> int:
        return 0

    woken: list[int] = []
    beat = heartbeat(database, Hands(), woken=woken)
    await beat.tick(job(none))
    assert woken == []
    await beat.tick(job(three))
    assert woken == [1]


async def test_a_tick_that_fails_changes_nothing_and_the_next_one_tries_again(database: Database) -> None:
    async with database.write() as session:
        amal = (await gather(session)).amal
    failures = [RuntimeError("no")]

    async def work(session: Session, now: datetime) -> int:
        session.add(CarerMessage(carer_id=amal.id, text="x", received_at=now))
        await session.flush()
        if failures:
            raise failures.pop()
        return 1

    beat = heartbeat(database, Hands())
    await beat.tick(job(work))
    assert await messages(database) == 0
    await beat.tick(job(work))
    assert await messages(database) == 1


async def test_a_tick_under_way_at_the_end_is_rolled_back_before_the_heart_stops_and_is_no_failure(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()
    async with database.write() as session:
        amal = (await gather(session)).amal

    async def slow(session: Session, now: datetime) -> int:
        session.add(CarerMessage(carer_id=amal.id, text="half done", received_at=now))
        await session.flush()
        begun.set()
        await asyncio.Event().wait()
        return 1

    beat = heartbeat(database, Hands(), Job("coffee", 0.01, in_one_transaction(slow)))
    beating = asyncio.create_task(beat.run())
    async with asyncio.timeout(10):
        await begun.wait()
    beating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beating
    assert beat._ticks == set()
    assert await messages(database) == 0
    await asyncio.sleep(0)  # the scheduler hears what came of its jobs
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_heart_that_stands_still_is_noticed(database: Database) -> None:
    async def fails(session: Session, now: datetime) -> int:
        raise RuntimeError("no")

    clock = Hands()
    beat = heartbeat(database, clock)
    clock.now += STILL_AFTER + timedelta(seconds=1)
    await beat.tick(job(fails))
    assert "nothing that was due has run since" in (beat.trouble() or "")
    await beat.tick(job(in_vain))
    assert beat.trouble() is None


async def in_vain(session: Session, now: datetime) -> int:
    return 0


async def test_all_due_work_runs_on_an_empty_service(database: Database, tmp_path: Path) -> None:
    jobs = due_work(LONDON, lambda: POLICY, RoundKeys(tmp_path))
    for each in jobs:
        assert await each.work(database, NOON) == 0
    assert len({each.name for each in jobs}) == len(jobs)


async def test_the_purge_runs_once_on_each_local_day_at_night(database: Database) -> None:
    async with database.write() as session:
        amal = (await gather(session)).amal
    clock = Hands(datetime(2025, 8, 10, 1, 30, tzinfo=UTC))  # half past two in London
    beat = heartbeat(database, clock)

    async def old_message() -> None:
        async with database.write() as session:
            session.add(CarerMessage(carer_id=amal.id, text="x", received_at=NOON))

    await old_message()
    await beat.purge_daily()
    assert await messages(database) == 1
    clock.now += timedelta(hours=1)
    await beat.purge_daily()
    assert await messages(database) == 0
    await old_message()
    await heartbeat(database, clock).purge_daily()  # a restart does not forget
    assert await messages(database) == 1
    clock.now += timedelta(days=1)
    await beat.purge_daily()
    assert await messages(database) == 0


async def test_a_dry_run_counts_and_deletes_nothing(database: Database) -> None:
    async with database.write() as session:
        amal = (await gather(session)).amal
        session.add(CarerMessage(carer_id=amal.id, text="x", received_at=NOON))
        for number, state in ((1, UpdateState.DONE), (2, UpdateState.NEW)):
            session.add(StoredUpdate(update_id=number, state=state, received_at=NOON, done_at=NOON))
    later = NOON + timedelta(days=91)
    would = await purge_all(database, later, dry_run=True)
    assert await messages(database) == 1
    assert await purge_all(database, later) == would
    assert list(would) == [period.key for period in periods(Keeping())]
    assert sum(would.values()) == 2
    async with database.read() as session:
        [left] = await session.scalars(select(StoredUpdate))
    assert left.state is UpdateState.NEW  # what waits is never purged


def test_every_kind_of_notice_has_somebody_who_finds_its_words() -> None:
    of_broadcasts = {BROADCAST, "broadcast_test"}
    assert set(KINDS) - of_broadcasts == set(all_composers())
    assert Composers().in_bulk(BROADCAST) is not None


async def test_a_part_that_fails_is_started_again_and_shown_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.steady.AGAIN_SECONDS", 0)
    clock = Hands()
    steady = Steady(clock)
    failures = [RuntimeError(), RuntimeError()]

    async def part() -> None:
        if failures:
            raise failures.pop()

    await steady.run("sending", part)
    assert "RuntimeError" in (steady.trouble("sending") or "")
    assert steady.trouble("jobs") is None
    clock.now += SHOWN_FOR
    assert steady.trouble("sending") is None
