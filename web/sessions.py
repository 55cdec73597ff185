"""The console's two cookies: that of a signed-in browser, and that of one which has opened a sign-in link."""

from datetime import datetime, timedelta

from aiohttp import web

from carers.sign_in import ABSOLUTE_LIMIT, LINK_LIVES, Visit, note_visit, visit_of
from storage.engine import Database

SIGNED_IN = "hearthline"
OPENING = "hearthline-opening"


def cookie_name(name: str, *, https: bool) -> str:
    """Under https a browser itself refuses a ``__Host-`` cookie that another host or plain http has set."""
    return f"__Host-{name}" if https else name


def read_cookie(request: web.Request, name: str, *, https: bool) -> str:
    return request.cookies.get(cookie_name(name, https=https), "")


def set_cookie(response: web.StreamResponse, name: str, value: str, *, https: bool, lives: timedelta) -> None:
    # Lax, not Strict: a link in Telegram to an event must arrive signed in. Forms are guarded by their
    # origin and token, and no GET changes anything.
    response.set_cookie(
        cookie_name(name, https=https),
        value,
        max_age=int(lives.total_seconds()),
        path="/",
        secure=https,
        httponly=True,
        samesite="Lax",
    )


def set_signed_in(response: web.StreamResponse, key: str, *, https: bool) -> None:
    set_cookie(response, SIGNED_IN, key, https=https, lives=ABSOLUTE_LIMIT)


def set_opening(response: web.StreamResponse, key: str, *, https: bool) -> None:
    set_cookie(response, OPENING, key, https=https, lives=LINK_LIVES)


def clear_cookie(response: web.StreamResponse, name: str, *, https: bool) -> None:
    response.del_cookie(cookie_name(name, https=https), path="/", secure=https, httponly=True, samesite="Lax")


async def find_visit(database: Database, request: web.Request, now: datetime, *, https: bool) -> Visit | None:
    """The signed-in person behind this request, if any; puts off the idle limit now and then."""
    key = read_cookie(request, SIGNED_IN, https=https)
    if not key:
        return None
    async with database.read() as session:
        visit = await visit_of(session, key, now)
    if visit is not None and visit.wants_noting(now):
        async with database.write() as session:
            await note_visit(session, visit, now)
    return visit
