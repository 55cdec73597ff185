"""What a carer's page is: for which kind of link, under which address, and a view of about 20 lines.

``/c/<token>`` and what lies below it opens for whoever holds the token: no password, no cookie. The token
says whose page it is and for what; a route is for one `Purpose` alone, and to a token of another there is
nothing here. A view is given a `Visit` (a GET: an open read-only transaction, so that looking can change
nothing, however many scanners of mail look) or a `Deed` (a POST: an open writing one), and returns what to
show or where to go.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from carers.pages import Opened, Purpose, Shut, open_page
from carers.people import Carer
from storage.engine import Session
from texts.render import Texts
from web.carer.forms import Form, read_form
from web.carer.guard import Handler, guarded, shut
from web.carer.layout import render, shut_page
from web.parts import PARTS, Parts
from web.security import carer_headers, comes_from_our_page
from web.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at a page. ``now`` is aware UTC; ``token`` opened what ``opened`` says."""

    request: web.Request
    session: Session
    now: datetime
    parts: Parts
    opened: Opened
    token: str

    @property
    def carer(self) -> Carer:
        return self.opened.carer

    @property
    def about(self) -> int:
        """The id of what the link is about; 0 where its purpose needs nothing more."""
        return self.opened.about

    @property
    def texts(self) -> Texts:
        return self.parts.texts

    @property
    def zone(self) -> ZoneInfo:
        return self.parts.texts.zone

    def here(self, tail: str = "", **asked: str) -> str:
        """The address of this page, or of one below it (``/party``), for links and forms."""
        return _address(self.token, tail, asked)

    def link(self, purpose: Purpose, about: int = 0) -> str:
        """The address of another page of this carer's, by a fresh link."""
        number = self.carer.page_number
        handed = self.opened.handed
        return _address(self.parts.pages.token(self.carer.id, number, purpose, about, self.now, handed))

    def asked(self, name: str) -> str:
        """What the address says after the question mark, trimmed."""
        return self.request.query.get(name, "").replace("\x00", "").strip()[:200]

    def number(self, name: str) -> int:
        """A number out of the path; 0, which nothing has, for what cannot be one."""
        return whole_number(self.request.match_info[name]) or 0


@dataclass(frozen=True, slots=True)
class Deed(Visit):
    """A form that was sent. What the view does is kept only if it returns `Done` or `Shown`."""

    form: Form


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, and is kept: go to the page at ``tail`` below this link, asking it for ``asked``.

    ``anchor``: the part of that page to begin with, which a screen reader then reads first.
    """

    tail: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """It is done, and is kept; this is what is seen of it."""

    response: web.Response


SeeView = Callable[[Visit], Awaitable[web.Response | Shut]]
DoView = Callable[[Deed], Awaitable[Done | Shown | web.Response | Shut]]
"""A response alone (an error in the form, say) leaves nothing behind; so does `Shut`."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address below ``/c/<token>``, for links of one purpose. Exactly one of the views is there.

    ``foreign``: a form that no page of ours sent is taken too, as a mail program sends one for its reader.
    """

    purpose: Purpose
    tail: str
    look: SeeView | None = None
    act: DoView | None = None
    foreign: bool = False


def see(purpose: Purpose, tail: str, view: SeeView) -> Route:
    """A page to look at. ``tail``: "" or what follows the token, such as ``/party`` or ``/q/{number}``."""
    return Route(purpose, tail, look=view)


def do(purpose: Purpose, tail: str, view: DoView, *, foreign: bool = False) -> Route:
    """A form to send."""
    return Route(purpose, tail, act=view, foreign=foreign)


def setup(app: web.Application, routes: Iterable[Route]) -> None:
    """Mount the routes; those of several purposes under one address become one.

    Raises ``ValueError`` where two are for the same purpose, address and method.
    """
    pages: dict[tuple[str, str], dict[Purpose, Route]] = {}
    for route in routes:
        method = "GET" if route.look else "POST"
        if pages.setdefault((method, route.tail), {}).setdefault(route.purpose, route) is not route:
            raise ValueError(f"{method} {route.tail} is there twice for {route.purpose}")
    for (method, tail), by_purpose in pages.items():
        if method == "GET":
            app.router.add_get(f"/c/{{token}}{tail}", guarded(_seeing(by_purpose)))
        else:
            app.router.add_post(f"/c/{{token}}{tail}", guarded(_doing(by_purpose)))


def _seeing(pages: Mapping[Purpose, Route]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        parts, token, now = request.app[PARTS], request.match_info["token"], request.app[PARTS].clock()
        async with parts.database.read() as session:
            opened = await open_token(session, parts, token, now)
            if isinstance(opened, Shut):
                return shut(request, opened)
            page = pages.get(opened.purpose)
            if page is None or page.look is None:
                return shut(request, Shut.NOT_OURS)
            reply = await page.look(Visit(request, session, now, parts, opened, token))
            return shut(request, reply) if isinstance(reply, Shut) else reply

    return handle


class _Undone(Exception):
    """Carries a response out of a transaction that is to leave nothing behind."""

    def __init__(self, response: web.Response) -> None:
        self.response = response


def _doing(pages: Mapping[Purpose, Route]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        parts, token, now = request.app[PARTS], request.match_info["token"], request.app[PARTS].clock()
        form = await read_form(request)
        try:
            async with parts.database.write() as session:
                opened = await open_token(session, parts, token, now, hold=True)
                page = pages.get(opened.purpose) if not isinstance(opened, Shut) else None
                if isinstance(opened, Shut) or page is None or page.act is None:
                    raise _Undone(shut(request, opened if isinstance(opened, Shut) else Shut.NOT_OURS))
                if not page.foreign and not comes_from_our_page(request, parts.address):
                    raise _Undone(shut_page(request, "foreign", 403))
                reply = await page.act(Deed(request, session, now, parts, opened, token, form))
                if isinstance(reply, Shut):
                    raise _Undone(shut(request, reply))
                if not isinstance(reply, Done | Shown):
                    raise _Undone(reply)
        except _Undone as undone:
            return undone.response
        parts.wake()  # the deed may have queued something to send
        if isinstance(reply, Shown):
            return reply.response
        anchor = f"#{reply.anchor}" if reply.anchor else ""
        return going_to(request, _address(token, reply.tail, reply.asked) + anchor)

    return handle


async def open_token(
    session: Session, parts: Parts, token: str, now: datetime, *, hold: bool = False
) -> Opened | Shut:
    """Whose page a token opens. The only place where the web reads one."""
    return await open_page(session, token, parts.secret_key, now, parts.texts.zone, hold=hold)


def going_to(request: web.Request, location: str) -> web.Response:
    """See there; by GET, whatever this was."""
    headers = {**carer_headers(https=_is_https(request)), "Location": location}
    return web.Response(status=303, headers=headers)


def render_page(
    visit: Visit, template: str, context: Mapping[str, object], status: int = 200
) -> web.Response:
    """A page in the carer's language, with its headers. ``template``: ``carer/x.html``.

    Templates also have ``here`` (`Visit.here`), ``carer``, ``purpose``, ``service``, the filters ``day``,
    ``clock`` and ``moment``, and ``span``.
    """
    shared = {
        "here": visit.here,
        "carer": visit.carer,
        "purpose": visit.opened.purpose.value,
        "now": visit.now,
        "token_page": True,
    }
    return render(visit.request, template, {**shared, **context}, visit.carer.language.value, status)


def _address(token: str, tail: str = "", asked: Mapping[str, str] | None = None) -> str:
    return f"/c/{token}{tail}{'?' + urlencode(asked) if asked else ''}"


def _is_https(request: web.Request) -> bool:
    return request.app[PARTS].address.startswith("https://")


__all__ = [
    "Deed",
    "Done",
    "Form",
    "Purpose",
    "Route",
    "Shown",
    "Shut",
    "Visit",
    "do",
    "going_to",
    "open_token",
    "render_page",
    "see",
    "setup",
]
