"""Pages for what went wrong: nothing there, not allowed, an error of ours."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import web

from carers.sign_in import Visit
from web.parts import PARTS
from web.sessions import find_visit
from web.staff.views import NOT_THEIRS, RENDER, VISIT, is_https

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAGES = {
    403: ("You cannot do this here", "Go back to the page that you came from and try again."),
    404: ("There is no such page", "It may have been removed, or the address may be cut short."),
    405: ("This page cannot be opened like this", "Start again from the home page."),
    413: ("This is too large", "Send a smaller file or a shorter text."),
}
BROKEN = ("Something went wrong on our side", "Nothing was changed. Try again in a moment.")
log = structlog.get_logger("web")


def setup(app: web.Application) -> None:
    app.middlewares.append(explain)


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal into a page for whoever reads pages; programs get it as it is."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        if refusal.status not in PAGES or "text/html" not in request.headers.get("Accept", ""):
            raise
        title, advice = PAGES[refusal.status]
        # A reason of our own says more than the name of the status.
        own = refusal.reason if refusal.reason != HTTPStatus(refusal.status).phrase else ""
        if own == NOT_THEIRS:  # to try again would not help
            advice = "If you need it, ask a manager or an administrator."
        return await _page(request, title, f"{own}. {advice}" if own else advice, refusal.status)
    except Exception:
        if "text/html" not in request.headers.get("Accept", ""):
            raise
        log.exception("a page failed", path=_kind_of(request))
        return await _page(request, *BROKEN, status=500)


def _kind_of(request: web.Request) -> str:
    """The address without what is filled in: some of it is a secret, as in a sign-in link."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


async def _page(request: web.Request, title: str, advice: str, status: int) -> web.StreamResponse:
    visit = request.get(VISIT) or await _visit(request)
    context = {"title": title, "advice": advice}
    return request.app[RENDER](request, "staff/mistake.html", context, visit=visit, status=status)


async def _visit(request: web.Request) -> Visit | None:
    """Who asks, where no view has found out: they keep their menu and the search. A database that does not
    answer costs them no more than that."""
    parts = request.app[PARTS]
    try:
        return await find_visit(parts.database, request, parts.clock(), https=is_https(parts))
    except Exception:
        log.exception("nobody could be found behind a mistake", path=_kind_of(request))
        return None
