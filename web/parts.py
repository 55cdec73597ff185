"""What the web application is given, and the keys under which its views find it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from broadcasts.policy import Policy, PolicyNow
from broadcasts.sender import Composer
from care.inbox import Desk
from care.retention import Keeping
from carers.pages import Pages
from events.feed import Feeds
from storage.engine import Database
from surveys.keys import RoundKeys
from texts.render import Texts
from web.server_settings import ServerSettings


@dataclass(slots=True)
class Progress:
    """How far a piece of long work is, in the process that does it.

    ``total`` null: nobody knows how much there is. ``what``: what is being done, in words. ``last``: it is
    being written now, and nobody can stop it any more. ``stop``: give it up.
    """

    done: int = 0
    total: int | None = None
    what: str = ""
    last: bool = False
    stop: Callable[[], object] = lambda: None

    def at(self, done: int, total: int | None = None) -> None:
        """So far it is; without a ``total`` that stays as it was."""
        self.done = done
        self.total = self.total if total is None else total


@dataclass(frozen=True)
class Parts:
    """What the web needs of the rest of the process.

    ``readiness``: each part by name with what is wrong with it, or None. ``wake``: something was queued.
    ``policy_now``: what the service allows to go out, and when; it may change while the process runs.
    ``receive``: store one update as it came; ``webhook_secret``: what only Telegram
    knows; both null when polling.
    ``measure``: bring the numbers that /metrics shows up to date.
    ``register_since``: from which day the register holds every household that left, or null.
    ``address``: where a browser finds this server. ``secret_key`` signs what leaves the house; ``launch_key``
    checks what the app says of who opened a page within it, null where it never does.
    ``pages`` makes links to carers' own pages; ``feeds`` addresses of calendar feeds, null where nobody
    outside this machine could read one. ``keys``: of anonymous rounds. ``composer``: what a notice says now.
    ``settings``: those of the server, and what is a right value of one.
    ``mail_on``: whether the service sends email. ``desk_now``: when somebody reads what carers write, and the
    words that cannot wait. ``keeping``: what the service decides about how long things are kept.
    ``working``: the long work that this process is doing, by its number.
    """

    database: Database
    clock: Callable[[], datetime]
    texts: Texts
    address: str
    secret_key: str
    bot_username: Callable[[], str | None]
    wake: Callable[[], None]
    readiness: Callable[[], dict[str, str | None]]
    policy_now: PolicyNow
    pages: Pages
    keys: RoundKeys
    composer: Composer
    settings: ServerSettings
    mail_on: bool = False
    launch_key: bytes | None = field(default=None, repr=False)
    feeds: Feeds | None = None
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = ()
    receive: Callable[[bytes], Awaitable[None]] | None = None
    webhook_secret: str | None = None
    measure: Callable[[], Awaitable[None]] | None = None
    register_since: date | None = None
    desk_now: Callable[[], Desk] = Desk
    keeping: Keeping = field(default_factory=Keeping)
    working: dict[int, Progress] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The policy that holds now."""
        return self.policy_now()

    @property
    def desk(self) -> Desk:
        """The desk as it is now."""
        return self.desk_now()


PARTS = web.AppKey("parts", Parts)
CLOSING = web.AppKey("closing", asyncio.Event)
