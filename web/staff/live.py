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
from web.app import CLOSING, PARTS
from web.staff.views import Look, Page, Route, allowed_visit

EVERY = 1.0
"""Seconds between two looks."""

PING_EVERY = 5.0
"""Seconds between two signs of life, by which a browser that has gone is noticed."""

CHECK_EVERY = 15
"""Looks between two checks that the person is still signed in."""


@dataclass(frozen=True, slots=True)
class Live:
    """What a page shows now: texts by their ``data-live`` name, a sentence to read out, parts drawn anew."""

    texts: Mapping[str, str] = field(default_factory=dict)
    say: str = ""
    part: Page | None = None


LiveView = Callable[[Look], Awaitable[Live]]


def watch(path: str, action: Action, view: LiveView) -> Route:
    """The stream of a live page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        now = request.app[PARTS].clock()
        visit = await allowed_visit(request, action, now)
        # A look that finds nothing must answer 404 before the stream begins.
        first = await _look(request, visit, view)
        async with sse_response(request, headers={"X-Content-Type-Options": "nosniff"}) as stream:
            stream.ping_interval = PING_EVERY
            # The browser may go, or what it watches; either way there is nothing left to send.
            with contextlib.suppress(ConnectionResetError, web.HTTPException):
                await _follow(request, visit, view, stream, first)
        return stream

    return Route("GET", path, action, handle)


async def _follow(
    request: web.Request, visit: Visit, view: LiveView, stream: EventSourceResponse, current: Live
) -> None:
    shown: Live | None = None
    for turn in range(1, 1_000_000):
        if current != shown:
            await stream.send(_message(request, current))
            shown = current
        if await _stopped(request, stream) or (
            turn % CHECK_EVERY == 0 and not await _still_in(request, visit)
        ):
            return
        current = await _look(request, visit, view)


async def _look(request: web.Request, visit: Visit, view: LiveView) -> Live:
    parts = request.app[PARTS]
    async with parts.database.read() as session:
        return await view(Look(request, session, visit, parts.clock(), parts))


async def _stopped(request: web.Request, stream: EventSourceResponse) -> bool:
    """Wait for the next look; true when there will be none."""
    closing = request.app[CLOSING]
    try:
        await asyncio.wait_for(closing.wait(), EVERY)
    except TimeoutError:
        return not stream.is_connected()
    return True


async def _still_in(request: web.Request, visit: Visit) -> bool:
    parts = request.app[PARTS]
    async with parts.database.read() as session:
        return await visit_of(session, visit.key, parts.clock()) is not None


def _message(request: web.Request, live: Live) -> str:
    html = ""
    if live.part is not None:
        html = aiohttp_jinja2.render_string(live.part.template, request, live.part.context)
    return orjson.dumps({"texts": dict(live.texts), "say": live.say, "html": html}).decode()
