"""A message as an email: its subject, its words alone, and its words laid out."""

from dataclasses import dataclass

from texts.message import Message
from texts.render import Texts


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Where an email leads. ``page``: what it is about; null where nothing can be answered, or where the
    service has no address that carers can reach. ``home``: all that is the carer's own. ``unsubscribe``:
    turning off mails of this ``topic``; null where it cannot be turned off."""

    page: str | None
    home: str
    privacy: str
    unsubscribe: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """An email. ``text`` reads well alone; ``html`` is a whole document that fetches nothing."""

    subject: str
    text: str
    html: str


def compose_mail(texts: Texts, message: Message, language: str, links: MailLinks, first_name: str) -> Mail:
    """The email of a message that was rendered for `Medium.EMAIL`."""
    addresses = [links.page, links.home, links.privacy, links.unsubscribe]
    text = "\n\n".join([message.text, *filter(None, addresses)])
    return Mail(message.subject, text, f"<p>{message.text}</p>")
