"""Staff change an event, or call it off, from the chat: one thing, looked over before it is told."""

from datetime import timedelta
from typing import Any

import pytest

from storage.events import EventState
from storage.events_queries import event_by_ref
from tests.events.acts import ONLINE, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import STRANGER_CHAT, gather

pytestmark = pytest.mark.one_database

AMAL, SAM, PRIYA, TOM = 101, 103, 901, 902


async def _coffee_afternoon(chats: Chats, **changes: Any) -> str:
    async with chats.database.write() as session:
        event = await invited_event(session, await gather(session), **changes)
    await chats.pass_time(A_MOMENT)
    return event.ref


async def _open(chats: Chats, *labels: str) -> None:
    await chats.write(PRIYA, "/rsvps")
    await chats.tap(PRIYA, "Tue 20 May · Coffee Afternoon")
    for label in labels:
        await chats.tap(PRIYA, label)


async def test_a_new_time_is_looked_over_and_then_told_to_who_said_yes(chats: Chats) -> None:
    ref = await _coffee_afternoon(chats)
    await chats.tap(AMAL, "Going")
    await _open(chats, "Change it or call it off", "Day and time")
    await chats.write(PRIYA, "next week")
    assert "24/05/2026 10:00" in chats.last(PRIYA).text
    await chats.write(PRIYA, "21/05/2025 15:00")
    assert "Wednesday 21 May" in chats.last(PRIYA).text
    assert "moved" not in chats.last(AMAL).text.lower()
    await chats.tap(PRIYA, "Yes, change it")
    assert "1 carer is being told" in chats.last(PRIYA).text
    assert "Wednesday 21 May, 3:00 pm – 5:00 pm" in chats.last(AMAL).text
    async with chats.database.read() as session:
        event = await event_by_ref(session, ref)
        assert event is not None
        assert event.ends_at - event.starts_at == timedelta(hours=2)


async def test_a_second_tap_on_yes_does_nothing_and_says_so(chats: Chats) -> None:
    await _coffee_afternoon(chats)
    await _open(chats, "Change it or call it off", "Place")
    await chats.write(PRIYA, "Studio, 3 Mill Lane")
    message = next(iter(reversed(chats.screens.messages[PRIYA])))
    data = chats.last(PRIYA).buttons[0][0].data
    await chats.send_data(PRIYA, data, message)
    await chats.send_data(PRIYA, data, message)
    assert "Done." in chats.last(PRIYA).text


async def test_more_places_are_offered_to_who_waits(chats: Chats) -> None:
    await _coffee_afternoon(chats, capacity=1)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Going")
    await _open(chats, "Change it or call it off", "Places")
    await chats.write(PRIYA, "a few")
    assert "whole number" in chats.last(PRIYA).text
    await chats.write(PRIYA, "2")
    await chats.tap(PRIYA, "Yes, change it")
    assert "1 party on the waiting list is offered a place" in chats.last(PRIYA).text
    await chats.pass_time(A_MOMENT)
    assert "place" in chats.last(SAM).text


async def test_fewer_places_than_are_taken_cannot_be(chats: Chats) -> None:
    await _coffee_afternoon(chats, capacity=4)
    await chats.tap(AMAL, "Going")
    await chats.tap(SAM, "Going")
    await _open(chats, "Change it or call it off", "Places")
    await chats.write(PRIYA, "1")
    await chats.tap(PRIYA, "Yes, change it")
    assert "More places than that are taken" in chats.last(PRIYA).text


async def test_an_event_is_called_off_with_a_reason_that_carers_read(chats: Chats) -> None:
    ref = await _coffee_afternoon(chats)
    await chats.tap(AMAL, "Going")
    await _open(chats, "Change it or call it off", "Call the event off")
    await chats.write(PRIYA, "The hall has no heating.")
    assert "Carers will read: The hall has no heating." in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Yes, call it off")
    assert "The event is off. 1 carer is being told." in chats.last(PRIYA).text
    assert "The hall has no heating." in chats.last(AMAL).text
    async with chats.database.read() as session:
        event = await event_by_ref(session, ref)
        assert event is not None
        assert event.state is EventState.CANCELLED


async def test_an_online_event_offers_its_link_and_no_place(chats: Chats) -> None:
    await _coffee_afternoon(chats, mode=ONLINE, venue="", online_url="https://meet.example.org/old")
    await _open(chats, "Change it or call it off")
    labels = [label for row in chats.labels(PRIYA) for label in row]
    assert "Link to join" in labels
    assert "Place" not in labels
    await chats.tap(PRIYA, "Link to join")
    await chats.write(PRIYA, "meet me there")
    assert "https://" in chats.last(PRIYA).text


async def test_who_may_not_plan_changes_nothing_whatever_they_send(chats: Chats) -> None:
    ref = await _coffee_afternoon(chats)
    async with chats.database.read() as session:
        event = await event_by_ref(session, ref)
        assert event is not None
    for chat in (AMAL, TOM, STRANGER_CHAT):
        for data in (f"change:{event.id}", f"change:{event.id}:cancel", f"change:{event.id}:do"):
            await chats.send_data(chat, data)
            assert "button" in chats.toast
    await chats.write(TOM, "/rsvps")
    await chats.tap(TOM, "Tue 20 May · Coffee Afternoon")
    assert "Change it or call it off" not in [label for row in chats.labels(TOM) for label in row]


async def test_nonsense_in_a_button_is_taken_for_an_old_one(chats: Chats) -> None:
    await _coffee_afternoon(chats)
    for data in ("change:", "change:9999", "change:x:venue", "change:1:1:1:1", "change:1:title"):
        await chats.send_data(PRIYA, data)
        assert "button" in chats.toast
