"""A broadcast is confirmed, perhaps approved by a second person, waits a minute, and begins."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from broadcasts import launching
from broadcasts.drafts import Wording, change_draft
from broadcasts.launching import DELAY, Approved, Confirmed, approve, back_to_draft, send_back
from broadcasts.queue import queue_for_audience
from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import DeliveryState, Notice
from storage.engine import Database
from storage.households import Carer, Household, HouseholdType
from storage.staff import AuditEntry
from tests.broadcasts.broadcasting import DAY, HOUR, MINUTE, Desk, open_desk

WRITTEN_AT_ONCE = timedelta(seconds=1)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


async def test_what_is_confirmed_waits_a_minute_and_then_goes_to_everybody_once(desk: Desk) -> None:
    number = await desk.draft()
    assert await desk.confirm(number) is Confirmed.SCHEDULED
    assert (await desk.broadcast(number)).starts_at == desk.now + DELAY
    desk.now += DELAY - WRITTEN_AT_ONCE
    assert await desk.start_due() == 0
    desk.now += WRITTEN_AT_ONCE
    assert await desk.start_due() == 1
    assert await desk.start_due() == 0
    assert await desk.finish_done() == 0
    await desk.go()
    assert desk.sender.sent_to(101) == ["Hello Amal"]
    assert {request.chat_id for request in desk.sender.arrived} == {101, 102, 103, 104}
    assert await desk.finish_done() == 1
    assert await desk.finish_done() == 0
    done = await desk.broadcast(number)
    assert (done.state, done.started_at, done.ended_at) == (BroadcastState.FINISHED, desk.now, desk.now)


async def test_who_confirmed_it_is_told_when_it_has_gone_out(desk: Desk) -> None:
    await desk.begun("*Coffee* on Friday\nAll are welcome")
    await desk.go()
    await desk.finish_done()
    (notice,) = await alerts(desk)
    assert notice.params == {
        "text": "alert_broadcast_finished",
        "id": 1,
        "excerpt": "Coffee on Friday",
        "sent": 4,
        "failed": 0,
        "unknown": 0,
    }
    await desk.go()
    assert desk.sender.sent_to(901) == ["alert_broadcast_finished"]


async def alerts(desk: Desk) -> list[Notice]:
    async with desk.database.read() as session:
        query = select(Notice).where(Notice.kind == "staff_alert").order_by(Notice.id)
        return list((await session.scalars(query)).all())


async def test_a_broadcast_for_later_begins_at_its_time(desk: Desk) -> None:
    number = await desk.draft(send_at=desk.now + DAY)
    assert await desk.confirm(number) is Confirmed.SCHEDULED
    assert (await desk.broadcast(number)).starts_at == desk.now + DAY
    desk.now += DAY
    assert await desk.start_due() == 1


async def test_one_for_the_next_moments_still_waits_its_minute(desk: Desk) -> None:
    number = await desk.draft(send_at=desk.now + WRITTEN_AT_ONCE)
    await desk.confirm(number)
    assert (await desk.broadcast(number)).starts_at == desk.now + DELAY


async def test_whom_it_is_for_is_decided_when_it_begins(desk: Desk) -> None:
    number = await desk.draft(send_at=desk.now + DAY)
    await desk.confirm(number)
    newcomers = Household(ref="H9", type=HouseholdType.MAINSTREAM, approved_on=desk.now.date())
    await desk.add(newcomers)
    await desk.add(Carer(ref="C9", household_id=newcomers.id, first_name="Kit", chat_id=109))
    await desk.change(desk.cast.marshes, ended_on=desk.now.date())
    desk.now += DAY
    await desk.start_due()
    await desk.go()
    assert {request.chat_id for request in desk.sender.arrived} == {101, 102, 103, 109}


async def test_a_large_one_needs_a_second_person(desk: Desk) -> None:
    desk.allow(approval_above=3)
    number = await desk.draft()
    assert (await desk.forecast(number)).needs_approval
    assert await desk.confirm(number) is Confirmed.AWAITING_APPROVAL
    desk.now += DAY
    assert await desk.start_due() == 0
    assert await desk.approve(number, desk.cast.priya) is Approved.YOUR_OWN
    assert await desk.approve(number) is Approved.SCHEDULED
    assert await desk.approve(number) is Approved.NOT_WAITING
    assert await desk.approve(99) is Approved.NOT_FOUND
    assert (await desk.broadcast(number)).starts_at == desk.now + DELAY


async def test_only_the_version_that_was_seen_is_approved(desk: Desk) -> None:
    desk.allow(approval_above=1)
    number = await desk.draft()
    assert await desk.confirm(number) is Confirmed.AWAITING_APPROVAL
    seen = (await desk.broadcast(number)).version
    assert await desk.do(launching.send_back, number, desk.cast.priya, desk.now)
    assert await desk.confirm(number) is Confirmed.AWAITING_APPROVAL
    assert await desk.approve(number, version=seen) is Approved.CHANGED_MEANWHILE
    assert await desk.start_due() == 0
    assert await desk.approve(number, version=seen + 1) is Approved.SCHEDULED


async def test_one_that_cannot_begin_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [await desk.draft(words) for words in ("One", "Two", "Three")]
    for number in numbers:
        assert await desk.confirm(number) is Confirmed.SCHEDULED
    desk.now += DELAY
    queue = queue_for_audience

    async def broken(*given: Any, about: str, **more: Any) -> tuple[int, int]:
        found = await queue(*given, about=about, **more)
        if about == str(numbers[1]):
            raise LookupError("its audience is beyond reading")
        return found

    monkeypatch.setattr(launching, "queue_for_audience", broken)
    assert await desk.start_due() == 2
    sending, scheduled = BroadcastState.SENDING, BroadcastState.SCHEDULED
    assert [await desk.state(number) for number in numbers] == [sending, scheduled, sending]
    assert len(await desk.deliveries()) == 2 * 4
    monkeypatch.undo()
    assert await desk.start_due() == 1


async def test_one_of_just_that_size_needs_nobody_and_without_the_rule_none_does(desk: Desk) -> None:
    desk.allow(approval_above=4)
    assert await desk.confirm(await desk.draft("One")) is Confirmed.SCHEDULED
    desk.allow(approval_above=None)
    assert await desk.confirm(await desk.draft("Two")) is Confirmed.SCHEDULED


async def test_neither_who_wrote_the_last_version_nor_who_confirmed_it_approves(desk: Desk) -> None:
    desk.allow(approval_above=1)
    cast = desk.cast
    number = await desk.draft()
    wording = Wording({"en": "Changed by Ash"}, "all")
    await desk.do(change_draft, number, wording, 1, cast.ash, desk.now)
    assert await desk.confirm(number, cast.dee) is Confirmed.AWAITING_APPROVAL
    assert await desk.approve(number, cast.ash) is Approved.YOUR_OWN
    assert await desk.approve(number, cast.dee) is Approved.YOUR_OWN
    # Priya wrote what Ash has replaced: it is as new to her as to anybody.
    assert await desk.approve(number, cast.priya) is Approved.SCHEDULED


async def test_who_may_approve_is_shown_the_message_and_asked(desk: Desk) -> None:
    desk.allow(approval_above=1)
    number = await desk.draft()
    await desk.confirm(number)
    await desk.go()
    for chat in (903, 904):
        assert desk.sender.sent_to(chat) in (
            ["Hello Dee", "alert_broadcast_approval"],
            ["Hello Ash", "alert_broadcast_approval"],
        )
    assert desk.sender.sent_to(901) == []
    assert desk.sender.sent_to(902) == []
    await desk.approve(number)
    await desk.go()
    assert desk.sender.sent_to(901) == ["alert_broadcast_approved"]


async def test_one_sent_back_is_a_draft_again_and_its_writer_is_told(desk: Desk) -> None:
    desk.allow(approval_above=1)
    number = await desk.draft()
    await desk.confirm(number)
    assert await desk.do(send_back, number, desk.cast.dee, desk.now)
    assert not await desk.do(send_back, number, desk.cast.dee, desk.now)
    draft = await desk.broadcast(number)
    assert (draft.state, draft.version, draft.confirmed_by_id) == (BroadcastState.DRAFT, 2, None)
    assert await desk.confirm(number, version=1) is Confirmed.CHANGED_MEANWHILE
    desk.sender.arrived.clear()
    await desk.go()
    assert desk.sender.sent_to(901) == ["alert_broadcast_sent_back"]
    assert await desk.confirm(number) is Confirmed.AWAITING_APPROVAL


async def test_a_scheduled_one_can_be_written_again_until_it_begins(desk: Desk) -> None:
    number = await desk.draft()
    await desk.confirm(number)
    assert await desk.do(back_to_draft, number, desk.cast.dee, desk.now)
    desk.now += HOUR
    assert await desk.start_due() == 0
    await desk.confirm(number)
    desk.now += MINUTE
    await desk.start_due()
    assert not await desk.do(back_to_draft, number, desk.cast.dee, desk.now)
    assert await desk.state(number) is BroadcastState.SENDING


async def test_confirming_twice_is_harmless_and_an_older_version_is_refused(desk: Desk) -> None:
    number = await desk.draft()
    assert await desk.confirm(number, version=0) is Confirmed.CHANGED_MEANWHILE
    assert await desk.confirm(number) is Confirmed.SCHEDULED
    assert await desk.confirm(number) is Confirmed.NOT_A_DRAFT
    assert await desk.confirm(99, version=1) is Confirmed.NOT_FOUND


async def test_what_has_problems_or_reaches_nobody_does_not_go_out(desk: Desk) -> None:
    assert await desk.confirm(await desk.draft("")) is Confirmed.PROBLEMS
    assert await desk.confirm(await desk.draft(audience="nobody's")) is Confirmed.PROBLEMS
    assert await desk.confirm(await desk.draft(send_at=desk.now - MINUTE)) is Confirmed.PROBLEMS
    for carer in (desk.cast.amal, desk.cast.jo, desk.cast.sam, desk.cast.lin):
        await desk.change(carer, stopped_at=desk.now)
    assert await desk.confirm(await desk.draft()) is Confirmed.NOBODY


async def test_the_same_to_the_same_people_on_the_same_day_is_questioned(desk: Desk) -> None:
    first = await desk.begun("Coffee on Friday")
    again = await desk.draft("  coffee ON\nFriday ")
    assert (await desk.forecast(again)).same_as == first
    assert await desk.confirm(again) is Confirmed.SAME_AGAIN
    assert await desk.state(again) is BroadcastState.DRAFT
    assert await desk.confirm(again, repeat_meant=True) is Confirmed.SCHEDULED
    assert (await desk.broadcast(again)).repeat_meant


async def test_another_audience_text_or_local_day_is_another_thing(desk: Desk) -> None:
    await desk.begun("Coffee on Friday")
    assert await desk.confirm(await desk.draft("Coffee on Monday")) is Confirmed.SCHEDULED
    tomorrow = desk.now.replace(hour=23, minute=30)  # half past midnight in London
    assert await desk.confirm(await desk.draft("Coffee on Friday", send_at=tomorrow)) is Confirmed.SCHEDULED
    tonight = tomorrow - HOUR
    assert await desk.confirm(await desk.draft("Coffee on Friday", send_at=tonight)) is Confirmed.SAME_AGAIN


async def test_one_that_was_called_off_before_it_began_is_not_the_same_again(desk: Desk) -> None:
    number = await desk.draft("Coffee on Friday")
    await desk.confirm(number)
    await desk.cancel(number)
    assert await desk.confirm(await desk.draft("Coffee on Friday")) is Confirmed.SCHEDULED


async def test_a_test_goes_to_the_chat_of_who_asks_and_to_nobody_else(desk: Desk) -> None:
    number = await desk.draft("Hello {first_name}", texts={"ur": "{first_name} سلام"})
    assert await desk.do(launching.test_to_myself, number, desk.cast.priya, desk.now)
    assert await desk.do(launching.test_to_myself, number, desk.cast.priya, desk.now, "ur")
    assert await desk.do(launching.test_to_myself, number, desk.cast.priya, desk.now, "pa")
    await desk.go()
    assert desk.sender.sent_to(901) == ["Hello Priya", "Priya سلام", "Hello Priya"]
    assert len(desk.sender.arrived) == 3
    await desk.change(desk.cast.tom, chat_id=None)
    async with desk.database.read() as session:
        tom = await session.get_one(type(desk.cast.tom), desk.cast.tom.id)
    assert not await desk.do(launching.test_to_myself, number, tom, desk.now)
    assert not await desk.do(launching.test_to_myself, 99, desk.cast.priya, desk.now)


async def test_a_test_does_not_wait_for_the_end_of_quiet_hours(desk: Desk) -> None:
    desk.now = desk.now.replace(hour=22)
    await desk.do(launching.test_to_myself, await desk.draft(), desk.cast.priya, desk.now)
    await desk.go()
    assert desk.sender.sent_to(901) == ["Hello Priya"]


async def test_one_that_was_due_during_a_long_outage_is_missed_and_not_sent_late(desk: Desk) -> None:
    number = await desk.draft()
    await desk.confirm(number)
    desk.now += 4 * DAY
    assert await desk.start_due() == 1
    await desk.go()
    assert desk.sender.requests == []
    assert {state for state, _ in (await desk.stands()).values()} == {DeliveryState.MISSED}
    assert await desk.finish_done() == 1
    assert await desk.state(number) is BroadcastState.FINISHED


async def test_one_whose_audience_is_empty_by_then_finishes_with_nobody(desk: Desk) -> None:
    number = await desk.draft(send_at=desk.now + DAY)
    await desk.confirm(number)
    for household in (desk.cast.reeds, desk.cast.okafors, desk.cast.marshes):
        await desk.change(household, ended_on=desk.now.date())
    desk.now += DAY
    assert await desk.start_due() == 1
    assert await desk.finish_done() == 1


async def test_every_deed_of_a_person_is_in_the_audit_log(desk: Desk) -> None:
    desk.allow(approval_above=1)
    number = await desk.draft()
    await desk.confirm(number)
    await desk.approve(number)
    desk.now += MINUTE
    await desk.start_due()
    await desk.pause(number)
    await desk.resume(number)
    await desk.go()
    await desk.finish_done()
    await desk.recall(number)
    async with desk.database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(entry.action.removeprefix("broadcast."), entry.actor) for entry in entries] == [
        ("write", "Priya Lane"),
        ("confirm", "Priya Lane"),
        ("approve", "Dee Hall"),
        ("pause", "Priya Lane"),
        ("resume", "Priya Lane"),
        ("recall", "Priya Lane"),
    ]
    assert {entry.subject for entry in entries} == {f"broadcast:{number}"}


async def test_what_is_deleted_by_then_is_not_sent_as_a_test(desk: Desk) -> None:
    number = await desk.draft()
    await desk.do(launching.test_to_myself, number, desk.cast.priya, desk.now)
    async with desk.database.write() as session:
        await session.delete(await session.get_one(Broadcast, number))
    await desk.go()
    (row,) = await desk.deliveries("broadcast_test")
    assert (row.state, row.reason) == (DeliveryState.SKIPPED, "discarded")


async def test_approving_what_nobody_confirmed_does_nothing(desk: Desk) -> None:
    number = await desk.draft()
    assert await desk.do(approve, number, 1, desk.cast.dee, desk.now) is Approved.NOT_WAITING
