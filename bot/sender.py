"""Sends rendered messages through python-telegram-bot and says what came of each; it never raises for one."""

import html
import re
from collections.abc import Awaitable
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.outcomes import outcome_of
from broadcasts.sender import Outcome, Sent
from texts.message import Attachment, Button, Message

TOAST_LIMIT = 200
_TAG = re.compile(r"<[^>]+>")


class TelegramSender:
    """The `broadcasts.sender.Sender` of the product."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat_id: int, message: Message) -> Outcome:
        """Send one message. With an attachment the text is its caption, of at most 1,024 characters."""
        return await _outcome(self._send(chat_id, message))

    async def edit(self, chat_id: int, message_id: int, message: Message) -> Outcome:
        """Change text and buttons of a message; what it carries stays as it is."""
        return await _outcome(self._edit(chat_id, message_id, message), message_id)

    async def delete(self, chat_id: int, message_id: int) -> Outcome:
        """Delete a message; one that is gone already counts as deleted."""
        return await _outcome(self._bot.delete_message(chat_id, message_id), message_id)

    async def toast(self, callback_id: str, text: str) -> Outcome:
        """Show a line over the chat for a moment. It takes no markup, so none is left in."""
        plain = html.unescape(_TAG.sub("", text))[:TOAST_LIMIT]
        return await _outcome(self._bot.answer_callback_query(callback_id, plain or None))

    async def _send(self, chat_id: int, message: Message) -> Any:
        keyboard = _keyboard(message.buttons)
        if message.attachment is None:
            return await self._bot.send_message(
                chat_id,
                message.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                link_preview_options=_preview(message),
                protect_content=message.protect or None,
            )
        send = self._bot.send_photo if message.attachment.is_photo else self._bot.send_document
        return await send(
            chat_id,
            _file(message.attachment),
            caption=message.text or None,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            protect_content=message.protect or None,
        )

    async def _edit(self, chat_id: int, message_id: int, message: Message) -> Any:
        keyboard = _keyboard(message.buttons)
        try:
            return await self._bot.edit_message_text(
                message.text,
                chat_id=chat_id,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                link_preview_options=_preview(message),
            )
        except BadRequest as error:
            if "no text in the message" not in error.message:
                raise
            return await self._bot.edit_message_caption(
                chat_id=chat_id,
                message_id=message_id,
                caption=message.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
            )


async def _outcome(request: Awaitable[Any], message_id: int | None = None) -> Outcome:
    try:
        made = await request
    except TelegramError as error:
        return outcome_of(error, message_id)
    return Sent(getattr(made, "message_id", message_id))


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])


def _button(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


def _preview(message: Message) -> LinkPreviewOptions | None:
    return None if message.link_preview else LinkPreviewOptions(is_disabled=True)


def _file(attachment: Attachment) -> InputFile:
    return InputFile(attachment.content, filename=attachment.filename)
