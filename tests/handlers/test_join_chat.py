"""The button "Join online": the link for who is going online, near the time, and for nobody else ever."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from broadcasts.quiet import QuietHours, parse_span
from events.holds import LONDON
from events.planning import cancel_event
from events.reminders import queue_due
from storage.events import Event
from storage.households import Household
from tests.events.acts import CARER, HYBRID, IN_TWO_WEEKS, ONLINE, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, LIN, PRIYA = 101, 102, 103, 104, 901
LINK = "https://meet.example/secret"
AN_HOUR_BEFORE = IN_TWO_WEEKS - timedelta(hours=1)
THE_END = IN_TWO_WEEKS + timedelta(hours=2)
EVERYBODY = (AMAL, JO, SAM, LIN, PRIYA, STRANGER_CHAT)


async def opened(chats: Chats, **changes: Any) -> tuple[Cast, Event, str]:
    """A meeting to which carers come in person or online, and what Amal's button sends."""
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, **{"mode": HYBRID, "online_url": LINK} | changes)
        button = f"join:{(await invitation_of(session, event, cast.amal)).id}"
    await chats.pass_time(A_MOMENT)
    return cast, event, button


async def tapped_at(chats: Chats, moment: datetime, chat: int, button: str) -> bool:
    """Whether this tap brought the link."""
    chats.now = moment
    before = len(chats.all(chat))
    await chats.send_data(chat, button)
    return any(LINK in message.text for message in chats.all(chat)[before:])


async def test_the_link_is_given_from_an_hour_before_until_the_end_and_cannot_be_passed_on(
    chats: Chats,
) -> None:
    _, _, button = await opened(chats)
    await chats.tap(AMAL, "Online")
    assert ["Join online"] in chats.labels(AMAL)
    assert LINK not in chats.last(AMAL).text
    assert not await tapped_at(chats, AN_HOUR_BEFORE - timedelta(seconds=1), AMAL, button)
    assert chats.toast == "Your link comes here on Tuesday 20 May, 11:00 am, one hour before the start."
    for moment in (AN_HOUR_BEFORE, THE_END - timedelta(seconds=1)):
        assert await tapped_at(chats, moment, AMAL, button)
        assert chats.last(AMAL).protect
        assert not chats.last(AMAL).link_preview
        assert chats.last(AMAL).buttons[0][0].url == LINK
    assert not await tapped_at(chats, THE_END, AMAL, button)
    assert chats.toast == "This event is over."


async def test_nobody_but_who_is_going_online_gets_it(chats: Chats) -> None:
    cast, event, button = await opened(chats, rsvp_by=CARER)
    await chats.tap(AMAL, "Online")
    await chats.tap(JO, "In person")
    for chat in (JO, SAM, LIN, PRIYA, STRANGER_CHAT):
        assert not await tapped_at(chats, AN_HOUR_BEFORE, chat, button)
    async with chats.database.read() as session:
        jos = f"join:{(await invitation_of(session, event, cast.jo)).id}"
        sams = f"join:{(await invitation_of(session, event, cast.sam)).id}"
    assert not await tapped_at(chats, AN_HOUR_BEFORE, JO, jos)
    assert chats.toast == "The link is for those who are joining online."
    assert not await tapped_at(chats, AN_HOUR_BEFORE, SAM, sams)
    await chats.tap(AMAL, "In person")
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)
    for data in ("join:", "join:x", "join:1:2", "join:-1", f"join:{10**12}"):
        assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, data)
        assert chats.toast


async def test_neither_who_may_come_nor_who_waits_gets_it(chats: Chats) -> None:
    _, _, button = await opened(chats, mode=ONLINE, venue="", capacity=1)
    await chats.tap(SAM, "Going")
    assert ["Join online"] in chats.labels(SAM)
    await chats.tap(AMAL, "Going")
    assert "waiting list" in chats.last(AMAL).text
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)
    await chats.tap(AMAL, "Maybe")
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)


async def test_a_cancelled_event_and_a_household_that_has_left_get_none(chats: Chats) -> None:
    cast, event, button = await opened(chats)
    await chats.tap(AMAL, "Online")
    async with chats.database.write() as session:
        home = await session.get_one(Household, cast.reeds.id)
        home.ended_on = chats.now.date()
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)
    async with chats.database.write() as session:
        home = await session.get_one(Household, cast.reeds.id)
        home.ended_on = None
        await cancel_event(session, event.id, "The hall is flooded", cast.priya, chats.now)
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)
    assert chats.toast == "This event has been cancelled."


async def test_a_link_that_staff_have_not_entered_is_promised_and_comes_by_itself(chats: Chats) -> None:
    _, event, button = await opened(chats, online_url="")
    await chats.tap(AMAL, "Online")
    assert not await tapped_at(chats, AN_HOUR_BEFORE, AMAL, button)
    assert chats.toast == "We do not have the link yet. It comes here as soon as we do."
    async with chats.database.write() as session:
        (await session.get_one(Event, event.id)).online_url = LINK
    async with chats.database.write() as session:
        await queue_due(session, chats.now, QuietHours(parse_span("21:00-08:00"), LONDON))
    await chats.pass_time()
    assert sum(LINK in message.text for message in chats.all(AMAL)) == 1
    others = [message.text for chat in EVERYBODY if chat != AMAL for message in chats.all(chat)]
    assert not any(LINK in text for text in others)


async def test_who_comes_late_finds_the_way_in_from_the_list(chats: Chats) -> None:
    await opened(chats)
    await chats.tap(AMAL, "Online")
    chats.now = IN_TWO_WEEKS + timedelta(minutes=20)
    await chats.write(AMAL, "/events")
    await chats.tap(AMAL, "✅ Tue 20 May · Coffee Afternoon")
    assert "Tap “Join online” for your link." in chats.last(AMAL).text
    assert chats.labels(AMAL)[0] == ["Join online"]
    await chats.tap(AMAL, "Join online")
    assert LINK in chats.last(AMAL).text
