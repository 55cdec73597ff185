"""Breaks and quiet hours in the chat: a few buttons, own words, and wrong ones."""

from datetime import UTC, datetime, time

import pytest

from carers.people import Carer
from storage.conversations import CarerMessage
from tests.handlers.chats import Chats
from tests.handlers.test_care_chat import AMAL, amal_now, cast_in, messages

pytestmark = pytest.mark.one_database


async def quiet_of_amal(chats: Chats) -> tuple[time | None, time | None]:
    amal: Carer = await amal_now(chats)
    return amal.quiet_from, amal.quiet_until


async def test_a_break_until_a_day_that_they_write_themselves(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/settings")
    await chats.tap(AMAL, "Pause for a while")
    await chats.tap(AMAL, "Until a date")
    await chats.write(AMAL, "6 May")  # today, and in a year
    assert (await amal_now(chats)).paused_until == datetime(2026, 5, 5, 23, tzinfo=UTC)
    await chats.tap(AMAL, "Send me messages again")
    await chats.tap(AMAL, "Pause for a while")
    await chats.tap(AMAL, "Until a date")
    await chats.write(AMAL, "soon")
    assert "not a day from tomorrow" in chats.last(AMAL).text
    await chats.write(AMAL, "1/1/2031")
    assert "not a day from tomorrow" in chats.last(AMAL).text
    await chats.write(AMAL, "24 December")
    assert "Paused until Wednesday 24 December" in chats.last(AMAL).text
    assert (await amal_now(chats)).paused_until == datetime(2025, 12, 24, tzinfo=UTC)
    assert await messages(chats) == []


async def test_quiet_hours_by_a_button_by_their_own_words_and_none(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/settings")
    await chats.tap(AMAL, "Quiet hours")
    assert "Nobody gets messages from 21:00 to 08:00" in chats.last(AMAL).text
    await chats.tap(AMAL, "20:00 to 10:00")
    assert await quiet_of_amal(chats) == (time(20), time(10))
    assert ["Quiet hours: 20:00 to 10:00"] in chats.labels(AMAL)
    await chats.tap(AMAL, "Quiet hours: 20:00 to 10:00")
    await chats.tap(AMAL, "Other times")
    await chats.write(AMAL, "in the evening")
    assert "could not use that" in chats.last(AMAL).text
    await chats.write(AMAL, "8am - 9pm")  # with the service's: the whole day
    assert "at least two hours of the day" in chats.last(AMAL).text
    await chats.write(AMAL, "from 7.30pm until 9am")
    assert await quiet_of_amal(chats) == (time(19, 30), time(9))
    await chats.tap(AMAL, "Quiet hours: 19:30 to 09:00")
    await chats.tap(AMAL, "No quiet hours of my own")
    assert await quiet_of_amal(chats) == (None, None)


async def test_going_back_ends_the_question_and_a_sentence_reaches_the_service(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/settings")
    await chats.tap(AMAL, "Quiet hours")
    await chats.tap(AMAL, "Other times")
    await chats.tap(AMAL, "Back")
    await chats.write(AMAL, "19:00 to 20:00")
    assert await quiet_of_amal(chats) == (None, None)
    kept: list[CarerMessage] = await messages(chats)
    assert len(kept) == 1
    await chats.send_data(AMAL, "settings:quiet:own")
    await chats.write(AMAL, "Could somebody please ring me about the summer holidays this week?")
    assert len(await messages(chats)) == 2


@pytest.mark.parametrize(
    "data", ["settings:quiet:2500:0100", "settings:quiet:x:y", "settings:quiet:20:00", "settings:pause:400"]
)
async def test_invented_hours_change_nothing(chats: Chats, data: str) -> None:
    await cast_in(chats)
    await chats.send_data(AMAL, data)
    assert "no longer in use" in chats.toast
    assert await quiet_of_amal(chats) == (None, None)
