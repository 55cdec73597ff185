"""One connection to the mail server, which knows how far it has come: a failure means little without that."""

import asyncio
import contextlib
import re

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPHeloError, SMTPServerDisconnected

from bot.mail_message import Envelope
from bot.mail_outcomes import Stage
from bot.mail_settings import MailServer

ANSWER_SECONDS = 30.0
"""For which one answer of the server is waited for."""
GOODBYE_SECONDS = 0.3
GO_AHEAD = 354
TAKEN = 250
_DOT = re.compile(rb"^\.", re.MULTILINE)


class Connection:
    """Opened when it is first needed. ``name``: how this machine introduces itself. Whatever it raises, its
    ``stage`` says when."""

    def __init__(self, server: MailServer, name: str, seconds: float = ANSWER_SECONDS) -> None:
        self.stage = Stage.CONNECT
        self._server = server
        self._seconds = seconds
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.wrapped,
            start_tls=False,  # it is asked for below, where a failure shows for what it is
            local_hostname=name,
            timeout=seconds,
        )
        self._used = False

    @property
    def is_open(self) -> bool:
        return self._smtp.is_connected

    async def open(self) -> None:
        """Connect, encrypt and log in, as the settings say. Raises ``SMTPException`` and ``OSError``."""
        self.stage = Stage.CONNECT
        await self._smtp.connect()
        await self._greet()
        server = self._server
        if not server.wrapped and server.starttls is not False:
            self.stage = Stage.ENCRYPT
            if server.starttls or self._smtp.supports_extension("starttls"):
                await self._smtp.starttls()
                await self._greet()
        if server.user is not None:
            self.stage = Stage.LOGIN
            await self._smtp.login(server.user, server.password or "")
        self._used = False

    async def check(self, sender: str) -> None:
        """Ask whether the server would take a mail from this address, and send none. Raises as `open`."""
        self.stage = Stage.SENDER
        await self._smtp.mail(sender)
        await self._smtp.rset()

    async def hand_in(self, mail: Envelope) -> None:
        """Have the server take a mail. Raises ``SMTPException``, ``OSError`` and ``ValueError``."""
        if not self.is_open:
            await self.open()
        self.stage = Stage.SENDER
        if self._used:
            await self._smtp.rset()
        self._used = True
        await self._smtp.mail(mail.sender)
        self.stage = Stage.RECIPIENT
        await self._smtp.rcpt(mail.recipient)
        self.stage = Stage.DATA
        go_ahead = await self._smtp.execute_command(b"DATA")
        if go_ahead.code != GO_AHEAD:
            raise SMTPDataError(go_ahead.code, go_ahead.message)
        await self._deliver(mail.content)

    async def _deliver(self, content: bytes) -> None:
        """The message itself. The library does this and DATA as one, which would hide whether it went out."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise SMTPServerDisconnected("lost")
        self.stage = Stage.BODY
        protocol.write(_DOT.sub(b"..", content) + b".\r\n")
        answer = await protocol.read_response(timeout=self._seconds)
        if answer.code != TAKEN:
            raise SMTPDataError(answer.code, answer.message)

    async def _greet(self) -> None:
        try:
            await self._smtp.ehlo()
        except SMTPHeloError:
            await self._smtp.helo()

    async def leave(self) -> None:
        """Say goodbye, if the server listens, and close."""
        with contextlib.suppress(SMTPException, OSError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._smtp.quit()
        self.close()

    def close(self) -> None:
        self._smtp.close()
