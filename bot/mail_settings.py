"""What the settings say of email: the server, and who the mails are from. Reads text and asks nobody."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import getaddresses
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST_ADDRESS = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. ``wrapped``: encrypted from the first byte; ``starttls``: True where it has to
    become so, None where it does if the server can, False where it must not."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    wrapped: bool = False
    starttls: bool | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name before it."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    def as_header(self) -> Address:
        return Address(one_line(self.name), addr_spec=self.address)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Everything that email needs to know. ``bounces``: the address to which what could not be delivered
    comes back, each time with a mark of its own behind a plus sign; null: to the sender, without one."""

    server: MailServer
    sender: Mailbox
    reply_to: Mailbox | None = None
    bounces: Mailbox | None = None


def parse_server(url: str) -> MailServer:
    """The server in ``smtp://user:password@host:port?starttls=no`` or ``smtps://...``. Raises ``ValueError``.

    Without a port: 465 for smtps, 587 with a user, else 25. With a password the connection has to be
    encrypted, unless ``starttls=no`` says otherwise.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    tells = options.pop("starttls", None)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise ValueError("not an address of a mail server")
    if options or tells not in (None, "yes", "no") or (tells and parts.scheme == "smtps"):
        raise ValueError("not an option of a mail server")
    if not parts.hostname.isascii() or _CONTROL.search(unquote(url)):
        raise ValueError("not a name of a mail server")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if password and not user:
        raise ValueError("a password without a user")
    wrapped = parts.scheme == "smtps"
    usual = 465 if wrapped else 587 if user else 25
    must = True if password or tells == "yes" else None
    return MailServer(
        parts.hostname,
        parts.port or usual,
        user,
        password,
        wrapped,
        False if wrapped or tells == "no" else must,
    )


def parse_mailbox(text: str) -> Mailbox:
    """``Name <address>`` or an address alone. Raises ``ValueError``."""
    found = getaddresses([text])
    address = usable(found[0][1]) if len(found) == 1 else None
    if address is None or _CONTROL.search(text):
        raise ValueError("not an email address")
    return Mailbox(found[0][0], address)


def usable(text: str) -> str | None:
    """The address as mail servers take it, its domain in ASCII; null for what is none.

    Local parts in quotes or outside ASCII are not taken: hardly any server does.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    address = f"{local}@{domain}"
    return address if len(address) <= LONGEST_ADDRESS and len(local) <= 64 else None


def sender_of(server: MailServer, service_name: str, given: str | None) -> Mailbox:
    """Who mails are from: as set, or the service, at the user's address if that is one."""
    if given is not None:
        mailbox = parse_mailbox(given)
        return mailbox if mailbox.name else Mailbox(service_name, mailbox.address)
    address = usable(server.user or "") or usable(f"hearthline@{server.host}") or "hearthline@localhost"
    return Mailbox(service_name, address)


def one_line(text: str) -> str:
    """Words for a header: no line breaks, nor anything else that a header cannot hold."""
    return " ".join(_CONTROL.sub(" ", text).split())
