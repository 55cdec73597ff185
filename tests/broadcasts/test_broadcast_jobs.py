"""The heartbeat starts and finishes broadcasts; while nothing is due it only looks."""

from pathlib import Path

import pytest

from bot.jobs import Job, due_work
from broadcasts.launching import Confirmed
from storage.broadcasts import BroadcastState
from storage.engine import Database
from surveys.keys import RoundKeys
from tests.broadcasts.broadcasting import MINUTE, Desk, open_desk
from tests.support.delivery import LONDON, POLICY


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


@pytest.fixture
def jobs(tmp_path: Path) -> dict[str, Job]:
    return {job.name: job for job in due_work(LONDON, lambda: POLICY, RoundKeys(tmp_path))}


async def test_what_is_due_is_started_and_what_is_done_is_finished(desk: Desk, jobs: dict[str, Job]) -> None:
    start, finish = jobs["broadcasts to start"], jobs["broadcasts to finish"]
    assert (start.seconds, finish.seconds) == (1, 2)
    number = await desk.draft()
    assert await desk.confirm(number) is Confirmed.SCHEDULED
    assert await start.work(desk.database, desk.now) == 0
    desk.now += MINUTE
    assert await start.work(desk.database, desk.now) == 1
    assert await finish.work(desk.database, desk.now) == 0
    await desk.go()
    assert await finish.work(desk.database, desk.now) == 1
    assert await desk.state(number) is BroadcastState.FINISHED


async def test_while_nothing_is_due_nobody_asks_for_a_turn_to_write(
    desk: Desk, jobs: dict[str, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.begun("Now")  # and nothing of it has gone out
    await desk.confirm(await desk.draft("Later"))

    def refused() -> None:
        pytest.fail("a turn to write was asked for")

    monkeypatch.setattr(desk.database, "write", refused)
    assert await jobs["broadcasts to start"].work(desk.database, desk.now) == 0
    assert await jobs["broadcasts to finish"].work(desk.database, desk.now) == 0
