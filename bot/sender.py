"""Sends rendered messages to Telegram and says what came of each; it never raises for one.

Texts, edits and answers to taps are most of what goes out, in crowds of thousands. They take a short way
through the library: the body is made here, and of the answer only the message's number is read, where the
library would build objects that nobody looks at. Errors come as the library's own either way.
"""

import html
import logging
import re
from collections.abc import Awaitable, Coroutine
from datetime import timedelta
from functools import lru_cache
from typing import Any

import orjson
from telegram import InlineKeyboardMarkup, InputFile
from telegram import Message as TelegramMessage
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.outcomes import outcome_of
from bot.request import Rejected
from bot.telegram import HearthlineBot
from broadcasts.sender import NotYet, Outcome, Sent
from texts.message import Attachment, Button, Message

log = logging.getLogger(__name__)

TOAST_LIMIT = 200
UPLOAD_WAIT = timedelta(seconds=1)
"""Until somebody asks again whether the file that they are to get has been uploaded."""
FILES_REMEMBERED = 200
NOT_TAKEN = ""
"""Stands where a file's name would, if Telegram refused it."""
_TAG = re.compile(r"<[^>]+>")
_NO_PREVIEW = {"is_disabled": True}


class TelegramSender:
    """The `broadcasts.sender.Sender` of the product."""

    def __init__(self, bot: HearthlineBot) -> None:
        self._bot = bot
        self._request = bot.own_request
        self._file_ids: dict[str, str] = {}
        """By key, what Telegram calls the files that it has."""
        self._uploading: set[str] = set()

    def send(self, chat_id: int, message: Message) -> Coroutine[Any, Any, Outcome]:
        """Send one message. With an attachment the text is its caption, of at most 1,024 characters."""
        if message.attachment is not None:
            return self._with_file(chat_id, message, message.attachment)
        return self._quickly("sendMessage", {"chat_id": chat_id, **_body(message)})

    async def edit(self, chat_id: int, message_id: int, message: Message, *, photo: bool = False) -> Outcome:
        """Change text and buttons of a message; what it carries stays as it is. ``photo``: its text is the
        caption of a picture. Where nobody knows, the text is tried first."""
        change = self._edit_caption if photo else self._edit
        return await _outcome(change(chat_id, message_id, message), message_id)

    async def delete(self, chat_id: int, message_id: int) -> Outcome:
        """Delete a message; one that is gone already counts as deleted."""
        return await _outcome(self._bot.delete_message(chat_id, message_id), message_id)

    async def toast(self, callback_id: str, text: str) -> Outcome:
        """Show a line over the chat for a moment. It takes no markup, so none is left in."""
        plain = html.unescape(_TAG.sub("", text))[:TOAST_LIMIT]
        body = {"callback_query_id": callback_id, **({"text": plain} if plain else {})}
        return await self._quickly("answerCallbackQuery", body)

    async def _quickly(self, method: str, body: dict[str, Any]) -> Outcome:
        try:
            made = await self._call(method, body)
        except TelegramError as error:
            return outcome_of(error)
        return Sent(made.get("message_id") if isinstance(made, dict) else None)

    async def _call(self, method: str, body: dict[str, Any]) -> Any:
        """The ``result`` of a method. Raises ``TelegramError``, as every method of the library does."""
        return await self._request.call(f"{self._bot.base_url}/{method}", orjson.dumps(body))

    async def _edit(self, chat_id: int, message_id: int, message: Message) -> Any:
        which = {"chat_id": chat_id, "message_id": message_id}
        try:
            return await self._call("editMessageText", {**which, **_content(message)})
        except BadRequest as error:
            if "no text in the message" not in error.message:
                raise
            return await self._edit_caption(chat_id, message_id, message)

    async def _edit_caption(self, chat_id: int, message_id: int, message: Message) -> Any:
        which = {"chat_id": chat_id, "message_id": message_id}
        return await self._call("editMessageCaption", {**which, **_content(message, "caption")})

    async def _with_file(self, chat_id: int, message: Message, file: Attachment) -> Outcome:
        """Upload a file, or name it where Telegram has it: what goes to many is uploaded once.

        Whoever else is to get it waits outside meanwhile. Were they to wait here, an upload that takes its
        time would hold up the window, and every answer to a tap with it.
        """
        if file.key in self._uploading:
            return NotYet(UPLOAD_WAIT, "waits_for_upload")
        known = self._file_ids.get(file.key)
        if known == NOT_TAKEN:
            return await self._without(chat_id, message)
        file_id = file.file_id or known
        try:
            if file_id is None:
                return _sent(await self._upload_once(chat_id, message, file))
            return _sent(await self._mention(chat_id, message, file, file_id))
        except (BadRequest, Rejected) as error:
            if not file.dispensable:
                return outcome_of(error)
            return await self._instead(chat_id, message, file, error)
        except TelegramError as error:
            return outcome_of(error)

    async def _without(self, chat_id: int, message: Message) -> Outcome:
        return await self._quickly("sendMessage", {"chat_id": chat_id, **_body(message)})

    async def _instead(
        self, chat_id: int, message: Message, file: Attachment, error: TelegramError
    ) -> Outcome:
        """Say the words alone: a picture that Telegram does not take must cost nobody their invitation."""
        outcome = await self._without(chat_id, message)
        if isinstance(outcome, Sent):
            log.warning("went out without its picture: %s: %s", file.filename, error.message)
            if "caption" not in error.message:  # or it is only these words that are too many
                self._remember(file.key, NOT_TAKEN)
        return outcome

    async def _mention(self, chat_id: int, message: Message, file: Attachment, file_id: str) -> Any:
        method, field = ("sendPhoto", "photo") if file.is_photo else ("sendDocument", "document")
        return await self._call(method, {"chat_id": chat_id, field: file_id, **_body(message, "caption")})

    async def _upload_once(self, chat_id: int, message: Message, file: Attachment) -> TelegramMessage:
        """Upload a file, and remember under its key what Telegram calls it."""
        if not file.key:
            return await self._upload(chat_id, message, file)
        self._uploading.add(file.key)
        try:
            sent = await self._upload(chat_id, message, file)
        finally:
            self._uploading.discard(file.key)
        kept = sent.photo[-1] if sent.photo else sent.document
        if kept is not None:
            self._remember(file.key, kept.file_id)
        return sent

    async def _upload(self, chat_id: int, message: Message, file: Attachment) -> TelegramMessage:
        send = self._bot.send_photo if file.is_photo else self._bot.send_document
        buttons = _keyboard(message.buttons) if message.buttons else None
        return await send(
            chat_id,
            InputFile(file.content, filename=file.filename),
            caption=message.text or None,
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup.de_json(buttons, self._bot) if buttons else None,
            protect_content=message.protect or None,
        )

    def _remember(self, key: str, file_id: str) -> None:
        if not key:
            return
        if len(self._file_ids) >= FILES_REMEMBERED:
            del self._file_ids[next(iter(self._file_ids))]
        self._file_ids[key] = file_id


async def _outcome(request: Awaitable[Any], message_id: int | None = None) -> Outcome:
    try:
        made = await request
    except TelegramError as error:
        return outcome_of(error, message_id)
    return _sent(made, message_id)


def _sent(made: Any, message_id: int | None = None) -> Sent:
    """What was made, as the library reads it or as the server said it."""
    if isinstance(made, dict):
        return Sent(made.get("message_id", message_id), "photo" in made)
    return Sent(getattr(made, "message_id", message_id), bool(getattr(made, "photo", ())))


def _body(message: Message, words: str = "text") -> dict[str, Any]:
    """A new message. Whether it may be forwarded is fixed as it is sent: an edit has no such parameter."""
    return {**_content(message, words), **({"protect_content": True} if message.protect else {})}


def _content(message: Message, words: str = "text") -> dict[str, Any]:
    """What a message says, as the Bot API wants it; ``words``: the field that takes the text."""
    body: dict[str, Any] = {words: message.text, "parse_mode": ParseMode.HTML}
    if message.buttons:
        body["reply_markup"] = _keyboard(message.buttons)
    if words == "text" and not message.link_preview:
        body["link_preview_options"] = _NO_PREVIEW
    return body


@lru_cache(maxsize=256)
def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> dict[str, Any]:
    return {"inline_keyboard": [[_button(button) for button in row] for row in rows]}


def _button(button: Button) -> dict[str, Any]:
    if button.url:
        return {"text": button.label, "url": button.url}
    if button.web_app:
        return {"text": button.label, "web_app": {"url": button.web_app}}
    return {"text": button.label, "callback_data": button.data}
