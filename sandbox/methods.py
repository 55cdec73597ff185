"""Which function answers which method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import editing, profile, sending
from sandbox.call import Call
from sandbox.receiving import Receiving
from sandbox.state import State

PACED = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "sendPoll",
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
    }
)
"""The methods that the limits on sending count."""

Handler = Callable[[Call], Any]

_BY_NAME: dict[str, Callable[[State, Call], Any]] = {
    "getMe": profile.get_me,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendPoll": sending.send_poll,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "getChat": profile.get_chat,
    "getFile": profile.get_file,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}


def _bound(function: Callable[[State, Call], Any], state: State) -> Handler:
    return lambda call: function(state, call)


def handlers(
    state: State, receiving: Receiving
) -> tuple[dict[str, Handler], dict[str, Callable[[Call], Awaitable[Any]]]]:
    """Return what answers at once and what may wait, by the method's name."""
    at_once = {name: _bound(function, state) for name, function in _BY_NAME.items()}
    at_once["setWebhook"] = receiving.set_webhook
    at_once["deleteWebhook"] = receiving.delete_webhook
    at_once["getWebhookInfo"] = receiving.get_webhook_info
    return at_once, {"getUpdates": receiving.get_updates}
