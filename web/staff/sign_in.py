"""Signing in by a one-time link, and out."""

from typing import Any

from aiohttp import web

from carers.roles import Action
from carers.sign_in import LinkRefusal, new_browser_key, open_link, sign_out, spend_link
from web.browser_names import browser_name
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
from web.staff.forms import Form
from web.staff.views import RENDER, Route, allowed_visit, is_https, read_form
from web.wanted import lead_in, wants_a_page

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
    """The addresses of a link, for which nobody needs to be signed in."""
    app.router.add_get("/sign-in/{token}", show_link)
    app.router.add_post("/sign-in/{token}", use_link)


def sign_in_page(
    request: web.Request, problem: str = "", status: int = 200, form: Form | None = None, name: str = ""
) -> web.Response:
    """What somebody who is not signed in sees: how to get a link. ``form``: what was typed into it; ``name``:
    of whoever is signed in after all, and has only come with a link that does not work."""
    parts = request.app[PARTS]
    context = {
        "problem": problem,
        "name": name,
        "bot_username": parts.bot_username(),
        "mail_on": parts.mail_on,
        "wants_a_page": wants_a_page(request, https=is_https(parts)),
        "form": form or Form(),
    }
    return page_before(request, "staff/sign_in.html", context, status)


def page_before(
    request: web.Request, template: str, context: dict[str, Any], status: int = 200
) -> web.Response:
    """A page for who is not signed in, whose forms are guarded by a key that this browser keeps."""
    https = is_https(request.app[PARTS])
    key = read_cookie(request, OPENING, https=https) or new_browser_key()
    context = {**context, "csrf": csrf_token(key)}
    response = request.app[RENDER](request, template, context, visit=None, status=status)
    set_opening(response, key, https=https)
    return response


async def form_before(request: web.Request) -> tuple[str, Form] | None:
    """The key of the browser and the form that a page of ours sent before anybody was signed in; None for any
    other form."""
    parts = request.app[PARTS]
    key = read_cookie(request, OPENING, https=is_https(parts))
    form = await sent_fields(request)
    if not key or not comes_from_our_page(request, parts.address):
        return None
    return (key, form) if is_csrf_token(form.text(CSRF_FIELD), key) else None


async def sent_fields(request: web.Request) -> Form:
    """What was typed, whoever sent it."""
    fields = await request.post()
    return Form.sent([(name, value) for name, value in fields.items() if isinstance(value, str)])


async def show_link(request: web.Request) -> web.StreamResponse:
    """Whom the link signs in, and the button that does it. Looking spends nothing."""
    parts = request.app[PARTS]
    https, now = is_https(parts), parts.clock()
    key = read_cookie(request, OPENING, https=https) or new_browser_key()
    token = request.match_info["token"]
    async with parts.database.read() as session:  # whoever tries links at random keeps nobody waiting
        person = await open_link(session, token, key, now, is_browser=False)
    if not isinstance(person, LinkRefusal) and opened_by_a_browser(request):
        async with parts.database.write() as session:
            person = await open_link(session, token, key, now, is_browser=True)
    if isinstance(person, LinkRefusal):
        visit = await find_visit(parts.database, request, parts.clock(), https=https)
        return sign_in_page(request, WHY_NOT[person], status=410, name=visit.staff.name if visit else "")
    context = {"name": person.name, "token": token, "csrf": csrf_token(key)}
    response = request.app[RENDER](request, "staff/sign_in_button.html", context, visit=None)
    set_opening(response, key, https=https)
    return response


async def use_link(request: web.Request) -> web.StreamResponse:
    """Spend the link, for the browser that opened it."""
    parts = request.app[PARTS]
    now = parts.clock()
    sent = await form_before(request)
    before = await find_visit(parts.database, request, now, https=is_https(parts))
    if sent is None:
        if before is not None:  # the button again, when the first press has used up this browser's key
            await _go_on_if_spent(request)
        return sign_in_page(request, WHY_NOT[LinkRefusal.OTHER_BROWSER], status=403)
    agent = browser_name(request.headers.get("User-Agent", ""))
    async with parts.database.write() as session:
        outcome = await spend_link(session, request.match_info["token"], sent[0], now, agent)
        if before is not None and not isinstance(outcome, LinkRefusal):
            await sign_out(session, before, now)
    if isinstance(outcome, LinkRefusal):
        if before is not None:  # a second click on the button, after the first signed in
            raise web.HTTPSeeOther("/")
        return sign_in_page(request, WHY_NOT[outcome], status=410)
    raise let_in(request, outcome[0])


async def _go_on_if_spent(request: web.Request) -> None:
    """Lead home who is signed in and sends a link that has been used."""
    parts = request.app[PARTS]
    async with parts.database.read() as session:
        found = await open_link(session, request.match_info["token"], "", parts.clock(), is_browser=False)
    if found is LinkRefusal.SPENT:
        raise web.HTTPSeeOther("/")


def let_in(request: web.Request, key: str) -> web.HTTPSeeOther:
    """The way into the console, with the cookie of who has just signed in."""
    https = is_https(request.app[PARTS])
    response = lead_in(request, https=https)
    set_signed_in(response, key, https=https)
    clear_cookie(response, OPENING, https=https)
    return response


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
