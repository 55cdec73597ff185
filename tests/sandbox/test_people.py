"""What people can do in their chat, and what a test sees of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import PlainBot, keyboard


async def test_a_deep_link_starts_the_bot_with_its_payload(bot: PlainBot, stranger: User) -> None:
    stranger.start("Ab-9_" + "x" * 59)
    [update] = await bot("getUpdates")
    assert update["message"]["text"] == "/start Ab-9_" + "x" * 59
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert "language_code" not in update["message"]["from"]
    for payload in ("x" * 65, "a b", "é", "a\n"):
        with pytest.raises(ValueError, match="64 characters"):
            stranger.start(payload)


async def test_message_ids_grow_in_each_chat_apart(bot: PlainBot, amal: User, stranger: User) -> None:
    stranger.start()
    first = await bot("sendMessage", chat_id=amal.id, text="x")
    assert first["message_id"] == 2
    assert (await bot("sendMessage", chat_id=stranger.id, text="x"))["message_id"] == 2
    await bot("deleteMessage", chat_id=amal.id, message_id=2)
    assert (await bot("sendMessage", chat_id=amal.id, text="x"))["message_id"] == 3


async def test_a_tap_goes_by_label_or_by_data(bot: PlainBot, amal: User) -> None:
    markup = keyboard([("Going", "rsvp:1:g"), ("Can't go", "rsvp:1:n")])
    await bot("sendMessage", chat_id=amal.id, text="Coffee?", reply_markup=markup)
    card = amal.last
    assert card is not None
    assert card.labels == ("Going", "Can't go")
    assert amal.tap(card, "Going").data == amal.tap(card.id, "rsvp:1:g").data == "rsvp:1:g"
    with pytest.raises(LookupError, match="no button 'Maybe'"):
        amal.tap(card, "Maybe")
    queries = [update["callback_query"] for update in (await bot("getUpdates"))[1:]]
    assert [query["data"] for query in queries] == ["rsvp:1:g", "rsvp:1:g"]
    assert queries[0]["message"]["text"] == "Coffee?"
    assert queries[0]["id"] != queries[1]["id"]
    assert queries[0]["chat_instance"] == queries[1]["chat_instance"]


async def test_an_old_card_can_be_tapped_after_it_was_edited_or_deleted(bot: PlainBot, amal: User) -> None:
    await bot("sendMessage", chat_id=amal.id, text="old", reply_markup=keyboard([("Going", "g")]))
    card = amal.last
    assert card is not None
    await bot("editMessageText", chat_id=amal.id, message_id=card.id, text="new")
    amal.tap(card, "Going")
    await bot("deleteMessage", chat_id=amal.id, message_id=card.id)
    amal.tap(card, "Going")
    edited, deleted = [update["callback_query"]["message"] for update in (await bot("getUpdates"))[1:]]
    assert edited["text"] == "new"
    assert deleted == {"chat": amal.chat, "message_id": card.id, "date": 0}
    assert (card.text, card.edited) == ("old", False)


async def test_anyone_can_send_any_callback_data(bot: PlainBot, stranger: User) -> None:
    stranger.send_callback(77, "rsvp:1:going")
    [update] = await bot("getUpdates")
    assert update["callback_query"]["data"] == "rsvp:1:going"
    assert update["callback_query"]["from"]["id"] == stranger.id


async def test_blocking_and_coming_back_is_told_once_each(bot: PlainBot, amal: User) -> None:
    amal.block()
    amal.block()
    amal.say("I am back")
    blocked, back, said = (await bot("getUpdates"))[1:]
    assert blocked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert back["my_chat_member"]["old_chat_member"]["status"] == "kicked"
    assert said["message"]["text"] == "I am back"


async def test_everything_a_person_can_send_arrives(bot: PlainBot, amal: User) -> None:
    amal.send_photo(caption="Pots")
    amal.send_document("plan.pdf", b"%PDF", caption="Plan")
    amal.send_sticker("🎉")
    amal.send_voice(4)
    amal.send_location(53.4, -1.3)
    amal.send_contact("+441632960000")
    said = amal.say("Tea or cofee?")
    amal.edit(said, "Tea or coffee?")
    updates = (await bot("getUpdates"))[1:]
    kinds = ["photo", "document", "sticker", "voice", "location", "contact", "text"]
    assert [kind for kind, update in zip(kinds, updates, strict=False) if kind in update["message"]] == kinds
    assert updates[-1]["edited_message"]["text"] == "Tea or coffee?"
    assert [message.kind for message in amal.messages[1:]] == kinds
    assert updates[1]["message"]["document"]["mime_type"] == "application/pdf"


async def test_a_poll_is_answered_and_the_answer_taken_back(bot: PlainBot, amal: User) -> None:
    options = [{"text": "Tuesday"}, {"text": "Thursday"}]
    sent = await bot("sendPoll", chat_id=amal.id, question="Which day?", options=options, is_anonymous=False)
    assert sent["poll"]["question"] == "Which day?"
    amal.vote(sent["message_id"], [1])
    amal.vote(sent["message_id"], [])
    updates = (await bot("getUpdates"))[1:]
    assert [u["poll_answer"]["option_ids"] for u in updates if "poll_answer" in u] == [[1], []]
    counts = [[o["voter_count"] for o in u["poll"]["options"]] for u in updates if "poll" in u]
    assert counts == [[0, 1], [0, 0]]
    with pytest.raises(LookupError):
        amal.vote(1, [0])


async def test_a_view_tells_text_marks_buttons_and_file(bot: PlainBot, amal: User) -> None:
    rows = keyboard([("Going", "g")])
    rows["inline_keyboard"].append([{"text": "Map", "url": "https://example.org/map"}])
    await bot(
        "sendMessage", chat_id=amal.id, text="<b>Tea</b> &amp; cake", parse_mode="HTML", reply_markup=rows
    )
    seen = amal.find("Tea")
    assert seen is not None
    assert (seen.text, seen.html, seen.from_bot) == ("Tea & cake", "<b>Tea</b> &amp; cake", True)
    assert [[button.label for button in row] for row in seen.rows] == [["Going"], ["Map"]]
    assert (seen.buttons[1].data, seen.buttons[1].url) == (None, "https://example.org/map")
    assert amal.find("coffee") is None
    kept = amal.send_document("a.ics", b"BEGIN").file
    assert kept is not None
    assert (kept.name, kept.mime_type, kept.content) == ("a.ics", "text/calendar", b"BEGIN")


async def test_a_reply_keyboard_stays_until_it_is_removed(bot: PlainBot, amal: User) -> None:
    markup = {"keyboard": [[{"text": "Yes"}]], "one_time_keyboard": True}
    sent = await bot("sendMessage", chat_id=amal.id, text="x", reply_markup=markup)
    assert "reply_markup" not in sent
    assert amal.keyboard == markup
    await bot("sendMessage", chat_id=amal.id, text="x", reply_markup={"remove_keyboard": True})
    assert amal.keyboard is None


async def test_waiting_ends_as_soon_as_it_is_true_or_with_its_time(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    waiting = asyncio.ensure_future(sandbox.wait_for(lambda: amal.find("hello")))
    await bot("sendMessage", chat_id=amal.id, text="hello")
    assert (await waiting).text == "hello"
    with pytest.raises(TimeoutError):
        await sandbox.wait_for(lambda: amal.find("never"), timeout=0.01)


async def test_unread_messages_are_counted_until_the_person_looks(bot: PlainBot, amal: User) -> None:
    for _ in range(3):
        await bot("sendMessage", chat_id=amal.id, text="x")
    assert amal.unread == 3
    amal.read()
    assert amal.unread == 0


async def test_what_the_bot_asked_is_logged(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    await bot("sendMessage", chat_id=amal.id, text="x")
    await bot.refusal("sendMessage", chat_id=99, text="x")
    await bot.refusal("sendMessage", chat_id=amal.id, txt="x")
    good, lost, wrong = sandbox.requests_of("sendMessage")
    assert (good.ok, good.chat_id, good.arguments["text"]) == (True, amal.id, "x")
    assert (lost.ok, lost.code, lost.description) == (False, 400, "Bad Request: chat not found")
    assert "unknown parameter" in wrong.description


async def test_the_bots_profile_is_kept_by_language_and_scope(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    def command(name: str) -> list[dict[str, Any]]:
        return [{"command": name, "description": f"About {name}"}]

    scope = {"type": "chat", "chat_id": amal.id}
    await bot("setMyCommands", commands=command("help"))
    await bot("setMyCommands", commands=command("madad"), language_code="ur")
    await bot("setMyCommands", commands=command("report"), scope=scope)
    assert await bot("getMyCommands", language_code="ur") == command("madad")
    assert await bot("getMyCommands", scope=scope) == command("report")
    await bot("deleteMyCommands", scope=scope)
    assert await bot("getMyCommands", scope=scope) == []
    await bot("setMyDescription", description="Not watched round the clock")
    assert await bot("getMyDescription") == {"description": "Not watched round the clock"}
    await bot("setMyShortDescription", short_description="Short")
    assert await bot("getMyShortDescription") == {"short_description": "Short"}
    await bot("setChatMenuButton", menu_button={"type": "commands"})
    assert await bot("getChatMenuButton", chat_id=amal.id) == {"type": "commands"}
    await bot("sendChatAction", chat_id=amal.id, action="typing")
    assert (await bot("getChat", chat_id=amal.id))["first_name"] == "Amal"


async def test_an_id_is_given_once(sandbox: Sandbox) -> None:
    sandbox.add_user("Amal", user_id=101)
    with pytest.raises(ValueError, match="in use"):
        sandbox.add_user("Jo", user_id=101)
