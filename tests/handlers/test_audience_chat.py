"""Saved audiences in the chat: chosen by a button or by what they are called, for an event or a message."""

import pytest
from sqlalchemy import select

from carers.audience_rules import MainCarer, Rules
from carers.saved_audiences import change_audience, save_audience
from events.holds import LONDON
from storage.broadcasts import Broadcast
from storage.events import Event
from storage.rsvp import Invitation
from tests.handlers.chats import Chats
from tests.support.cast import NOON, Cast, gather

pytestmark = pytest.mark.one_database
PRIYA = 901
RULES = Rules((MainCarer(),))


async def prepare(chats: Chats) -> Cast:
    async with chats.database.write() as session:
        cast = await gather(session)
        await save_audience(session, "Main ones", RULES, cast.priya, NOON, LONDON)
        return cast


async def tell_all_but_for_whom(chats: Chats) -> None:
    for said in ("/newevent", "Walk"):
        await chats.write(PRIYA, said)
    await chats.tap(PRIYA, "Trip")
    await chats.tap(PRIYA, "Leave it out")
    await chats.write(PRIYA, "24/06/2025 19:00")
    await chats.tap(PRIYA, "2 hours")
    await chats.tap(PRIYA, "In person")
    await chats.write(PRIYA, "The Mill")


async def test_an_event_is_for_a_saved_audience(chats: Chats) -> None:
    await prepare(chats)
    await tell_all_but_for_whom(chats)
    await chats.tap(PRIYA, "Main ones")
    await chats.tap(PRIYA, "Each carer")
    await chats.write(PRIYA, "16")
    assert "3 carers in 3 households" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Send the invitations")
    async with chats.database.read() as session:
        assert (await session.scalars(select(Event.audience))).one() == "saved:Main ones"
        assert len((await session.scalars(select(Invitation))).all()) == 3


async def test_an_audience_that_got_another_name_meanwhile_is_asked_for_again(chats: Chats) -> None:
    cast = await prepare(chats)
    await tell_all_but_for_whom(chats)
    await chats.write(PRIYA, "main ONES")
    await chats.tap(PRIYA, "Each carer")
    await chats.write(PRIYA, "16")
    async with chats.database.write() as session:
        await change_audience(session, 1, "Main carers", RULES, 1, cast.dee, NOON, LONDON)
    await chats.tap(PRIYA, "Send the invitations")
    await chats.tap(PRIYA, "Main carers")
    await chats.tap(PRIYA, "Send the invitations")
    async with chats.database.read() as session:
        assert (await session.scalars(select(Event.audience))).one() == "saved:Main carers"


async def test_a_message_is_for_a_saved_audience(chats: Chats) -> None:
    await prepare(chats)
    await chats.write(PRIYA, "/broadcast")
    await chats.write(PRIYA, "The hall is closed on Monday.")
    await chats.write(PRIYA, "main ones")
    async with chats.database.read() as session:
        assert (await session.scalars(select(Broadcast.audience))).one() == "saved:Main ones"
