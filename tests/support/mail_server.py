"""A real mail server inside a test, which takes everything, or refuses at whatever stage it is told to.

async with mail_server() as post:
    post.refuse["gone@example.org"] = "550 5.1.1 No such user"
    settings = {..., "smtp_url": post.url}
    post.to("sam@example.org")[-1]["Subject"]
"""

import asyncio
import ssl
import warnings
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HANG = "hang"
"""In place of an answer: say nothing, for longer than anybody waits."""
CLOSE = "close"
"""In place of an answer: close the connection."""
OK = "250 OK"
USER, PASSWORD = "hearthline", "p@ss word/1"


@dataclass
class Arrived:
    """A mail that was taken."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.raw, policy=default)
        assert isinstance(mail, EmailMessage)
        return mail


@dataclass
class PostOffice:
    """What the server does and has seen. An answer is a line of SMTP, `HANG` or `CLOSE`.

    ``answers``: by stage (EHLO, MAIL, DATA, BODY) what is answered next, each once; ``always`` likewise every
    time. ``refuse``: by address. ``lose``: the connection closes after the message, which was taken.
    """

    port: int = 0
    answers: dict[str, deque[str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    connections: int = 0
    encrypted: int = 0
    """How many mails came over an encrypted connection."""
    logins: list[tuple[str, str]] = field(default_factory=list)
    lose: bool = False
    open: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def will(self, stage: str, *answers: str) -> None:
        """Answer this stage like this, the next times."""
        self.answers.setdefault(stage, deque()).extend(answers)

    def to(self, address: str) -> list[EmailMessage]:
        """What came for an address, oldest first."""
        return [one.mail for one in self.arrived if one.recipient.lower() == address.lower()]

    async def _said(self, server: SMTP, stage: str) -> str | None:
        waiting = self.answers.get(stage)
        answer = waiting.popleft() if waiting else self.always.get(stage)
        if answer == HANG:
            await asyncio.sleep(60)
        if answer == CLOSE:
            _cut(server)
            return "421 bye"
        return answer

    # What aiosmtpd calls.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._said(server, "EHLO")
        return [answer] if answer else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self._said(server, "MAIL")
        if answer is None:
            envelope.mail_from = address
        return answer or OK

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.refuse.get(address.lower()) or await self._said(server, "RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or OK

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._said(server, "BODY")
        if answer is None:
            self.encrypted += _is_encrypted(server)
            content = envelope.content
            assert isinstance(content, bytes)
            self.arrived += [Arrived(envelope.mail_from or "", one, content) for one in envelope.rcpt_tos]
        if self.lose:
            _cut(server)
        return answer or OK

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == (USER, PASSWORD), handled=False)


class _Server(SMTP):
    """Counts its connections, and asks before it takes a message's body."""

    post: PostOffice

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # and not the same connection, encrypted from here on
            self.post.connections += 1
            self.post.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.post.open -= 1
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        answer = await self.post._said(self, "DATA")
        if answer is not None:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


def _is_encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


@asynccontextmanager
async def mail_server(
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    wrapped: bool = False,
    login: bool = False,
    greeting: str | None = None,
) -> AsyncIterator[PostOffice]:
    """A server on a free port of this machine. ``tls``: it offers STARTTLS with this, or, ``wrapped``, speaks
    it from the first byte. ``login``: nothing is taken without `USER` and `PASSWORD`. ``greeting``: all that
    it says."""
    post = PostOffice()
    loop = asyncio.get_running_loop()

    def one() -> asyncio.Protocol:
        if greeting is not None:
            return _Unfriendly(greeting)
        with warnings.catch_warnings(action="ignore"):  # a login without encryption is what is tried here
            server = _Server(
                post,
                hostname="mail.example.org",
                tls_context=None if wrapped else tls,
                authenticator=post.authenticate,
                auth_required=login,
                auth_require_tls=False,
                loop=loop,
            )
        server.post = post
        return server

    server = await loop.create_server(one, "127.0.0.1", port, ssl=tls if wrapped else None)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()


class _Unfriendly(asyncio.Protocol):
    """Says one line and nothing else."""

    def __init__(self, line: str) -> None:
        self._line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        if self._line:
            transport.write(self._line.encode() + b"\r\n")


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's encryption with a certificate of its own making, and the file by which to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    other = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "mail.crt", folder / "mail.key"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
