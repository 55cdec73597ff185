"""What Telegram shows before anybody writes: a description, and the commands of the menu button."""

import asyncio
import html

import structlog
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram import HearthlineBot
from storage.engine import Database
from storage.people import linked_staff_chats
from texts.render import Texts

LOOK_EVERY_SECONDS = 10.0

FOR_CARERS = {
    "events": "What is on, and your answers",
    "mygroups": "The groups you belong to",
    "calendar": "Events in your own calendar",
    "surveys": "Questions that are open",
    "message": "Write to your service",
    "settings": "What you receive, and your language",
    "language": "Choose your language",
    "mydata": "What is kept about you",
    "help": "What I can do, and numbers to ring",
    "stop": "Receive nothing more",
}
FOR_STAFF = {
    "console": "A link to sign in to the console",
    "newevent": "Plan an event",
    "rsvps": "Who is coming",
    "inbox": "What carers wrote",
    "help": "What I can do",
}

log = structlog.get_logger(__name__)


class Menus:
    """Sets the menus once a process, and a colleague's when their chat is connected."""

    def __init__(self, bot: HearthlineBot, database: Database, texts: Texts) -> None:
        self._bot = bot
        self._texts = texts
        self._database = database
        self._for_all = False
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
        if not self._for_all:
            about = self._texts.render("bot_description", {})
            await self._bot.set_my_description(html.unescape(about.text))
            await self._bot.set_my_commands(_commands(FOR_CARERS), scope=BotCommandScopeAllPrivateChats())
            self._for_all = True
        async with self._database.read() as session:
            chats = await linked_staff_chats(session)
        for chat_id in set(chats) - self._done:
            try:
                await self._bot.set_my_commands(_commands(FOR_STAFF), scope=BotCommandScopeChat(chat_id))
            except (BadRequest, Forbidden):
                log.info("a colleague's menu cannot be set: the chat is closed")
            self._done.add(chat_id)


def _commands(menu: dict[str, str]) -> list[BotCommand]:
    return [BotCommand(name, words) for name, words in menu.items()]
