"""The one web application: the console of staff, the carers' pages, the webhook, health and metrics.

`make_app` is given what it needs of the rest as `Parts` and mounts each topic's routes. Open streams end when
``app[CLOSING]`` is set, which happens first of all when the server stops: one that did not would hold the
process for minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from storage.engine import Database
from texts.render import Texts

MOST_BYTES = 5 * 1024 * 1024
"""The largest request: a spreadsheet or a picture that staff upload. The webhook has a smaller limit."""


@dataclass(frozen=True)
class Parts:
    """What the web needs of the rest of the process.

    ``readiness``: each part by name with what is wrong with it, or None. ``wake``: something was queued.
    ``receive``: store one update as it came; ``webhook_secret``: what only Telegram
    knows; both null when polling.
    ``address``: where a browser finds this server. ``secret_key`` signs what leaves the house.
    """

    database: Database
    clock: Callable[[], datetime]
    texts: Texts
    address: str
    secret_key: str
    bot_username: Callable[[], str | None]
    wake: Callable[[], None]
    readiness: Callable[[], dict[str, str | None]]
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = ()
    receive: Callable[[bytes], Awaitable[None]] | None = None
    webhook_secret: str | None = None


PARTS = web.AppKey("parts", Parts)
CLOSING = web.AppKey("closing", asyncio.Event)


def make_app(parts: Parts) -> web.Application:
    """The application, ready to be served."""
    # These need the keys above.
    from web import health, staff, webhook

    app = web.Application(client_max_size=MOST_BYTES)
    app[PARTS] = parts
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_close_streams)
    health.setup(app)
    webhook.setup(app)
    staff.setup(app)
    return app


async def _close_streams(app: web.Application) -> None:
    app[CLOSING].set()
