"""Answers to what somebody just did in the chat."""

from datetime import timedelta

from storage.households import Carer
from tests.broadcasts.stage import Stage
from tests.support.cast import NOON, STRANGER_CHAT
from tests.support.fake_sender import BLOCKED, FLOOD, NO_ANSWER, NOT_CONNECTED, WRONG

MINUTE = timedelta(minutes=1)


async def test_the_replies_of_a_chat_go_in_order(stage: Stage) -> None:
    for kind in ("first", "second", "third"):
        await stage.reply(101, kind)
    await stage.go()
    assert stage.sender.sent_to(101) == ["first", "second", "third"]
    assert await stage.replies() == []


async def test_a_stranger_gets_an_answer_too(stage: Stage) -> None:
    await stage.reply(STRANGER_CHAT, "unknown_person")
    await stage.go()
    assert stage.sender.sent_to(STRANGER_CHAT) == ["unknown_person"]


async def test_a_tap_is_answered_before_everything_that_waits(stage: Stage) -> None:
    stage.allow(window=1)
    await stage.queue("cancellation", stage.cast.amal, stage.cast.jo)
    await stage.reply(104, "hello")
    await stage.go()
    assert [request.chat_id for request in stage.sender.requests] == [104, 101, 102]


async def test_a_stream_of_taps_does_not_starve_a_broadcast(stage: Stage) -> None:
    stage.allow(window=1)
    await stage.queue("broadcast", stage.cast.amal)
    for number in range(25):
        await stage.reply(200 + number, "hello")
    await stage.go()
    chats = [request.chat_id for request in stage.sender.requests]
    assert chats.index(101) < 12


async def test_an_answer_comes_at_night_too(stage: Stage) -> None:
    night = NOON + timedelta(hours=12)
    await stage.reply(101, "hello", now=night)
    await stage.go(night)
    assert stage.sender.sent_to(101) == ["hello"]


async def test_a_reply_edits_deletes_or_toasts(stage: Stage) -> None:
    await stage.reply(101, "words", op="edit", message_id=7)
    await stage.reply(101, "", op="delete", message_id=8)
    await stage.reply(101, "saved", op="toast", callback_id="tap")
    await stage.go()
    assert stage.sender.ops() == ["edit", "delete", "toast"]
    assert [request.message_id for request in stage.sender.requests] == [7, 8, None]
    assert stage.sender.requests[2].text == "saved"


async def test_a_reply_that_was_not_accepted_keeps_its_place(stage: Stage) -> None:
    stage.sender.will(NOT_CONNECTED)
    await stage.reply(101, "first")
    await stage.reply(101, "second")
    await stage.go()
    assert stage.sender.arrived == []
    await stage.go(NOON + MINUTE)
    assert stage.sender.sent_to(101) == ["first", "second"]


async def test_one_chat_that_waits_holds_up_no_other(stage: Stage) -> None:
    stage.sender.will(NOT_CONNECTED)
    await stage.reply(101, "first")
    await stage.engine.work_once(NOON)
    await stage.reply(102, "hello")
    await stage.go()
    assert stage.sender.sent_to(102) == ["hello"]


async def test_a_message_that_may_have_arrived_is_not_sent_again(stage: Stage) -> None:
    stage.sender.will(NO_ANSWER)
    await stage.reply(101, "hello")
    await stage.go()
    await stage.go(NOON + MINUTE)
    assert stage.sender.sent_to(101) == ["hello"]
    assert stage.engine.progress["replies_unknown"] == 1


async def test_an_edit_that_may_have_arrived_is_done_again(stage: Stage) -> None:
    stage.sender.will(NO_ANSWER)
    await stage.reply(101, "words", op="edit", message_id=7)
    await stage.go()
    await stage.go(NOON + MINUTE)
    assert stage.sender.ops() == ["edit", "edit"]
    assert await stage.replies() == []


async def test_the_answer_to_a_tap_that_telegram_has_forgotten_is_dropped(stage: Stage) -> None:
    await stage.reply(101, "saved", op="toast", callback_id="tap")
    await stage.go(NOON + timedelta(seconds=150))
    assert stage.sender.requests == []
    assert await stage.replies() == []
    assert stage.engine.progress["replies_late"] == 1


async def test_a_refused_reply_does_not_stop_the_next(stage: Stage) -> None:
    stage.sender.will(WRONG)
    await stage.reply(101, "first")
    await stage.reply(101, "second")
    await stage.go()
    assert stage.sender.sent_to(101) == ["second"]


async def test_who_blocks_the_bot_right_after_a_tap_is_unreachable(stage: Stage) -> None:
    stage.sender.will(BLOCKED)
    await stage.reply(101, "hello")
    await stage.go()
    async with stage.database.read() as session:
        amal = await session.get_one(Carer, stage.cast.amal.id)
    assert amal.unreachable_reason == "blocked"


async def test_too_many_requests_stops_the_answers_to_taps_as_well(stage: Stage) -> None:
    stage.sender.will(FLOOD)
    await stage.reply(101, "first")
    await stage.engine.work_once(NOON)
    await stage.reply(102, "saved", op="toast", callback_id="tap")
    await stage.go(NOON + timedelta(seconds=5))
    assert len(stage.sender.requests) == 1
    await stage.go(NOON + timedelta(seconds=31))
    assert sorted(stage.sender.ops()[1:]) == ["send", "toast"]


async def test_a_reply_can_become_the_carers_card(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    await stage.reply(101, "card", invitation_id=invitation.id, carer_id=stage.cast.amal.id)
    await stage.go()
    (card,) = await stage.cards()
    assert (card.chat_id, card.message_id) == (101, stage.sender.last_id)
    # What changed since the reply was written cannot be known: the card is drawn once more, harmlessly.
    assert stage.sender.ops() == ["send", "edit"]
    assert not card.stale
