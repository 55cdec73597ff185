"""A post office whose mail goes nowhere: an SMTP server that keeps what it is given, for the demo and tests.

mailbox = Mailbox()
url = await mailbox.start()            # for HEARTHLINE_SMTP_URL
mail = mailbox.to("lin@example.org")[-1]
mail.subject, mail.links
await mailbox.close()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Imported when a mailbox starts: most sandboxes have chats alone.
    from aiosmtpd.smtp import SMTP, Envelope, Session

MOST = 2000
"""How many mails are kept; the oldest go first."""
ACCEPTED = "250 OK, kept in the sandbox"
NO_SUCH_MAILBOX = "550 5.1.1 Nobody of this name lives here"


@dataclass(frozen=True)
class Mail:
    """One mail to one address, as it came over the wire. ``at`` is aware UTC."""

    number: int
    sender: str
    recipient: str
    at: datetime
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - what that policy makes
        return message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def calendar(self) -> str:
        """The calendar part, if it has one."""
        parts = (part for part in self.message.walk() if part.get_content_type() == "text/calendar")
        part = next(parts, None)
        return part.get_content() if part is not None else ""

    @property
    def files(self) -> list[str]:
        """The names of what is attached."""
        return [name for part in self.message.iter_attachments() if (name := part.get_filename())]

    @cached_property
    def links(self) -> list[str]:
        """Where its links lead, in the order of the page."""
        collector = _Links()
        collector.feed(self.html)
        return collector.found

    @property
    def name(self) -> str:
        """What the mail calls the person whom it is for."""
        names = getaddresses([str(self.message["To"] or "")])
        return names[0][0] if names else ""

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        address = dict(attributes).get("href")
        if tag == "a" and address:
            self.found.append(address)


class Mailbox:
    """Takes mail for everybody, but for the addresses in ``refused``: those do not exist.

    ``folder`` keeps the mails between two starts, one file each; a crash costs what was not written.
    """

    def __init__(
        self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), folder: Path | None = None
    ) -> None:
        self.mails: list[Mail] = []
        self.refused: set[str] = set()
        self.url = ""
        self.on_mail: list[Callable[[], None]] = []
        """Called whenever a mail has come."""
        self._now = now
        self._folder = folder
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Take mail from now on, and return the address; port 0 takes a free one."""
        from aiosmtpd.smtp import SMTP

        if self._folder is not None and not self.mails:
            self._read(self._folder)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="sandbox", enable_SMTPUTF8=True, loop=loop), host, port
        )
        self.url = f"smtp://{host}:{self._server.sockets[0].getsockname()[1]}"
        return self.url

    async def close(self) -> None:
        """Take no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def to(self, address: str) -> list[Mail]:
        """What came for an address, oldest first."""
        return [mail for mail in self.mails if mail.recipient.lower() == address.lower()]

    # What aiosmtpd calls.

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() in self.refused:
            return NO_SUCH_MAILBOX
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        for recipient in envelope.rcpt_tos:
            self._keep(envelope.mail_from or "", recipient, raw)
        for listener in self.on_mail:
            listener()
        return ACCEPTED

    def _keep(self, sender: str, recipient: str, raw: bytes) -> None:
        number = self.mails[-1].number + 1 if self.mails else 1
        self.mails.append(Mail(number, sender, recipient, self._now(), raw))
        del self.mails[:-MOST]
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            head = f"{sender}\n{recipient}\n{self._now().isoformat()}\n".encode()
            (self._folder / f"{number:06}.mail").write_bytes(head + raw)

    def _read(self, folder: Path) -> None:
        for path in sorted(folder.glob("*.mail"))[-MOST:]:
            sender, recipient, at, raw = path.read_bytes().split(b"\n", 3)
            when = datetime.fromisoformat(at.decode())
            self.mails.append(Mail(int(path.stem), sender.decode(), recipient.decode(), when, raw))
