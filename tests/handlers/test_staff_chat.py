"""What staff do in the chat: make an event, see who is coming, tick who came; and the carers' side."""

from datetime import timedelta

import pytest

from events.feedback import ask_due
from events.holds import LONDON
from storage.attendance_queries import attendance_of, feedback_of
from storage.event_lists import events_between
from tests.events.acts import IN_TWO_WEEKS, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import STRANGER_CHAT, gather

pytestmark = pytest.mark.one_database

AMAL, SAM, PRIYA, TOM = 101, 103, 901, 902


async def test_an_event_is_made_step_by_step_and_sent(chats: Chats) -> None:
    async with chats.database.write() as session:
        await gather(session)
    await chats.write(PRIYA, "/newevent")
    await chats.write(PRIYA, "Wreath making <3")
    await chats.tap(PRIYA, "Wellbeing")
    await chats.tap(PRIYA, "Leave it out")
    await chats.write(PRIYA, "tomorrow at ten")
    assert "24/05/2026 10:00" in chats.last(PRIYA).text
    await chats.write(PRIYA, "01/05/2025 10:00")
    assert "past" in chats.last(PRIYA).text
    await chats.write(PRIYA, "31/06/2025 10:00")
    assert "no such day" in chats.last(PRIYA).text
    await chats.write(PRIYA, "24/06/2025 19:00")
    await chats.write(PRIYA, "18:00")
    assert "end before it starts" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "2 hours")
    await chats.tap(PRIYA, "In person")
    await chats.write(PRIYA, "Studio, 3 Mill Lane")
    await chats.tap(PRIYA, "Everyone")
    await chats.tap(PRIYA, "Each carer")
    await chats.write(PRIYA, "16")
    assert "Wreath making &lt;3" in chats.last(PRIYA).text
    assert "4 carers in 3 households" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Send the invitations")
    assert "on their way to 4 carers" in chats.last(PRIYA).text
    assert "Wreath making" in chats.last(AMAL).text
    assert "Tuesday 24 June, 7:00 pm – 9:00 pm" in chats.last(AMAL).text
    await chats.send_data(PRIYA, "newevent:send")
    async with chats.database.read() as session:
        assert len(await events_between(session, None, None)) == 1


async def test_an_old_button_of_a_question_does_not_answer_the_next(chats: Chats) -> None:
    async with chats.database.write() as session:
        await gather(session)
    await chats.write(PRIYA, "/newevent")
    await chats.write(PRIYA, "Walk")
    await chats.tap(PRIYA, "Trip")
    await chats.tap(PRIYA, "Trip")
    assert "A sentence or two" in chats.last(PRIYA).text


async def test_only_staff_who_plan_events_can_make_one(chats: Chats) -> None:
    async with chats.database.write() as session:
        await gather(session)
    for chat in (AMAL, TOM, STRANGER_CHAT):
        await chats.write(chat, "/newevent")
        assert "What is it called" not in chats.last(chat).text


async def test_staff_who_do_not_plan_are_told_whom_to_ask(chats: Chats) -> None:
    async with chats.database.write() as session:
        await gather(session)
    await chats.write(TOM, "/newevent")
    assert "Please ask one of them" in chats.last(TOM).text


async def test_every_event_can_be_reached_from_the_list_of_who_is_coming(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        for number in range(10):
            starts = IN_TWO_WEEKS + timedelta(days=number)
            ends = starts + timedelta(hours=1)
            await invited_event(session, cast, title=f"Walk {number}", starts_at=starts, ends_at=ends)
    await chats.write(PRIYA, "/rsvps")
    assert chats.labels(PRIYA)[-2:] == [["Tue 27 May · Walk 7"], ["Later"]]
    await chats.tap(PRIYA, "Later")
    assert chats.labels(PRIYA) == [["Wed 28 May · Walk 8"], ["Thu 29 May · Walk 9"], ["Earlier"]]
    shown = next(iter(reversed(chats.screens.messages[PRIYA])))
    await chats.send_data(PRIYA, f"rsvps:list:{2**31 - 1}", shown)
    assert chats.labels(PRIYA)[0] == ["Tue 20 May · Walk 0"]


async def test_staff_see_the_counts_and_tick_who_came(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=10)
    await chats.pass_time(A_MOMENT)
    await chats.tap(AMAL, "Going")
    await chats.write(PRIYA, "/rsvps")
    assert "1 going, 0 maybe, 0 can't go, 3 not answered" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Tue 20 May · Coffee Afternoon")
    assert "1 of 10 places taken" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Tick who came")
    await chats.tap(PRIYA, "⬜ Amal Reed")
    assert "1 of 1 ticked" in chats.last(PRIYA).text
    async with chats.database.read() as session:
        row = await attendance_of(session, event.id, cast.amal.id)
        assert row is not None
        assert (row.state, row.recorded_by_id) == ("attended", cast.priya.id)


async def test_a_social_worker_ticks_only_their_own_households(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
    await chats.pass_time(A_MOMENT)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Going")
    await chats.write(TOM, "/rsvps")
    await chats.tap(TOM, "Tue 20 May · Coffee Afternoon")
    await chats.tap(TOM, "Tick who came")
    assert chats.labels(TOM)[0] == ["⬜ Amal Reed"]
    await chats.send_data(TOM, f"tick:{event.id}:1:{cast.sam.id}:attended")
    async with chats.database.read() as session:
        assert await attendance_of(session, event.id, cast.sam.id) is None


async def test_carers_do_not_see_who_is_coming(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
    await chats.pass_time()
    await chats.tap(SAM, "Going")
    await chats.write(AMAL, "/rsvps")
    await chats.send_data(AMAL, f"rsvps:{event.id}")
    await chats.send_data(AMAL, f"tick:{event.id}:1")
    assert not any("Okafor" in message.text for message in chats.all(AMAL))


async def test_the_poster_checks_a_carer_in_and_the_next_morning_asks_how_it_was(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
    await chats.pass_time()
    start = f"/start checkin-{event.checkin_code}"
    await chats.write(AMAL, start)
    assert "from an hour before" in chats.last(AMAL).text
    chats.now = IN_TWO_WEEKS
    await chats.write(AMAL, start)
    assert "You are checked in." in chats.last(AMAL).text
    chats.now = IN_TWO_WEEKS + timedelta(days=1)
    async with chats.database.write() as session:
        assert await ask_due(session, chats.now, LONDON) == 1
    await chats.pass_time()
    await chats.tap(AMAL, "4")
    assert "999" in chats.last(AMAL).text
    await chats.write(AMAL, "Lovely cake")
    async with chats.database.read() as session:
        given = await feedback_of(session, event.id, cast.amal.id)
        assert given is not None
        assert (given.rating, given.comment) == (4, "Lovely cake")


async def test_a_comment_that_cannot_wait_goes_to_the_service(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
    chats.now = IN_TWO_WEEKS
    await chats.write(AMAL, f"/start checkin-{event.checkin_code}")
    await chats.send_data(AMAL, f"feedback:{event.id}:1")
    await chats.write(AMAL, "I think of suicide")
    async with chats.database.read() as session:
        given = await feedback_of(session, event.id, cast.amal.id)
        assert given is not None
        assert given.comment is None
