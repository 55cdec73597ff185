"""A broadcast is paused, resumed, called off, taken back or corrected; nobody is repeated or skipped."""

from datetime import timedelta

import pytest

from broadcasts.drafts import Problem, Saved
from broadcasts.sender import Unreachable
from broadcasts.stopping import REACH_BACK, Cancelled, Recalled, correct
from storage.broadcasts import BroadcastState
from storage.copies import pause_waiting_broadcasts
from storage.deliveries import DeliveryState, Errand
from storage.engine import Database
from tests.broadcasts.broadcasting import DAY, HOUR, MINUTE, Desk, open_desk
from tests.support.fake_sender import BLOCKED, NO_ANSWER, NOT_CONNECTED, WRONG


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def states(desk: Desk) -> list[DeliveryState]:
    return [row.state for row in await desk.deliveries()]


async def test_a_pause_holds_everybody_back_and_going_on_skips_and_repeats_nobody(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    assert len(desk.sender.arrived) == 3
    assert await desk.pause(number)
    assert not await desk.pause(number)
    assert await desk.state(number) is BroadcastState.PAUSED
    assert (await desk.page(number)).paused_reason == "staff"
    desk.now += HOUR
    await desk.go()
    assert len(desk.sender.arrived) == 3
    assert await desk.finish_done() == 0
    assert await desk.resume(number)
    assert not await desk.resume(number)
    await desk.go()
    assert sorted(request.chat_id for request in desk.sender.arrived) == [101, 102, 103, 104]
    assert await desk.finish_done() == 1


async def test_a_pause_changes_nothing_in_the_ledger(desk: Desk) -> None:
    number = await desk.begun()
    before = [(row.id, row.state, row.due_at, row.send_by) for row in await desk.deliveries()]
    await desk.pause(number)
    desk.now += HOUR
    await desk.resume(number)
    assert [(row.id, row.state, row.due_at, row.send_by) for row in await desk.deliveries()] == before


async def test_who_goes_on_after_days_wants_it_to_arrive(desk: Desk) -> None:
    number = await desk.begun()
    await desk.pause(number)
    desk.now += 5 * DAY
    await desk.go()
    assert set(await states(desk)) == {DeliveryState.QUEUED}
    await desk.resume(number)
    await desk.go()
    assert set(await states(desk)) == {DeliveryState.SENT}


async def test_what_fails_for_too_many_in_a_row_is_paused_and_staff_go_on_with_it(desk: Desk) -> None:
    desk.allow(failures_in_a_row=3)
    number = await desk.begun()
    # Whoever blocked the bot says nothing of the broadcast, for good or ill.
    desk.sender.will(WRONG, BLOCKED, NO_ANSWER, WRONG)
    await desk.go()
    page = await desk.page(number)
    if page.state is not BroadcastState.PAUSED:
        pytest.fail(f"three failed in a row, and it is {page.state}")
    assert page.paused_reason == "failures_in_a_row"
    assert desk.sender.sent_to(901) == ["alert_broadcast_paused"]
    assert await desk.resume(number)
    await desk.go()
    assert await desk.finish_done() == 1


async def test_carers_in_a_row_who_blocked_the_bot_or_left_stop_no_broadcast(desk: Desk) -> None:
    desk.allow(failures_in_a_row=2)
    number = await desk.begun()
    desk.sender.will(BLOCKED, Unreachable("deactivated"), Unreachable("chat_not_found"))
    await desk.go()
    assert await desk.state(number) is BroadcastState.SENDING
    assert sorted(await states(desk)) == [*3 * [DeliveryState.FAILED], DeliveryState.SENT]


async def test_cancelled_in_its_minute_it_reaches_nobody(desk: Desk) -> None:
    number = await desk.draft()
    await desk.confirm(number)
    assert await desk.cancel(number) == Cancelled(BroadcastState.SCHEDULED, 0)
    assert await desk.cancel(number) is None
    desk.now += HOUR
    assert await desk.start_due() == 0
    assert await desk.state(number) is BroadcastState.CANCELLED


async def test_cancelled_under_way_it_stays_with_those_who_have_it(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    assert await desk.cancel(number) == Cancelled(BroadcastState.SENDING, 1)
    desk.now += HOUR
    await desk.go()
    assert sorted(await states(desk)) == [DeliveryState.CANCELLED, *3 * [DeliveryState.SENT]]
    assert len(desk.sender.arrived) == 3


async def test_a_paused_one_can_be_cancelled_and_one_awaiting_approval_too(desk: Desk) -> None:
    number = await desk.begun()
    await desk.pause(number)
    assert await desk.cancel(number) == Cancelled(BroadcastState.PAUSED, 4)
    assert (await desk.page(number)).paused_at is None
    desk.allow(approval_above=1)
    waiting = await desk.draft("Another")
    await desk.confirm(waiting)
    assert await desk.cancel(waiting) == Cancelled(BroadcastState.AWAITING_APPROVAL, 0)


async def test_a_draft_is_discarded_and_not_cancelled_and_one_that_is_over_is_over(desk: Desk) -> None:
    assert await desk.cancel(await desk.draft()) is None
    number = await desk.begun()
    await desk.go()
    await desk.finish_done()
    assert await desk.cancel(number) is None
    assert await desk.cancel(99) is None


async def test_a_recall_deletes_what_arrived_and_calls_off_the_rest(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED, NO_ANSWER)
    await desk.go()
    assert await desk.recall(number) == Recalled(messages=2, too_old=0, in_doubt=1)
    assert await desk.state(number) is BroadcastState.RECALLED
    await desk.go()
    assert desk.sender.ops().count("delete") == 2
    assert sorted(await states(desk)) == [
        DeliveryState.CANCELLED,
        DeliveryState.RECALLED,
        DeliveryState.RECALLED,
        DeliveryState.UNKNOWN,
    ]
    assert await desk.recall(number) is None


async def test_what_was_sent_two_days_ago_is_out_of_reach(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    begun = desk.now
    desk.now += DAY
    await desk.go()
    await desk.finish_done()
    desk.now = begun + REACH_BACK
    assert await desk.recall(number) == Recalled(messages=1, too_old=3, in_doubt=0)
    await desk.go()
    assert desk.sender.ops().count("delete") == 1


async def test_where_nothing_can_be_taken_back_nothing_changes(desk: Desk) -> None:
    number = await desk.begun()
    await desk.go()
    await desk.finish_done()
    desk.now += REACH_BACK + MINUTE
    assert await desk.recall(number) == Recalled(messages=0, too_old=4, in_doubt=0)
    assert await desk.state(number) is BroadcastState.FINISHED


async def test_what_has_not_begun_is_cancelled_and_not_recalled(desk: Desk) -> None:
    number = await desk.draft()
    assert await desk.recall(number) is None
    await desk.confirm(number)
    assert await desk.recall(number) is None
    await desk.cancel(number)
    assert await desk.recall(number) is None


async def test_a_recall_of_a_paused_one_goes_through(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    await desk.pause(number)
    assert await desk.recall(number) == Recalled(messages=3, too_old=0, in_doubt=0)
    await desk.go()
    assert desk.sender.ops().count("delete") == 3


async def test_what_was_cancelled_half_way_can_be_recalled_and_corrected(desk: Desk) -> None:
    number = await desk.begun()
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    await desk.cancel(number)
    assert await desk.correct(number, "At *four*") == Recalled(messages=3, too_old=0, in_doubt=0)
    await desk.go()
    assert [request.text for request in desk.sender.requests if request.op == "edit"] == 3 * [
        "At <b>four</b>"
    ]
    assert await desk.recall(number) == Recalled(messages=3, too_old=0, in_doubt=0)
    await desk.go()
    assert desk.sender.ops().count("delete") == 3


async def test_a_correction_changes_what_arrived_and_is_what_the_others_get(desk: Desk) -> None:
    number = await desk.begun("Hello {first_name}, at three")
    desk.sender.will(NOT_CONNECTED)
    await desk.go()
    assert await desk.correct(number, "Hello {first_name}, at four") == Recalled(3, 0, 0)
    assert (await desk.broadcast(number)).corrected_at == desk.now
    desk.now += HOUR
    await desk.go()
    edited = {request.chat_id: request.text for request in desk.sender.requests if request.op == "edit"}
    assert edited == {102: "Hello Jo, at four", 103: "Hello Sam, at four", 104: "Hello Lin, at four"}
    assert desk.sender.sent_to(101) == ["Hello Amal, at four"]
    assert await desk.finish_done() == 1
    assert {row.errand for row in await desk.deliveries()} == {None}


async def test_a_correction_that_has_problems_or_is_outdated_changes_nothing(desk: Desk) -> None:
    number = await desk.begun()
    priya, dee = desk.cast.priya, desk.cast.dee
    assert await desk.correct(number, "Hello {name}") == {"texts.en": Problem.UNKNOWN_PLACEHOLDER}
    assert await desk.do(correct, number, {"en": "At four"}, 1, dee, desk.now) == Recalled(0, 0, 0)
    late = await desk.do(correct, number, {"en": "At five"}, 1, priya, desk.now)
    assert late is Saved.CHANGED_MEANWHILE
    assert (await desk.broadcast(number)).texts == {"en": "At four"}
    assert await desk.do(correct, 99, {"en": "At four"}, 1, dee, desk.now) is Saved.NOT_FOUND
    draft = await desk.draft()
    assert await desk.correct(draft, "At four") is Saved.NOT_A_DRAFT


async def test_what_is_in_flight_when_it_is_recalled_is_deleted_when_it_has_landed(desk: Desk) -> None:
    number = await desk.begun()
    (row, *others) = await desk.deliveries()
    await desk.change(row, state=DeliveryState.SENDING, sent_at=desk.now, chat_id=101)
    assert await desk.recall(number) == Recalled(messages=1, too_old=0, in_doubt=0)
    assert (await desk.deliveries())[0].errand is Errand.DELETE
    await desk.go()
    assert desk.sender.requests == []
    await desk.change(row, state=DeliveryState.SENT, message_id=77)
    await desk.go()
    assert [(request.op, request.message_id) for request in desk.sender.requests] == [("delete", 77)]
    assert len(others) == 3


async def test_what_was_asked_again_after_the_broadcast_was_called_off_is_not_sent(desk: Desk) -> None:
    number = await desk.begun()
    (row, *_) = await desk.deliveries()
    await desk.cancel(number)
    await desk.change(row, state=DeliveryState.RETRYING)  # as of a request that was refused meanwhile
    await desk.go()
    assert desk.sender.requests == []
    assert (await desk.deliveries())[0].reason == "cancelled"


async def test_after_a_restore_what_was_sending_or_scheduled_waits_for_a_person(desk: Desk) -> None:
    sending = await desk.begun()
    scheduled = await desk.draft("Later", send_at=desk.now + DAY)
    await desk.confirm(scheduled)
    draft = await desk.draft("Not yet")
    assert await desk.do(pause_waiting_broadcasts, desk.now) == 2
    for number in (sending, scheduled):
        page = await desk.page(number)
        assert (page.state, page.paused_reason) == (BroadcastState.PAUSED, "restored")
    assert await desk.state(draft) is BroadcastState.DRAFT
    desk.now += 2 * DAY
    assert await desk.start_due() == 0
    await desk.go()
    assert desk.sender.requests == []
    assert await desk.resume(sending)
    assert await desk.resume(scheduled)
    assert await desk.state(scheduled) is BroadcastState.SCHEDULED
    assert (await desk.broadcast(scheduled)).starts_at == desk.now + MINUTE
    desk.now += MINUTE
    await desk.start_due()
    await desk.go()
    assert len(desk.sender.arrived) == 8


async def test_what_a_restore_paused_before_it_began_can_be_called_off(desk: Desk) -> None:
    number = await desk.draft()
    await desk.confirm(number)
    await desk.do(pause_waiting_broadcasts, desk.now)
    assert await desk.cancel(number) == Cancelled(BroadcastState.PAUSED, 0)
    desk.now += timedelta(days=1)
    assert await desk.start_due() == 0
