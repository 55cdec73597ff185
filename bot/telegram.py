"""The bot as python-telegram-bot knows it, over our own connections and at any Bot API server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram.ext import Application, ApplicationBuilder, ExtBot

from bot.request import AiohttpRequest
from bot.settings import Settings

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
"""What the bot is told of. Not of reactions, which want no answer, nor of what happens in groups, channels,
other people's chats or with payments: the bot has no part in any."""

PtbApplication = Application[Any, Any, Any, Any, Any, Any]


class HearthlineBot(ExtBot[None]):
    """The library's bot, which can also hand out updates as they came."""

    @property
    def own_request(self) -> AiohttpRequest:
        """The connections that everything but polling uses."""
        request = self.request
        assert isinstance(request, AiohttpRequest)  # noqa: S101 - `make_bot` gave it
        return request

    async def raw_updates(self, offset: int | None, seconds: int) -> list[Any]:
        """Wait up to this long for updates, and return them unparsed.

        The library's own ``get_updates`` parses the batch at once, so that a single update which it does
        not understand would hold up all the others. Raises ``TelegramError``.
        """
        updates: list[Any] = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": ALLOWED_UPDATES},
            read_timeout=seconds + 10,
        )
        return updates


def make_bot(settings: Settings) -> HearthlineBot:
    """A bot that is not connected yet: ``await bot.initialize()`` asks the server who it is."""
    url = settings.telegram_api_url
    return HearthlineBot(
        token=settings.token,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        request=AiohttpRequest(url),
        # Polling has its own connection: a hundred sends must not keep it waiting.
        get_updates_request=AiohttpRequest(url, connections=2),
    )


def make_application(bot: HearthlineBot) -> PtbApplication:
    """The library's dispatcher, without its updater: updates come through the inbox."""
    return ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[HearthlineBot]:
    """A bot for one command's few requests. Raises ``TelegramError`` when the server does not know it."""
    bot = make_bot(settings)
    try:
        await bot.initialize()
        yield bot
    finally:
        await bot.shutdown()


async def bot_username(settings: Settings) -> str:
    """The name in ``https://t.me/<name>``. Raises `WrongSettings` or ``TelegramError``."""
    async with connected(settings) as bot:
        return bot.username
