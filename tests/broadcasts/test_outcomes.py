"""What comes of a request, and what the engine makes of it."""

from datetime import datetime, timedelta

import pytest

from broadcasts.pausing import resume_notice
from broadcasts.sender import Content, Retry, Skip, Unreachable
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Session
from storage.households import Carer
from tests.broadcasts.stage import DAY, Stage
from tests.support.cast import NOON
from tests.support.delivery import engine_for
from tests.support.fake_sender import BLOCKED, FLOOD, NO_ANSWER, NOT_CONNECTED, WRONG, Request

SENT, UNKNOWN, FAILED, RETRYING = (
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
    DeliveryState.FAILED,
    DeliveryState.RETRYING,
)
SECOND = timedelta(seconds=1)


async def test_a_failed_connect_is_tried_again_after_growing_waits(stage: Stage) -> None:
    stage.sender.will(*[NOT_CONNECTED] * 6)
    await stage.queue("reminder", stage.cast.amal)
    now, waits = NOON, []
    for _ in range(6):
        await stage.go(now)
        row = await stage.delivery()
        assert (row.state, row.reason, row.sent_at) == (RETRYING, "not_connected", None)
        waits.append(row.due_at - now)
        now = row.due_at
    assert waits[0] <= waits[2] <= waits[4]
    await stage.go(now)
    done = await stage.delivery()
    assert (done.state, done.reason, done.attempts) == (SENT, None, 7)


async def test_an_outage_of_six_hours_loses_nobody_who_can_still_use_the_notice(stage: Stage) -> None:
    everyone = (stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.queue("reminder", *everyone, about="soon", send_by=NOON + timedelta(hours=3))
    await stage.queue("reminder", *everyone, about="later", send_by=NOON + 2 * DAY)
    now, back = NOON, NOON + timedelta(hours=6)
    while now < back:
        stage.sender.will(*[NOT_CONNECTED] * 6)
        await stage.go(now)
        stage.sender.script.clear()
        now += timedelta(minutes=10)
    tried = len(stage.sender.requests)
    await stage.go(back + timedelta(minutes=10))
    assert [state for state, _ in await stage.stands()] == [DeliveryState.MISSED] * 3 + [SENT] * 3
    assert tried < 6 * 60


async def test_too_many_requests_is_one_deadline_for_all_and_costs_nobody_the_message(stage: Stage) -> None:
    stage.sender.will(FLOOD)
    await stage.queue("reminder", stage.cast.amal)
    await stage.engine.work_once(NOON)
    await stage.queue("cancellation", stage.cast.sam)
    await stage.reply(104, "hello")
    await stage.go(NOON + 29 * SECOND)
    assert len(stage.sender.requests) == 1
    await stage.go(NOON + 30 * SECOND)
    assert sorted(request.chat_id for request in stage.sender.arrived) == [101, 103, 104]


async def test_a_refused_message_fails_with_telegrams_reason(stage: Stage) -> None:
    stage.sender.will(WRONG)
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(FAILED, "message is too long")]
    await stage.go(NOON + DAY)
    assert len(stage.sender.requests) == 1


async def test_who_blocked_the_bot_is_marked_unreachable_from_then_on(stage: Stage) -> None:
    stage.sender.will(BLOCKED)
    await stage.queue("reminder", stage.cast.amal, about="a")
    await stage.go()
    async with stage.database.read() as session:
        amal = await session.get_one(Carer, stage.cast.amal.id)
    assert (amal.unreachable_since, amal.unreachable_reason) == (NOON, "blocked")
    await stage.queue("cancellation", stage.cast.amal, about="b")
    await stage.go(NOON + SECOND)
    assert await stage.stands() == [(FAILED, "blocked"), (DeliveryState.SKIPPED, "blocked")]


async def test_a_carer_who_moved_to_another_chat_meanwhile_stays_reachable(stage: Stage) -> None:
    class Moving:
        """Answers that the chat is gone, after its owner has linked another one."""

        async def send(self, chat_id: int, message: object) -> Unreachable:
            await stage.change(stage.cast.amal, chat_id=777)
            return Unreachable("deactivated")

        edit = delete = toast = send

    await stage.queue("reminder", stage.cast.amal)
    stage.engine = engine_for(stage.database, Moving(), stage.composer)  # type: ignore[arg-type]
    await stage.go()
    async with stage.database.read() as session:
        assert (await session.get_one(Carer, stage.cast.amal.id)).unreachable_since is None


async def test_a_request_that_was_never_answered_is_unknown_and_not_sent_again(stage: Stage) -> None:
    stage.sender.will(NO_ANSWER)
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    await stage.go(NOON + DAY)
    assert await stage.stands() == [(UNKNOWN, "no_answer")]
    assert stage.sender.sent_to(101) == ["reminder"]


@pytest.mark.parametrize("kind", ["cancellation", "change", "join_link"])
async def test_news_that_must_not_be_lost_is_repeated_once_when_nobody_knows(stage: Stage, kind: str) -> None:
    stage.sender.will(NO_ANSWER, NO_ANSWER)
    await stage.queue(kind, stage.cast.amal)
    await stage.go()
    assert await stage.stands() == [(RETRYING, "no_answer")]
    await stage.go(NOON + timedelta(minutes=1))
    assert await stage.stands() == [(UNKNOWN, "no_answer")]
    await stage.go(NOON + DAY)
    assert len(stage.sender.requests) == 2


async def test_a_refusal_between_two_doubts_allows_no_third_request(stage: Stage) -> None:
    stage.sender.will(NO_ANSWER, NOT_CONNECTED, NO_ANSWER)
    await stage.queue("cancellation", stage.cast.amal)
    for minutes in range(5):
        await stage.go(NOON + timedelta(minutes=minutes))
    assert await stage.stands() == [(UNKNOWN, "no_answer")]
    assert len(stage.sender.requests) == 3


async def test_a_sender_that_raises_leaves_the_delivery_unknown_and_the_engine_alive(stage: Stage) -> None:
    def broken(request: Request) -> Retry:
        raise RuntimeError("a bug")

    stage.sender.will(broken)
    await stage.queue("reminder", stage.cast.amal, stage.cast.sam)
    await stage.go()
    assert sorted(await stage.stands(), key=str) == [(SENT, None), (UNKNOWN, "RuntimeError")]


async def test_a_text_that_cannot_be_rendered_fails_alone(stage: Stage) -> None:
    class Broken:
        def render(self, kind: str, params: object, language: str) -> object:
            raise KeyError(kind)

    await stage.queue("reminder", stage.cast.amal)
    stage.engine = engine_for(stage.database, stage.sender, stage.composer, Broken())
    await stage.go()
    assert await stage.stands() == [(FAILED, "cannot_render:KeyError")]


async def test_a_notice_that_cannot_be_composed_fails_alone_and_stops_nobody(stage: Stage) -> None:
    async def broken_for_amal(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        if delivery.carer_id == stage.cast.amal.id:
            raise LookupError
        return Content("reminder", {})

    stage.composer.kinds["reminder"] = broken_for_amal
    await stage.queue("reminder", stage.cast.jo, stage.cast.amal, stage.cast.sam)
    await stage.go()
    assert await stage.stands() == [(SENT, None), (FAILED, "cannot_compose:LookupError"), (SENT, None)]
    assert stage.engine.progress["set_aside"] == 1


async def test_a_broadcast_that_fails_for_too_many_in_a_row_is_paused_and_staff_are_told(
    stage: Stage,
) -> None:
    stage.allow(failures_in_a_row=3, window=1)
    stage.sender.will(WRONG, WRONG, WRONG)
    carers = (stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin)
    await stage.queue("broadcast", *carers)
    await stage.queue("broadcast", stage.cast.sam, about="another")
    await stage.go()
    states = [state for state, _ in await stage.stands()]
    assert states[:5] == [FAILED, FAILED, FAILED, DeliveryState.QUEUED, SENT]
    assert stage.sender.sent_to(901) == stage.sender.sent_to(904) == ["staff_alert"]

    async with stage.database.write() as session:
        assert await resume_notice(session, (await stage.deliveries())[0].notice_id)
    await stage.go(NOON + SECOND)
    assert stage.sender.sent_to(104) == ["broadcast"]


async def test_failures_with_a_success_between_them_pause_nothing(stage: Stage) -> None:
    stage.allow(failures_in_a_row=2, window=1)
    stage.sender.will(WRONG)
    await stage.queue("broadcast", stage.cast.amal, stage.cast.jo)
    await stage.go()
    stage.sender.will(WRONG)
    await stage.queue("broadcast", stage.cast.sam, stage.cast.lin)
    await stage.go()
    async with stage.database.read() as session:
        notice = await session.get_one(Notice, (await stage.deliveries())[0].notice_id)
    assert notice.paused_at is None
    assert len(stage.sender.arrived) == 2


async def test_an_invitation_that_fails_in_a_row_goes_on(stage: Stage) -> None:
    stage.allow(failures_in_a_row=1, window=1)
    stage.sender.will(WRONG)
    await stage.queue("invitation", stage.cast.amal, stage.cast.sam)
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [FAILED, SENT]


async def test_the_engine_counts_what_it_does(stage: Stage) -> None:
    stage.sender.will(NO_ANSWER, WRONG)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.reply(104, "hello")
    await stage.go()
    counted = stage.engine.progress
    assert counted["sent"] + counted["replies_sent"] == 2
    assert counted["unknown"] + counted["replies_unknown"] == 1
    assert counted["failed"] + counted["replies_failed"] == 1
    assert counted.in_flight == 0
    assert counted.last_turn == NOON
