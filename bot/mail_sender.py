"""Sends mails and says what came of each; it never raises for one.

A connection is kept while there is work and used again; several at once only where the server is slower than
the pace. How many, the engine's window says: a crash leaves no more in doubt than that.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.mail_connection import ANSWER_SECONDS, Connection
from bot.mail_files import Fetch, NotToHand
from bot.mail_message import Envelope, LetterheadNow, links_for, written
from bot.mail_outcomes import (
    BUSY,
    CERTIFICATE,
    NO_LOGIN,
    NOT_AN_ADDRESS,
    NOT_ENCRYPTED,
    SET_UP_WAIT,
    TURNED_AWAY,
    WRONG_PASSWORD,
    Stage,
    explain,
    outcome_of,
)
from bot.mail_settings import Mailbox, MailServer, usable
from broadcasts.sender import (
    FLOOD,
    NOT_CONNECTED,
    MailTo,
    NotYet,
    Outcome,
    Refused,
    Retry,
    Sent,
    Unknown,
    Unreachable,
)
from carers.pages import Pages
from texts.mail import compose_mail
from texts.message import Message
from texts.render import Texts

WINDOW = 5
"""Mails in flight at once, each over a connection of its own."""
IDLE_SECONDS = 30.0
"""After which a connection without work is closed: servers do the same, less politely."""
WHOLE_SECONDS = 60.0
"""For one mail in all."""
FILE_WAIT = timedelta(minutes=1)
"""Until a file that goes with a mail is asked for again."""
CHECK_SECONDS = 10.0
"""For each answer, where somebody waits to hear whether the server can be used."""
LOOK_AGAIN = timedelta(minutes=1)
"""Until it is tried whether a server is back to which nothing is to be sent."""
PASSES = timedelta(minutes=1)
"""For so long a server may be away before anybody is told."""

_OF_CONNECTING = (NOT_CONNECTED, WRONG_PASSWORD, NO_LOGIN, NOT_ENCRYPTED, CERTIFICATE, TURNED_AWAY)
_MAY_PASS = (NOT_CONNECTED, FLOOD, BUSY)

log = structlog.get_logger(__name__)


class MailSender:
    """The `broadcasts.sender.Sender` of email. ``clock`` gives aware UTC times."""

    def __init__(
        self,
        server: MailServer,
        letterhead: LetterheadNow,
        pages: Pages,
        texts: Texts,
        clock: Callable[[], datetime],
        fetch: Fetch,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._server = server
        self._head = letterhead
        self._pages = pages
        self._texts = texts
        self._clock = clock
        self._fetch = fetch
        self._answer_seconds = answer_seconds
        self._idle_seconds = idle_seconds
        self._idle: list[Connection] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._why: str | None = None
        """The reason for which all mail waits, if it does."""
        self._since: datetime | None = None

    async def send(self, to: MailTo, message: Message) -> Outcome:
        """Send one mail."""
        address = usable(to.address)
        if address is None:
            return Unreachable(NOT_AN_ADDRESS)
        now = self._clock()
        try:
            message = await self._with_file(message)
            links = links_for(to, self._pages, now)
            mail = compose_mail(self._texts, message, to.language, links, to.first_name)
            envelope = written(to, address, message, mail, links, self._head(), now)
        except NotToHand:
            return NotYet(FILE_WAIT, "waits_for_file")
        except Exception as error:  # noqa: BLE001 - a mail that cannot be made must not stop the others
            # The error itself may quote the carer.
            log.error("a mail cannot be made", kind=to.kind, error=type(error).__name__)
            return Refused(f"cannot_write:{type(error).__name__}"[:80])
        outcome = await self._hand_in(envelope)
        self._note(outcome)
        return outcome

    async def edit(self, to: Any, message_id: int, message: Any, *, photo: bool = False) -> Outcome:
        """A mail that has gone cannot be changed."""
        return Refused("not_in_mail")

    async def delete(self, to: Any, message_id: int) -> Outcome:
        """Nor taken back."""
        return Refused("not_in_mail")

    async def toast(self, callback_id: str, text: str) -> Outcome:
        return Refused("not_in_mail")

    async def watch(self) -> None:
        """Try the server now and, while mail waits, again and again, until cancelled: so that what is wrong
        with it, and that it is right again, is known without a mail."""
        await self._try_out()
        while True:
            wait = LOOK_AGAIN if self._why in (None, *_MAY_PASS) else SET_UP_WAIT
            await asyncio.sleep(wait.total_seconds())
            if self._why in _OF_CONNECTING:
                await self._try_out()

    def trouble(self) -> str | None:
        """What is wrong with email, in plain words; None while all is well."""
        if self._why is None or self._since is None:
            return None
        if self._why in _MAY_PASS and self._clock() - self._since < PASSES:
            return None
        return explain(self._why)

    async def close(self) -> None:
        """Close the connections that are not in use."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.leave() for connection in idle), *self._leaving)

    async def _with_file(self, message: Message) -> Message:
        """The same with what is in its file, where Telegram keeps that. Raises `NotToHand`."""
        file = message.attachment
        if file is None or file.content or not file.file_id:
            return message
        content = await self._fetch(file)
        return replace(message, attachment=replace(file, content=content) if content else None)

    async def _try_out(self) -> None:
        connection = self._connection()
        try:
            await connection.open()
        except Exception as error:  # noqa: BLE001 - told apart by type in one place
            connection.close()
            self._note(outcome_of(error, connection.stage))
        except BaseException:
            connection.close()
            raise
        else:
            self._note(Sent(None))
            self._keep(connection)

    async def _hand_in(self, mail: Envelope) -> Outcome:
        while self._idle:
            outcome = await self._over(self._idle.pop(), mail)
            if not _is_away(outcome):
                return outcome
            # The server closed it while it was not in use. Nothing was accepted, so try the next, or anew.
        return await self._over(self._connection(), mail)

    async def _over(self, connection: Connection, mail: Envelope) -> Outcome:
        """What comes of a mail over this connection, which is kept if it is good for another."""
        outcome: Outcome = Sent(None)
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await connection.hand_in(mail)
        except Exception as error:  # noqa: BLE001 - told apart by type in one place
            outcome = outcome_of(error, connection.stage)
        except BaseException:
            connection.close()
            raise
        lost = isinstance(outcome, Unknown) or _is_away(outcome) or connection.stage < Stage.SENDER
        if lost or not connection.is_open:
            connection.close()
        else:
            self._keep(connection)
        return outcome

    def _connection(self) -> Connection:
        return Connection(self._server, self._head().sender.domain, self._answer_seconds)

    def _keep(self, connection: Connection) -> None:
        self._idle.append(connection)
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go)

    def _let_go(self) -> None:
        """Close what has not been used for a while."""
        self._alarm = None
        for connection in self._idle:
            leaving = asyncio.create_task(connection.leave())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        self._idle.clear()

    def _note(self, outcome: Outcome) -> None:
        """Remember for what reason all mail waits, or that it does not."""
        match outcome:
            case Retry(reason=reason, everyone=True):
                if reason != self._why:
                    log.warning("mail waits", why=explain(reason))
                self._why, self._since = reason, self._since or self._clock()
            case Unknown():
                pass
            case _:
                if self._why is not None:
                    log.info("mail goes out again")
                self._why = self._since = None


def _is_away(outcome: Outcome) -> bool:
    return isinstance(outcome, Retry) and outcome.reason == NOT_CONNECTED


async def try_server(server: MailServer, sender: Mailbox, seconds: float = CHECK_SECONDS) -> str | None:
    """Connect, encrypt, log in, say who a mail would be from, and leave again without one. What is wrong, in
    plain words, or None."""
    connection = Connection(server, sender.domain, seconds)
    try:
        await connection.open()
        await connection.check(sender.address)
    except Exception as error:  # noqa: BLE001 - told apart by type in one place
        outcome = outcome_of(error, connection.stage)
        return explain(outcome.reason) if isinstance(outcome, Retry) else type(error).__name__
    finally:
        with contextlib.suppress(Exception):
            await connection.leave()
    return None
