"""After a message has gone out: who got it and who did not, on a page and as a file; and the file in it."""

from urllib.parse import quote

from aiohttp import web

from broadcasts.broadcast_views import (
    DeliveryState,
    attachment_content,
    broadcast_page,
    export_rows,
    report_rows,
)
from carers.audit import record
from carers.roles import Action
from carers.spreadsheet_writing import Table, local_time, write_sheet
from web.parts import PARTS
from web.security import document_headers
from web.staff.broadcast_form import the_broadcast
from web.staff.views import Look, Page, Route, allowed_visit, is_https, see
from web.staff.words import channel_in_words, delivery_in_words, in_words, reason_in_words
from web.whole_numbers import whole_number

WRITE = Action.WRITE_BROADCASTS
COLUMNS = ("carer", "name", "language", "state", "reason", "sent_at", "channel")
PHOTOS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def routes() -> list[Route]:
    one = "/broadcasts/{broadcast}"
    return [
        see(f"{one}/people", WRITE, people),
        Route("GET", f"{one}/report.csv", WRITE, take_away),
        Route("GET", f"{one}/file", WRITE, the_file),
    ]


async def people(look: Look) -> Page:
    one = await the_broadcast(look)
    asked = look.asked("state")
    state = DeliveryState(asked) if asked in set(DeliveryState) else None
    found = await report_rows(look.session, one.id, page=look.page, state=state)
    choices = [{"value": "", "text": "All"}] + [
        {"value": one.value, "text": delivery_in_words(one)} for one in DeliveryState
    ]
    context = {"one": one, "found": found, "state": state or "", "choices": choices}
    return Page("staff/broadcast_people.html", context)


async def take_away(request: web.Request) -> web.StreamResponse:
    """The delivery report as a file. It names people, so who takes it is noted first."""
    parts = request.app[PARTS]
    now, zone = parts.clock(), parts.texts.zone
    visit = await allowed_visit(request, WRITE, now)
    number = _number(request)
    async with parts.database.write() as session:
        if await broadcast_page(session, number, visit.staff, now) is None:
            raise web.HTTPNotFound
        rows = await export_rows(session, number)
        await record(session, now, visit.staff, "broadcast.report", f"broadcast:{number}", rows=len(rows))
    table = Table(
        COLUMNS,
        [
            (
                row.carer_ref,
                row.name,
                in_words(row.language),
                delivery_in_words(row.state),
                reason_in_words(row.reason) if row.reason else "",
                local_time(row.sent_at, zone),
                channel_in_words(row.channel),
            )
            for row in rows
        ],
    )
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'attachment; filename="message-{number}.csv"',
    }
    return web.Response(
        body=write_sheet("report.csv", table), content_type="text/csv", charset="utf-8", headers=headers
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
