"""The sandbox as one object: a Bot API server of its own, and the people who talk to the bot.

sandbox = Sandbox()
url = await sandbox.start()            # for HEARTHLINE_TELEGRAM_API_URL
amal = sandbox.add_user("Amal", "Reed")
amal.start("a-token")
card = await sandbox.wait_for(lambda: amal.find("Coffee afternoon"))
amal.tap(card, "Going")
await sandbox.close()
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from sandbox.api import BotApi
from sandbox.archive import Archive
from sandbox.call import Request
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.mailbox import Mailbox
from sandbox.state import Event, State
from sandbox.users import User
from sandbox.webhook import Courier
from sandbox.wire import MOST_BYTES

TOKEN = "123456789:sandbox-token-that-opens-nothing-at-all"  # noqa: S105  # nothing real
"""The token of the sandbox's bot unless another is given."""

_Found = TypeVar("_Found")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """One bot, its people and an HTTP server; everything happens on one event loop.

    `now` gives the date of messages and the age of taps and updates. `timer` counts the seconds of the
    limits on sending and of faults; it is apart so that a test may stop the clock and still send.
    `limits=None` lifts the limits. `data` is a folder that keeps everything between two starts.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "hearthline_bot",
        first_name: str = "Hearthline",
        now: Callable[[], datetime] = _utc_now,
        timer: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
        data: Path | None = None,
        webhook_retry_seconds: float = 1.0,
    ) -> None:
        self.token = token
        self.username = username
        self.clock_offset = timedelta()
        """Added to `now`, so that a demo or a test can look ahead."""
        self._base_now = now
        self.state = State(token=token, username=username, first_name=first_name, now=self.now)
        self.api = BotApi(self.state, limits, timer)
        self.mailbox = Mailbox(now=self.now, folder=data / "mail" if data is not None else None)
        """Mail for who has no app; it takes any once it is started."""
        self.control = Control(self)
        self.url = ""
        self._courier = Courier(self.state, self.api.faults, webhook_retry_seconds)
        self._archive = Archive(self.state, data) if data is not None else None
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.state.listeners.append(lambda event: self._notify())
        self.state.updates.on_removal.append(lambda numbers: self._notify())
        self.api.on_request = self._notify

    def now(self) -> datetime:
        """Return the sandbox's present moment, aware UTC."""
        return self._base_now() + self.clock_offset

    @property
    def users(self) -> list[User]:
        """Everybody, in the order in which they were added."""
        return list(self.state.people.values())

    @property
    def polling(self) -> bool:
        """Whether the bot has a long poll open."""
        return self.api.receiving.polling

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self.api.faults

    @property
    def requests(self) -> list[Request]:
        """What the bot asked, oldest first; the last 50,000 are kept."""
        return list(self.api.requests)

    @property
    def counts(self) -> dict[str, dict[int, int]]:
        """How many requests of each method got which code, since the start: `{"sendMessage": {200: 5}}`."""
        return {method: dict(codes) for method, codes in self.api.counts.items()}

    def requests_of(self, method: str) -> list[Request]:
        """Return what the bot asked with one method, oldest first."""
        return [request for request in self.api.requests if request.method == method]

    def add_user(
        self,
        first_name: str,
        last_name: str | None = None,
        *,
        username: str | None = None,
        language_code: str | None = "en",
        user_id: int | None = None,
        note: str = "",
        pinned: bool = False,
    ) -> User:
        """Add a person who has the app and has not met the bot. Raises ValueError for an id in use.

        `note` and `pinned` are for the page: a word about the person, and a place at the top.
        """
        return self.state.add_user(
            first_name,
            last_name,
            username=username,
            language_code=language_code,
            user_id=user_id,
            note=note,
            pinned=pinned,
        )

    def add_crowd(self, count: int) -> list[User]:
        """Add many people who have started the bot already, without an update for each."""
        crowd = [self.add_user(f"Carer {number}") for number in range(1, count + 1)]
        for user in crowd:
            user.started = True
        return crowd

    def deep_link(self, payload: str, user: User | None = None) -> str:
        """Return the address on the chat page that stands for `https://t.me/<bot>?start=<payload>`."""
        chosen = f"&user={user.id}" if user is not None else ""
        return f"{self.url}/deep/{self.username}?start={payload}{chosen}"

    async def wait_for(self, predicate: Callable[[], _Found | None], timeout: float = 10) -> _Found:
        """Return what the predicate gives as soon as it is true; looked at whenever something happens.

        Raises TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await self._changed.wait()
        return found

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve, and return the address; port 0 takes a free one."""
        if self._archive is not None:
            self._archive.load()
            self._archive.start()
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", "/bot{rest:.+}", self.api.answer)
        app.router.add_get("/file/bot{rest:.+}", self.api.download)
        self.control.mount(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, host, port, reuse_address=True)
        await self._site.start()
        bound = self._runner.addresses[0][1]
        self.url = f"http://{host}:{bound}"
        self._courier.restart()
        return self.url

    async def close(self) -> None:
        """Stop serving, end every open poll and stream, and write what is kept."""
        self.api.closing.set()
        self.api.receiving.end_poll("Conflict: the sandbox is closing")
        self.control.close()
        await self._courier.close()
        await self.mailbox.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._archive is not None:
            await self._archive.close()

    async def go_offline(self) -> None:
        """Stop listening, as if the network were gone; what is open stays open."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def go_online(self) -> None:
        """Listen again on the same port."""
        if self._runner is None or self._site is not None:
            return
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        self._site = web.TCPSite(self._runner, host, int(port), reuse_address=True)
        await self._site.start()

    def emit(self, event: Event) -> None:
        """Tell everybody who listens that something happened."""
        self.state.emit(event)


async def serve(
    port: int = 8081,
    *,
    host: str = "127.0.0.1",
    token: str = TOKEN,
    data: Path | None = None,
    limits: Limits | None = Limits(),  # noqa: B008  # frozen
    people: Callable[[Sandbox], None] | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until cancelled. `people` may add users to an empty sandbox; `ready` gets the address."""
    sandbox = Sandbox(token=token, data=data, limits=limits)
    try:
        url = await sandbox.start(port, host)
        if people is not None and not sandbox.users:
            people(sandbox)
        if ready is not None:
            ready(url)
        await asyncio.Event().wait()
    finally:
        await sandbox.close()
