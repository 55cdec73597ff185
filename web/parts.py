"""What the web application is given, and the keys under which its views find it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from broadcasts.policy import Policy
from broadcasts.sender import Composer
from care.inbox import Desk
from care.retention import Keeping
from carers.pages import Pages
from events.feed import Feeds
from storage.engine import Database
from surveys.keys import RoundKeys
from texts.render import Texts


@dataclass(frozen=True)
class Parts:
    """What the web needs of the rest of the process.

    ``readiness``: each part by name with what is wrong with it, or None. ``wake``: something was queued.
    ``policy``: what the service allows to go out, and when.
    ``receive``: store one update as it came; ``webhook_secret``: what only Telegram
    knows; both null when polling.
    ``measure``: bring the numbers that /metrics shows up to date.
    ``register_since``: from which day the register holds every household that left, or null.
    ``address``: where a browser finds this server. ``secret_key`` signs what leaves the house.
    ``pages`` makes links to carers' own pages; ``feeds`` addresses of calendar feeds, null where nobody
    outside this machine could read one. ``keys``: of anonymous rounds. ``composer``: what a notice says now.
    ``mail_on``: whether the service sends email. ``desk``: when somebody reads what carers write, and the
    words that cannot wait. ``keeping``: what the service decides about how long things are kept.
    """

    database: Database
    clock: Callable[[], datetime]
    texts: Texts
    address: str
    secret_key: str
    bot_username: Callable[[], str | None]
    wake: Callable[[], None]
    readiness: Callable[[], dict[str, str | None]]
    policy: Policy
    pages: Pages
    keys: RoundKeys
    composer: Composer
    mail_on: bool = False
    feeds: Feeds | None = None
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = ()
    receive: Callable[[bytes], Awaitable[None]] | None = None
    webhook_secret: str | None = None
    measure: Callable[[], Awaitable[None]] | None = None
    register_since: date | None = None
    desk: Desk = field(default_factory=Desk)
    keeping: Keeping = field(default_factory=Keeping)


PARTS = web.AppKey("parts", Parts)
CLOSING = web.AppKey("closing", asyncio.Event)
