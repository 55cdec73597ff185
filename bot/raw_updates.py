"""Updates as Telegram sent them, before the library makes objects of them."""

import json
from typing import Any

import orjson


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
