"""kill -9: nobody is lost, and nobody hears the same twice save where a duplicate is harmless."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from broadcasts.kinds import KINDS
from storage.deliveries import WAITING, Delivery, DeliveryState
from storage.engine import open_database
from tests.broadcasts.stage import Stage, set_stage
from tests.support.cast import NOON
from tests.support.fake_sender import (
    BLOCKED,
    FLOOD,
    NO_ANSWER,
    NOT_CONNECTED,
    WRONG,
    Answer,
    FakeSender,
    Killed,
)

SENT, UNKNOWN = DeliveryState.SENT, DeliveryState.UNKNOWN
MINUTE = timedelta(minutes=1)


async def kill(stage: Stage, now: datetime = NOON) -> None:
    """Run into kill -9 while requests are on their way, and start again a minute later."""
    stage.sender.script.appendleft(Killed)
    with pytest.raises(Killed):
        await stage.engine.work_once(now)
    stage.start_again()
    await stage.engine.recover(now + MINUTE)


async def test_what_was_on_its_way_is_unknown_and_not_sent_again(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal)
    await kill(stage)
    await stage.go(NOON + MINUTE)
    assert await stage.stands() == [(UNKNOWN, "interrupted")]
    assert stage.sender.sent_to(101) == ["reminder"]


async def test_a_cancellation_that_was_on_its_way_goes_once_more_and_no_third_time(stage: Stage) -> None:
    await stage.queue("cancellation", stage.cast.amal)
    await kill(stage)
    await kill(stage, NOON + MINUTE)
    await stage.go(NOON + 2 * MINUTE)
    assert await stage.stands() == [(UNKNOWN, "interrupted")]
    assert len(stage.sender.requests) == 2


async def test_what_was_waiting_goes_out_after_the_crash(stage: Stage) -> None:
    stage.allow(window=1)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await kill(stage)
    await stage.go(NOON + MINUTE)
    assert [state for state, _ in await stage.stands()] == [UNKNOWN, SENT, SENT]


async def test_never_more_than_the_window_is_in_doubt(stage: Stage) -> None:
    stage.allow(window=2)
    in_doubt: list[int] = []

    async def look(chat_id: int, message: object) -> object:
        async with stage.database.read() as session:
            query = select(func.count()).where(Delivery.state == DeliveryState.SENDING)
            in_doubt.append((await session.scalars(query)).one())
        return await FakeSender.send(stage.sender, chat_id, message)

    stage.sender.send = look  # type: ignore[method-assign, assignment]
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin)
    await stage.go()
    assert max(in_doubt) == 2
    assert len(in_doubt) == 4


async def test_the_intent_is_on_disk_before_the_request_goes_out(stage: Stage) -> None:
    seen: list[DeliveryState] = []

    async def look(chat_id: int, message: object) -> object:
        seen.extend(row.state for row in await stage.deliveries())
        return await FakeSender.send(stage.sender, chat_id, message)

    stage.sender.send = look  # type: ignore[method-assign, assignment]
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    assert seen == [DeliveryState.SENDING]


async def test_a_reply_that_was_on_its_way_is_dropped_and_counted_and_the_next_one_goes(stage: Stage) -> None:
    await stage.reply(101, "first")
    await stage.reply(101, "second")
    await kill(stage)
    assert stage.engine.progress["replies_unknown"] == 1
    await stage.go(NOON + MINUTE)
    assert stage.sender.sent_to(101) == ["first", "second"]


@pytest.mark.parametrize("kind", ["welcome", "message_urgent"])
async def test_the_safety_notice_and_whom_to_ring_are_rather_said_twice_than_never(
    stage: Stage, kind: str
) -> None:
    await stage.reply(101, kind)
    await kill(stage)
    stage.sender.will(NO_ANSWER)
    for minutes in range(1, 5):
        await stage.go(NOON + minutes * MINUTE)
    assert stage.sender.sent_to(101) == [kind] * 3  # and not for ever
    assert await stage.replies() == []


@pytest.mark.parametrize("op", ["edit", "delete", "toast"])
async def test_what_may_be_done_twice_is_done_again(stage: Stage, op: str) -> None:
    await stage.reply(101, "words", op=op, message_id=7, callback_id="tap")
    await kill(stage)
    await stage.go(NOON + MINUTE)
    assert stage.sender.ops() == [op, op]
    assert await stage.replies() == []


async def test_recovering_twice_changes_nothing_more(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal)
    await kill(stage)
    before = await stage.stands()
    await stage.engine.recover(NOON + 2 * MINUTE)
    assert await stage.stands() == before


_answers = some.sampled_from([None, None, NO_ANSWER, NOT_CONNECTED, WRONG, BLOCKED, FLOOD, Killed])
_kinds = some.sampled_from(["cancellation", "reminder", "invitation", "broadcast"])


def fresh_copy(url: str, folder: Path) -> str:
    """A database like the one at ``url``, in the place of the last copy."""
    for old in folder.glob("story.db*"):
        old.unlink()
    return f"sqlite:///{copyfile(url.removeprefix('sqlite:///'), folder / 'story.db')}"


@given(
    script=some.lists(_answers, max_size=25),
    kinds=some.lists(_kinds, min_size=1, max_size=4),
    arrives=some.booleans(),
    window=some.integers(1, 5),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_happens_nobody_is_lost_and_nobody_hears_it_twice(
    sqlite_url: str,
    tmp_path: Path,
    script: list[Answer | None],
    kinds: list[str],
    arrives: bool,
    window: int,
) -> None:
    database = open_database(fresh_copy(sqlite_url, tmp_path))
    try:
        stage = await set_stage(database, window=window)
        stage.sender.unknown_arrives = arrives
        stage.sender.will(*[_accept_or(answer) for answer in script])
        for number, kind in enumerate(kinds):
            carers = (stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin)
            await stage.queue(kind, *carers, about=str(number))
        await play_to_the_end(stage)
        await nobody_is_lost_or_told_twice(stage, len(kinds))
    finally:
        await database.close()


def _accept_or(answer: Answer | None) -> Answer:
    return answer if answer is not None else FakeSender()._accept


async def play_to_the_end(stage: Stage) -> None:
    now = NOON
    while any(row.state in WAITING for row in await stage.deliveries()):
        assert now < NOON + timedelta(hours=8)
        try:
            await stage.go(now)
        except Killed:
            stage.start_again()
            await stage.engine.recover(now)
        now += 2 * MINUTE


async def nobody_is_lost_or_told_twice(stage: Stage, notices: int) -> None:
    rows = await stage.deliveries()
    assert len(rows) == 4 * notices
    assert not [row for row in rows if row.state is DeliveryState.SENDING]
    requests = Counter((request.chat_id, request.text) for request in stage.sender.requests)
    arrived = Counter((request.chat_id, request.text) for request in stage.sender.arrived)
    assert sum(requests.values()) >= sum(row.state is SENT for row in rows)
    expected: Counter[tuple[int, str]] = Counter()
    most: Counter[tuple[int, str]] = Counter()
    for row in rows:
        key = (row.chat_id or 0, row.kind)
        expected[key] += row.state is SENT
        most[key] += 2 if KINDS[row.kind].repeats else 1
        assert row.state is not SENT or row.message_id is not None
    assert all(arrived[key] >= count for key, count in expected.items())
    assert all(count <= most[key] for key, count in arrived.items())
