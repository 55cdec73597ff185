"""After a message has gone out: who got it and who did not, on a page and as a file; and the file in it."""

from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import web

from broadcasts.broadcast_views import (
    DeliveryState,
    ReportRow,
    attachment_content,
    report_rows,
)
from carers.roles import Action
from web.parts import PARTS
from web.security import document_headers
from web.staff.broadcast_form import the_broadcast
from web.staff.taking import Sheet, long_sheet, take, times
from web.staff.views import Look, Page, Route, allowed_visit, is_https, see
from web.staff.words import channel_in_words, delivery_in_words, in_words, reason_in_words
from web.whole_numbers import whole_number

WRITE = Action.WRITE_BROADCASTS
PHOTOS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def routes() -> list[Route]:
    one = "/broadcasts/{broadcast}"
    return [
        see(f"{one}/people", WRITE, people),
        *take(f"{one}/report", WRITE, table, audited_as="broadcast_people", deed="broadcast.report"),
        Route("GET", f"{one}/file", WRITE, the_file),
    ]


async def people(look: Look) -> Page:
    one = await the_broadcast(look)
    state = _state(look)
    found = await report_rows(look.session, one.id, page=look.page, state=state)
    choices = [{"value": "", "text": "All"}] + [
        {"value": one.value, "text": delivery_in_words(one)} for one in DeliveryState
    ]
    context = {"one": one, "found": found, "state": state or "", "choices": choices}
    return Page("staff/broadcast_people.html", context)


def _state(look: Look) -> DeliveryState | None:
    asked = look.asked("state")
    return DeliveryState(asked) if asked in set(DeliveryState) else None


async def table(look: Look) -> Sheet:
    """What became of the message, carer by carer."""
    one, state = await the_broadcast(look), _state(look)

    async def page(number: int, count: int) -> tuple[Sequence[ReportRow], int]:
        found = await report_rows(look.session, one.id, page=number, per_page=count, state=state)
        return (found.rows, found.pages) if found else ((), 1)

    return await long_sheet(
        f"message-{one.id}",
        page,
        ("Carer number", lambda row: row.carer_ref),
        ("Carer", lambda row: row.name),
        ("Language", lambda row: in_words(row.language)),
        ("How", lambda row: channel_in_words(row.channel)),
        ("State", lambda row: delivery_in_words(row.state)),
        ("Why", lambda row: reason_in_words(row.reason) if row.reason else ""),
        (times("Sent", look), lambda row: row.sent_at),
        about=f"broadcast:{one.id}",
    )


async def the_file(request: web.Request) -> web.StreamResponse:
    """The photo or document of a message: a photo shows in the page, anything else is saved."""
    parts = request.app[PARTS]
    now, number = parts.clock(), _number(request)
    await allowed_visit(request, WRITE, now)
    async with parts.database.read() as session:
        file = await attachment_content(session, number)
    if file is None or file.content is None:
        raise web.HTTPNotFound
    # What it is, its first bytes say; the name and type that came with it are somebody's word.
    mime = next((mime for begin, mime in PHOTOS.items() if file.content.startswith(begin)), "")
    shown = bool(mime) and file.is_photo
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": "inline" if shown else f"attachment; filename*=UTF-8''{quote(file.filename)}",
    }
    return web.Response(
        body=file.content, content_type=mime if shown else "application/octet-stream", headers=headers
    )


def _number(request: web.Request) -> int:
    number = whole_number(request.match_info["broadcast"])
    if number is None:
        raise web.HTTPNotFound
    return number
