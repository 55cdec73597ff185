"""An email as it goes over the wire: the words in two forms, the event for calendars, files, and the headers.

Pure. Whatever a header is made of may have been typed by somebody: each goes in as one line, and the library
refuses what would begin another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any

from bot.mail_settings import Mailbox, MailSettings, one_line
from bot.mail_signature import Marks
from broadcasts.sender import MailTo
from carers.pages import Pages, Purpose
from carers.topics import Topic
from texts.mail import Mail, MailLinks
from texts.message import Attachment, Message


class _Verbatim(BaseHeader):
    """A header that is one address and stays as it is: the library takes one that is too long for a line for
    words, and encodes it, so that no program would find it in there."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _headers() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references", "list-unsubscribe"):
        registry.map_to_type(name, _Verbatim)
    return registry


_POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers())
"""Seven bits: some servers on the way still take no more."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail: who it is from and for, as far as servers care, and what is in it."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a service have in common."""

    sender: Mailbox
    marks: Marks
    reply_to: Mailbox | None = None
    bounces: Mailbox | None = None

    def organiser(self, carer_id: int, address: str) -> tuple[str, str]:
        """The name and address to which this carer's calendar sends its answers."""
        if self.bounces is not None:
            return self.sender.name, self.marks.of_calendar(self.bounces, carer_id, address)
        return self.sender.name, (self.reply_to or self.sender).address


LetterheadNow = Callable[[], Letterhead]
"""The one that holds now: the service may take another name while it runs."""


def letterhead_of(mail: MailSettings, secret_key: str) -> Letterhead:
    """The letterhead that the settings make."""
    return Letterhead(mail.sender, Marks(secret_key, mail.sender.domain), mail.reply_to, mail.bounces)


def links_for(to: MailTo, pages: Pages, now: datetime) -> MailLinks:
    """The pages that a mail leads to, each signed for this carer alone; for staff, where they choose how they
    are told."""
    carer_id = to.carer_id
    if carer_id is None:
        return MailLinks(page=None, home="", privacy="", account=f"{pages.address}/account")

    def link(purpose: Purpose, about: int = 0) -> str:
        return pages.link(carer_id, to.page_number, purpose, about, now)

    home = link(Purpose.HOME)
    about = _page(to)
    unsubscribe = None
    if to.topic is not None and to.topic in list(Topic):
        unsubscribe = link(Purpose.UNSUBSCRIBE, list(Topic).index(Topic(to.topic)))
    return MailLinks(
        page=link(*about) if about else None,
        home=home,
        privacy=f"{home}/privacy",
        unsubscribe=unsubscribe,
        topic=to.topic,
    )


def _page(to: MailTo) -> tuple[Purpose, int] | None:
    """What the carer can answer on a page, if anything."""
    if to.kind == "feedback" and to.event_id is not None:
        return Purpose.FEEDBACK, to.event_id
    if to.invitation_id is not None:
        return Purpose.INVITATION, to.invitation_id
    if to.kind.startswith("survey") and to.round_id is not None:
        return Purpose.SURVEY, to.round_id
    return None


def written(
    to: MailTo, address: str, message: Message, mail: Mail, links: MailLinks, head: Letterhead, now: datetime
) -> Envelope:
    """The mail to this person. ``address``: theirs, as servers take it. Raises ``ValueError`` for what cannot
    be a mail."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = head.sender.as_header()
    made["To"] = Address(one_line(to.first_name), addr_spec=address)
    if head.reply_to is not None:
        made["Reply-To"] = head.reply_to.as_header()
    made["Subject"] = one_line(mail.subject)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = head.marks.message_id(to.delivery_id, address)
    if root := _root(to, head.marks.domain):
        made["In-Reply-To"] = root
        made["References"] = root
    # Neither a holiday notice nor a robot's answer is wanted; who could not be reached is.
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if links.unsubscribe is not None:
        made["List-Unsubscribe"] = f"<{links.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(made, message, mail)
    made["Content-Language"] = one_line(to.language)  # of the whole: before, it would go to the first part
    bounces = head.bounces
    sender = head.sender.address
    if bounces is not None:
        sender = head.marks.of_delivery(bounces, to.delivery_id, address)
    return Envelope(sender, address, made.as_bytes())


def _root(to: MailTo, domain: str) -> str | None:
    """The id of a mail that never was, to which all about one event or round are an answer: so mail programs
    show them together, whichever came first."""
    if to.event_id is not None:
        return f"<e{to.event_id}.c{to.carer_id}@{domain}>"
    return f"<r{to.round_id}.c{to.carer_id}@{domain}>" if to.round_id is not None else None


def _fill(made: EmailMessage, message: Message, mail: Mail) -> None:
    """Words, words laid out, and last what calendars read: programs show the last that they understand, and
    those that know an invitation make one of it."""
    made.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if message.calendar is not None:
        made.add_alternative(
            message.calendar.content,
            subtype="calendar",
            charset="utf-8",
            cte="base64",
            params={"method": message.calendar.method, "name": one_line(message.calendar.filename)},
        )
    file = message.attachment
    if file is not None and file.content:  # what Telegram alone has cannot go by mail
        _attach(made, file)


def _attach(made: EmailMessage, file: Attachment) -> None:
    maintype, _, subtype = file.mime.partition("/")
    if not subtype or maintype in ("multipart", "message"):
        maintype, subtype = "application", "octet-stream"
    made.add_attachment(
        file.content, maintype=maintype, subtype=subtype, filename=one_line(file.filename) or "file"
    )
