"""A console that runs for a test, and ways into it: with a plain client, and with a real browser."""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, ClientSession, CookieJar, FormData, web
from playwright.async_api import Page
from yarl import URL

from bot.compose import Composers
from bot.settings import load
from bot.settings_told import SettingsTold
from broadcasts.policy import Policy
from carers.mini_app import launch_key
from carers.pages import Pages
from carers.sign_in import LinkRefusal, create_link, new_browser_key, open_link, spend_link
from events.feed import Feeds
from storage.engine import Database
from storage.staff import StaffMember
from surveys.keys import RoundKeys
from tests.support.cast import NOON
from tests.support.delivery import POLICY
from texts.render import Service, Texts
from web.app import make_app
from web.parts import Parts, Progress
from web.sessions import SIGNED_IN

LONDON = ZoneInfo("Europe/London")
SECRET_KEY = "k" * 32
BOT_TOKEN = "4242:the-token-of-a-bot-that-is-not-there"
_SERVER = load(service_name="Riverside Fostering", duty_phone="01632 960000")


@dataclass
class Console:
    """A served console. ``now`` is its clock, to be set by the test; ``woken`` counts calls to the engine;
    ``keys``: of anonymous rounds, in a folder that goes with it; ``working``: the long work under way."""

    database: Database
    address: str = ""
    now: datetime = NOON
    woken: list[datetime] = field(default_factory=list)
    keys: RoundKeys = field(default_factory=lambda: RoundKeys(Path("nowhere")))
    working: dict[int, Progress] = field(default_factory=dict)

    @property
    def pages(self) -> Pages:
        """What makes links to carers' own pages here."""
        return Pages(SECRET_KEY, self.address)

    async def link_for(self, staff: StaffMember) -> str:
        """A sign-in link as the bot would send it."""
        async with self.database.write() as session:
            return f"{self.address}/sign-in/{await create_link(session, staff, self.now)}"


@asynccontextmanager
async def served(
    database: Database, now: datetime = NOON, policy: Policy = POLICY, *, mail_on: bool = False
) -> AsyncIterator[Console]:
    """The whole web application on a free port of this machine."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        console = Console(database, address, now, keys=RoundKeys(Path(folder) / "round-keys"))
        app = make_app(parts(console, policy=policy, mail_on=mail_on))
        runner = web.AppRunner(app, access_log=None)  # as in the product
        await runner.setup()
        await web.SockSite(runner, listening).start()
        try:
            yield console
        finally:
            await runner.cleanup()


def parts(
    console: Console,
    address: str = "http://127.0.0.1",
    policy: Policy = POLICY,
    *,
    mail_on: bool = False,
) -> Parts:
    """What the web needs of a process, by hand."""
    return Parts(
        database=console.database,
        clock=lambda: console.now,
        texts=Texts(Service("Riverside Fostering", "01632 960000"), LONDON),
        address=address,
        secret_key=SECRET_KEY,
        launch_key=launch_key(BOT_TOKEN),
        bot_username=lambda: "riverside_bot",
        wake=lambda: console.woken.append(console.now),
        readiness=dict,
        policy_now=lambda: policy,
        pages=console.pages,
        keys=console.keys,
        composer=Composers(),
        settings=SettingsTold(_SERVER),
        mail_on=mail_on,
        feeds=Feeds(SECRET_KEY, console.address),
        working=console.working,
    )


class Visitor:
    """A browser without a screen: keeps cookies, reads the hidden fields of forms, follows redirects."""

    def __init__(self, console: Console, client: ClientSession) -> None:
        self.console = console
        self.client = client
        self.html = ""
        self.status = 0
        self.path = ""
        self.kind = ""

    async def get(self, path: str, **headers: str) -> str:
        async with self.client.get(self._url(path), headers={"Accept": "text/html", **headers}) as answer:
            return await self._read(answer)

    async def post(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        file: bytes = b"",
        *,
        follow: bool = True,
        **headers: str,
    ) -> str:
        """Send a form of the page last read: its hidden fields go along unless ``fields`` says otherwise.

        ``file``: goes along as ``register.csv`` in the field of that kind. ``follow``: where it leads.
        """
        data: Any = _flat({**self.hidden(path), **(fields or {})})
        if file:
            data = FormData(data, default_to_multipart=True)
            data.add_field("file", file, filename="register.csv", content_type="text/csv")
        async with self.client.post(
            self._url(path), data=data, headers={"Accept": "text/html", **headers}, allow_redirects=follow
        ) as answer:
            return await self._read(answer)

    async def undo(self) -> str:
        """Press the Undo that the page last read offers. Raises StopIteration where it offers none."""
        forms = re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.html, re.DOTALL)
        action, body = next((action, body) for action, body in forms if 'name="undoes"' in body)
        fields: dict[str, list[str]] = {}
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body):
            fields.setdefault(name, []).append(unescape(value))
        return await self.post(unescape(action), fields)

    @property
    def can_undo(self) -> bool:
        return 'name="undoes"' in self.html

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the form on this page that goes to ``path``, or of any form."""
        forms = re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.html, re.DOTALL)
        ours = [(action, body) for action, body in forms if 'name="undoes"' not in body]
        body = next((body for action, body in ours if action == path), self.html)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))
        return {name: value for name, value in fields.items() if name != "undoes"}

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.console.address + path

    async def _read(self, answer: ClientResponse) -> str:
        text = await answer.text(errors="replace")  # of a photo it makes no words, but no failure either
        self.html, self.status, self.path = text, answer.status, answer.url.path_qs
        self.kind = answer.content_type
        return self.html


def _flat(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, str(one))
        for name, value in data.items()
        for one in (value if isinstance(value, list) else [value])
    ]


@asynccontextmanager
async def visitor(console: Console, staff: StaffMember | None = None) -> AsyncIterator[Visitor]:
    """A client of its own cookies, signed in as this person if one is given."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        one = Visitor(console, client)
        if staff is not None:
            client.cookie_jar.update_cookies(
                {SIGNED_IN: await signed_in(console, staff)}, URL(console.address)
            )
        yield one


async def sign_in(page: Page, console: Console, staff: StaffMember) -> None:
    """Let a real browser be this person's, and open the home page."""
    key = await signed_in(console, staff)
    await page.context.add_cookies([{"name": SIGNED_IN, "value": key, "url": console.address}])
    await page.goto(console.address)


async def signed_in(console: Console, staff: StaffMember) -> str:
    """What the cookie of a browser holds that has been through the link's page and its button."""
    async with console.database.write() as session:
        token, browser = await create_link(session, staff, console.now), new_browser_key()
        await open_link(session, token, browser, console.now, is_browser=True)
        spent = await spend_link(session, token, browser, console.now)
        assert not isinstance(spent, LinkRefusal), spent
        return spent[0]
