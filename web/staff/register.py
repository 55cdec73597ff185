"""The register in the console: bringing a file, seeing what it would change, taking it in; taking one away.

A file is looked at before anything changes, and what is taken in is what was shown or nothing.
"""

from datetime import date

from aiohttp import web

from carers import register_drafts as drafts
from carers.audit import record
from carers.file_outcome import Changed
from carers.register_drafts import Preview, Taken
from carers.register_export import carers_table, households_table
from carers.register_guide import GUIDE, empty_register, is_required
from carers.roles import Action
from carers.spreadsheet_writing import Table, write_sheet
from events.register_taking import follow_the_register
from web.parts import PARTS
from web.security import document_headers
from web.staff.forms import Form
from web.staff.views import Deed, Done, Look, Page, Route, Shown, allowed_visit, do, is_https, see
from web.staff.words import plural

LARGEST = 20 * 1024 * 1024
"""Bytes of a file: a register of a hundred thousand carers is smaller."""

MOST_SHOWN = 200
"""How many errors, warnings or changes a page lists; the rest are counted."""

KINDS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EXPORTS = {"households": households_table, "carers": carers_table}


def routes() -> list[Route]:
    return [
        see("/register", Action.IMPORT_REGISTER, show),
        do("/register", Action.IMPORT_REGISTER, bring, largest_file=LARGEST),
        Route("GET", "/register/empty.{ending}", Action.IMPORT_REGISTER, empty_file),
        Route("GET", "/register/export/{table}", Action.EXPORT_REGISTER, take_away),
        see("/register/{register}", Action.IMPORT_REGISTER, look_at),
        do("/register/{register}", Action.IMPORT_REGISTER, try_out),
        do("/register/{register}/take", Action.IMPORT_REGISTER, take),
        do("/register/{register}/away", Action.IMPORT_REGISTER, put_away),
    ]


async def show(look: Look) -> Page:
    return await _page(look, Form())


async def bring(deed: Deed) -> Shown | Page:
    """Read a file and show what it would change; without errors it waits for a decision, with errors nothing
    of it is kept."""
    form, file = deed.form, deed.form.files.get("file")
    if file is None:
        form.fail("file", "Choose the file of the register")
    elif file.content is None:
        form.fail("file", f"The file is larger than {LARGEST // 1024 // 1024} MB")
    if form.errors or file is None or file.content is None:
        return await _page(deed, form)
    found = await drafts.upload(deed.session, file.filename, file.content, deed.staff, deed.now, _today(deed))
    if found.draft_id is None:
        return await _page(deed, form, _noted(form, found))
    return Shown(_preview(found), f"/register/{found.draft_id}", "")


def _noted(form: Form, found: Preview) -> Preview | None:
    """Note what is wrong with a file; returns it where its errors are to be listed besides."""
    errors = found.outcome.errors
    if errors[0].row is None:  # it could not be read at all
        form.fail("file", str(errors[0]))
        return None
    form.fail("file", f"The file has {plural(len(errors), 'error')}")
    form.anchors["file"] = "errors"
    return found


async def _page(look: Look, form: Form, found: Preview | None = None) -> Page:
    context = {
        "form": form,
        "found": found,
        "most": MOST_SHOWN,
        "waiting": await drafts.waiting_drafts(look.session),
        "guide": [(column, text, is_required(column)) for column, text in GUIDE.items()],
    }
    return Page("staff/register.html", context)


async def look_at(look: Look) -> Page:
    """A file that waits. What it would change is said when it is asked for: to look at an address, as
    scanners and browsers do unasked, costs nothing."""
    waiting = await drafts.waiting_drafts(look.session)
    file = next((one for one in waiting if one.id == look.number("register")), None)
    if file is None:
        raise web.HTTPNotFound
    return Page("staff/register_waiting.html", {"file": file})


async def try_out(deed: Deed) -> Page:
    """What a file that waits would change now: all of it is done and taken back."""
    found = await drafts.preview(deed.session, deed.number("register"), deed.now, _today(deed))
    if found is None:
        raise web.HTTPNotFound
    return _preview(found, status=200)


def _preview(found: Preview, *, other: bool = False, status: int | None = None) -> Page:
    """``other``: somebody wanted to take it in, and it would change other things than they saw."""
    by_kind = {kind: [one for one in found.outcome.changes if one.kind is kind] for kind in Changed}
    context = {
        "found": found,
        "ended": by_kind[Changed.ENDED],
        "changed": by_kind[Changed.CHANGED],
        "new": by_kind[Changed.NEW],
        "most": MOST_SHOWN,
        "other": other,
    }
    return Page("staff/register_preview.html", context, status)


async def take(deed: Deed) -> Done | Page:
    draft_id, shown = deed.number("register"), deed.form.text("shown")
    taken = await drafts.take_in(deed.session, draft_id, shown, deed.staff, deed.now, _today(deed))
    if taken.found is None:
        return Done("/register", "That file is not here any more. Nothing was changed.")
    if taken.result is Taken.DIFFERS:
        return _preview(taken.found, other=True)
    followed = await follow_the_register(deed.session, deed.now, deed.zone)
    said = ". ".join(
        line[:1].upper() + line[1:] for line in (*map(str, taken.found.outcome.tallies), *followed)
    )
    return Done("/register", f"The register is taken in. {said}.")


async def put_away(deed: Deed) -> Done:
    gone = await drafts.put_away(deed.session, deed.number("register"), deed.staff, deed.now)
    said = "The file is deleted. Nothing was changed." if gone else "That file was deleted already."
    return Done("/register", said)


async def empty_file(request: web.Request) -> web.StreamResponse:
    """A file with the header alone, to be filled."""
    parts, ending = request.app[PARTS], f".{request.match_info['ending']}"
    await allowed_visit(request, Action.IMPORT_REGISTER, parts.clock())
    if ending not in KINDS:
        raise web.HTTPNotFound
    return _file(request, f"register{ending}", empty_register())


async def take_away(request: web.Request) -> web.StreamResponse:
    """The register as a file. It is everybody's data at once, so it is noted in the audit log first."""
    parts = request.app[PARTS]
    now = parts.clock()
    visit = await allowed_visit(request, Action.EXPORT_REGISTER, now)
    name, _, ending = request.match_info["table"].rpartition(".")
    if name not in EXPORTS or f".{ending}" not in KINDS:
        raise web.HTTPNotFound
    async with parts.database.write() as session:
        table = await EXPORTS[name](session)
        await record(session, now, visit.staff, "data.export", name, rows=len(table.rows))
    day = now.astimezone(parts.texts.zone).date()
    return _file(request, f"{name}-{day}.{ending}", table)


def _file(request: web.Request, name: str, table: Table) -> web.Response:
    headers = {
        **document_headers(https=is_https(request.app[PARTS])),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    kind = KINDS[f".{name.rpartition('.')[2]}"]
    charset = "utf-8" if kind == "text/csv" else None
    return web.Response(body=write_sheet(name, table), content_type=kind, charset=charset, headers=headers)


def _today(look: Look) -> date:
    return look.now.astimezone(look.zone).date()
