"""Pages that change by themselves: a stream of server-sent events, one for each open page.

Once a second the stream looks at the database and sends what differs; a page without JavaScript shows the
same after a reload. Streams end when the server stops, when the person is signed out, and when the browser
goes: one left open would hold the process for minutes.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp_jinja2
import orjson
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from carers.roles import Action
from carers.sign_in import Visit, visit_of
from web.parts import CLOSING, PARTS
from web.staff.views import Look, Page, Route, allowed_visit

EVERY = 1.0
"""Seconds between two looks."""

PING_EVERY = 5.0
"""Seconds between two signs of life, by which a browser that has gone is noticed."""


@dataclass(frozen=True, slots=True)
class Live:
    """What a page shows now: texts by their ``data-live`` name, a sentence to read out, parts drawn anew."""

    texts: Mapping[str, str] = field(default_factory=dict)
    say: str = ""
    part: Page | None = None


Peek = Callable[[Look], Awaitable[object]]
"""A cheap look: what it returns stays equal as long as nothing has changed."""

LiveView = Callable[[Look], Awaitable[Live]]


def watch(path: str, action: Action, peek: Peek, view: LiveView) -> Route:
    """The stream of a live page. ``view`` is asked only when ``peek`` saw a change."""

    async def handle(request: web.Request) -> web.StreamResponse:
        now = request.app[PARTS].clock()
        visit = await allowed_visit(request, action, now)
        # A look that finds nothing must answer 404 before the stream begins.
        seen, live = await _look(request, visit, peek, view)
        try:
            stream = await sse_response(request, headers={"X-Content-Type-Options": "nosniff"})
        except ConnectionResetError:
            return web.Response()  # the browser has gone on to another page already
        async with stream:
            stream.ping_interval = PING_EVERY
            # The browser may go, or what it watches; either way there is nothing left to send.
            with contextlib.suppress(ConnectionResetError, web.HTTPException):
                while True:
                    if live is not None:
                        await stream.send(_message(request, live))
                    if await _stopped(request, stream, visit):
                        break
                    seen, live = await _look(request, visit, peek, view, seen)
        return stream

    return Route("GET", path, action, handle)


async def _look(
    request: web.Request, visit: Visit, peek: Peek, view: LiveView, before: object = None
) -> tuple[object, Live | None]:
    """What is there now, and what to show of it; nothing to show where it is as it was ``before``."""
    parts = request.app[PARTS]
    async with parts.database.read() as session:
        look = Look(request, session, visit, parts.clock(), parts)
        seen = await peek(look)
        return seen, None if seen == before else await view(look)


async def _stopped(request: web.Request, stream: EventSourceResponse, visit: Visit) -> bool:
    """Wait for the next look; true when there will be none."""
    closing, parts = request.app[CLOSING], request.app[PARTS]
    # Not wait_for, which in Python 3.11 can swallow a cancellation that comes with the end of the wait.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(EVERY):
            await closing.wait()
        return True
    if not stream.is_connected():
        return True
    async with parts.database.read() as session:
        return await visit_of(session, visit.key, parts.clock()) is None


def _message(request: web.Request, live: Live) -> str:
    html = ""
    if live.part is not None:
        html = aiohttp_jinja2.render_string(live.part.template, request, live.part.context)
    return orjson.dumps({"texts": dict(live.texts), "say": live.say, "html": html}).decode()
