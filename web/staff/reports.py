"""Reports: the whole report of a fostering year on one page, and its documents to take away.

A document is made when it is asked for, of the figures as they stand then. It says how carers and households
fare, so every one that is taken away is noted in the audit log first.
"""

import asyncio

from aiohttp import web

from care.report_comments import service_comments
from carers import works
from carers.audit import record
from carers.roles import Action
from reports.charts import svg
from reports.kept import is_large
from reports.method import METHOD
from reports.pdf import NoPdf
from reports.words import TYPED, version_of
from reports.write import MAKERS, makers_there_are
from web.parts import PARTS
from web.security import document_headers
from web.staff.report_show import headline_lines, sections
from web.staff.report_wanted import Wanted, counted, made, which, years_there_are
from web.staff.report_work import COUNT, NO_PDF, REPORT, kind_of_file, name_of, params_of
from web.staff.views import Deed, Done, Look, Page, Route, allowed_visit, do, is_https, see
from web.staff.work import address_of


def routes() -> list[Route]:
    return [
        see("/reports", Action.SEE_REPORTS, report_page),
        do("/reports/make", Action.SEE_REPORTS, ask_for),
        do("/reports/count", Action.SEE_REPORTS, count_again),
        Route("GET", "/reports/{file}", Action.SEE_REPORTS, take_away),
    ]


async def report_page(look: Look) -> Page:
    """The choice of year and version, and the report itself. Of a large register that nobody has counted yet
    there is the choice alone, and the button that has it counted."""
    years, asked = await years_there_are(look), look.asked("year")
    if years and asked and asked not in map(str, years):
        return Page("staff/reports.html", {"years": years, "wrong": asked}, status=404)
    if not years:
        return Page("staff/reports.html")
    wanted = which(look, years)
    found = await counted(look, wanted)
    context = {
        "years": years,
        "wanted": wanted,
        "version": version_of(public=wanted.public),
        "files": makers_there_are(),
        "large": found is None or found.at is not None,
        "found": found,
    }
    if found is not None:
        written = await service_comments(look.session, wanted.year.start)
        context |= {
            "lines": headline_lines(found.report),
            "sections": sections(found.report, written),
            "method": METHOD,
            "typed": TYPED,
            "svg": svg,
        }
    return Page("staff/reports.html", context)


async def ask_for(deed: Deed) -> Done:
    """Have a document made while one does other things; where the register is small it is there at once."""
    file, wanted = deed.form.text("file"), await _sent(deed)
    if file not in makers_there_are():
        raise web.HTTPNotFound
    return await _asked(deed, REPORT, wanted, file=file)


async def count_again(deed: Deed) -> Done:
    """Have the figures of a large register counted anew; those of a small one always are."""
    wanted = await _sent(deed)
    if not await is_large(deed.session):
        return Done(wanted.address, "These figures were counted just now.")
    return await _asked(deed, COUNT, wanted)


async def _sent(deed: Deed) -> Wanted:
    return which(deed, await years_there_are(deed), deed.form.text)


async def _asked(deed: Deed, kind: str, wanted: Wanted, **more: str) -> Done:
    params = params_of(wanted, **more)
    return Done(address_of(await works.ask(deed.session, kind, params, deed.staff, deed.now)))


async def take_away(request: web.Request) -> web.StreamResponse:
    """One of the documents. The page opens in the browser, where it can run nothing; the rest is saved."""
    parts, file = request.app[PARTS], request.match_info["file"]
    now = parts.clock()
    visit = await allowed_visit(request, Action.SEE_REPORTS, now)
    if file not in makers_there_are():
        raise web.HTTPNotFound
    async with parts.database.read() as session:
        look = Look(request, session, visit, now, parts)
        wanted = which(look, await years_there_are(look))
        report = await made(parts, session, wanted, now)
    try:
        body = await asyncio.to_thread(MAKERS[file], report)
    except NoPdf:
        raise web.HTTPNotFound(reason=NO_PDF) from None
    async with parts.database.write() as session:
        subject = f"report:{wanted.year}"
        await record(session, now, visit.staff, "report.read", subject, file=file, version=wanted.version)
    shown = "inline" if file.endswith(".html") else "attachment"
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'{shown}; filename="{name_of(file, wanted)}"',
    }
    kind, charset = kind_of_file(file)
    return web.Response(body=body, content_type=kind, charset=charset, headers=headers)
