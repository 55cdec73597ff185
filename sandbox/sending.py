"""The methods that put a message into a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.errors import ApiError, bad_request
from sandbox.files import DOCUMENT_BYTES, PHOTO_BYTES, StoredFile, Upload, picture_size
from sandbox.keyboards import check_inline_keyboard
from sandbox.message_text import compose
from sandbox.spec import API
from sandbox.state import Event, State
from sandbox.users import User

TEXT_LENGTH = API.limit("sendMessage", "text")[1]
CAPTION_LENGTH = API.limit("sendPhoto", "caption")[1]

_NOT_IN_A_PRIVATE_CHAT = {
    "business_connection_id": "business connection not found",
    "message_thread_id": "message thread not found",
    "direct_messages_topic_id": "direct messages topic not found",
    "suggested_post_parameters": "suggested posts can be sent only to channel direct messages chats",
}
_ECHOED = {
    "protect_content": "has_protected_content",
    "link_preview_options": "link_preview_options",
    "message_effect_id": "effect_id",
    "allow_paid_broadcast": "is_paid_post",
    "show_caption_above_media": "show_caption_above_media",
    "has_spoiler": "has_media_spoiler",
}


def send_message(state: State, call: Call) -> dict[str, Any]:
    """Send a text."""
    arguments = call.arguments
    user = state.recipient(arguments["chat_id"])
    composed = compose(
        arguments["text"],
        arguments.get("parse_mode"),
        arguments.get("entities"),
        TEXT_LENGTH,
        "message is too long",
    )
    if not composed.text:
        raise bad_request("message text is empty")
    content: dict[str, Any] = {"text": composed.text}
    if composed.entities:
        content["entities"] = composed.entities
    return _put(state, call, user, content)


def send_photo(state: State, call: Call) -> dict[str, Any]:
    """Send a picture."""
    user = state.recipient(call.arguments["chat_id"])
    kept = _file(state, call, "photo", "photos", PHOTO_BYTES)
    width, height = picture_size(kept.content)
    size = {**kept.described(), "width": width, "height": height}
    return _put(state, call, user, {"photo": [size], **caption_of(call.arguments)})


def send_document(state: State, call: Call) -> dict[str, Any]:
    """Send a file of any kind."""
    user = state.recipient(call.arguments["chat_id"])
    if call.upload("thumbnail") is not None:
        raise bad_request("thumbnails are not implemented in the sandbox")
    kept = _file(state, call, "document", "documents", DOCUMENT_BYTES)
    document = {**kept.described(), "file_name": kept.name, "mime_type": kept.mime_type}
    return _put(state, call, user, {"document": document, **caption_of(call.arguments)})


def send_poll(state: State, call: Call) -> dict[str, Any]:
    """Send a native poll; quizzes, media and closing times are not emulated."""
    arguments = call.arguments
    user = state.recipient(arguments["chat_id"])
    if arguments.get("type", "regular") == "quiz" or "media" in arguments or "explanation" in arguments:
        raise bad_request("quizzes and media in polls are not implemented in the sandbox")
    if "open_period" in arguments or "close_date" in arguments:
        raise bad_request("polls that close by themselves are not implemented in the sandbox")
    question = compose(
        arguments["question"], arguments.get("question_parse_mode"), None, 300, "QUESTION_TOO_LONG"
    )
    poll = {
        "id": str(user.id * 100_000 + user.last_message_id + 1),
        "question": question.text,
        "options": [
            {"persistent_id": str(number), "text": option["text"], "voter_count": 0}
            for number, option in enumerate(arguments["options"])
        ],
        "total_voter_count": 0,
        "is_closed": arguments.get("is_closed", False),
        "is_anonymous": arguments.get("is_anonymous", True),
        "type": "regular",
        "allows_multiple_answers": arguments.get("allows_multiple_answers", False),
        "allows_revoting": arguments.get("allows_revoting", True),
        "members_only": False,
    }
    return _put(state, call, user, {"poll": poll})


def send_chat_action(state: State, call: Call) -> bool:
    """Show that the bot is busy, for the five seconds that an app shows it."""
    user = state.recipient(call.arguments["chat_id"])
    state.emit(Event("action", user.id, detail={"action": call.arguments["action"]}))
    return True


def caption_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a caption, none for an empty one."""
    composed = compose(
        arguments.get("caption", ""),
        arguments.get("parse_mode"),
        arguments.get("caption_entities"),
        CAPTION_LENGTH,
        "message caption is too long",
    )
    fields: dict[str, Any] = {"caption": composed.text} if composed.text else {}
    if composed.entities:
        fields["caption_entities"] = composed.entities
    return fields


def _put(state: State, call: Call, user: User, content: dict[str, Any]) -> dict[str, Any]:
    arguments = call.arguments
    for name, refusal in _NOT_IN_A_PRIVATE_CHAT.items():
        if name in arguments:
            raise bad_request(refusal)
    for name, field in _ECHOED.items():
        if arguments.get(name):
            content[field] = arguments[name]
    if "reply_parameters" in arguments:
        content.update(_reply(user, arguments["reply_parameters"]))
    markup = arguments.get("reply_markup")
    if markup is not None:
        _apply_markup(user, markup, content)
    return user.put(state.bot, content)


def _apply_markup(user: User, markup: dict[str, Any], content: dict[str, Any]) -> None:
    """Put inline buttons under the message, or change what stands below the text field."""
    if "inline_keyboard" in markup:
        check_inline_keyboard(markup)
        if markup["inline_keyboard"]:
            content["reply_markup"] = markup
    elif "remove_keyboard" in markup:
        user.keyboard = None
    else:
        user.keyboard = markup


def _reply(user: User, parameters: dict[str, Any]) -> dict[str, Any]:
    if parameters.get("chat_id", user.id) != user.id:
        raise bad_request("replies to another chat are not implemented in the sandbox")
    replied = user.raw_messages.get(parameters["message_id"])
    if replied is None:
        if parameters.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": {k: v for k, v in replied.items() if k != "reply_to_message"}}


def _file(state: State, call: Call, name: str, folder: str, most_bytes: int) -> StoredFile:
    """Return the file sent, newly uploaded or known by its file_id."""
    upload = call.upload(name)
    if upload is None:
        return _known_file(state, call.arguments[name], folder)
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > most_bytes:
        raise ApiError(413, "Request Entity Too Large")
    if folder == "photos":
        picture_size(upload.content)
    return state.keep(folder, Upload(upload.name, upload.mime_type, upload.content))


def _known_file(state: State, file_id: str, folder: str) -> StoredFile:
    if "://" in file_id:
        raise bad_request("failed to get HTTP URL content")
    kept = state.files.get(file_id)
    if kept is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if not kept.path.startswith(f"{folder}/"):
        raise bad_request(f"can't use file of type {kept.path.split('/')[0]} as {folder}")
    return kept
