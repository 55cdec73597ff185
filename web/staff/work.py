"""Long work: how far it is, what came of it, and all that one has asked for. Nobody sees another's."""

from dataclasses import dataclass

from aiohttp import web

from carers import works
from carers.audit import record
from carers.roles import Action
from carers.works import WorkLine
from web.parts import PARTS, Progress
from web.security import document_headers
from web.staff.live import Live, watch
from web.staff.report_work import kind_of_file
from web.staff.views import Deed, Done, Look, Page, Route, allowed_visit, do, is_https, see
from web.staff.work_kinds import title_of

_NONE = Progress()


def routes() -> list[Route]:
    return [
        see("/asked-for", Action.SEE_WORK, all_of_mine),
        see("/asked-for/{work}", Action.SEE_WORK, one),
        watch("/asked-for/{work}/live", Action.SEE_WORK, peek, live),
        do("/asked-for/{work}/stop", Action.SEE_WORK, stop),
        Route("GET", "/asked-for/{work}/file", Action.SEE_WORK, take_away),
    ]


def address_of(work_id: int) -> str:
    return f"/asked-for/{work_id}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of work as its page shows it; where this process does it, with how far it is at this moment."""

    line: WorkLine
    title: str
    done: int
    total: int | None
    what: str
    stoppable: bool
    has_file: bool

    @property
    def percent(self) -> int | None:
        """Whole per cent, never a hundred before it has ended; None where nobody knows how much there is."""
        return min(99, 100 * self.done // self.total) if self.total else None


def _shown(line: WorkLine, look: Look) -> Shown:
    here = look.parts.working.get(line.id, _NONE)
    kept = line.kept_until is not None and line.kept_until > look.now and bool(line.file_name)
    return Shown(
        line,
        title_of(line.kind, line.params),
        max(here.done, line.done),
        here.total or line.total,
        here.what or ("It is being done" if line.started_at else "It waits for its turn"),
        stoppable=line.goes_on and not here.last,
        has_file=kept,
    )


async def ended_works(look: Look) -> list[tuple[str, str]]:
    """What this person asked for and ended since they last looked: its title, and the page that says how."""
    found = await works.unseen(look.session, look.staff)
    return [(title_of(one.kind, one.params), address_of(one.id)) for one in found]


async def all_of_mine(look: Look) -> Page:
    lines = [_shown(line, look) for line in await works.mine(look.session, look.staff)]
    return Page("staff/works.html", {"lines": lines})


async def one(look: Look) -> Page:
    shown = await _one(look)
    await _note_seen(look, shown.line)
    return Page("staff/work.html", {"it": shown, "leave": LEAVE})


async def _one(look: Look) -> Shown:
    line = await works.one_of_mine(look.session, look.number("work"), look.staff)
    if line is None:
        raise web.HTTPNotFound
    return _shown(line, look)


async def _note_seen(look: Look, line: WorkLine) -> None:
    """Whoever sees the end of it need not be told of it on their home page too."""
    if line.goes_on or line.seen:
        return
    async with look.parts.database.write() as session:
        await works.see(session, line.id, look.staff, look.now)


async def peek(look: Look) -> object:
    shown = await _one(look)
    return shown.line.state, shown.done, shown.total, shown.what, shown.stoppable


async def live(look: Look) -> Live:
    shown = await _one(look)
    await _note_seen(look, shown.line)
    texts = {"deeds": "stop" if shown.stoppable else "", "leave": LEAVE if shown.line.goes_on else ""}
    return Live(texts, _spoken(shown), Page("staff/work_part.html", {"it": shown}))


LEAVE = "You can leave this page: it goes on, and your home page says when it has ended."


def _spoken(shown: Shown) -> str:
    """What is read out when something changes: every tenth part of the way, and the end."""
    if not shown.line.goes_on:
        return shown.line.said
    tenths = (shown.percent or 0) // 10
    return f"{shown.what}: {10 * tenths} per cent" if shown.percent is not None else shown.what


async def stop(deed: Deed) -> Done:
    """Give it up. In the process that does it, it ends at once; another finds the row ended."""
    work_id = deed.number("work")
    if await works.one_of_mine(deed.session, work_id, deed.staff) is None:
        raise web.HTTPNotFound
    if not await works.stop(deed.session, work_id, deed.staff, deed.now):
        return Done(address_of(work_id), "It had ended already.")
    deed.parts.working.get(work_id, _NONE).stop()
    return Done(address_of(work_id), "It is stopped. Nothing was changed.")


async def take_away(request: web.Request) -> web.StreamResponse:
    """The file that work made, noted in the audit log first: it holds what the work was about."""
    parts, now = request.app[PARTS], request.app[PARTS].clock()
    visit = await allowed_visit(request, Action.SEE_WORK, now)
    async with parts.database.write() as session:
        look = Look(request, session, visit, now, parts)
        shown = await _one(look)
        body = await works.file_of_mine(session, shown.line.id, visit.staff, now)
        if body is None or not shown.has_file:
            raise web.HTTPNotFound
        await works.see(session, shown.line.id, visit.staff, now)
        name = shown.line.file_name
        await record(session, now, visit.staff, "work.take_away", f"work:{shown.line.id}", file=name)
    kind, charset = kind_of_file(name)
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=body, content_type=kind, charset=charset, headers=headers)
