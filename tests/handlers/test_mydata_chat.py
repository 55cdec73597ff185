"""/mydata in the chat: the file, and asking to be erased."""

import json

import pytest

from tests.handlers.chats import Chats
from tests.handlers.test_care_chat import AMAL, amal_now, cast_in

pytestmark = pytest.mark.one_database
DEE = 903


async def test_all_that_is_held_comes_as_a_file_into_the_chat(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/mydata")
    await chats.tap(AMAL, "Send me the file")
    sent = chats.last(AMAL).attachment
    assert sent is not None
    assert (sent.filename, sent.mime) == ("what-is-held.json", "application/json")
    held = json.loads(sent.content)
    assert held["register"]["carer_ref"] == "C1"
    assert set(held) >= {"settings", "messages", "conversations", "surveys"}


async def test_who_asks_to_be_erased_is_asked_once_more_and_can_take_it_back(chats: Chats) -> None:
    await cast_in(chats)
    await chats.write(AMAL, "/mydata")
    await chats.tap(AMAL, "Ask to be erased")
    assert (await amal_now(chats)).erasure_asked_at is None
    await chats.tap(AMAL, "No, go back")
    await chats.tap(AMAL, "Ask to be erased")
    await chats.tap(AMAL, "Yes, ask for it")
    assert (await amal_now(chats)).erasure_asked_at == chats.now
    assert "A carer asks to be erased" in chats.last(DEE).text
    assert "Amal" not in chats.last(DEE).text
    await chats.send_data(AMAL, "mydata:erase:yes")
    assert (await amal_now(chats)).erasure_asked_at is not None
    await chats.tap(AMAL, "Do not erase me")
    assert (await amal_now(chats)).erasure_asked_at is None
    assert len(chats.all(AMAL)) == 1
