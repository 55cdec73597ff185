"""Carers of the demo who have no app: they open the links in their mail and press the button on the page.

Like `sandbox.demo_life` they know no more than people see: a link, a page, its form.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from urllib.parse import parse_qs, urljoin, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.mailbox import Mail, Mailbox

PAUSE = (4.0, 15.0)
"""Seconds between two looks into the mail."""
NOT_NOW = 0.35
"""The share of mails that a carer leaves for good."""
WEIGHTS = {"going": 5, "in_person": 4, "online": 3, "maybe": 1, "not_going": 4}
"""How the answers of a card are shared out."""


@dataclass(slots=True)
class MailLife:
    """What the readers of one mailbox do. ``waits``: how long a pause takes; tests take none."""

    mailbox: Mailbox
    random: Random = field(default_factory=Random)
    waits: Callable[[float], float] = field(default=lambda seconds: seconds)
    _seen: set[int] = field(default_factory=set)
    _played: str = ""
    """Whose mail came first: theirs is left for the visitor to answer."""

    async def run(self) -> None:
        """Live until cancelled."""
        async with ClientSession(timeout=ClientTimeout(total=10)) as browser:
            while True:
                await asyncio.sleep(self.waits(self.random.uniform(*PAUSE)))
                await self.act_once(browser)

    async def act_once(self, browser: ClientSession) -> bool:
        """Let one carer answer one mail; false if there is none to answer."""
        for mail in self.mailbox.mails:
            if mail.number in self._seen:
                continue
            self._seen.add(mail.number)
            self._played = self._played or mail.recipient
            links = {answer: link for link in mail.links if (answer := _answer(link))}
            if links and mail.recipient != self._played and self.random.random() > NOT_NOW:
                answers = list(links)
                chosen = self.random.choices(answers, [WEIGHTS.get(one, 1) for one in answers])[0]
                return await self._press(browser, links[chosen], mail)
        return False

    async def _press(self, browser: ClientSession, link: str, mail: Mail) -> bool:
        """Open the page and press its first button. A page that is not there is let be, as people do."""
        try:
            async with browser.get(link) as page:
                form = Form.first_in(await page.text(), str(page.url))
            if form is None:
                return False
            async with browser.post(
                form.action, data=form.fields, headers={"Origin": _origin(link)}
            ) as answer:
                return answer.ok
        except (ClientError, TimeoutError):
            return False


@dataclass(slots=True)
class Form:
    """A form as a browser would send it, by its first button."""

    action: str
    fields: dict[str, str]

    @classmethod
    def first_in(cls, html: str, address: str) -> "Form | None":
        """The first form of a page that changes something."""
        reader = _FormReader()
        reader.feed(html)
        if reader.action is None:
            return None
        return cls(urljoin(address, reader.action), reader.fields)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._inside = False
        self._pressed = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form" and self.action is None and has.get("method", "").lower() == "post":
            self.action, self._inside = has.get("action", ""), True
        elif self._inside and tag == "input":
            self._note_input(has)
        elif self._inside and tag == "button" and not self._pressed:
            self._pressed = True
            if "name" in has:
                self.fields[has["name"]] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _note_input(self, has: dict[str, str]) -> None:
        name, kind = has.get("name", ""), has.get("type", "text")
        if name and (kind not in ("radio", "checkbox") or "checked" in has):
            self.fields[name] = has.get("value", "")


def _answer(link: str) -> str:
    """Which answer a link of a mail stands for; empty for any other link."""
    return parse_qs(urlsplit(link).query).get("answer", [""])[0]


def _origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"
