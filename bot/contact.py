"""Whether Telegram still answers: what `/readyz` says of it, and what is owed to carers after a silence.

The library's own polling stops for ever on a 401 or 404 while the process stays alive. Here the last good
answer is watched, and the state of health says within a minute that there is none, and why.
"""

from datetime import datetime, timedelta

import structlog
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot import metrics
from bot.clock import Clock
from bot.request import NoAnswer, NotSent, ServerFault
from events.invitations import ask_to_tap_again
from storage.engine import Database
from storage.leases_queries import fact, set_fact

SILENT_AFTER = timedelta(seconds=35)
"""Longer than one poll takes. The one that was open when the trouble began may have ended well, up to 20 s
after it: together that is less than a minute."""
TAPS_LIVE = timedelta(seconds=150)
"""Telegram forgets a tap after that."""
NOTED_EVERY = timedelta(seconds=10)
_FACT = "telegram_heard"

log = structlog.get_logger(__name__)


class Contact:
    """The state of the connection to Telegram. Times are aware UTC."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._started = clock()
        self._last_good: datetime | None = None
        self._noted: datetime | None = None
        self._why: str | None = None
        self._for_good = False

    async def good(self) -> None:
        """Telegram answered. After a gap those with an open invitation are asked once to tap again."""
        now = self._clock()
        before = self._last_good or await self._heard_before_this_process()
        gap = before is not None and now - before > TAPS_LIVE
        if gap or self._noted is None or now - self._noted >= NOTED_EVERY:
            # Asking and remembering that we heard are one transaction: a crash asks again or not at all.
            async with self._database.write() as session:
                if gap:
                    asked = await ask_to_tap_again(session, now)
                    log.warning("back after a gap", since=str(before), asked_to_tap_again=asked)
                await set_fact(session, _FACT, {"at": now.isoformat()}, now)
            self._noted = now
        if self._why is not None:
            log.info("Telegram answers again")
        self._last_good, self._why, self._for_good = now, None, False

    def bad(self, error: TelegramError) -> None:
        """Telegram did not answer, or not well."""
        why = explain(error)
        metrics.POLL_FAILURES.labels(type(error).__name__).inc()
        if why != self._why:
            log.warning("Telegram does not answer as it should", why=why)
        self._why = why
        self._for_good = isinstance(error, InvalidToken | EndPointNotFound)

    def trouble(self) -> str | None:
        """What is wrong, in plain words; None while all is well."""
        if self._for_good:
            return self._why
        since = self._last_good or self._started
        if self._last_good is None and self._why is not None:
            return self._why
        if self._last_good is None:
            return "Telegram has not answered yet"
        if self._clock() - since > SILENT_AFTER:
            return f"no answer since {since:%H:%M:%S} UTC: {self._why or 'the request is still open'}"
        return None

    async def _heard_before_this_process(self) -> datetime | None:
        async with self._database.read() as session:
            heard = await fact(session, _FACT)
            return datetime.fromisoformat(heard.value["at"]) if heard else None


def explain(error: TelegramError) -> str:
    """What a failure means for whoever runs the service; never the address of a request, nor the token."""
    match error:
        case InvalidToken() | EndPointNotFound():
            return "Telegram does not know this bot's token (401 or 404): check HEARTHLINE_TELEGRAM_TOKEN"
        case Conflict():
            return "another program receives this bot's updates (409): stop it, or wait for it to end"
        case RetryAfter():
            return "Telegram asks to wait (429)"
        case NotSent():
            return "the Bot API server cannot be reached: check HEARTHLINE_TELEGRAM_API_URL and the network"
        case NoAnswer():
            return "the Bot API server took the request and did not answer"
        case ServerFault():
            return "the Bot API server has a fault of its own (5xx)"
        case _:
            return f"the Bot API server answered with {type(error).__name__}"
