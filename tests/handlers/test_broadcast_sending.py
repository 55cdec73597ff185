"""/broadcast after the summary: sent, watched, stopped, approved, corrected and taken back."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts.pausing import pause_and_tell
from broadcasts.telling import any_to_tell
from storage.broadcasts import BroadcastState
from storage.engine import Database
from tests.handlers.broadcasting import (
    AMAL,
    ASH,
    DEE,
    JO,
    LIN,
    NEWS,
    PHOTO,
    PRIYA,
    SAM,
    TOM,
    Office,
)

pytestmark = pytest.mark.one_database

CARERS = (AMAL, JO, SAM, LIN)
A_MINUTE = timedelta(seconds=61)
SAID = "the office is closed on Monday."


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return await Office.opened(database, tmp_path / "keys")


@pytest.fixture
async def large(database: Database, tmp_path: Path) -> Office:
    """A service where more than two messages need a second person."""
    return await Office.opened(database, tmp_path / "keys", approval_above=2)


def has_it(office: Office, chat: int) -> bool:
    return any(SAID in message.text for message in office.all(chat))


async def test_send_waits_a_minute_then_goes_to_everybody_and_one_message_tells(office: Office) -> None:
    await office.compose()
    before = len(office.all(PRIYA))
    await office.tap(PRIYA, "Send 4 messages")
    assert "Goes out at 12:01 pm" in office.last(PRIYA).text
    assert office.labels(PRIYA)[0] == ["Cancel", "Change it"]
    assert not any(has_it(office, chat) for chat in CARERS)
    await office.tick(A_MINUTE)
    assert all(has_it(office, chat) for chat in CARERS)
    assert "Dear Amal, " in office.last(AMAL).text
    await office.tick()
    _, status = office.shown(PRIYA, "<b>Sent</b>")
    assert "✅ Sent: 4" in status.text
    assert [button.label for button in status.buttons[0]] == ["Correct the words", "Take it back"]
    # The status took the place of the summary; the alert that it is done is the only new message.
    assert len(office.all(PRIYA)) == before + 1
    assert "Your message has gone out" in office.last(PRIYA).text


async def test_two_taps_send_it_once(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.send_data(PRIYA, "broadcast:1:send:3")
    assert "not possible any more" in office.toast
    await office.tick(A_MINUTE)
    await office.tick()
    assert all(sum(SAID in message.text for message in office.all(chat)) == 1 for chat in CARERS)


async def test_cancelled_within_the_minute_it_reaches_nobody(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tap(PRIYA, "Cancel")
    assert "Cancelled" in office.last(PRIYA).text
    await office.tick(A_MINUTE)
    assert not any(has_it(office, chat) for chat in CARERS)
    await office.tap(PRIYA, "Use it again")
    assert "Ready to send" in office.last(PRIYA).text
    assert (await office.broadcast(2)).texts == {"en": NEWS}


async def test_in_its_minute_it_can_be_changed_and_the_old_button_sends_nothing(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tap(PRIYA, "Change it")
    assert "Ready to send" in office.last(PRIYA).text
    await office.tap(PRIYA, "Change the words")
    await office.write(PRIYA, "Closed on Tuesday, not Monday.")
    await office.send_data(PRIYA, "broadcast:1:send:3")
    assert "changed meanwhile" in office.toast
    assert (await office.broadcast()).state is BroadcastState.DRAFT
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    assert "Tuesday" in office.last(AMAL).text


async def test_pause_and_resume_neither_repeat_nor_skip_anyone(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    # Ten in the evening: it begins, and everybody is held by the quiet hours.
    await office.tick(timedelta(hours=10))
    await office.tick()
    assert "🌙 Waiting a little: 4" in office.shown(PRIYA, "On its way")[1].text
    assert "(4 quiet hours)" in office.last(PRIYA).text
    await office.tap(PRIYA, "Pause")
    assert "<b>Paused</b>" in office.last(PRIYA).text
    await office.tick(timedelta(hours=11))
    assert not any(has_it(office, chat) for chat in CARERS)
    await office.tap(PRIYA, "Resume")
    for _ in range(3):
        await office.tick(timedelta(minutes=1))
    assert all(sum(SAID in message.text for message in office.all(chat)) == 1 for chat in CARERS)


async def test_stopping_what_has_begun_takes_a_second_tap(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(timedelta(hours=10))
    await office.tick()
    await office.tap(PRIYA, "Cancel")
    assert "4 messages will not go out" in office.last(PRIYA).text
    await office.tap(PRIYA, "Leave it")
    assert "On its way" in office.last(PRIYA).text  # the question is gone
    await office.tap(PRIYA, "Cancel")
    await office.tap(PRIYA, "Stop it for good")
    assert "⏹ Not sent any more: 4" in office.last(PRIYA).text
    await office.tick(timedelta(hours=12))
    assert not any(has_it(office, chat) for chat in CARERS)


async def test_it_is_taken_back_with_a_second_tap(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    await office.tick()
    await office.tap(PRIYA, "Take it back")
    assert has_it(office, AMAL)
    assert "less than 48 hours old" in office.last(PRIYA).text
    await office.tap(PRIYA, "Take it back", office.shown(PRIYA, "less than 48 hours old")[0])
    assert "4 messages will be taken back" in office.shown(PRIYA, "will be taken back")[1].text
    await office.tick()
    assert not any(has_it(office, chat) for chat in CARERS)
    await office.tick(timedelta(seconds=5))
    assert "↩️ Taken back: 4" in office.shown(PRIYA, "<b>Taken back</b>")[1].text


async def test_it_is_corrected_where_it_stands(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    await office.tick()
    await office.tap(PRIYA, "Correct the words")
    await office.post(PRIYA, **PHOTO, caption="Tuesday")
    assert "only the words" in office.last(PRIYA).text
    await office.write(PRIYA, "Dear {first_name}, closed on {day}.")
    assert "only fill in" in office.last(PRIYA).text
    await office.write(PRIYA, "Dear {first_name}, the office is closed on *Tuesday*.")
    assert "Correct it?" in office.last(PRIYA).text
    assert "Monday" in office.last(AMAL).text
    await office.tap(PRIYA, "Correct it")
    await office.tick()
    assert office.last(AMAL).text == "Dear Amal, the office is closed on <b>Tuesday</b>."
    await office.send_data(PRIYA, "broadcast:1:correct:yes")
    assert "no longer in use" in office.toast


async def test_a_correction_that_was_left_changes_nothing(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    await office.tap(PRIYA, "Correct the words")
    await office.write(PRIYA, "Tuesday")
    await office.tap(PRIYA, "Leave it")
    await office.send_data(PRIYA, "broadcast:1:correct:yes")
    await office.tick()
    assert "Monday" in office.last(AMAL).text


async def test_the_same_words_on_the_same_day_are_questioned(office: Office) -> None:
    for _ in range(2):
        await office.compose()
        await office.tap(PRIYA, "Send 4 messages")
        await office.tick(A_MINUTE)
        await office.tick()
    assert "The same words went to the same people today" in office.shown(PRIYA, "The same words")[1].text
    assert sum(SAID in message.text for message in office.all(AMAL)) == 1
    await office.tap(PRIYA, "Back", office.shown(PRIYA, "The same words")[0])
    await office.tap(PRIYA, "Send 4 messages")
    await office.tap(PRIYA, "Send it again all the same")
    await office.tick(A_MINUTE)
    assert sum(SAID in message.text for message in office.all(AMAL)) == 2


async def test_a_large_one_is_seen_and_approved_by_somebody_else(large: Office) -> None:
    await large.compose()
    assert "a colleague has to approve it" in large.last(PRIYA).text
    await large.tap(PRIYA, "Ask for approval")
    assert "Waits for a colleague’s approval" in large.last(PRIYA).text
    assert large.labels(PRIYA) == [["Change it", "Cancel"], ["Show the message"]]
    assert large.all(TOM) == []
    for chat in (DEE, ASH):
        preview, alert = large.all(chat)
        assert preview.text == f"Dear {'Dee' if chat == DEE else 'Ash'}, {SAID}"
        assert alert is large.last(chat)
        assert "Priya Lane asks for your approval" in large.last(chat).text
        assert "4 messages to Everyone" in large.last(chat).text
    await large.send_data(PRIYA, "broadcast:1:approve:3")
    assert "Somebody else has to approve" in large.toast
    await large.tap(DEE, "Approve")
    assert "Goes out at 12:01 pm" in large.last(DEE).text
    assert "Dee Hall approved your message" in large.last(PRIYA).text
    await large.tap(ASH, "Approve")
    assert "not possible any more" in large.toast
    await large.tick(A_MINUTE)
    assert all(has_it(large, chat) for chat in CARERS)


async def test_a_large_one_that_is_sent_back_is_a_draft_that_its_writer_is_told_of(large: Office) -> None:
    await large.compose()
    await large.tap(PRIYA, "Ask for approval")
    await large.tap(DEE, "Send back")
    assert "<b>A draft</b>" in large.last(DEE).text
    assert "Dee Hall sent your message back" in large.last(PRIYA).text
    await large.tap(PRIYA, "Show how it stands")
    assert "Ready to ask for approval" in large.last(PRIYA).text
    await large.tap(PRIYA, "Change the words")
    await large.write(PRIYA, "Closed on Tuesday.")
    await large.pass_time(timedelta(seconds=1))
    await large.tap(PRIYA, "Ask for approval")
    await large.tap(ASH, "Approve")
    await large.tick(A_MINUTE)
    assert "Tuesday" in large.last(AMAL).text


async def test_an_old_approve_button_does_not_approve_other_words(large: Office) -> None:
    await large.compose()
    await large.tap(PRIYA, "Ask for approval")
    old, _ = large.shown(ASH, "asks for your approval")
    await large.tap(PRIYA, "Change it")
    await large.tap(PRIYA, "Change the words")
    await large.write(PRIYA, "Closed on Tuesday.")
    await large.tap(PRIYA, "Ask for approval")
    await large.tap(ASH, "Approve", old)
    assert "changed meanwhile" in large.toast
    assert (await large.broadcast()).state is BroadcastState.AWAITING_APPROVAL
    await large.tap(ASH, "Approve", old)  # the same message, which shows how it stands by now
    assert (await large.broadcast()).state is BroadcastState.SCHEDULED


async def test_too_many_failures_are_told_with_a_way_to_look_and_go_on(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(timedelta(hours=10))
    async with office.database.write() as session:
        notice_id = (await office.broadcast()).notice_id
        assert notice_id is not None
        await pause_and_tell(session, notice_id, office.now, 20)
    await office.tick()
    assert "It failed for 20 carers in a row" in office.last(ASH).text
    await office.tap(ASH, "Show how it stands")
    assert "after too many failures in a row" in office.last(ASH).text
    await office.tap(ASH, "Resume")
    assert "On its way" in office.last(ASH).text
    await office.tick(timedelta(seconds=5))
    assert (
        "On its way" in office.shown(PRIYA, "On its way")[1].text
    )  # her message follows what a colleague did


async def test_the_status_follows_to_where_it_is_looked_at(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.write(PRIYA, "/broadcast")
    await office.tap(PRIYA, "Goes out soon: Dear …, the office is closed on Monday.")
    assert sum("Goes out at" in message.text for message in office.all(PRIYA)) == 1
    await office.tick(A_MINUTE)
    await office.tick()
    assert "✅ Sent: 4" in office.shown(PRIYA, "✅ Sent: 4")[1].text


async def test_a_status_of_which_nothing_changes_is_left_alone(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    await office.tick()
    async with office.database.write() as session:
        assert not await any_to_tell(session, office.now, office.policy)
        assert await office._tell(session, office.now) == 0
    await office.tick(timedelta(minutes=11))
    async with office.database.write() as session:
        assert await office._tell(session, office.now) == 0
    await office.tap(PRIYA, "Take it back")
    await office.tap(PRIYA, "Take it back", office.shown(PRIYA, "less than 48 hours old")[0])
    await office.tick()
    await office.tick()
    assert "↩️ Taken back: 4" in office.shown(PRIYA, "<b>Taken back</b>")[1].text


async def test_who_has_left_is_told_nothing_more(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    async with office.database.write() as session:
        priya = await session.get_one(type(office.cast.priya), office.cast.priya.id)
        priya.left_on = office.now.date()
    await office.tick(A_MINUTE)
    await office.tick()
    assert "Goes out at" in office.last(PRIYA).text


async def test_what_is_written_after_sending_is_no_answer_about_it(office: Office) -> None:
    await office.compose()
    await office.tap(PRIYA, "Send 4 messages")
    await office.write(PRIYA, "thank you")
    assert "For staff" in office.last(PRIYA).text


async def test_the_carers_button_tells_staff_whose_it_is_and_opens_settings_for_carers(
    office: Office,
) -> None:
    await office.compose()
    await office.tap(PRIYA, "Choose what I get")
    assert "Here carers choose" in office.toast
    await office.tap(PRIYA, "Send 4 messages")
    await office.tick(A_MINUTE)
    await office.tap(AMAL, "Choose what I get")
    assert has_it(office, AMAL)
    assert "✅ Training" in [label for row in office.labels(AMAL) for label in row]
