"""The real server's own sentences, which the bot has to tell apart."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.users import User, plain_picture
from tests.sandbox.conftest import Clock, PlainBot, keyboard


async def test_nobody_is_there(bot: PlainBot) -> None:
    for chat_id in (99, "@nobody", -100123):
        assert await bot.refusal("sendMessage", chat_id=chat_id, text="x") == "Bad Request: chat not found"


async def test_who_never_started_the_bot_cannot_be_written_to(bot: PlainBot, stranger: User) -> None:
    answer = await bot.call("sendMessage", chat_id=stranger.id, text="x")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_who_blocked_the_bot_cannot_be_written_to_until_they_unblock(bot: PlainBot, amal: User) -> None:
    amal.block()
    answer = await bot.call("sendMessage", chat_id=amal.id, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: bot was blocked by the user")
    amal.unblock()
    await bot("sendMessage", chat_id=amal.id, text="x")


async def test_a_deleted_account_cannot_be_written_to(bot: PlainBot, amal: User) -> None:
    amal.deactivate()
    assert await bot.refusal("sendMessage", chat_id=amal.id, text="x") == "Forbidden: user is deactivated"


async def test_an_edit_that_changes_nothing_is_refused(bot: PlainBot, amal: User) -> None:
    sent = await bot("sendMessage", chat_id=amal.id, text="<b>x</b>", parse_mode="HTML")
    where = {"chat_id": amal.id, "message_id": sent["message_id"]}
    refusal = await bot.refusal("editMessageText", **where, text=" <b>x</b>", parse_mode="HTML")
    assert refusal.startswith("Bad Request: message is not modified: specified new message content")
    assert "not modified" in await bot.refusal("editMessageReplyMarkup", **where)


async def test_an_edit_without_buttons_takes_them_away(bot: PlainBot, amal: User) -> None:
    sent = await bot("sendMessage", chat_id=amal.id, text="x", reply_markup=keyboard([("a", "b")]))
    edited = await bot("editMessageText", chat_id=amal.id, message_id=sent["message_id"], text="y")
    assert "reply_markup" not in edited
    assert edited["edit_date"] >= sent["date"]
    assert amal.last is not None
    assert (amal.last.text, amal.last.buttons, amal.last.edited) == ("y", (), True)


async def test_only_the_bots_own_text_can_be_edited(bot: PlainBot, amal: User) -> None:
    mine = amal.say("hello")
    kept = amal.send_document("a.txt", b"x").file
    assert kept is not None
    file = await bot("sendDocument", chat_id=amal.id, document=kept.file_id)
    text = await bot("sendMessage", chat_id=amal.id, text="x")

    async def refusal(method: str, message_id: int, **more: str) -> str:
        return await bot.refusal(method, chat_id=amal.id, message_id=message_id, **more)

    assert await refusal("editMessageText", mine.id, text="y") == "Bad Request: message can't be edited"
    assert await refusal("editMessageText", 999, text="y") == "Bad Request: message to edit not found"
    no_text = await refusal("editMessageText", file["message_id"], text="y")
    assert no_text == "Bad Request: there is no text in the message to edit"
    no_caption = await refusal("editMessageCaption", text["message_id"], caption="y")
    assert no_caption == "Bad Request: there is no caption in the message to edit"
    await bot("editMessageCaption", chat_id=amal.id, message_id=file["message_id"], caption="y")


async def test_a_message_can_be_deleted_for_48_hours(bot: PlainBot, amal: User, clock: Clock) -> None:
    old = (await bot("sendMessage", chat_id=amal.id, text="old"))["message_id"]
    clock.forward(hours=47, minutes=59)
    young = (await bot("sendMessage", chat_id=amal.id, text="young"))["message_id"]
    third = (await bot("sendMessage", chat_id=amal.id, text="third"))["message_id"]
    clock.forward(minutes=1)
    refusal = await bot.refusal("deleteMessage", chat_id=amal.id, message_id=old)
    assert refusal == "Bad Request: message can't be deleted for everyone"
    await bot("deleteMessage", chat_id=amal.id, message_id=young)
    again = await bot.refusal("deleteMessage", chat_id=amal.id, message_id=young)
    assert again == "Bad Request: message to delete not found"
    await bot("deleteMessages", chat_id=amal.id, message_ids=[old, young, third])
    assert [message.text for message in amal.received] == ["old"]


async def test_a_tap_can_be_answered_once_and_for_150_seconds(
    bot: PlainBot, amal: User, clock: Clock
) -> None:
    await bot("sendMessage", chat_id=amal.id, text="x", reply_markup=keyboard([("Going", "g")]))
    assert amal.last is not None
    late, prompt = amal.tap(amal.last, "Going"), amal.tap(amal.last, "g")
    await bot("answerCallbackQuery", callback_query_id=prompt.id, text="Noted", show_alert=True)
    assert (prompt.answered, prompt.text, prompt.show_alert) == (True, "Noted", True)
    clock.forward(seconds=151)
    for query_id in (prompt.id, late.id, "forged"):
        assert await bot.refusal("answerCallbackQuery", callback_query_id=query_id) == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


async def test_a_reply_needs_its_message(bot: PlainBot, amal: User) -> None:
    mine = amal.say("Which room?")
    answer = await bot("sendMessage", chat_id=amal.id, text="B", reply_parameters={"message_id": mine.id})
    assert answer["reply_to_message"]["text"] == "Which room?"
    gone = {"message_id": 99}
    refusal = await bot.refusal("sendMessage", chat_id=amal.id, text="B", reply_parameters=gone)
    assert refusal == "Bad Request: message to be replied not found"
    forgiving = {**gone, "allow_sending_without_reply": True}
    await bot("sendMessage", chat_id=amal.id, text="B", reply_parameters=forgiving)


@pytest.mark.parametrize(
    ("content", "code", "refusal"),
    [
        (b"", 400, "Bad Request: file must be non-empty"),
        (b"not a picture", 400, "Bad Request: IMAGE_PROCESS_FAILED"),
        (plain_picture(2100, 100), 400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (bytes(10 * 1024 * 1024 + 1), 413, "Request Entity Too Large"),
    ],
)
async def test_a_photo_must_be_a_picture_of_a_sensible_size(
    bot: PlainBot, amal: User, content: bytes, code: int, refusal: str
) -> None:
    form = aiohttp.FormData({"chat_id": str(amal.id)})
    form.add_field("photo", content, filename="a.png", content_type="image/png")
    async with bot.session.post(f"{bot.base}/sendPhoto", data=form) as response:
        answer = await response.json()
    assert (answer["error_code"], answer["description"]) == (code, refusal)


async def test_a_photo_has_its_size_and_can_be_sent_again_by_its_id(bot: PlainBot, amal: User) -> None:
    form = aiohttp.FormData({"chat_id": str(amal.id), "caption": "Pots"})
    form.add_field("photo", plain_picture(64, 48), filename="a.png", content_type="image/png")
    async with bot.session.post(f"{bot.base}/sendPhoto", data=form) as response:
        sent = (await response.json())["result"]
    [size] = sent["photo"]
    assert (size["width"], size["height"], sent["caption"]) == (64, 48, "Pots")
    await bot("sendPhoto", chat_id=amal.id, photo=size["file_id"])
    wrong = await bot.refusal("sendDocument", chat_id=amal.id, document=size["file_id"])
    assert "can't use file of type photos" in wrong
    url = await bot.refusal("sendPhoto", chat_id=amal.id, photo="https://example.org/a.png")
    assert url == "Bad Request: failed to get HTTP URL content"


async def test_a_file_can_be_downloaded_with_the_token_alone(
    bot: PlainBot, amal: User, sandbox: Sandbox
) -> None:
    kept = amal.send_document("plan.pdf", b"%PDF").file
    assert kept is not None
    found = await bot("getFile", file_id=kept.file_id)
    assert found["file_size"] == 4
    address = f"{sandbox.url}/file/bot{sandbox.token}/{found['file_path']}"
    async with bot.session.get(address) as response:
        assert await response.read() == b"%PDF"
    async with bot.session.get(address.replace(sandbox.token, "1:x")) as response:
        assert response.status == 401
    async with bot.session.get(f"{address}x") as response:
        assert response.status == 404
