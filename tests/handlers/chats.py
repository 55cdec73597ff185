"""Chats without a network: raw updates go in, and what the bot said is on each chat's screen.

Everything between is the real thing: the handlers, the domain, the texts, the engine. Only the last step, the
request to Telegram, is a fake that keeps the screens.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from telegram import Bot, User
from telegram.ext import ApplicationBuilder

from bot.compose import Composers
from bot.raw_updates import kept
from bot.turns import Turns
from broadcasts.engine import Engine
from broadcasts.pace import Pace
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours, parse_span
from broadcasts.sender import Outcome, Sent
from care.inbox import Desk
from carers.pages import Pages
from events.feed import Feeds
from events.holds import LONDON
from storage.engine import Database
from surveys.keys import RoundKeys
from surveys.sealed_replies import SealedReplies
from tests.support.cast import NOON
from texts.message import Message
from texts.render import Service, Texts

A_MOMENT = timedelta(seconds=11)
"""What is composed within ten seconds of a change is drawn again, to be on the safe side."""

SECRET_KEY, ADDRESS = "k" * 32, "https://riverside.example"
SERVICE = Service("Fostering Rowdale", "01709 000000")
_TEXTS = Texts(SERVICE, LONDON)
"""Shared by all: to compile their templates takes longer than many a test."""

POLICY = Policy(QuietHours(parse_span("21:00-08:00"), LONDON))


@dataclass
class Screens:
    """The fake Telegram: every chat's messages by id, and the last line shown over a chat."""

    messages: dict[int, dict[int, Message]] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: count(1))

    async def send(self, chat_id: int, message: Message) -> Outcome:
        message_id = next(self.ids)
        self.messages.setdefault(chat_id, {})[message_id] = message
        return Sent(message_id, photo=message.attachment is not None and message.attachment.is_photo)

    async def edit(self, chat_id: int, message_id: int, message: Message, *, photo: bool = False) -> Outcome:
        self.messages.setdefault(chat_id, {})[message_id] = message
        return Sent(message_id)

    async def delete(self, chat_id: int, message_id: int) -> Outcome:
        self.messages.get(chat_id, {}).pop(message_id, None)
        return Sent(message_id)

    async def toast(self, callback_id: str, text: str) -> Outcome:
        self.toasts.append(text.strip())
        return Sent(None)


class Chats:
    """The bot with its database, at a time that the test sets: ``chats.now``."""

    def __init__(
        self, database: Database, folder: Path, now: datetime = NOON, policy: Policy = POLICY
    ) -> None:
        self.database = database
        self.now = now
        self.policy = policy
        self.screens = Screens()
        self._ids = count(10_000)
        bot = Bot("1:offline")
        bot._bot_user = User(1, "Hearthline", True, username="hearthline_bot")
        application = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
        application._initialized = True
        self._turns = Turns(
            application,
            lambda: self.now,
            LONDON,
            lambda: Desk(danger_words=("suicide",)),
            "http://console",
            RoundKeys(folder),
            lambda: policy,
            feeds=Feeds(SECRET_KEY, ADDRESS),
            pages=Pages(SECRET_KEY, ADDRESS),
        )
        self._engine = Engine(
            database,
            self.screens,
            Composers(web_forms=True),
            SealedReplies(_TEXTS, RoundKeys(folder)),
            lambda: policy,
            random=Random(1),
            pace=Pace(math.inf, per_chat=0),
        )

    async def write(self, chat_id: int, text: str) -> None:
        """Somebody writes to the bot."""
        entities = []
        if text.startswith("/"):
            entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        message = self._message(chat_id, next(self._ids)) | {"text": text, "entities": entities}
        await self._handle({"message": message})

    async def tap(self, chat_id: int, label: str, message_id: int | None = None) -> None:
        """Somebody taps the button that carries this label, of the newest message that has it."""
        shown, data = self._button(chat_id, label, message_id)
        await self.send_data(chat_id, data, shown)

    async def send_data(self, chat_id: int, data: str, message_id: int = 1) -> None:
        """What a button sends; anybody's client can send anything."""
        user = {"id": chat_id, "is_bot": False, "first_name": "Somebody"}
        await self._handle(
            {
                "callback_query": {
                    "id": str(next(self._ids)),
                    "from": user,
                    "chat_instance": "1",
                    "data": data,
                    "message": self._message(chat_id, message_id) | self._markup(chat_id, message_id),
                }
            }
        )

    async def pass_time(self, by: timedelta = timedelta()) -> None:
        """Time passes, and the engine sends what is due."""
        self.now += by
        while await self._engine.work_once(self.now):
            pass

    def last(self, chat_id: int) -> Message:
        """The newest message in this chat."""
        return list(self.screens.messages[chat_id].values())[-1]

    def all(self, chat_id: int) -> list[Message]:
        """Everything in this chat."""
        return list(self.screens.messages.get(chat_id, {}).values())

    def labels(self, chat_id: int) -> list[list[str]]:
        """The buttons under the newest message."""
        return [[button.label for button in row] for row in self.last(chat_id).buttons]

    @property
    def toast(self) -> str:
        return self.screens.toasts[-1]

    async def _handle(self, update: dict[str, Any]) -> None:
        async with self.database.write() as session:
            await self._turns.handle(session, kept({"update_id": next(self._ids)} | update))
        await self.pass_time()

    def _message(self, chat_id: int, message_id: int) -> dict[str, Any]:
        person = {"id": chat_id, "is_bot": False, "first_name": "Somebody"}
        date = int(self.now.timestamp())
        return {
            "message_id": message_id,
            "date": date,
            "chat": {"id": chat_id, "type": "private"},
            "from": person,
        }

    def _markup(self, chat_id: int, message_id: int) -> dict[str, Any]:
        """The buttons of a message, which Telegram sends along with a tap on one of them."""
        shown = self.screens.messages.get(chat_id, {}).get(message_id)
        rows = [
            [{"text": button.label, "callback_data": button.data} for button in row if button.data]
            for row in (shown.buttons if shown else ())
        ]
        return {"reply_markup": {"inline_keyboard": rows}} if any(rows) else {}

    def _button(self, chat_id: int, label: str, message_id: int | None) -> tuple[int, str]:
        for shown, message in reversed(self.screens.messages[chat_id].items()):
            if message_id in (None, shown):
                for row in message.buttons:
                    for button in row:
                        if button.label == label:
                            return shown, button.data
        raise AssertionError(f"no button {label!r} in chat {chat_id}")
