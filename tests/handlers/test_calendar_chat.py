"""Calendars in the chat: files that follow by themselves, the carer's own link, and the poster's code."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from events.feed import read
from events.planning import cancel_event, change_event, plan_of
from storage.engine import Database
from storage.events import Event
from storage.households import Carer
from tests.events.acts import HOUSEHOLD, IN_TWO_WEEKS, invited_event
from tests.events.calendars import method_of
from tests.events.calendars import read as entries
from tests.handlers.chats import Chats
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, PRIYA = 101, 102, 103, 901
AT_NIGHT = NOON + timedelta(hours=11)
"""22:00 in London."""


async def opened(chats: Chats, **changes: Any) -> tuple[Cast, Event]:
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, **changes)
    await chats.pass_time()
    return cast, event


def files(chats: Chats, chat: int) -> list[str]:
    """The calendar files in this chat, in their order."""
    found = [message.attachment for message in chats.all(chat)]
    return [file.content.decode() for file in found if file is not None and file.mime == "text/calendar"]


def methods(chats: Chats, chat: int) -> list[str]:
    return [method_of(text) for text in files(chats, chat)]


async def feed_of(database: Database, url: str) -> str | None:
    secret = url.removeprefix("https://riverside.example/calendar/").removesuffix(".ics")
    async with database.read() as session:
        return await read(session, secret, "k" * 32, "Riverside", NOON)


def url_in(text: str) -> str:
    return text.partition("<code>")[2].partition("</code>")[0]


async def test_a_file_follows_the_move_and_the_cancellation_of_what_was_taken(chats: Chats) -> None:
    _, event = await opened(chats)
    for chat in (AMAL, SAM):
        await chats.tap(chat, "Going")
    await chats.tap(AMAL, "Add to calendar")
    async with chats.database.write() as session:
        row = await session.get_one(Event, event.id)
        plan = replace(plan_of(row), starts_at=row.starts_at + timedelta(hours=1))
        await change_event(session, event.id, plan, None, chats.now)
    chats.now = AT_NIGHT  # a change goes out at any hour, and so does what belongs to it
    await chats.pass_time()
    assert "There is a change to an event." in chats.all(AMAL)[-2].text
    assert "bring Coffee Afternoon up to date in your calendar" in chats.last(AMAL).text
    async with chats.database.write() as session:
        await cancel_event(session, event.id, "No heating", None, chats.now)
    await chats.pass_time()
    assert "take Coffee Afternoon out of your calendar" in chats.last(AMAL).text
    assert methods(chats, AMAL) == ["PUBLISH", "PUBLISH", "CANCEL"]
    numbers = [entries(text)[0].sequence for text in files(chats, AMAL)]
    assert numbers == sorted(set(numbers))
    assert methods(chats, SAM) == []


async def test_who_cannot_come_gets_it_out_of_the_calendar_at_once_and_the_other_carer_in_the_morning(
    chats: Chats,
) -> None:
    await opened(chats, rsvp_by=HOUSEHOLD)
    await chats.tap(AMAL, "Going")
    for chat in (AMAL, JO):
        await chats.pass_time(timedelta(seconds=11))
        await chats.tap(chat, "Add to calendar")
    chats.now = AT_NIGHT
    await chats.tap(AMAL, "Can't go")
    assert methods(chats, AMAL) == ["PUBLISH", "CANCEL"]
    assert methods(chats, JO) == ["PUBLISH"]
    await chats.pass_time(timedelta(hours=11))
    assert methods(chats, JO) == ["PUBLISH", "CANCEL"]
    await chats.tap(AMAL, "Going")
    await chats.tap(AMAL, "Add to calendar")
    assert methods(chats, AMAL) == ["PUBLISH", "CANCEL", "PUBLISH"]
    numbers = [entries(text)[0].sequence for text in files(chats, AMAL)]
    assert numbers == sorted(set(numbers))


async def test_a_carer_gets_a_link_renews_it_and_switches_it_off(chats: Chats) -> None:
    await opened(chats)
    await chats.write(AMAL, "/calendar")
    await chats.tap(AMAL, "Calendar link")
    first = url_in(chats.last(AMAL).text)
    assert first.startswith("https://riverside.example/calendar/")
    assert not chats.last(AMAL).link_preview
    assert await feed_of(chats.database, first) is not None
    await chats.write(AMAL, "/calendar")
    await chats.tap(AMAL, "Calendar link")
    assert url_in(chats.last(AMAL).text) == first
    await chats.tap(AMAL, "New link")
    second = url_in(chats.last(AMAL).text)
    assert "The one before it has stopped working" in chats.last(AMAL).text
    assert await feed_of(chats.database, first) is None
    assert await feed_of(chats.database, second) is not None
    await chats.send_data(AMAL, "feed:new:1")  # a double tap, and an old message
    await chats.send_data(AMAL, "feed:off:1")
    assert await feed_of(chats.database, second) is not None
    await chats.tap(AMAL, "Switch it off")
    assert "switched off" in chats.last(AMAL).text
    assert await feed_of(chats.database, second) is None
    await chats.tap(AMAL, "Calendar link")
    third = url_in(chats.last(AMAL).text)
    assert third not in (first, second)
    assert [await feed_of(chats.database, url) is not None for url in (first, second, third)] == [
        False,
        False,
        True,
    ]


async def test_without_a_public_address_no_link_is_offered(chats: Chats) -> None:
    await opened(chats)
    chats._turns._feeds = None
    await chats.write(AMAL, "/calendar")
    assert chats.labels(AMAL) == []
    await chats.send_data(AMAL, "feed:show")
    async with chats.database.read() as session:
        assert (await session.get_one(Carer, 1)).feed_number is None


@pytest.mark.parametrize(
    "data", ["feed:", "feed:new", "feed:new:x", "feed:off:-1", "feed:off:99999999999", "feed:x:1"]
)
async def test_invented_data_and_strangers_get_nowhere(chats: Chats, data: str) -> None:
    await opened(chats)
    for chat in (AMAL, PRIYA, STRANGER_CHAT):
        await chats.send_data(chat, data)
    async with chats.database.read() as session:
        assert (await session.get_one(Carer, 1)).feed_number is None


async def test_the_posters_code_welcomes_who_is_there_and_says_why_it_does_not(chats: Chats) -> None:
    cast, event = await opened(chats)
    scan = f"/start checkin-{event.checkin_code}"
    await chats.write(AMAL, scan)
    assert "Please check in from an hour before" in chats.last(AMAL).text
    chats.now = IN_TWO_WEEKS
    for words in ("You are checked in.", "You are checked in already."):
        await chats.write(AMAL, scan)
        assert words in chats.last(AMAL).text
    await chats.write(STRANGER_CHAT, scan)
    assert "checked in" not in chats.last(STRANGER_CHAT).text
    async with chats.database.write() as session:
        (await session.merge(cast.okafors)).ended_on = IN_TWO_WEEKS.date()
    await chats.write(SAM, scan)
    assert "This code belongs to no event" in chats.last(SAM).text
    async with chats.database.write() as session:
        await cancel_event(session, event.id, "", None, chats.now)
    await chats.write(JO, scan)
    assert "This event has been cancelled." in chats.last(JO).text
