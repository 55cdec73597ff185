"""From an update as Telegram sent it to the library's objects, of which only those are made that are read."""

import re
from typing import Any

from telegram import Bot, CallbackQuery, Chat, InaccessibleMessage, Update, User

_NEEDED = (
    "message_id",
    "date",
    "edit_date",
    "chat",
    "from",
    "media_group_id",
    "text",
    "entities",
    "caption",
)
_COMMAND = re.compile(r"/[a-z0-9_]+(@\w+)?(?=\s|$)", re.ASCII | re.IGNORECASE)


def as_update(raw: dict[str, Any], bot: Bot) -> Update:
    """The update for the library's handlers. Raises whatever it does where something in it is missing.

    What cannot be read in a message, because Telegram has changed it since, costs nobody the words beside it:
    it is left out, and the message says that something unread came along.
    """
    tap = raw.get("callback_query")
    if isinstance(tap, dict):
        return Update(raw["update_id"], callback_query=_tap(tap))
    marked = _with_command(raw)
    try:
        return Update.de_json(marked, bot)
    except (TypeError, ValueError, KeyError, AttributeError):
        return Update.de_json({name: _plain(part) for name, part in marked.items()}, bot)


def _plain(part: Any) -> Any:
    """A message with what is needed to answer it, and its words."""
    if not isinstance(part, dict) or "message_id" not in part:
        return part
    return {name: part[name] for name in _NEEDED if name in part} | {"unread": True}


def _tap(tap: dict[str, Any]) -> CallbackQuery:
    """Who tapped what, and the place of the tapped message: nobody reads what it says."""
    user, message = tap["from"], tap.get("message")
    return CallbackQuery(
        id=tap["id"],
        from_user=User(user["id"], user.get("first_name", ""), bool(user.get("is_bot"))),
        chat_instance=tap.get("chat_instance", ""),
        data=tap.get("data"),
        message=InaccessibleMessage(
            Chat(message["chat"]["id"], message["chat"]["type"]), message["message_id"]
        )
        if isinstance(message, dict)
        else None,
    )


def _with_command(raw: dict[str, Any]) -> dict[str, Any]:
    """The update with its command marked, which not every Bot API server does and the library looks for."""
    message = raw.get("message")
    if not isinstance(message, dict) or message.get("entities"):
        return raw
    command = _COMMAND.match(text) if isinstance(text := message.get("text"), str) else None
    if command is None:
        return raw
    entity = {"type": "bot_command", "offset": 0, "length": command.end()}
    return {**raw, "message": {**message, "entities": [entity]}}
