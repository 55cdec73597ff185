"""The bot's name, as links need it: asked of Telegram, and remembered for when Telegram cannot be reached."""

from datetime import datetime

from telegram.error import TelegramError

from bot.contact import explain
from bot.settings import Settings, WrongSettings
from bot.telegram import bot_username
from storage.engine import Database
from storage.leases_queries import fact, set_fact

_FACT = "bot_username"


class UnknownName(Exception):
    """Telegram could not be asked and never was; the message is a plain sentence."""


async def known_username(settings: Settings, database: Database, now: datetime) -> str:
    """The name in ``https://t.me/<name>``. Raises `UnknownName`."""
    try:
        username = await bot_username(settings)
    except (TelegramError, WrongSettings) as error:
        remembered = await _remembered(settings, database)
        if remembered is None:
            why = explain(error) if isinstance(error, TelegramError) else str(error)
            raise UnknownName(f"The links need the bot's name, and it is not known yet: {why}") from error
        return remembered
    async with database.write() as session:
        await set_fact(session, _FACT, {"username": username, "bot": _bot_id(settings)}, now)
    return username


async def _remembered(settings: Settings, database: Database) -> str | None:
    """The name noted earlier, unless it was another bot's."""
    async with database.read() as session:
        noted = await fact(session, _FACT)
    if noted is None or _bot_id(settings) not in (None, noted.value["bot"]):
        return None
    return str(noted.value["username"])


def _bot_id(settings: Settings) -> str | None:
    """The number before the colon of a token: it names the bot and is no secret."""
    return settings.token.partition(":")[0] if settings.telegram_token else None
