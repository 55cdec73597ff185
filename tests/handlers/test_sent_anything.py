"""Nothing that anybody sends is dropped in silence, and nobody is answered ten times."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from telegram import Update

from carers.conversations import expect
from handlers.came import THINGS
from storage.conversations import CarerMessage, Thread
from tests.handlers.chats import Chats
from tests.support.cast import NOON, STRANGER_CHAT, gather

pytestmark = pytest.mark.one_database

AMAL, SAM, PRIYA = 101, 103, 901
SAFETY = ("999", "01709 000000", "0800 040 7675", "116 123")
FILE = {"file_id": "a", "file_unique_id": "b"}
PHOTO: dict[str, Any] = {"photo": [FILE | {"width": 1, "height": 1}]}
VOICE: dict[str, Any] = {"voice": FILE | {"duration": 3}}
PLACE: dict[str, Any] = {"location": {"latitude": 53.4, "longitude": -1.3}}


@pytest.fixture
async def cast(chats: Chats) -> None:
    async with chats.database.write() as session:
        await gather(session)


async def send(chats: Chats, chat_id: int, message_id: int = 5, **content: Any) -> None:
    await chats._handle({"message": chats._message(chat_id, message_id) | content})


async def edit(chats: Chats, chat_id: int, message_id: int, **content: Any) -> None:
    changed = {"edit_date": int(chats.now.timestamp())} | content
    await chats._handle({"edited_message": chats._message(chat_id, message_id) | changed})


async def kept(chats: Chats) -> list[CarerMessage]:
    async with chats.database.read() as session:
        return list(await session.scalars(select(CarerMessage).order_by(CarerMessage.id)))


async def test_each_thing_that_is_no_words_is_answered_and_not_kept(
    chats: Chats, cast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in it is of no matter: nobody reads it, and it may be of a kind that the library cannot."""
    for number, thing in enumerate(THINGS, 1):
        monkeypatch.setattr("bot.turns.as_update", lambda raw, _bot, thing=thing: unread(raw, thing))
        await send(chats, AMAL)
        assert len(chats.all(AMAL)) == number, thing
        assert "Thank you, but" in chats.last(AMAL).text
    assert await kept(chats) == []


def unread(raw: dict[str, Any], thing: str) -> Update:
    """The update with something in it that the library keeps as it came."""
    update = Update.de_json(raw, None)
    assert update.message is not None
    with update.message._unfrozen():
        update.message.api_kwargs = {thing: {"anything": 1}}
    return update


async def test_a_cry_for_help_may_be_spoken_so_the_numbers_are_shown(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, **VOICE)
    text = chats.last(AMAL).text
    assert "nobody can listen to this" in text
    assert all(words in text for words in SAFETY)
    await send(chats, AMAL, dice={"emoji": "🎲", "value": 3})
    assert "999" not in chats.last(AMAL).text


async def test_the_words_under_a_picture_are_kept_and_the_picture_is_not(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, caption="This is how the garden looks", **PHOTO)
    [message] = await kept(chats)
    assert (message.text, message.came_with) == ("This is how the garden looks", "photo")
    assert "What came with them is not kept" in chats.last(AMAL).text


async def test_an_album_is_answered_once(chats: Chats, cast: None) -> None:
    for number in range(10):
        await send(chats, AMAL, 5 + number, media_group_id="7", **PHOTO)
    assert len(chats.all(AMAL)) == 1
    for number in range(10):
        caption = {"caption": "The garden"} if number == 0 else {}
        await send(chats, SAM, 5 + number, media_group_id="8", **PHOTO, **caption)
    [acknowledged] = chats.all(SAM)
    assert "Your service will read this" in acknowledged.text


async def test_a_burst_of_pictures_is_answered_once_and_a_voice_after_it_again(
    chats: Chats, cast: None
) -> None:
    for number in range(5):
        await send(chats, AMAL, 5 + number, **PHOTO)
    await send(chats, AMAL, 20, **VOICE)
    assert len(chats.all(AMAL)) == 2
    chats.now += timedelta(minutes=2)
    await send(chats, AMAL, 21, **PHOTO)
    assert len(chats.all(AMAL)) == 3


async def test_a_strangers_album_is_answered_once_too(chats: Chats, cast: None) -> None:
    for number in range(4):
        await send(chats, STRANGER_CHAT, 5 + number, media_group_id="7", **PHOTO)
    [answer] = chats.all(STRANGER_CHAT)
    assert "I do not know this account yet" in answer.text


async def test_a_strangers_cry_for_help_is_answered_with_the_numbers_and_not_kept(
    chats: Chats, cast: None
) -> None:
    await chats.write(STRANGER_CHAT, "I think of suicide")
    text = chats.last(STRANGER_CHAT).text
    assert "I do not know this account yet" in text
    assert all(words in text for words in SAFETY)
    assert await kept(chats) == []


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("needs", "your words about access or food"),
        ("feedback", "how it was"),
        ("survey", "The survey is waiting"),
        ("message", "waiting for your message"),
    ],
)
async def test_where_words_are_waited_for_a_picture_is_told_what_is_waited_for(
    chats: Chats, cast: None, topic: str, says: str
) -> None:
    async with chats.database.write() as session:
        await expect(session, AMAL, topic, NOON, invitation_id=1, event_id=1)
    await send(chats, AMAL, **PLACE)
    assert says in chats.last(AMAL).text
    assert await kept(chats) == []


async def test_a_caption_in_the_middle_of_a_survey_never_reaches_staff(chats: Chats, cast: None) -> None:
    async with chats.database.write() as session:
        await expect(session, AMAL, "survey", NOON, round=4711)
    await send(chats, AMAL, caption="I am thinking of leaving", **PHOTO)
    assert await kept(chats) == []
    assert "What came with them is not kept" in chats.last(AMAL).text


async def test_words_behind_a_command_in_the_middle_of_a_survey_never_reach_staff(
    chats: Chats, cast: None
) -> None:
    for words in ("/no more breaks than now", "/no I think of suicide"):
        async with chats.database.write() as session:
            await expect(session, AMAL, "survey", NOON, round=4711)
        await chats.write(AMAL, words)
    assert all(words in chats.last(AMAL).text for words in SAFETY)
    assert await kept(chats) == []


async def test_several_messages_in_a_row_are_one_thread_and_one_long_acknowledgement(
    chats: Chats, cast: None
) -> None:
    for words in ("Hello", "it is about Saturday", "we may be late"):
        await chats.write(AMAL, words)
    first, second, third = chats.all(AMAL)
    assert all(words in first.text for words in SAFETY)
    assert second.text == third.text == "Added to your message."
    await chats.write(AMAL, "SUICIDE")
    assert all(words in chats.last(AMAL).text for words in SAFETY)
    assert len({message.thread_id for message in await kept(chats)}) == 1
    chats.now += timedelta(hours=2)
    await chats.write(AMAL, "and one more thing")
    assert all(words in chats.last(AMAL).text for words in SAFETY)


async def test_a_burst_is_answered_once_more_and_does_not_hold_up_the_numbers_to_ring(
    chats: Chats, cast: None
) -> None:
    """All of it comes before the first answer is out."""
    async with chats.database.write() as session:
        for number, words in enumerate([*(f"part {part}" for part in range(9)), "suicide"], 1):
            message = chats._message(AMAL, number) | {"text": words}
            await chats._turns.handle(session, {"update_id": number, "message": message})
    await chats.pass_time()
    first, added, urgent = chats.all(AMAL)
    assert added.text == "Added to your message."
    assert all(words in first.text and words in urgent.text for words in SAFETY)
    assert len(await kept(chats)) == 10


async def test_a_picture_alone_is_answered_though_one_with_words_was(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, 5, caption="Our garden", **PHOTO)
    await send(chats, AMAL, 6, **PHOTO)
    with_words, alone = chats.all(AMAL)
    assert "What came with them is not kept" in with_words.text
    assert "I can only read words and taps" in alone.text


async def test_an_edited_message_is_kept_as_it_is_now_and_looked_at_again(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, 5, text="We may be late")
    await edit(chats, AMAL, 5, text="We will be late")
    assert [message.text for message in await kept(chats)] == ["We will be late"]
    assert "reads what it says now" in chats.last(AMAL).text
    await edit(chats, AMAL, 5, text="suicide")
    assert all(words in chats.last(AMAL).text for words in SAFETY)
    async with chats.database.read() as session:
        [thread] = await session.scalars(select(Thread))
    assert thread.urgent


async def test_an_edit_of_what_was_no_message_to_the_service_is_not_taken_for_one(
    chats: Chats, cast: None
) -> None:
    """It may have been the answer to an anonymous survey; a command would run again."""
    await edit(chats, AMAL, 5, text="I am thinking of leaving")
    assert "Nobody has seen what you changed" in chats.last(AMAL).text
    assert "999" not in chats.last(AMAL).text
    await edit(chats, AMAL, 5, text="suicide")
    assert all(words in chats.last(AMAL).text for words in SAFETY)
    entities = [{"type": "bot_command", "offset": 0, "length": 5}]
    await edit(chats, AMAL, 6, text="/stop", entities=entities)
    assert "Nobody has seen what you changed" in chats.last(AMAL).text
    assert await kept(chats) == []


async def test_what_the_library_cannot_read_costs_nobody_their_words(chats: Chats, cast: None) -> None:
    changed_since: dict[str, Any] = {"photo": [{"file_number": 1}]}
    await send(chats, AMAL, **changed_since)
    assert "Thank you, but" in chats.last(AMAL).text
    await send(chats, AMAL, caption="The garden", **changed_since)
    [message] = await kept(chats)
    assert (message.text, message.came_with) == ("The garden", "other")


async def test_who_walks_with_their_location_on_is_answered_once(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, 5, **PLACE)
    await edit(chats, AMAL, 5, **PLACE)
    await edit(chats, AMAL, 5, edit_date=None, text="what Telegram changed by itself")
    await edit(chats, STRANGER_CHAT, 5, text="hello")
    assert len(chats.all(AMAL)) == 1
    assert chats.all(STRANGER_CHAT) == []


async def test_words_behind_a_command_are_not_lost(chats: Chats, cast: None) -> None:
    await chats.write(AMAL, "/message Please ring me")
    await chats.write(AMAL, "/weather and is the coach trip still on?")
    assert [message.text for message in await kept(chats)] == [
        "Please ring me",
        "/weather and is the coach trip still on?",
    ]


async def test_a_cry_for_help_behind_a_command_goes_before_the_command(chats: Chats, cast: None) -> None:
    await chats.write(AMAL, "/stop I think of suicide")
    [answer] = chats.all(AMAL)
    assert answer.text.index("999") < answer.text.index("marked as urgent")
    assert len(await kept(chats)) == 1
    await chats.write(PRIYA, "/report on suicide")
    assert len(await kept(chats)) == 1


async def test_a_line_that_telegram_writes_into_the_chat_is_not_answered(chats: Chats, cast: None) -> None:
    await send(chats, AMAL, message_auto_delete_timer_changed={"message_auto_delete_time": 60})
    await send(chats, AMAL, chat_background_set={"type": {"type": "chat_theme", "theme_name": "x"}})
    assert chats.all(AMAL) == []


async def test_staff_who_send_a_sticker_are_not_told_to_write_to_the_service(
    chats: Chats, cast: None
) -> None:
    await send(chats, PRIYA, **PHOTO)
    assert "/message" not in chats.last(PRIYA).text
    assert "999" not in chats.last(PRIYA).text
