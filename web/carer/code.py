"""The code of a letter: typed on a page of its own, or in the address that the letter's square holds.

Either leads on to the page that the code is for, by a link as an email has it. It changes nothing: a code can
be used as often as its reader likes, by whoever holds the letter.
"""

from aiohttp import web

from carers.pages import Shut, open_code
from web.carer.forms import read_form
from web.carer.guard import guarded, shut
from web.carer.layout import language_of, render
from web.carer.opening import going_to
from web.parts import PARTS

LONGEST_TYPED = 60


def setup(app: web.Application) -> None:
    """Mount the addresses of codes. A token is longer than any code and has a dot in it."""
    for path in ("/c", "/c/"):
        app.router.add_get(path, guarded(ask))
        app.router.add_post(path, guarded(take))
    app.router.add_get("/c/{code:[0-9A-Za-z-]{10,12}}", guarded(follow))


def setup_rest(app: web.Application) -> None:
    """Whatever else is asked for below ``/c/``, to be mounted last: a page that says so."""
    app.router.add_route("*", "/c/{rest:.*}", guarded(nothing))


async def ask(request: web.Request) -> web.Response:
    """The page on which a code is typed."""
    return _page(request, "", None)


async def take(request: web.Request) -> web.Response:
    """A code that was typed."""
    typed = (await read_form(request)).text("code")[:LONGEST_TYPED]
    found = await _where(request, typed)
    return _page(request, typed, found) if isinstance(found, Shut) else going_to(request, found)


async def follow(request: web.Request) -> web.Response:
    """A code in an address."""
    found = await _where(request, request.match_info["code"])
    return shut(request, found) if isinstance(found, Shut) else going_to(request, found)


async def nothing(request: web.Request) -> web.Response:
    return shut(request, Shut.NOT_OURS)


async def _where(request: web.Request, typed: str) -> str | Shut:
    """The address of the page that a code opens."""
    parts = request.app[PARTS]
    now = parts.clock()
    async with parts.database.read() as session:
        opened = await open_code(session, typed, parts.secret_key, now, parts.texts.zone)
        if isinstance(opened, Shut):
            return opened
        carer, about, handed = opened.carer, opened.about, opened.handed
        said = (carer.id, carer.page_number, opened.purpose, about)
        return f"/c/{parts.pages.token(*said, now, handed, opened.until)}"


def _page(request: web.Request, typed: str, wrong: Shut | None) -> web.Response:
    context = {"typed": typed, "wrong": wrong.value if wrong else "", "empty": not typed}
    return render(request, "carer/code.html", context, language_of(request), 422 if wrong else 200)
