"""How updates are fetched: long polling, or a webhook with a heartbeat. Both watch that Telegram answers."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.error import Conflict, RetryAfter, TelegramError

from bot.contact import Contact
from bot.inbox import Inbox
from bot.telegram import ALLOWED_UPDATES, HearthlineBot

POLL_SECONDS = 20
HEARTBEAT_SECONDS = 15.0
LONGEST_WAIT = 30.0


async def poll(bot: HearthlineBot, inbox: Inbox, contact: Contact) -> None:
    """Fetch updates until cancelled; whatever goes wrong, it goes on trying."""
    await persist(lambda: bot.delete_webhook(drop_pending_updates=False), contact)
    offset: int | None = None
    wait = 0.0
    patience = 0  # the first answer is wanted at once: it says that all is well
    while True:
        try:
            updates = await bot.raw_updates(offset, patience)
        except TelegramError as error:
            patience = 0
            contact.bad(error)
            wait = next_wait(wait, error)
            await asyncio.sleep(wait)
            if isinstance(error, Conflict) and "webhook" in error.message.lower():
                await persist(lambda: bot.delete_webhook(drop_pending_updates=False), contact)
            continue
        wait, patience = 0.0, POLL_SECONDS
        # The offset acknowledges, so it moves only once the updates are committed. A crash before that, or a
        # database that is away, makes Telegram send them again; their numbers tell that they are the same.
        await inbox.store(updates)
        await contact.good()
        offset = _after(updates)
        if updates and offset is None:
            await asyncio.sleep(LONGEST_WAIT)  # nothing in it can be acknowledged, so it will come again


def _after(updates: list[Any]) -> int | None:
    """The offset that acknowledges these. None after an empty answer: then nothing is left to acknowledge,
    and numbers that begin elsewhere after a quiet week are not missed."""
    numbers = [update.get("update_id") for update in updates if isinstance(update, dict)]
    whole = [number for number in numbers if isinstance(number, int)]
    return whole[-1] + 1 if whole else None


async def keep_webhook(bot: HearthlineBot, contact: Contact, url: str, secret: str) -> None:
    """Tell Telegram where to post, then see again and again that it answers, until cancelled."""
    await persist(
        lambda: bot.set_webhook(
            url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=40
        ),
        contact,
    )
    while True:
        await contact.good()
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await persist(bot.get_me, contact)


async def persist(request: Callable[[], Awaitable[Any]], contact: Contact) -> None:
    """Make a request until it succeeds, with growing waits."""
    wait = 0.0
    while True:
        try:
            await request()
        except TelegramError as error:
            contact.bad(error)
            wait = next_wait(wait, error)
            await asyncio.sleep(wait)
        else:
            return


def next_wait(wait: float, error: TelegramError) -> float:
    """Seconds to wait: doubling, a little uneven, and never less than Telegram asks for."""
    longer = min(max(1.0, wait * 2), LONGEST_WAIT) * random.uniform(0.8, 1.0)  # noqa: S311 - not a secret
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return max(longer, after if isinstance(after, int) else after.total_seconds())
    return longer
