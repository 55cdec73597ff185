"""Signing in by a one-time link, and out."""

from aiohttp import web

from carers.roles import Action
from carers.sign_in import LinkRefusal, Visit, new_browser_key, open_link, sign_out, spend_link
from web.parts import PARTS
from web.security import CSRF_FIELD, comes_from_our_page, csrf_token, is_csrf_token, opened_by_a_browser
from web.sessions import (
    OPENING,
    SIGNED_IN,
    clear_cookie,
    find_visit,
    read_cookie,
    set_opening,
    set_signed_in,
)
from web.staff.views import RENDER, Route, allowed_visit, is_https, read_form

WHY_NOT = {
    LinkRefusal.UNKNOWN: "This link does not work. It may have been cut short on its way.",
    LinkRefusal.EXPIRED: "This link is too old. A link works for 15 minutes.",
    LinkRefusal.SPENT: "This link has been used. Each link works once.",
    LinkRefusal.OTHER_BROWSER: "This link was opened in another browser, and works only there.",
}


UNSAVED = "You had been signed out, so what you just sent is not saved. Please sign in and send it again."


def routes() -> list[Route]:
    return [Route("POST", "/sign-out", Action.SEE_HOME, leave)]


def setup(app: web.Application) -> None:
    """The two addresses that nobody needs to be signed in for."""
    app.router.add_get("/sign-in/{token}", show_link)
    app.router.add_post("/sign-in/{token}", use_link)


def sign_in_page(request: web.Request, problem: str = "", status: int = 200) -> web.Response:
    """What somebody who is not signed in sees: how to get a link."""
    bot = request.app[PARTS].bot_username()
    context = {"problem": problem, "bot_username": bot}
    return request.app[RENDER](request, "staff/sign_in.html", context, visit=None, status=status)


async def show_link(request: web.Request) -> web.StreamResponse:
    """Whom the link signs in, and the button that does it. Looking spends nothing."""
    parts = request.app[PARTS]
    https = is_https(parts)
    key = read_cookie(request, OPENING, https=https) or new_browser_key()
    token = request.match_info["token"]
    async with parts.database.write() as session:
        person = await open_link(session, token, key, parts.clock(), is_browser=opened_by_a_browser(request))
    if isinstance(person, LinkRefusal):
        return sign_in_page(request, WHY_NOT[person], status=410)
    context = {"name": person.name, "token": token, "csrf": csrf_token(key)}
    response = request.app[RENDER](request, "staff/sign_in_button.html", context, visit=None)
    set_opening(response, key, https=https)
    return response


async def use_link(request: web.Request) -> web.StreamResponse:
    """Spend the link, for the browser that opened it."""
    parts = request.app[PARTS]
    https, now = is_https(parts), parts.clock()
    key = read_cookie(request, OPENING, https=https)
    given = str((await request.post()).get(CSRF_FIELD, ""))
    if not key or not comes_from_our_page(request, parts.address) or not is_csrf_token(given, key):
        return sign_in_page(request, WHY_NOT[LinkRefusal.OTHER_BROWSER], status=403)
    before = await find_visit(parts.database, request, now, https=https)
    async with parts.database.write() as session:
        outcome = await spend_link(session, request.match_info["token"], key, now)
        if before is not None and not isinstance(outcome, LinkRefusal):
            await sign_out(session, before, now)
    if isinstance(outcome, LinkRefusal):
        return _already_in(before) or sign_in_page(request, WHY_NOT[outcome], status=410)
    response = web.HTTPSeeOther("/")
    set_signed_in(response, outcome[0], https=https)
    clear_cookie(response, OPENING, https=https)
    raise response


def _already_in(visit: Visit | None) -> web.Response | None:
    """A second click on the button, after the first signed in, is no reason to complain."""
    return web.HTTPSeeOther("/") if visit else None


async def leave(request: web.Request) -> web.StreamResponse:
    """Sign this browser out."""
    parts = request.app[PARTS]
    now = parts.clock()
    visit = await allowed_visit(request, Action.SEE_HOME, now)
    await read_form(request, visit.key)
    async with parts.database.write() as session:
        await sign_out(session, visit, now)
    response = web.HTTPSeeOther("/")
    clear_cookie(response, SIGNED_IN, https=is_https(parts))
    raise response
