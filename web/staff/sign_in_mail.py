"""Asking for a sign-in link by email.

Whoever asks is told the same, as soon, whether the address is that of a colleague or of nobody: who works for
the service is not for strangers to find out. So the answer goes out first, and the address is looked up then.
"""

import asyncio
import contextlib
from datetime import timedelta

import structlog
from aiohttp import web

from broadcasts.sign_in_mail import ask_for_sign_in_mail
from web.asking_limit import AskingLimit, place_of
from web.parts import PARTS, Parts
from web.staff.sign_in import form_before, page_before, sent_fields, sign_in_page

MOST_FROM_ONE_PLACE = 60
"""In `WITHIN`. All staff may be one place, behind a proxy; how many mails a person gets is limited apart."""

WITHIN = timedelta(minutes=15)
MOST_AT_ONCE = 20
LAST_SECONDS = 1.0
LOOKING_UP = "look up an address"
TOO_MANY = "Too many links have been asked for. Wait a few minutes and try again, or ask the bot for one."
TRY_AGAIN = "This page had been open for too long. Please press the button once more."

_LIMIT = web.AppKey("links asked for by email", AskingLimit)
ASKING: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("addresses being looked up", set)

log = structlog.get_logger("web")


def setup(app: web.Application) -> None:
    """The addresses that need nobody signed in; none of them where the service sends no email."""
    if not app[PARTS].mail_on:
        return
    app[_LIMIT] = AskingLimit(MOST_FROM_ONE_PLACE, WITHIN)
    app[ASKING] = set()
    app.router.add_get("/sign-in", show)
    app.router.add_post("/sign-in", ask)
    app.router.add_get("/sign-in/sent", sent)
    app.on_shutdown.append(_finish)


async def show(request: web.Request) -> web.StreamResponse:
    return sign_in_page(request)


async def ask(request: web.Request) -> web.StreamResponse:
    """Take an address, and say the same of each."""
    asked = await form_before(request)
    if asked is None:
        return sign_in_page(request, TRY_AGAIN, status=403, form=await sent_fields(request))
    _, form = asked
    address = form.address("email", required="Enter your work email address")
    if form.errors:
        return sign_in_page(request, status=422, form=form)
    parts, asking = request.app[PARTS], request.app[ASKING]
    if len(asking) >= MOST_AT_ONCE or not request.app[_LIMIT].allows(place_of(request.remote), parts.clock()):
        return sign_in_page(request, TOO_MANY, status=429, form=form)
    task = asyncio.create_task(_look_up(parts, address), name=LOOKING_UP)
    asking.add(task)
    task.add_done_callback(asking.discard)
    raise web.HTTPSeeOther("/sign-in/sent")


async def _look_up(parts: Parts, address: str) -> None:
    """Queue the mail, if there is somebody to send it to. A crash before that costs a mail, which can be
    asked for again."""
    try:
        async with parts.database.write() as session:
            queued = await ask_for_sign_in_mail(session, address, parts.clock())
    except Exception:
        log.exception("a sign-in link could not be queued")  # the address is no part of what is logged
        return
    if queued:
        parts.wake()


async def sent(request: web.Request) -> web.StreamResponse:
    """What everybody is told who has asked."""
    return page_before(request, "staff/sign_in_sent.html", {})


async def _finish(app: web.Application) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_SECONDS):
            await asyncio.gather(*app[ASKING])
