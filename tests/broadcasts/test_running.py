"""The engine as it runs: it wakes, keeps its pace, lives through faults and stops with nothing lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from broadcasts import engine as engines
from broadcasts.engine import Engine
from broadcasts.journal import FileJournal
from broadcasts.pace import Pace
from broadcasts.sender import Outcome
from storage.deliveries import DeliveryState
from storage.engine import Database, Session
from storage.rsvp import Card
from storage.rsvp_queries import mark_cards_stale
from tests.broadcasts.stage import Stage
from tests.support.cast import NOON
from tests.support.delivery import engine_for
from tests.support.fake_sender import FakeSender

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
QUEUED, SENT, UNKNOWN = DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNKNOWN


class GatedSender(FakeSender):
    """Lets no request finish before the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.began = asyncio.Event()

    async def send(self, chat_id: int, message: Any) -> Outcome:
        self.began.set()
        await self.gate.wait()
        return await super().send(chat_id, message)


def engine_at_noon(
    stage: Stage, sender: FakeSender, pace: Pace | None = None, database: Any = None
) -> Engine:
    engine = engine_for(database or stage.database, sender, stage.composer, policy=stage.policy, pace=pace)
    engine._clock = lambda: NOON
    return engine


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[asyncio.Event]:
    """The engine runs until the block ends; what is handed out is its order to stop."""
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - what is awaited is in the database
            await asyncio.sleep(0.005)


async def all_sent(stage: Stage) -> bool:
    return all(state is SENT for state, _ in await stage.stands())


async def test_what_is_queued_while_it_runs_goes_out_as_soon_as_it_is_woken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE", 60.0)
    engine = engine_at_noon(stage, stage.sender)
    async with running(engine):
        await asyncio.sleep(0.05)
        await stage.queue("reminder", stage.cast.amal)
        engine.wake()
        await until(lambda: all_sent(stage))


async def test_what_nobody_announced_is_found_by_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.05)
    async with running(engine_at_noon(stage, stage.sender)):
        await asyncio.sleep(0.02)
        await stage.queue("reminder", stage.cast.amal)
        await until(lambda: all_sent(stage))


async def test_messages_leave_evenly_from_the_first(stage: Stage) -> None:
    moments: list[float] = []

    class Timed(FakeSender):
        async def send(self, chat_id: int, message: Any) -> Outcome:
            moments.append(monotonic())
            return await super().send(chat_id, message)

    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin)
    async with running(engine_at_noon(stage, Timed(), Pace(rate=20))):
        await until(lambda: all_sent(stage))
    assert moments[-1] - moments[0] >= 0.13


async def test_different_chats_are_served_side_by_side(stage: Stage) -> None:
    sender = GatedSender()
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    engine = engine_at_noon(stage, sender)
    async with running(engine):
        await until(lambda: _is(engine.progress.in_flight == 3))
        sender.gate.set()
        await until(lambda: all_sent(stage))


async def _is(true: bool) -> bool:
    return true


async def test_a_stop_lets_what_is_on_its_way_finish_and_begins_nothing_more(stage: Stage) -> None:
    stage.allow(window=1)
    sender = GatedSender()
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    async with running(engine_at_noon(stage, sender)) as stop:
        await sender.began.wait()
        stop.set()
        sender.gate.set()
    assert [state for state, _ in await stage.stands()] == [SENT, QUEUED]


async def test_what_does_not_finish_in_time_is_unknown_and_what_never_left_goes_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LANDING", 0.05)
    monkeypatch.setattr(engines, "AHEAD", 30.0)
    sender = GatedSender()
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    began = monotonic()
    async with running(engine_at_noon(stage, sender, Pace(rate=0.1))):
        await sender.began.wait()
    assert monotonic() - began < 10
    first, second = await stage.stands()
    assert first == (UNKNOWN, "stopped")
    assert second[0] in (QUEUED, UNKNOWN)


async def test_the_next_start_takes_up_where_the_last_one_stopped(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal)
    async with running(engine_at_noon(stage, stage.sender)):
        await until(lambda: all_sent(stage))
    await stage.queue("reminder", stage.cast.amal, about="b")
    async with running(engine_at_noon(stage, stage.sender)):
        await until(lambda: all_sent(stage))
    assert stage.sender.sent_to(101) == ["reminder", "reminder"]


class Flaky:
    """A database that fails so many times, before the commit or in a way that hides that it worked."""

    def __init__(self, database: Database, failures: int, commits: bool) -> None:
        self._database = database
        self.failures = failures
        self._commits = commits
        self.read = database.read

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        if self.failures > 0 and not self._commits:
            self.failures -= 1
            raise ConnectionError("the database is away")
        async with self._database.write() as session:
            yield session
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the connection broke while it committed")


@pytest.mark.parametrize("commits", [False, True])
async def test_a_database_that_comes_and_goes_loses_nothing_and_repeats_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, commits: bool
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.02)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.reply(104, "hello")
    flaky = Flaky(stage.database, failures=5, commits=commits)
    async with running(engine_at_noon(stage, stage.sender, database=flaky)):
        await until(lambda: all_sent(stage))
    assert flaky.failures == 0
    assert sorted(request.chat_id for request in stage.sender.arrived) == [101, 102, 103, 104]


async def test_a_database_away_at_the_start_is_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.02)
    await stage.queue("reminder", stage.cast.amal)
    flaky = Flaky(stage.database, failures=3, commits=False)
    async with running(engine_at_noon(stage, stage.sender, database=flaky)):
        await until(lambda: all_sent(stage))


async def test_a_stop_before_the_database_came_back_touches_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.02)
    await left_by_another_process(stage)
    flaky = Flaky(stage.database, failures=1000, commits=False)
    async with running(engine_at_noon(stage, stage.sender, database=flaky)):
        await until(lambda: _is(flaky.failures < 998))
    flaky.failures = 0
    assert await stage.stands() == [(DeliveryState.SENDING, None)]


async def test_a_process_that_lost_its_lead_leaves_alone_what_the_new_leader_sends(stage: Stage) -> None:
    engine = engine_at_noon(stage, stage.sender)
    async with running(engine):
        await until(lambda: _is(engine.progress.last_turn is not None))
        await left_by_another_process(stage)
    assert await stage.stands() == [(DeliveryState.SENDING, None)]


async def test_results_that_could_not_be_written_at_the_stop_are_written_at_the_next_start(
    stage: Stage,
) -> None:
    await stage.queue("cancellation", stage.cast.amal)
    flaky = Flaky(stage.database, failures=0, commits=False)
    engine = engine_at_noon(stage, stage.sender, database=flaky)

    class Breaking(FakeSender):
        async def send(self, chat_id: int, message: Any) -> Outcome:
            flaky.failures = 1000
            return await stage.sender.send(chat_id, message)

    engine._sender = Breaking()
    async with running(engine):
        await until(lambda: _is(engine.progress["faults"] > 0))
    flaky.failures = 0
    async with running(engine):
        await until(lambda: all_sent(stage))
    assert stage.sender.sent_to(101) == ["cancellation"]


async def left_by_another_process(stage: Stage) -> None:
    """A delivery that some other process has claimed and may be sending at this moment."""
    # Not due before tomorrow, so that an engine of this process cannot be the one that claims it.
    await stage.queue("reminder", stage.cast.amal, due_at=NOON + timedelta(days=1))
    await stage.change(await stage.delivery(), state=DeliveryState.SENDING)


def test_the_engine_asks_the_machine_for_the_time_unless_it_is_given_one(stage: Stage) -> None:
    engine = Engine(stage.database, stage.sender, stage.composer, None, lambda: stage.policy)  # type: ignore[arg-type]
    assert abs((engine._clock() - datetime.now(UTC)).total_seconds()) < 5


async def test_an_engine_with_nothing_to_do_is_well(stage: Stage) -> None:
    assert stage.engine.progress.trouble(NOON) is None
    await stage.engine.work_once(NOON)
    assert stage.engine.progress.trouble(NOON + MINUTE) is None


async def test_an_engine_that_looks_for_no_work_is_in_trouble_after_a_minute(stage: Stage) -> None:
    await stage.engine.work_once(NOON)
    said = stage.engine.progress.trouble(NOON + MINUTE + SECOND)
    assert said == "has not looked for work since 11:00:00 UTC"


async def test_what_is_due_and_does_not_go_out_is_trouble_after_a_minute(stage: Stage) -> None:
    engine = engine_for(stage.database, stage.sender, stage.composer, pace=Pace(30))
    await engine.work_once(NOON)
    engine._pace.halt(NOON.timestamp(), 300)  # Telegram asked for a pause
    later = NOON + MINUTE + SECOND
    await engine.work_once(later)
    assert engine.progress.trouble(later) is None  # nothing is due
    await stage.queue("reminder", stage.cast.amal)
    await engine.work_once(later + MINUTE)
    assert engine.progress.trouble(later + MINUTE) is None
    await engine.work_once(later + MINUTE + SECOND)
    said = engine.progress.trouble(later + MINUTE + SECOND)
    assert said == "nothing has gone out since 11:01:01 UTC though something is due"
    done = NOON + 6 * MINUTE
    await engine.work_once(done)
    assert engine.progress.trouble(done) is None
    assert stage.sender.sent_to(101)


async def test_an_engine_whose_every_turn_fails_is_in_trouble(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError

    await stage.engine.work_once(NOON)
    await stage.queue("reminder", stage.cast.amal)
    monkeypatch.setattr(stage.engine, "_claim", fails)
    for minutes in (1, 2):
        with pytest.raises(RuntimeError):
            await stage.engine.work_once(NOON + minutes * MINUTE)
    assert "though something is due" in (stage.engine.progress.trouble(NOON + 2 * MINUTE) or "")


class SlowEdits(GatedSender):
    """Lets no card be drawn before the gate opens; messages go at once."""

    async def send(self, chat_id: int, message: Any) -> Outcome:
        return await FakeSender.send(self, chat_id, message)

    async def edit(self, chat_id: int, message_id: int, message: Any, *, photo: bool = False) -> Outcome:
        self.began.set()
        await self.gate.wait()
        return await super().edit(chat_id, message_id, message, photo=photo)


async def test_a_process_that_begins_with_drawing_a_card_answers_taps_meanwhile(
    stage: Stage, tmp_path: Path
) -> None:
    """Cards need no journal: the journal begins with the first reply, though a card is under way."""
    invitation = await stage.invite(stage.cast.amal)
    await stage.add(Card(invitation_id=invitation.id, carer_id=stage.cast.amal.id, chat_id=101, message_id=7))
    async with stage.database.write() as session:
        await mark_cards_stale(session, invitation.id)
    sender = SlowEdits()
    journal = FileJournal(tmp_path / "requests.journal")
    engine = engine_for(stage.database, sender, stage.composer, policy=stage.policy, journal=journal)
    engine._clock = lambda: NOON
    async with running(engine):
        await asyncio.wait_for(sender.began.wait(), 10)
        await stage.reply(103, "help")
        await stage.queue("reminder", stage.cast.sam)
        engine.wake()

        async def answered() -> bool:
            return not await stage.replies() and await all_sent(stage)

        await until(answered)
        sender.gate.set()
    assert sorted(sender.ops()) == ["edit", "send", "send"]
