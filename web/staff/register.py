"""The register in the console: bringing a file, seeing what it would change, taking it in; taking one away.

A file is looked at before anything changes, and what is taken in is what was shown or nothing.
"""

from typing import Any

from aiohttp import web

from carers import register_drafts as drafts
from carers import works
from carers.register_drafts import Preview, Taken
from carers.register_export import carer_rows, count_register, household_rows
from carers.register_guide import GUIDE, empty_register, is_required
from carers.register_rows import COLUMNS, HOUSEHOLD_COLUMNS
from carers.register_shown import Shown as Found
from carers.register_shown import from_file, in_short
from carers.roles import Action
from carers.spreadsheet_writing import Table, write_sheet
from web.parts import PARTS
from web.security import document_headers
from web.staff.forms import Form
from web.staff.register_work import GONE, LOOK_AT, TAKE_IN, followed
from web.staff.taking import Sheet
from web.staff.taking import take as take_away
from web.staff.views import Deed, Done, Look, Page, Route, Shown, allowed_visit, do, is_https, see
from web.staff.words import plural
from web.staff.work import address_of

LARGEST = 20 * 1024 * 1024
"""Bytes of a file: a register of a hundred thousand carers is smaller."""

AT_ONCE = 100 * 1024
"""Bytes of a file that is looked at while whoever brought it waits: some thousand carers, a second or so."""

KINDS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def routes() -> list[Route]:
    export = "/register/export"
    return [
        see("/register", Action.IMPORT_REGISTER, show),
        do("/register", Action.IMPORT_REGISTER, bring, largest_file=LARGEST),
        Route("GET", "/register/empty.{ending}", Action.IMPORT_REGISTER, empty_file),
        *take_away(f"{export}/carers", Action.EXPORT_REGISTER, carers, audited_as="register"),
        *take_away(f"{export}/households", Action.EXPORT_REGISTER, households, audited_as="register"),
        see("/register/looks/{work}", Action.IMPORT_REGISTER, looked),
        see("/register/{register}", Action.IMPORT_REGISTER, look_at),
        do("/register/{register}", Action.IMPORT_REGISTER, try_out),
        do("/register/{register}/take", Action.IMPORT_REGISTER, take),
        do("/register/{register}/away", Action.IMPORT_REGISTER, put_away),
    ]


async def show(look: Look) -> Page:
    return await _page(look, Form())


async def bring(deed: Deed) -> Shown | Done | Page:
    """Read a file and show what it would change; without errors it waits for a decision, with errors nothing
    of it is kept. A large one is read as work of its own."""
    form, file = deed.form, deed.form.files.get("file")
    if file is None:
        form.fail("file", "Choose the file of the register")
    elif file.content is None:
        form.fail("file", f"The file is larger than {LARGEST // 1024 // 1024} MB")
    if form.errors or file is None or file.content is None:
        return await _page(deed, form)
    if len(file.content) > AT_ONCE:
        draft_id = await drafts.keep(deed.session, file.filename, file.content, deed.staff, deed.now)
        return await _asked(deed, LOOK_AT, {"draft": draft_id, "name": file.filename[:80]})
    found = await drafts.upload(deed.session, file.filename, file.content, deed.staff, deed.now, deed.today)
    if found.draft_id is None:
        return await _page(deed, form, _noted(form, found))
    return Shown(_preview(in_short(found)), f"/register/{found.draft_id}", "")


async def _asked(deed: Deed, kind: str, params: dict[str, Any]) -> Done:
    return Done(address_of(await works.ask(deed.session, kind, params, deed.staff, deed.now)))


def _noted(form: Form, found: Preview) -> Found | None:
    """Note what is wrong with a file; returns it where its errors are to be listed besides."""
    errors = found.outcome.errors
    if errors[0].row is None:  # it could not be read at all
        form.fail("file", str(errors[0]))
        return None
    form.fail("file", f"The file has {plural(len(errors), 'error')}")
    form.anchors["file"] = "errors"
    return in_short(found)


async def _page(look: Look, form: Form, found: Found | None = None) -> Page:
    context = {
        "form": form,
        "found": found,
        "waiting": await drafts.waiting_drafts(look.session),
        "guide": [(column, text, is_required(column)) for column, text in GUIDE.items()],
    }
    return Page("staff/register.html", context)


async def looked(look: Look) -> Page:
    """What a large file would change, or what is wrong with it, as it was found; for whoever asked."""
    kept = await works.file_of_mine(look.session, look.number("work"), look.staff, look.now)
    work = await works.one_of_mine(look.session, look.number("work"), look.staff)
    if kept is None or work is None or work.kind != LOOK_AT:
        raise web.HTTPNotFound
    found = from_file(kept)
    if found.draft_id is None:
        return await _page(look, Form(), found)
    await _waiting(look, found.draft_id)
    return _preview(found, status=200)


async def look_at(look: Look) -> Page:
    """A file that waits. What it would change is said when it is asked for: to look at an address, as
    scanners and browsers do unasked, costs nothing."""
    return Page("staff/register_waiting.html", {"file": await _waiting(look, look.number("register"))})


async def _waiting(look: Look, draft_id: int) -> drafts.DraftLine:
    waiting = await drafts.waiting_drafts(look.session)
    file = next((one for one in waiting if one.id == draft_id), None)
    if file is None:
        raise web.HTTPNotFound
    return file


async def try_out(deed: Deed) -> Page | Done:
    """What a file that waits would change now: all of it is done and taken back."""
    file = await _waiting(deed, deed.number("register"))
    if file.size > AT_ONCE:
        return await _asked(deed, LOOK_AT, {"draft": file.id, "name": file.name[:80]})
    found = await drafts.preview(deed.session, file.id, deed.now, deed.today)
    if found is None:
        raise web.HTTPNotFound
    return _preview(in_short(found), status=200)


def _preview(found: Found, *, other: bool = False, status: int | None = None) -> Page:
    """``other``: somebody wanted to take it in, and it would change other things than they saw."""
    return Page("staff/register_preview.html", {"found": found, "other": other}, status)


async def take(deed: Deed) -> Done | Page:
    draft_id, shown = deed.number("register"), deed.form.text("shown")
    file = await drafts.waiting_draft(deed.session, draft_id)
    if file is not None and file.size > AT_ONCE:
        return await _asked(deed, TAKE_IN, {"draft": draft_id, "name": file.name[:80], "shown": shown[:64]})
    taken = await drafts.take_in(deed.session, draft_id, shown, deed.staff, deed.now, deed.today)
    if taken.found is None:
        return Done("/register", GONE)
    if taken.result is Taken.DIFFERS:
        return _preview(in_short(taken.found), other=True)
    return Done("/register", await followed(deed.session, taken.found, deed.now, deed.zone))


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


async def households(look: Look) -> Sheet:
    number, _ = await count_register(look.session)
    rows = household_rows(look.session)
    return Sheet("households", HOUSEHOLD_COLUMNS, rows, about="households", number=number)


async def carers(look: Look) -> Sheet:
    """The register file itself."""
    _, number = await count_register(look.session)
    return Sheet("carers", COLUMNS, carer_rows(look.session), about="carers", number=number)


def _file(request: web.Request, name: str, table: Table) -> web.Response:
    headers = {
        **document_headers(https=is_https(request.app[PARTS])),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    kind = KINDS[f".{name.rpartition('.')[2]}"]
    charset = "utf-8" if kind == "text/csv" else None
    return web.Response(body=write_sheet(name, table), content_type=kind, charset=charset, headers=headers)
