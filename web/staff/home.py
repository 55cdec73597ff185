"""The first page: what needs me today."""

from aiohttp import web

from carers.roles import Action
from web.app import PARTS
from web.sessions import find_visit
from web.staff.sign_in import sign_in_page
from web.staff.views import Look, Page, Route, is_https, see


def routes() -> list[Route]:
    signed_in = see("/", Action.SEE_HOME, home)

    async def door(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        if await find_visit(parts.database, request, parts.clock(), https=is_https(parts)) is None:
            return sign_in_page(request)
        return await signed_in.handler(request)

    return [Route("GET", "/", Action.SEE_HOME, door)]


async def home(look: Look) -> Page:
    return Page("staff/home.html", {})
