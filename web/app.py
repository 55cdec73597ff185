"""The one web application: the console of staff, carers' feeds, the webhook, health and metrics.

`make_app` is given what it needs of the rest as `Parts` and mounts each topic's routes. Open streams end when
``app[CLOSING]`` is set, which happens first of all when the server stops: one that did not would hold the
process for minutes.
"""

import asyncio

from aiohttp import web

from web import carer, health, staff, webhook
from web.parts import CLOSING, PARTS, Parts

MOST_BYTES = 5 * 1024 * 1024
"""The largest request, save a form that brings a file along. The webhook has a smaller limit."""


def make_app(parts: Parts) -> web.Application:
    """The application, ready to be served."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[PARTS] = parts
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_close_streams)
    for topic in (health, webhook, carer, staff):
        topic.setup(app)
    return app


async def _close_streams(app: web.Application) -> None:
    app[CLOSING].set()
