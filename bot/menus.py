"""What Telegram shows before anybody writes: a description, and the commands of the menu button.

Telegram chooses the language by that of a person's app, not by the one they chose with /language.
"""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable

import structlog
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
    MenuButtonDefault,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram import HearthlineBot
from storage.engine import Database
from storage.people import linked_staff_chats
from texts.catalogue import TRANSLATED
from texts.render import Service, Texts

LOOK_EVERY_SECONDS = 10.0
CONSOLE = "Console"
"""What a colleague's menu button says, beside where they write."""

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
    """Sets the menus once a process, a colleague's when their chat is connected, and a carer's again when it
    is no more. ``app``: where the app opens the console within itself, or nothing."""

    def __init__(self, bot: HearthlineBot, database: Database, texts: Texts, app: str = "") -> None:
        self._bot = bot
        self._texts = texts
        self._app = app
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
            await self._set(chat_id, self._as_colleague)
            self._done.add(chat_id)
        for chat_id in self._done - set(chats):
            await self._set(chat_id, self._as_anybody)
            self._done.discard(chat_id)

    async def _set(self, chat_id: int, menu: Callable[[int], Awaitable[None]]) -> None:
        try:
            await menu(chat_id)
        except (BadRequest, Forbidden):
            log.info("a colleague's menu cannot be set: the chat is closed")

    async def _as_colleague(self, chat_id: int) -> None:
        """The commands of staff, and the console beside where they write, if the app opens it."""
        await self._bot.set_my_commands(list(FOR_STAFF.items()), scope=BotCommandScopeChat(chat_id))
        opens = MenuButtonWebApp(CONSOLE, WebAppInfo(self._app)) if self._app else MenuButtonCommands()
        await self._bot.set_chat_menu_button(chat_id, opens)

    async def _as_anybody(self, chat_id: int) -> None:
        await self._bot.delete_my_commands(scope=BotCommandScopeChat(chat_id))
        await self._bot.set_chat_menu_button(chat_id, MenuButtonDefault())

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
