"""What Telegram shows before anybody writes: a description, and the commands of the menu button.

Telegram chooses the language by that of a person's app, not by the one they chose with /language.
"""

import asyncio
import html
import re

import structlog
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram import HearthlineBot
from storage.engine import Database
from storage.people import linked_staff_chats
from texts.catalogue import TRANSLATED
from texts.render import Service, Texts

LOOK_EVERY_SECONDS = 10.0

FOR_STAFF = {
    "console": "A link to sign in to the console",
    "newevent": "Plan an event",
    "broadcast": "Write to many carers",
    "rsvps": "Who is coming",
    "inbox": "What carers wrote",
    "report": "The year in figures",
    "help": "What I can do",
}

_COMMAND = re.compile(r"/([a-z]+) – (.+)")

log = structlog.get_logger(__name__)


class Menus:
    """Sets the menus once a process, and a colleague's when their chat is connected."""

    def __init__(self, bot: HearthlineBot, database: Database, texts: Texts, app: str = "") -> None:
        self._bot = bot
        self._texts = texts
        self._database = database
        self._described: Service | None = None
        """What the description says of the service: it follows another name, or another number to ring."""
        self._done: set[int] = set()

    async def run(self) -> None:
        """Keep the menus as they should be, until cancelled. A menu that could not be set is tried again."""
        while True:
            try:
                await self.set_missing()
            except TelegramError as error:
                log.info("a menu could not be set yet", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def set_missing(self) -> None:
        """Set the menus that this process has not set."""
        service = self._texts.service
        if self._described != service:
            # English is for every language that has no words of its own.
            for language in (None, *TRANSLATED):
                await self._describe(language)
            self._described = service
        async with self._database.read() as session:
            chats = await linked_staff_chats(session)
        for chat_id in set(chats) - self._done:
            try:
                await self._bot.set_my_commands(list(FOR_STAFF.items()), scope=BotCommandScopeChat(chat_id))
            except (BadRequest, Forbidden):
                log.info("a colleague's menu cannot be set: the chat is closed")
            self._done.add(chat_id)

    async def _describe(self, language: str | None) -> None:
        about = self._texts.render("bot_description", {}, language or "en")
        await self._bot.set_my_description(html.unescape(about.text), language_code=language)
        await self._bot.set_my_commands(
            carer_commands(self._texts, language or "en"),
            scope=BotCommandScopeAllPrivateChats(),
            language_code=language,
        )


def carer_commands(texts: Texts, language: str) -> list[BotCommand]:
    """The menu of carers: the commands that /help names, in the same words."""
    menu = html.unescape(texts.render("menu", {}, language).text)
    return [BotCommand(name, words[0].upper() + words[1:]) for name, words in _COMMAND.findall(menu)]
