"""Every answer and every update is what the Bot API's own table says of it."""

from __future__ import annotations

import aiohttp
import orjson

from sandbox.server import Sandbox
from sandbox.spec import API
from sandbox.users import User, plain_picture
from tests.sandbox.conftest import PlainBot, keyboard


async def _conforms(bot: PlainBot, method: str, **parameters: object) -> None:
    API.methods[method.lower()].returns(await bot(method, **parameters))


async def test_every_answer_conforms(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    chat = {"chat_id": amal.id}
    kept = amal.send_document("a.ics", b"BEGIN").file
    assert kept is not None
    form = aiohttp.FormData({"chat_id": str(amal.id), "caption": "x", "protect_content": "true"})
    form.add_field("photo", plain_picture(), filename="a.png")
    async with bot.session.post(f"{bot.base}/sendPhoto", data=form) as response:
        photo = (await response.json())["result"]
    API.methods["sendphoto"].returns(photo)
    await _conforms(
        bot,
        "sendMessage",
        **chat,
        text='<b>a</b> <a href="https://x.org">b</a> /help',
        parse_mode="HTML",
        reply_markup=keyboard([("a", "b")]),
        reply_parameters={"message_id": 1},
        link_preview_options={"is_disabled": True},
        protect_content=True,
        allow_paid_broadcast=True,
    )
    text = {**chat, "message_id": amal.last_message_id}
    await _conforms(bot, "sendDocument", **chat, document=kept.file_id)
    file = {**chat, "message_id": amal.last_message_id}
    await _conforms(bot, "sendPoll", **chat, question="q", options=[{"text": "a"}])
    await _conforms(bot, "editMessageText", **text, text="c")
    await _conforms(bot, "editMessageReplyMarkup", **text, reply_markup=keyboard([("a", "b")]))
    await _conforms(bot, "editMessageCaption", **file, caption="c")
    await _conforms(bot, "answerCallbackQuery", callback_query_id=amal.send_callback(1, "x").id)
    await _conforms(bot, "deleteMessage", **text)
    await _conforms(bot, "deleteMessages", **chat, message_ids=[file["message_id"]])
    await _conforms(bot, "setMyCommands", commands=[{"command": "a", "description": "b"}])
    await _conforms(bot, "setChatMenuButton", menu_button={"type": "commands"})
    await _conforms(bot, "getFile", file_id=kept.file_id)
    await _conforms(bot, "getChat", **chat)
    for method in (
        "getMe",
        "getMyCommands",
        "getMyDescription",
        "getMyShortDescription",
        "getChatMenuButton",
    ):
        await _conforms(bot, method)
    await _conforms(bot, "setWebhook", url="http://127.0.0.1:9/x", allowed_updates=["message"])
    await sandbox.wait_for(lambda: sandbox.state.updates.webhook and sandbox.state.updates.webhook.last_error)
    await _conforms(bot, "getWebhookInfo")
    await _conforms(bot, "deleteWebhook", drop_pending_updates=True)
    await _conforms(bot, "sendChatAction", **chat, action="typing")


async def test_every_update_conforms(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    card = await bot("sendMessage", chat_id=amal.id, text="x", reply_markup=keyboard([("a", "b")]))
    poll = await bot("sendPoll", chat_id=amal.id, question="q", options=[{"text": "a"}], is_anonymous=False)
    amal.tap(card["message_id"], "a")
    amal.send_callback(99, "gone")
    amal.vote(poll["message_id"], [0])
    amal.edit(amal.say("hello /help", reply_to=card["message_id"]), "bye")
    amal.send_photo()
    amal.send_document("a.pdf", b"x")
    amal.send_sticker()
    amal.send_voice()
    amal.send_location()
    amal.send_contact("+441632960000")
    amal.block()
    amal.unblock()
    waiting = sandbox.state.updates.pending.values()
    for update in waiting:
        API.check("Update", orjson.loads(update.body))
    assert {update.kind for update in waiting} == {
        "message",
        "edited_message",
        "callback_query",
        "poll",
        "poll_answer",
        "my_chat_member",
    }
