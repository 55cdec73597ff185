"""A message as an email: its subject, its words alone, and its words laid out.

The laid-out one fetches nothing: no picture, no font, no style sheet, nothing that tells whether it was read.
Both say the same, so a carer whose mail program shows words alone misses nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from texts.blocks import as_html, as_plain, blocks_of, named, shortened, with_links
from texts.callbacks import unpack
from texts.catalogue import RIGHT_TO_LEFT, catalogue
from texts.keyboards.settings import TOPICS, topic_label
from texts.message import Message
from texts.render import Texts

BODY = {
    "p": "margin:0 0 16px",
    "h2": "margin:0 0 8px;font-size:22px;line-height:28px;font-weight:bold",
    "section": "margin:0 0 20px;padding:16px 16px 1px;border:2px solid #1f6b58;border-radius:8px;"
    "background:#e3efed",
    "blockquote": "margin:0 0 16px;padding:8px 16px;background:#f7f5f0",
    "pre": "margin:0 0 16px;font-size:16px;white-space:pre-wrap",
    "a": "color:#14605c;text-decoration:underline",
}
FOOT = {"p": "margin:0 0 12px", "a": "color:#14605c;text-decoration:underline"}
_RULE = "-" * 40
_LONGEST_PREHEADER = 140
_ON_THE_PAGE = frozenset({"join", "ballot", "party", "needs"})
"""What is looked up or told on the page besides an answer. The calendar comes with the email itself."""
_WEB = "web"
"""The way from the chat to the page, where the email leads as it is."""
_STANDING = ("✅ ", "⏳ ", "🎟️ ")


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Where an email leads. ``page``: what it is about; null where nothing can be answered, or where the
    service has no address that carers can reach. ``home``: all that is the carer's own. ``unsubscribe``:
    turning off mails of this ``topic``; null where it cannot be turned off. Empty ones are left out.
    ``account``: for a member of staff, in place of all these: where they choose how they are told."""

    page: str | None
    home: str
    privacy: str
    unsubscribe: str | None = None
    topic: str | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """An email. ``text`` reads well alone; ``html`` is a whole document that fetches nothing."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Link:
    label: str
    href: str
    quiet: bool = False
    """Outlined: nobody waits for it."""
    is_rating: bool = False


def compose_mail(texts: Texts, message: Message, language: str, links: MailLinks, first_name: str) -> Mail:
    """The email of a message that was rendered for `Medium.EMAIL`. Each answer is a link to the page, which
    asks once more before it counts."""
    blocks = blocks_of(message.text)
    found = list(_links(message, links.page))
    if not found and _asks(message):
        blocks += blocks_of(texts.render("mail_no_page", {}, language).text)
    hello = _hello(texts, language, first_name, as_plain(blocks[:1]))
    foot = blocks_of(_foot(texts, links, language))
    rtl = language in RIGHT_TO_LEFT
    html = texts.laid_out(
        "mail.html",
        language,
        subject=message.subject,
        preheader=_preheader(as_plain(blocks)),
        hello=hello,
        body=as_html(with_links(blocks), BODY, rtl=rtl),
        ratings=[link for link in found if link.is_rating],
        links=[link for link in found if not link.is_rating],
        foot=as_html(foot, FOOT, rtl=rtl),
    )
    written = "\n".join(f"{named(link.label)} {link.href}" for link in found)
    parts = [hello, as_plain(blocks), written, _RULE, as_plain(foot)]
    return Mail(message.subject, "\n\n".join(filter(None, parts)) + "\n", html)


def _links(message: Message, page: str | None) -> Iterator[_Link]:
    """A link for each choice, in the order of the buttons; loud only while an answer is asked for."""
    buttons = [(button, *unpack(button.data)) for row in message.buttons for button in row]
    choices = [arguments[-1] for _, topic, arguments in buttons if topic == "rsvp"]
    stands = [arguments[-1] for button, _, arguments in buttons if button.label.startswith(_STANDING)]
    asked = choices != ["not_going"] and stands in ([], ["maybe"])
    for button, topic, arguments in buttons:
        if button.url:
            yield _Link(button.label, button.url)
        elif page is None:
            continue
        elif topic == "rsvp" and len(arguments) == 2:
            yield _Link(
                button.label,
                f"{page}?answer={quote(arguments[1])}",
                quiet=not asked or arguments[1] in stands,
            )
        elif topic == "feedback" and len(arguments) == 2:
            yield _Link(button.label, f"{page}?rating={quote(arguments[1])}", is_rating=True)
        elif topic == "survey" and arguments[-1] != _WEB:
            yield _Link(button.label, page)
        elif topic in _ON_THE_PAGE:
            yield _Link(button.label, page, quiet=True)


def _asks(message: Message) -> bool:
    """Whether it would like an answer."""
    buttons = (button for row in message.buttons for button in row)
    return any(unpack(button.data)[0] in ("rsvp", "feedback", "survey") for button in buttons)


def _hello(texts: Texts, language: str, first_name: str, beginning: str) -> str:
    """The greeting; none where staff have written one of their own."""
    if first_name and re.search(rf"\b{re.escape(first_name)}\b", beginning.split("\n")[0]):
        return ""
    return as_plain(blocks_of(texts.render("mail_hello", {"first_name": first_name}, language).text))


def _foot(texts: Texts, links: MailLinks, language: str) -> str:
    if links.account:
        return texts.render("mail_foot_staff", {"account": links.account}).text
    return texts.render("mail_foot", _footed(texts, links, language), language).text


def _footed(texts: Texts, links: MailLinks, language: str) -> dict[str, str]:
    topic = topic_label(links.topic, catalogue(language)) if links.topic in TOPICS else ""
    return {
        "home": links.home,
        "privacy": links.privacy,
        "unsubscribe": links.unsubscribe or "",
        "topic": topic,
    }


def _preheader(words: str) -> str:
    """What a mailbox shows beside the subject: the first words, and nothing of the foot."""
    return shortened(" ".join(words.split()), _LONGEST_PREHEADER)
