"""Answering in the chat: the card is one message, edited in place, whoever taps what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from broadcasts.quiet import QuietHours, parse_span
from events.holds import LONDON
from events.planning import cancel_event, change_event, plan_of
from events.reminders import queue_due
from storage.engine import Database
from storage.events import Event
from storage.rsvp import Card
from tests.events.acts import HOUSEHOLD, HYBRID, IN_TWO_WEEKS, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, LIN, PRIYA = 101, 102, 103, 104, 901


async def opened(chats: Chats, **changes: Any) -> tuple[Cast, Event]:
    """The cast, and an event whose invitations have arrived."""
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, **changes)
    await chats.pass_time(A_MOMENT)
    return cast, event


async def test_an_invitation_has_exactly_the_three_buttons(chats: Chats) -> None:
    await opened(chats)
    assert "You are invited" in chats.last(AMAL).text
    assert chats.labels(AMAL) == [["Going", "Maybe", "Can't go"]]


async def test_a_hybrid_invitation_asks_in_which_way(chats: Chats) -> None:
    await opened(chats, mode=HYBRID, online_url="https://meet.example/secret")
    assert chats.labels(AMAL) == [["In person", "Online", "Can't go"]]
    await chats.tap(AMAL, "Online")
    assert "joining online" in chats.last(AMAL).text
    assert "meet.example" not in chats.last(AMAL).text


async def test_a_tap_on_going_changes_the_card_in_place(chats: Chats) -> None:
    await opened(chats)
    await chats.tap(AMAL, "Going")
    assert len(chats.all(AMAL)) == 1
    assert "You are going." in chats.last(AMAL).text
    assert chats.labels(AMAL)[0] == ["✅ Going", "Maybe", "Can't go"]
    assert chats.toast == "You are going. See you there."


async def test_the_other_carer_of_the_household_sees_the_answer_on_their_card(chats: Chats) -> None:
    await opened(chats, rsvp_by=HOUSEHOLD)
    await chats.tap(AMAL, "Going")
    assert "Amal answered for your household." in chats.last(JO).text
    await chats.tap(JO, "Can't go")
    assert "Jo answered for your household." in chats.last(AMAL).text
    assert "✅ Can't go" in chats.labels(AMAL)[0]


async def test_a_full_event_says_the_place_in_the_line(chats: Chats) -> None:
    await opened(chats, capacity=1)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Going")
    assert "You are number 1 on the waiting list" in chats.last(SAM).text
    assert "number 1 on the waiting list" in chats.toast


async def test_an_offer_arrives_and_one_tap_takes_it(chats: Chats) -> None:
    await opened(chats, capacity=1)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Going")
    await chats.tap(AMAL, "Can't go")
    assert "A place is free for you." in chats.last(SAM).text
    assert chats.labels(SAM)[0] == ["Going", "Can't go"]
    await chats.tap(SAM, "Going")
    assert "You are going." in chats.last(SAM).text


async def test_a_household_says_who_is_coming_in_numbers(chats: Chats) -> None:
    await opened(chats, rsvp_by=HOUSEHOLD, capacity=4)
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Change who is coming")
    assert ["−", "Adults: 1", "+"] in chats.labels(AMAL)
    plus = chats.last(AMAL).buttons[1][2]
    await chats.send_data(AMAL, plus.data, 1)
    await chats.send_data(AMAL, plus.data, 1)  # a double tap leads to the same number
    assert ["−", "Age 0–4: 1", "+"] in chats.labels(AMAL)
    assert "1 adult, 1 child aged 0–4" in chats.last(JO).text
    await chats.tap(AMAL, "Done")
    assert "1 adult, 1 child aged 0–4" in chats.last(AMAL).text
    assert len(chats.all(AMAL)) == 1


async def test_a_party_too_large_is_told_at_once(chats: Chats) -> None:
    await opened(chats, rsvp_by=HOUSEHOLD, capacity=1)
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Change who is coming")
    await chats.send_data(AMAL, chats.last(AMAL).buttons[0][2].data, 1)
    assert "not enough room" in chats.toast
    assert ["−", "Adults: 1", "+"] in chats.labels(AMAL)


async def test_needs_are_asked_with_the_numbers_to_ring_and_kept_for_the_organiser(chats: Chats) -> None:
    cast, event = await opened(chats)
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Access or food needs")
    assert "999" in chats.last(AMAL).text
    assert "01709 000000" in chats.last(AMAL).text
    await chats.write(AMAL, "No nuts please")
    assert "organiser" in chats.last(AMAL).text
    async with chats.database.read() as session:
        assert (await invitation_of(session, event, cast.amal)).needs == "No nuts please"


async def test_what_is_written_long_after_the_question_goes_to_the_service(chats: Chats) -> None:
    cast, event = await opened(chats)
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Access or food needs")
    chats.now += timedelta(hours=3)
    await chats.write(AMAL, "Can somebody ring me?")
    async with chats.database.read() as session:
        assert (await invitation_of(session, event, cast.amal)).needs is None


async def test_a_cancellation_reaches_who_said_yes_and_closes_every_card(chats: Chats) -> None:
    cast, event = await opened(chats)
    await chats.tap(AMAL, "Going")
    async with chats.database.write() as session:
        await cancel_event(session, event.id, "The hall is flooded", cast.priya, chats.now)
    await chats.pass_time()
    assert [len(chats.all(chat)) for chat in (AMAL, SAM)] == [2, 1]
    assert "The hall is flooded" in chats.last(AMAL).text
    assert "cancelled" in chats.last(SAM).text
    assert chats.labels(SAM) == []


async def test_a_change_of_place_asks_again_those_who_said_yes(chats: Chats) -> None:
    cast, event = await opened(chats)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Can't go")
    async with chats.database.write() as session:
        await change_event(session, event.id, replace(plan_of(event), venue="Library"), cast.priya, chats.now)
    await chats.pass_time()  # so soon after the change the card is drawn again, with the same words
    assert "It was at: The Hall" in chats.last(AMAL).text
    assert "Can you still come?" in chats.last(AMAL).text
    assert chats.labels(AMAL)[0] == ["Going", "Maybe", "Can't go"]
    await chats.tap(AMAL, "Going")
    assert "You are going." in chats.last(AMAL).text
    assert len(chats.all(SAM)) == 1
    assert "Library" in chats.last(SAM).text  # the card is drawn again, no message is sent


async def test_a_tap_on_an_older_message_is_answered_there_too(chats: Chats) -> None:
    await opened(chats)
    going = chats.last(AMAL).buttons[0][0].data
    await chats.write(AMAL, "/events")
    await chats.tap(AMAL, "Tue 20 May · Coffee Afternoon")
    messages = chats.screens.messages[AMAL]
    invitation, _, card = messages
    assert messages[invitation].buttons == ()
    await chats.send_data(AMAL, going, invitation)  # from an app that has not seen the edit yet
    assert "You are going." in messages[invitation].text
    assert "You are going." in messages[card].text


async def test_events_lists_what_is_on_with_the_answers(chats: Chats) -> None:
    await opened(chats)
    await chats.tap(AMAL, "Going")
    await chats.write(AMAL, "/events")
    assert chats.labels(AMAL) == [["✅ Tue 20 May · Coffee Afternoon"]]


async def test_long_lists_have_pages(chats: Chats) -> None:
    cast, _ = await opened(chats)
    async with chats.database.write() as session:
        for number in range(7):
            await invited_event(
                session, cast, title=f"Walk {number}", starts_at=IN_TWO_WEEKS + timedelta(days=number + 1)
            )
    await chats.pass_time()
    await chats.write(AMAL, "/events")
    assert "Page 1 of 2" in chats.last(AMAL).text
    await chats.tap(AMAL, "Later")
    assert chats.labels(AMAL)[-1] == ["Earlier"]
    assert len(chats.labels(AMAL)) == 3


async def test_nobody_else_can_tap_for_a_carer(chats: Chats) -> None:
    cast, event = await opened(chats)
    async with chats.database.read() as session:
        invitation = await invitation_of(session, event, cast.amal)
    for chat in (SAM, PRIYA, STRANGER_CHAT):
        for data in (
            f"rsvp:{invitation.id}:going",
            f"party:{invitation.id}",
            f"needs:{invitation.id}",
            f"calendar:{invitation.id}",
            f"event:{invitation.id}",
        ):
            await chats.send_data(chat, data)
    async with chats.database.read() as session:
        assert (await invitation_of(session, event, cast.amal)).state == "invited"


async def test_invented_button_data_does_no_harm(chats: Chats) -> None:
    await opened(chats)
    for data in (
        "rsvp:",
        "rsvp:1",
        "rsvp:x:going",
        "rsvp:99999999999999999999:going",
        "rsvp:1:flying",
        "party:1:1:1:1:1:9999999999999",
        "party:",
        "party:1:0:0:0:0:0",
        "events:x",
        "events:999",
        "event:",
        "needs:1:2",
        "calendar:-1",
        "feedback:1",
        "feedback:1:9",
        "feedback:x:3",
        "tick:1:1",
        "rsvps:1",
        "newevent:title:x",
        "newevent:send",
    ):
        await chats.send_data(AMAL, data)
    assert chats.toast


async def test_the_calendar_file_is_sent_on_a_tap(chats: Chats) -> None:
    await opened(chats)
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Add to calendar")
    attachment = chats.last(AMAL).attachment
    assert attachment is not None
    assert attachment.filename.endswith(".ics")
    assert b"BEGIN:VEVENT" in attachment.content


async def test_reminders_and_the_join_link_arrive_in_time(chats: Chats, database: Database) -> None:
    quiet = QuietHours(parse_span("21:00-08:00"), LONDON)
    await opened(chats, mode=HYBRID, online_url="https://meet.example/secret")
    await chats.tap(AMAL, "Online")
    await chats.tap(SAM, "In person")
    for moment in (
        IN_TWO_WEEKS - timedelta(days=7),
        IN_TWO_WEEKS - timedelta(days=1),
        IN_TWO_WEEKS - timedelta(hours=1),
    ):
        chats.now = moment
        async with database.write() as session:
            await queue_due(session, chats.now, quiet)
        await chats.pass_time()
    shown = [message.text for message in chats.all(AMAL)]
    assert sum("newer message" in text for text in shown) == 2  # the invitation and the first reminder
    assert sum("reminder" in text for text in shown) == 1
    link = chats.last(AMAL)
    assert "https://meet.example/secret" in link.text
    assert link.protect
    everybody_else = [message.text for chat in (JO, SAM, LIN, PRIYA) for message in chats.all(chat)]
    assert not any("meet.example" in text for text in everybody_else)


async def test_the_calendar_command_sends_everything_that_the_carer_is_going_to(chats: Chats) -> None:
    await opened(chats)
    await chats.write(AMAL, "/calendar")
    assert "not said yes to an event yet" in chats.last(AMAL).text
    await chats.tap(AMAL, "Going")
    await chats.write(AMAL, "/calendar")
    file = chats.last(AMAL).attachment
    assert file is not None
    assert file.filename == "events.ics"
    assert file.content.count(b"BEGIN:VEVENT") == 1
    assert b"METHOD:PUBLISH" in file.content


async def test_an_invitation_in_doubt_becomes_the_card_once_it_is_answered(chats: Chats) -> None:
    """A crash while it went out left no trace of the message; the tap shows that it arrived."""
    cast, _ = await opened(chats, rsvp_by=HOUSEHOLD)
    async with chats.database.write() as session:
        await session.execute(delete(Card).where(Card.carer_id == cast.amal.id))
    await chats.tap(AMAL, "Going")
    assert "✅ Going" in chats.labels(AMAL)[0]
    await chats.tap(JO, "Can't go")
    assert "Jo answered for your household." in chats.last(AMAL).text
    assert len(chats.all(AMAL)) == 1


async def test_a_message_that_is_no_more_the_card_points_to_the_newer_one(chats: Chats) -> None:
    """Else the old one would go on naming the old place."""
    _, event = await opened(chats)
    await chats.tap(AMAL, "Going")
    async with chats.database.write() as session:
        plan = replace(plan_of(await session.get_one(Event, event.id)), venue="Hillside Centre")
        await change_event(session, event.id, plan, None, chats.now)
    await chats.pass_time(A_MOMENT)
    old, new = chats.all(AMAL)
    assert "There is a newer message about this below" in old.text
    assert old.buttons == ()
    assert "Hillside Centre" in new.text
