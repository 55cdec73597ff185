"""Amal and Jo on one phone: each answers under their own, and a button says who sits here."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.raw_updates import kept
from carers.linking import new_link
from carers.people import person_of_chat
from storage.conversations import CarerMessage
from storage.households import Carer, OptOut
from storage.rsvp import Invitation, RsvpState
from surveys.keys import RoundKeys
from tests.events.acts import CARER, HOUSEHOLD, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import Cast, gather
from tests.surveys.stories import open_round

pytestmark = pytest.mark.one_database

PHONE, NEW_PHONE = 101, 777


async def on_one_phone(chats: Chats, **event: Any) -> tuple[Cast, Any]:
    """Amal on the phone, an event, and Jo who opens their link there."""
    async with chats.database.write() as session:
        cast = await gather(session)
        cast.jo.chat_id = None
        made = await invited_event(session, cast, title="Walk", **event) if event else None
        token = await new_link(session, cast.jo, chats.now)
    await chats.pass_time(A_MOMENT)
    await chats.write(PHONE, f"/start {token}")
    await chats.pass_time(A_MOMENT)
    return cast, made


def begins(chats: Chats, chat: int = PHONE) -> list[str]:
    return [message.text.partition("\n")[0] for message in chats.all(chat)]


async def speaks(chats: Chats) -> str:
    async with chats.database.read() as session:
        carer = (await person_of_chat(session, PHONE)).carer
        return carer.first_name if carer else ""


async def test_the_second_carer_is_welcomed_and_told_whose_chat_it_is(chats: Chats) -> None:
    await on_one_phone(chats, rsvp_by=HOUSEHOLD)
    assert ["Hello Jo, you are connected." in text for text in begins(chats)].count(True) == 1
    assert any("You share this chat with Amal" in message.text for message in chats.all(PHONE))
    assert ["Walk" in message.text for message in chats.all(PHONE)].count(True) == 1
    assert await speaks(chats) == "Jo"


async def test_each_has_an_invitation_of_their_own_and_answers_under_it(chats: Chats) -> None:
    cast, event = await on_one_phone(chats, rsvp_by=CARER)
    await chats.pass_time(A_MOMENT)
    cards = {
        number: message for number, message in chats.screens.messages[PHONE].items() if "Walk" in message.text
    }
    assert len(cards) == 2
    first, second = cards
    assert "For Amal" in cards[first].text
    await chats.tap(PHONE, "Going", first)
    assert await speaks(chats) == "Amal"
    await chats.tap(PHONE, "Can't go", second)
    assert await speaks(chats) == "Jo"
    await chats.pass_time(A_MOMENT)
    async with chats.database.read() as session:
        states = [(await invitation_of(session, event, carer)).state for carer in (cast.amal, cast.jo)]
    assert states == [RsvpState.GOING, RsvpState.NOT_GOING]
    shown = chats.screens.messages[PHONE]
    assert "For Amal" in shown[first].text
    assert "For Jo" in shown[second].text


async def test_either_answers_for_the_household(chats: Chats) -> None:
    cast, event = await on_one_phone(chats, rsvp_by=HOUSEHOLD)
    await chats.tap(PHONE, "Going")
    await chats.pass_time(A_MOMENT)
    async with chats.database.read() as session:
        assert (await invitation_of(session, event, cast.jo)).state is RsvpState.GOING
    assert await speaks(chats) == "Jo"
    assert ["Walk" in message.text for message in chats.all(PHONE)].count(True) == 1


async def test_settings_are_of_who_speaks_and_the_other_can_say_so(chats: Chats) -> None:
    cast, _ = await on_one_phone(chats)
    await chats.write(PHONE, "/settings")
    assert chats.last(PHONE).text.startswith("<b>For Jo</b>")
    of_jo = next(reversed(chats.screens.messages[PHONE]))
    await chats.write(PHONE, "/settings")
    await chats.tap(PHONE, "This is Amal")
    assert chats.toast == "Amal is here now."
    assert chats.last(PHONE).text.startswith("<b>For Amal</b>")
    off = next(row for row in chats.screens.messages[PHONE][of_jo].buttons if ":topic:" in row[0].data)[0]
    await chats.send_data(PHONE, off.data, of_jo)
    async with chats.database.read() as session:
        assert await session.get(OptOut, (cast.jo.id, off.data.split(":")[2])) is not None
    assert chats.screens.messages[PHONE][of_jo].text.startswith("<b>For Jo</b>")


async def test_who_is_to_write_is_who_said_so_last(chats: Chats) -> None:
    cast, _ = await on_one_phone(chats)
    await chats.write(PHONE, "/message")
    await chats.tap(PHONE, "This is Amal")
    assert chats.last(PHONE).text.startswith("<b>For Amal</b>")
    await chats.write(PHONE, "Please ring us")
    async with chats.database.read() as session:
        (kept,) = (await session.scalars(select(CarerMessage))).all()
    assert kept.carer_id == cast.amal.id


async def test_needs_are_of_who_was_asked_for_them(chats: Chats) -> None:
    cast, event = await on_one_phone(chats, rsvp_by=CARER)
    first, second = [
        number for number, message in chats.screens.messages[PHONE].items() if "Walk" in message.text
    ]
    await chats.tap(PHONE, "Going", first)
    await chats.pass_time(A_MOMENT)
    async with chats.database.read() as session:
        amals, jos = [(await invitation_of(session, event, one)).id for one in (cast.amal, cast.jo)]
    await chats.send_data(PHONE, f"needs:{amals}", first)
    await chats.tap(PHONE, "Going", second)
    assert await speaks(chats) == "Jo"
    await chats.write(PHONE, "No nuts, please")
    async with chats.database.read() as session:
        assert (await session.get_one(Invitation, amals)).needs == "No nuts, please"
        assert (await session.get_one(Invitation, jos)).needs is None


async def test_a_stranger_cannot_choose_who_speaks_in_a_chat(chats: Chats) -> None:
    cast, _ = await on_one_phone(chats)
    for data in (f"speak:{cast.sam.id}:settings", "speak", "speak:x", f"speak:{cast.sam.id}"):
        await chats.send_data(PHONE, data)
    await chats.send_data(9999, f"speak:{cast.amal.id}:settings")
    assert await speaks(chats) == "Jo"


@pytest.mark.parametrize("who", ["Amal", "Jo"])
async def test_a_new_phone_takes_one_along_and_the_old_is_told(chats: Chats, who: str) -> None:
    cast, _ = await on_one_phone(chats, rsvp_by=HOUSEHOLD)
    async with chats.database.write() as session:
        carer = await session.get_one(Carer, (cast.amal if who == "Amal" else cast.jo).id)
        token = await new_link(session, carer, chats.now)
    await chats.write(NEW_PHONE, f"/start {token}")
    await chats.pass_time(A_MOMENT)
    assert chats.last(PHONE).text.startswith(f"{who} is connected on another phone now.")
    assert any("Walk" in message.text for message in chats.all(NEW_PHONE))
    await chats.tap(NEW_PHONE, "Going")
    await chats.pass_time(A_MOMENT)
    (card,) = [message for message in chats.all(PHONE) if "Walk" in message.text]
    assert "going" in card.text.lower()


async def test_a_phone_that_is_nobodys_any_more_is_told_so(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        token = await new_link(session, cast.sam, chats.now)
    await chats.write(NEW_PHONE, f"/start {token}")
    assert "this phone is no longer connected" in chats.last(103).text
    await chats.pass_time(timedelta(minutes=1))
    await chats.write(103, "Hello?")
    assert "do not know this account" in chats.last(103).text


async def test_a_survey_begun_from_ones_own_list_is_ones_own(chats: Chats, tmp_path: Path) -> None:
    await on_one_phone(chats)
    round = await open_round(chats.database, RoundKeys(tmp_path / "keys"))
    await chats.pass_time(A_MOMENT)
    for name in ("Amal", "Jo"):  # what the first began is still asked for when the other speaks
        await chats.write(PHONE, "/settings")
        if await speaks(chats) != name:
            await chats.tap(PHONE, f"This is {name}")
        await chats.write(PHONE, "/surveys")
        listed = max(chats.screens.messages[PHONE])
        for data in (f"survey:{round.id}:intro", f"survey:{round.id}:start"):
            await chats.send_data(PHONE, data, listed)
            assert chats.screens.messages[PHONE][listed].text.startswith(f"<b>For {name}</b>")


def test_of_the_buttons_of_a_tapped_message_those_alone_are_kept_that_say_who_else_is_there() -> None:
    rows = [
        [{"text": "Very much", "callback_data": "survey:1:3:5"}],
        [{"callback_data": "speak:4:survey_question"}],
    ]
    message = {"message_id": 7, "chat": {"id": 1, "type": "private"}, "text": "1 of 7"}
    tap = {
        "id": "1",
        "data": "survey:1:3:5",
        "message": message | {"reply_markup": {"inline_keyboard": rows}},
    }
    small = kept({"update_id": 1, "callback_query": tap})["callback_query"]["message"]
    assert small.pop("reply_markup") == {"inline_keyboard": [[{"text": "", "callback_data": "speak:4"}]]}
    assert small == {"message_id": 7, "chat": {"id": 1, "type": "private"}}
