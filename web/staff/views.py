"""What a page of the console is: a route, the action that it needs, and a view of about 20 lines.

A view is given a `Look` (a GET: an open read-only transaction) or a `Deed` (a POST: an open writing one) and
returns what to show or where to go. This module does the rest, the same for every route: who is asking, may
they, does the form come from our page, was it sent before, commit, render. A view that cannot forget a check
is a view that has none to make.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from carers.audit import looked_lately, record
from carers.roles import Action, StaffMember, may, own_households_of
from carers.sent_forms import UNDO_LIVES, SentForm, Undo
from carers.sign_in import Visit, keep_form, sent_form
from storage.engine import Session
from web.parts import PARTS, Parts
from web.security import CSRF_FIELD, comes_from_our_page, is_csrf_token
from web.sessions import find_visit
from web.staff.forms import Form
from web.staff.uploads import read_multipart
from web.wanted import ask_to_sign_in
from web.whole_numbers import whole_number

ONCE_FIELD = "once"
UNDOES_FIELD = "undoes"
"""The number of the form that this one takes back, in the form that a page offers as Undo."""

TOO_LATE = "That was undone already, or longer ago than ten minutes. Nothing was changed."


class Renderer(Protocol):
    """Turns a template into a response with the console's layout and headers around it."""

    def __call__(
        self,
        request: web.Request,
        template: str,
        context: dict[str, Any],
        *,
        visit: Visit | None,
        status: int = 200,
    ) -> web.Response: ...


VISIT: web.RequestKey[Visit] = web.RequestKey("visit", Visit)
RENDER: web.AppKey[Renderer] = web.AppKey("render")
NOT_THEIRS = "Your role does not include this page"


def is_https(parts: Parts) -> bool:
    """Whether browsers reach the console over https, and so may be held to it."""
    return parts.address.startswith("https://")


@dataclass(frozen=True, slots=True)
class Look:
    """A request to see something. ``now`` is aware UTC."""

    request: web.Request
    session: Session
    visit: Visit
    now: datetime
    parts: Parts

    @property
    def staff(self) -> StaffMember:
        return self.visit.staff

    @property
    def zone(self) -> ZoneInfo:
        return self.parts.texts.zone

    @property
    def today(self) -> date:
        """The service's local date."""
        return self.now.astimezone(self.zone).date()

    @property
    def own_households(self) -> int | None:
        """The social worker whose households alone may be shown, or None: all."""
        return own_households_of(self.visit.staff)

    def may(self, action: Action) -> bool:
        return may(self.visit.staff, action)

    def number(self, name: str) -> int:
        """A number out of the path. Raises 404 for what is no possible id."""
        number = whole_number(self.request.match_info[name])
        if number is None:
            raise web.HTTPNotFound
        return number

    def asked(self, name: str) -> str:
        """What the address says after the question mark, trimmed."""
        return self.request.query.get(name, "").replace("\x00", "").strip()[:200]

    @property
    def page(self) -> int:
        """Which page of a long list, from 1."""
        return min(whole_number(self.asked("page")) or 1, 100_000)


@dataclass(frozen=True, slots=True)
class Deed(Look):
    """A form that was sent. What the view does commits only when it returns `Done`."""

    form: Form


@dataclass(frozen=True, slots=True)
class Noted:
    """What the audit log says of a look at personal data in bulk: ``detail`` has counts and references."""

    action: str
    subject: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Show a template; from a `Deed` it means that nothing was done.

    ``status`` null: 200, and 422 from a `Deed`, whose form then says what to put right. ``noted``: what a
    `Look` that shows it leaves in the audit log, once an hour for the same person and subject.
    """

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    noted: Noted | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It is done: go to ``location`` and say ``message`` there, with ``undo`` as a button beside it."""

    location: str
    message: str = ""
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """It is done, and ``page`` shows what is seen only once. Sent again, the form leads to ``location``."""

    page: Page
    location: str
    message: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Show a page and keep what the view stored, such as a file that a browser cannot send twice.

    The form counts as not sent yet, so what is stored must be harmless when it is stored again.
    """

    page: Page


LookView = Callable[[Look], Awaitable[Page]]
DeedView = Callable[[Deed], Awaitable[Done | Page | Shown | Kept]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the console and the action that it needs."""

    method: str
    path: str
    action: Action
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


def see(path: str, action: Action, view: LookView) -> Route:
    """A page to look at."""

    async def handle(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        now = parts.clock()
        visit = await allowed_visit(request, action, now)
        async with parts.database.read() as session:
            page = await view(Look(request, session, visit, now, parts))
        if page.noted is not None:
            await _note(parts, visit, page.noted, now)
        return _rendered(request, page, visit)

    return Route("GET", path, action, handle)


async def _note(parts: Parts, visit: Visit, noted: Noted, now: datetime) -> None:
    """The log has it before the page is shown; a crash between the two notes a look that nobody had."""
    async with parts.database.read() as session:
        if await looked_lately(session, now, visit.staff, noted.action, noted.subject):
            return
    async with parts.database.write() as session:
        await record(session, now, visit.staff, noted.action, noted.subject, **noted.detail)


def do(path: str, action: Action, view: DeedView, *, largest_file: int = 0) -> Route:
    """A form to send. ``largest_file``: it may bring files of at most so many bytes."""

    async def handle(request: web.Request) -> web.StreamResponse:
        now = request.app[PARTS].clock()
        visit = await allowed_visit(request, action, now)
        form = await read_form(request, visit.key, largest_file)
        return await _replied(request, view, visit, form, now)

    return Route("POST", path, action, handle)


def do_once_read(path: str, action: Action, read: Callable[[Look], Awaitable[DeedView]]) -> Route:
    """A form to send that needs what takes long to read: ``read`` looks at it before the transaction that all
    who write have to wait for, and gives the view."""

    async def handle(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        now = parts.clock()
        visit = await allowed_visit(request, action, now)
        form = await read_form(request, visit.key)
        async with parts.database.read() as session:
            view = await read(Look(request, session, visit, now, parts))
        return await _replied(request, view, visit, form, now)

    return Route("POST", path, action, handle)


async def _replied(
    request: web.Request, view: DeedView, visit: Visit, form: Form, now: datetime
) -> web.StreamResponse:
    reply = await _act(request, view, visit, form, now)
    if isinstance(reply, Kept):
        reply = reply.page
    if isinstance(reply, Page):
        return _rendered(request, reply, visit, usual=422)
    if isinstance(reply, Shown):
        return _rendered(request, reply.page, visit)
    request.app[PARTS].wake()  # the deed may have queued something to send
    raise web.HTTPSeeOther(reply.location)


def _rendered(request: web.Request, page: Page, visit: Visit, usual: int = 200) -> web.StreamResponse:
    status = usual if page.status is None else page.status
    return request.app[RENDER](request, page.template, page.context, visit=visit, status=status)


class _Undone(Exception):
    """Carries a page out of a transaction that is to leave nothing behind."""

    def __init__(self, page: Page) -> None:
        self.page = page


async def _act(
    request: web.Request, view: DeedView, visit: Visit, form: Form, now: datetime
) -> Done | Page | Shown | Kept:
    """Run the view once for each form, in one transaction with the note that the form was sent.

    A page that the browser kept and that is sent again with other words is another form: nothing that was
    typed is taken for a double press.

    A crash before the commit leaves neither, and the form can be sent again; after it, both, and sending it
    again leads to where it led the first time. What is undone is undone once.
    """
    parts = request.app[PARTS]
    once = (form.text(ONCE_FIELD)[:64] or secrets.token_urlsafe(9)) + form.fingerprint
    undoes = form.text(UNDOES_FIELD)[:80]
    try:
        async with parts.database.write() as session:
            if earlier := await sent_form(session, visit, once):
                return Done(_with_note(earlier.location, once if earlier.message else ""))
            late = await _too_late(session, visit, undoes, now) if undoes else None
            reply = late or await view(Deed(request, session, visit, now, parts, form))
            if isinstance(reply, Page):
                raise _Undone(reply)
            if isinstance(reply, Kept):
                return reply
            await keep_form(session, visit, _sent(once, reply, now), now, undoes=undoes)
            if isinstance(reply, Shown):
                return reply
            return Done(_with_note(reply.location, once if reply.message else ""))
    except _Undone as undone:
        return undone.page


async def _too_late(session: Session, visit: Visit, undoes: str, now: datetime) -> Done | None:
    """What to say where the form that is to be undone no longer can be; None where it can."""
    earlier = await sent_form(session, visit, undoes)
    if earlier is not None and earlier.undo_at(now):
        return None
    return Done(earlier.location if earlier else "/", TOO_LATE)


def _sent(once: str, reply: Done | Shown, now: datetime) -> SentForm:
    undo = reply.undo if isinstance(reply, Done) else None
    return SentForm(once, reply.location, reply.message, undo, now + UNDO_LIVES if undo else None)


def _with_note(location: str, once: str) -> str:
    """The address with the form's number, by which the next page finds what to say."""
    if not once:
        return location
    path, mark, anchor = location.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'done': once})}{mark}{anchor}"


async def allowed_visit(request: web.Request, action: Action, now: datetime) -> Visit:
    """Who asks, if they may. Raises a redirect to the sign-in page, which tells of a lost form, or 403."""
    parts = request.app[PARTS]
    visit = await find_visit(parts.database, request, now, https=is_https(parts))
    if visit is None:
        raise ask_to_sign_in(request, https=is_https(parts))
    request[VISIT] = visit
    if not may(visit.staff, action):
        raise web.HTTPForbidden(reason=NOT_THEIRS)
    return visit


async def read_form(request: web.Request, key: str, largest_file: int = 0) -> Form:
    """The fields of a form that a page of ours sent, and its files. Raises 403 for any other form."""
    if not comes_from_our_page(request, request.app[PARTS].address):
        raise web.HTTPForbidden(reason="This form did not come from the console")
    if largest_file and request.content_type == "multipart/form-data":
        form = Form.sent(*await read_multipart(request, largest_file))
    else:
        fields = await request.post()
        form = Form.sent([(name, value) for name, value in fields.items() if isinstance(value, str)])
    if not is_csrf_token(form.text(CSRF_FIELD), key):
        raise web.HTTPForbidden(reason="This form is too old")
    return form
