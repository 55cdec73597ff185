"""The methods that change, delete or answer what stands in a chat."""

from __future__ import annotations

from typing import Any

from sandbox.call import Call
from sandbox.errors import bad_request
from sandbox.keyboards import check_inline_keyboard
from sandbox.message_text import compose
from sandbox.sending import TEXT_LENGTH, caption_of
from sandbox.state import Event, State
from sandbox.updates import TAP_SECONDS
from sandbox.users import User

DELETE_SECONDS = 48 * 60 * 60
_MEDIA = ("photo", "document", "voice", "sticker", "poll", "location", "contact")


def edit_message_text(state: State, call: Call) -> dict[str, Any]:
    """Change a text, and its buttons: without `reply_markup` they go."""
    arguments = call.arguments
    if "rich_message" in arguments:
        raise bad_request("rich messages are not implemented in the sandbox")
    if "text" not in arguments:
        raise bad_request("message text is empty")
    user, raw = _editable(state, call)
    if any(kind in raw for kind in _MEDIA):
        raise bad_request("there is no text in the message to edit")
    composed = compose(
        arguments["text"],
        arguments.get("parse_mode"),
        arguments.get("entities"),
        TEXT_LENGTH,
        "message is too long",
    )
    if not composed.text:
        raise bad_request("message text is empty")
    fields: dict[str, Any] = {"text": composed.text}
    if composed.entities:
        fields["entities"] = composed.entities
    if "link_preview_options" in arguments:
        fields["link_preview_options"] = arguments["link_preview_options"]
    return _replace(
        state, user, raw, {**fields, **_markup(call)}, ("text", "entities", "link_preview_options")
    )


def edit_message_caption(state: State, call: Call) -> dict[str, Any]:
    """Change the words under a file or a picture."""
    user, raw = _editable(state, call)
    if "photo" not in raw and "document" not in raw:
        raise bad_request("there is no caption in the message to edit")
    fields = {**caption_of(call.arguments), **_markup(call)}
    return _replace(state, user, raw, fields, ("caption", "caption_entities"))


def edit_message_reply_markup(state: State, call: Call) -> dict[str, Any]:
    """Change only the buttons."""
    user, raw = _editable(state, call)
    return _replace(state, user, raw, _markup(call), ())


def delete_message(state: State, call: Call) -> bool:
    """Delete one message, for 48 hours after it was sent."""
    user = state.person(call.arguments["chat_id"])
    raw = user.raw_messages.get(call.arguments["message_id"])
    if raw is None:
        raise bad_request("message to delete not found")
    if _too_old(state, raw):
        raise bad_request("message can't be deleted for everyone")
    _delete(state, user, raw)
    return True


def delete_messages(state: State, call: Call) -> bool:
    """Delete several messages; what is gone or too old is passed over."""
    user = state.person(call.arguments["chat_id"])
    for number in call.arguments["message_ids"]:
        raw = user.raw_messages.get(number)
        if raw is not None and not _too_old(state, raw):
            _delete(state, user, raw)
    return True


def answer_callback_query(state: State, call: Call) -> bool:
    """End the spinner on a button, with a word or without."""
    arguments = call.arguments
    tap = state.taps.pop(arguments["callback_query_id"], None)
    if tap is None or (state.now() - tap.at).total_seconds() > TAP_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    tap.answered = True
    tap.text = arguments.get("text", "")
    tap.show_alert = arguments.get("show_alert", False)
    tap.url = arguments.get("url", "")
    detail = {
        "query_id": tap.id,
        "data": tap.data,
        "text": tap.text,
        "show_alert": tap.show_alert,
        "url": tap.url,
    }
    state.emit(Event("answer", tap.user_id, tap.message_id, detail))
    return True


def _editable(state: State, call: Call) -> tuple[User, dict[str, Any]]:
    arguments = call.arguments
    if "inline_message_id" in arguments:
        raise bad_request("MESSAGE_ID_INVALID")
    if "business_connection_id" in arguments:
        raise bad_request("business connection not found")
    if "chat_id" not in arguments:
        raise bad_request("chat_id is empty")
    if "message_id" not in arguments:
        raise bad_request("message identifier is not specified")
    user = state.recipient(arguments["chat_id"])
    raw = user.raw_messages.get(arguments["message_id"])
    if raw is None:
        raise bad_request("message to edit not found")
    if not raw["from"]["is_bot"]:
        raise bad_request("message can't be edited")
    return user, raw


def _markup(call: Call) -> dict[str, Any]:
    markup = call.arguments.get("reply_markup")
    if markup is None:
        return {}
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    check_inline_keyboard(markup)
    return {"reply_markup": markup} if markup["inline_keyboard"] else {}


def _replace(
    state: State, user: User, raw: dict[str, Any], fields: dict[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    """Give a message new fields in place of the named ones and of its buttons."""
    replaced = (*names, "reply_markup")
    if all(raw.get(name) == fields.get(name) for name in replaced):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly"
            " the same as a current content and reply markup of the message"
        )
    for name in replaced:
        raw.pop(name, None)
    raw.update(fields)
    if names:
        raw["edit_date"] = state.timestamp()
    state.message_changed(user.id, raw["message_id"])
    return raw


def _too_old(state: State, raw: dict[str, Any]) -> bool:
    return state.timestamp() - int(raw["date"]) >= DELETE_SECONDS


def _delete(state: State, user: User, raw: dict[str, Any]) -> None:
    del user.raw_messages[raw["message_id"]]
    state.emit(Event("deleted", user.id, raw["message_id"]))
