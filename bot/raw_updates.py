"""Updates as Telegram sent them, before the library makes objects of them."""

import json
import re
from typing import Any

import orjson

_SPEAKS = re.compile(r"speak:[0-9]{1,10}(?![0-9])")


def parsed(text: str | bytes) -> Any:
    """What the JSON says; None for what is no JSON. The slow reader takes what the fast one refuses."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return json.loads(text)
        except ValueError:
            return None


def number_of(update: Any) -> int | None:
    """The number that tells one update from another; None for what is no update."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and 0 <= number < 2**63 else None


def kept(update: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an update: of a tap, who tapped what in which message, and nothing of what that says.

    So every tap is small and of much the same size, whatever page of a survey it was on. In a chat that two
    carers share the message's button "This is Jo" is kept too, without what it would show: it tells for whom
    of them the message was, and without it one would answer as the other.
    """
    tap = update.get("callback_query")
    if not isinstance(tap, dict):
        return update
    small = _part(tap, ("id", "data", "chat_instance", "inline_message_id"))
    small["from"] = _part(tap.get("from"), ("id", "is_bot", "first_name"))
    message = tap.get("message")
    if isinstance(message, dict):
        small["message"] = {
            **_part(message, ("message_id",)),
            "chat": _part(message.get("chat"), ("id", "type")),
        }
        if offers := _offers(message.get("reply_markup")):
            small["message"]["reply_markup"] = {"inline_keyboard": [offers]}
    return {"update_id": update.get("update_id"), "callback_query": small}


def _offers(markup: Any) -> list[dict[str, str]]:
    """The buttons by which somebody else would speak, as far as they say who."""
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    rows = rows if isinstance(rows, list) else []
    buttons = [one for row in rows if isinstance(row, list) for one in row if isinstance(one, dict)]
    found = [_SPEAKS.match(data) for one in buttons if isinstance(data := one.get("callback_data"), str)]
    return [{"text": "", "callback_data": speaks[0]} for speaks in found if speaks]


def _part(whole: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole[name] for name in names if name in whole} if isinstance(whole, dict) else {}


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat that a raw update belongs to, if it says so in one of the usual places."""
    for part in update.values():
        if not isinstance(part, dict):
            continue
        message = part.get("message")
        for holder in (message if isinstance(message, dict) else {}, part):
            chat = holder.get("chat")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
        sender = part.get("from")
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return None
