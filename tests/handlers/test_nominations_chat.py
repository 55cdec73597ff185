"""/nominate in the chat: asked, shown, sent, taken back; and what was done about what carers said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from care.actions import ActionState, Plan, Source, note_action, publish
from care.shortlisting import set_aside
from storage.conversations import CarerMessage
from storage.nominations import Nomination
from tests.handlers.chats import Chats
from tests.handlers.test_shared_chat import on_one_phone
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database
AMAL, JO, SAM, PRIYA = 101, 102, 103, 901


async def cast_in(chats: Chats) -> Cast:
    async with chats.database.write() as session:
        return await gather(session)


async def nominations(chats: Chats) -> list[tuple[str | None, str | None]]:
    async with chats.database.read() as session:
        found = await session.scalars(select(Nomination).order_by(Nomination.id))
        return [(one.whom, one.words) for one in found]


async def messages(chats: Chats) -> list[str | None]:
    async with chats.database.read() as session:
        return [one.text for one in await session.scalars(select(CarerMessage))]


async def nominate(chats: Chats, chat: int, whom: str, words: str) -> None:
    for text in ("/nominate", whom, words):
        await chats.write(chat, text)
    await chats.tap(chat, "Send")


async def test_a_carer_is_asked_whom_and_why_and_sends_what_they_see(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/nominate")
    assert "Who would you like to thank?" in chats.last(AMAL).text
    await chats.write(AMAL, "  Lin \n Marsh ")
    assert "Lin Marsh" in chats.last(AMAL).text
    assert "999" in chats.last(AMAL).text
    await chats.write(AMAL, "She <always> answers")
    assert "She &lt;always&gt; answers" in chats.last(AMAL).text
    assert await nominations(chats) == []
    await chats.tap(AMAL, "Send")
    assert "Thank you" in chats.last(AMAL).text
    assert await nominations(chats) == [("Lin Marsh", "She <always> answers")]
    assert await messages(chats) == []


async def test_either_part_is_changed_and_what_is_written_once_more_is_added(chats: Chats) -> None:
    await cast_in(chats)
    for text in ("/nominate", "Lin", "Cake"):
        await chats.write(AMAL, text)
    await chats.tap(AMAL, "Change the name")
    await chats.write(AMAL, "Lin Marsh")
    assert "Cake" in chats.last(AMAL).text
    await chats.tap(AMAL, "Change the words")
    await chats.write(AMAL, "Always there")
    await chats.write(AMAL, "And kind")
    await chats.tap(AMAL, "Send")
    assert await nominations(chats) == [("Lin Marsh", "Always there\nAnd kind")]


async def test_a_name_without_a_letter_is_asked_for_again(chats: Chats) -> None:
    await cast_in(chats)
    for text in ("/nominate", "01709 000000"):
        await chats.write(AMAL, text)
    assert "Please write just the name" in chats.last(AMAL).text
    await chats.write(AMAL, "Lin Marsh")
    assert "Why Lin Marsh?" in chats.last(AMAL).text


async def test_sent_twice_it_is_there_once_and_dropped_it_is_not_there(chats: Chats) -> None:
    await cast_in(chats)
    await nominate(chats, AMAL, "Lin Marsh", "Cake")
    await chats.send_data(AMAL, "nominate:send")
    assert chats.toast
    await nominate(chats, AMAL, "Lin Marsh", "Cake")
    assert len(await nominations(chats)) == 1
    for text in ("/nominate", "Sam", "Tea"):
        await chats.write(AMAL, text)
    await chats.tap(AMAL, "Never mind")
    assert "nothing" in chats.last(AMAL).text.lower()
    await chats.send_data(AMAL, "nominate:send")
    assert len(await nominations(chats)) == 1


async def test_a_fourth_waits_until_one_is_looked_at_or_taken_back(chats: Chats) -> None:
    cast = await cast_in(chats)
    for name in ("Lin Marsh", "Sam Okafor", "Jo Reed"):
        await nominate(chats, AMAL, name, "Cake")
    await chats.write(AMAL, "/nominate")
    assert len(chats.labels(AMAL)) == 3
    await chats.tap(AMAL, "Take back: Sam Okafor")
    assert "Sam Okafor" in chats.last(AMAL).text
    assert ("Sam Okafor", "Cake") not in await nominations(chats)
    async with chats.database.write() as session:
        assert await set_aside(session, 1, 1, cast.priya, NOON)
    await chats.send_data(AMAL, "nominate:back:1")
    assert len(await nominations(chats)) == 2
    await chats.write(AMAL, "/nominate")
    assert "Who would you like to thank?" in chats.last(AMAL).text


async def test_what_is_not_theirs_stays_and_nonsense_does_nothing(chats: Chats) -> None:
    await cast_in(chats)
    await nominate(chats, AMAL, "Lin Marsh", "Cake")
    for data in ("nominate:back:1", "nominate:back:x", "nominate:why", "nominate", "nominate:send:1"):
        await chats.send_data(SAM, data)
    assert len(await nominations(chats)) == 1


async def test_words_of_danger_reach_staff_at_once_and_the_nomination_goes_on(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/nominate")
    await chats.write(AMAL, "Lin Marsh")
    await chats.write(AMAL, "She was there when I thought of suicide")
    assert await messages(chats) == ["She was there when I thought of suicide"]
    assert "urgent" in chats.all(AMAL)[-2].text
    assert any("may be urgent" in message.text for message in chats.all(PRIYA))
    await chats.tap(AMAL, "Send")
    assert len(await nominations(chats)) == 1


async def test_a_cry_for_help_is_never_taken_for_a_name(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/nominate")
    await chats.write(AMAL, "suicide")
    assert await messages(chats) == ["suicide"]
    assert "urgent" in chats.last(AMAL).text


async def test_what_is_too_long_is_not_kept_and_asked_for_again(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/nominate")
    await chats.write(AMAL, "L" * 121)
    assert "120" in chats.last(AMAL).text
    await chats.write(AMAL, "Lin Marsh")
    await chats.write(AMAL, "x" * 501)
    assert "500" in chats.last(AMAL).text
    await chats.write(AMAL, "Cake")
    await chats.tap(AMAL, "Send")
    assert await nominations(chats) == [("Lin Marsh", "Cake")]


async def test_what_is_written_a_day_later_is_a_message_to_the_service(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/nominate")
    chats.now += timedelta(days=1, minutes=1)
    await chats.write(AMAL, "Please ring me")
    assert await messages(chats) == ["Please ring me"]


async def test_in_a_shared_chat_one_does_not_go_on_with_what_the_other_began(chats: Chats) -> None:
    await on_one_phone(chats)
    for text in ("/nominate", "Lin Marsh", "Cake"):
        await chats.write(AMAL, text)
    assert "For Jo" in chats.last(AMAL).text
    await chats.tap(AMAL, "This is Amal")
    assert "Who would you like to thank?" in chats.last(AMAL).text
    await chats.send_data(AMAL, "nominate:send")
    assert await nominations(chats) == []


async def test_who_is_no_carer_cannot_nominate(chats: Chats) -> None:
    await cast_in(chats)
    for chat in (PRIYA, STRANGER_CHAT):
        await chats.write(chat, "/nominate")
        await chats.send_data(chat, "nominate:back:1")
        assert "thank" not in chats.last(chat).text.lower()
    assert await nominations(chats) == []


async def test_carers_turn_the_pages_of_what_was_done(chats: Chats) -> None:
    cast = await cast_in(chats)
    await chats.send_data(AMAL, "said:1")
    assert "nothing here yet" in chats.last(AMAL).text
    async with chats.database.write() as session:
        for number in range(4):
            plan = Plan(f"Wish {number}", f"Deed {number}", state=ActionState.DONE)
            made = await note_action(session, plan, Source(), cast.priya, NOON, NOON.date())
            await publish(session, made.id, 1, cast.priya, NOON + timedelta(minutes=number))
    await chats.send_data(AMAL, "said:1")
    assert "Wish 3" in chats.last(AMAL).text
    assert "Wish 0" not in chats.last(AMAL).text
    await chats.tap(AMAL, "Older")
    assert "Wish 0" in chats.last(AMAL).text
    await chats.send_data(AMAL, "said:99999999999")
    await chats.send_data(PRIYA, "said:1")
    assert PRIYA not in chats.screens.messages or "Wish" not in chats.last(PRIYA).text
