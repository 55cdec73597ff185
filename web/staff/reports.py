"""Reports: the headline figures of a fostering year, and its documents to take away.

A document is made when it is asked for, of the figures as they stand then. It says how carers and households
fare, so every one that is taken away is noted in the audit log first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from carers import works
from carers.audit import record
from carers.roles import Action
from reports.figures import Figure
from reports.headlines import headlines, households_on_record, years_on_record
from reports.report import Report, make_report
from reports.words import CHANGES, TITLES, interval, value
from reports.write import MAKERS, makers_there_are
from reports.years import FosteringYear
from web.parts import PARTS
from web.security import document_headers
from web.staff.report_work import LARGE, REPORT, VERSIONS, kind_of_file, name_of
from web.staff.views import Deed, Done, Look, Page, Route, allowed_visit, do, is_https, see
from web.staff.work import address_of


def routes() -> list[Route]:
    return [
        see("/reports", Action.SEE_REPORTS, headline_page),
        do("/reports/make", Action.SEE_REPORTS, ask_for),
        Route("GET", "/reports/{file}", Action.SEE_REPORTS, take_away),
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: of which year, and whether for the public."""

    year: FosteringYear
    public: bool

    @property
    def version(self) -> str:
        return VERSIONS[self.public]

    @property
    def query(self) -> str:
        return urlencode({"year": str(self.year), "version": self.version})


async def headline_page(look: Look) -> Page:
    """The choice of year and version, and what the report says in short. Of a large register that takes too
    long for a page: its figures are in the documents, which are made while one does other things."""
    years = await _years(look)
    if not years:
        return Page("staff/reports.html")
    wanted = _wanted(look, years)
    large = await households_on_record(look.session) > LARGE
    report = None if large else await _made(look, wanted)
    context = {
        "years": years,
        "wanted": wanted,
        "notes": report.notes if report else (),
        "lines": [_line(figure) for figure in headlines(report)] if report else (),
        "files": makers_there_are(),
        "large": large,
    }
    return Page("staff/reports.html", context)


async def ask_for(deed: Deed) -> Done:
    """Have a document made while one does other things; where the register is small it is there at once."""
    file, wanted = deed.form.text("file"), _wanted(deed, await _years(deed), deed.form.text)
    if file not in makers_there_are():
        raise web.HTTPNotFound
    params = {
        "file": file,
        "year": wanted.year.start,
        "label": str(wanted.year),
        "version": wanted.version,
    }
    return Done(address_of(await works.ask(deed.session, REPORT, params, deed.staff, deed.now)))


async def take_away(request: web.Request) -> web.StreamResponse:
    """One of the documents. The page opens in the browser, where it can run nothing; the rest is saved."""
    parts, file = request.app[PARTS], request.match_info["file"]
    now = parts.clock()
    visit = await allowed_visit(request, Action.SEE_REPORTS, now)
    if file not in makers_there_are():
        raise web.HTTPNotFound
    async with parts.database.read() as session:
        look = Look(request, session, visit, now, parts)
        wanted = _wanted(look, await _years(look))
        report = await _made(look, wanted)
    body = await asyncio.to_thread(MAKERS[file], report)
    async with parts.database.write() as session:
        subject = f"report:{wanted.year}"
        await record(session, now, visit.staff, "report.read", subject, file=file, version=wanted.version)
    ending = file.rpartition(".")[2]
    shown = "inline" if ending == "html" else "attachment"
    headers = {
        **document_headers(https=is_https(parts)),
        "Content-Disposition": f'{shown}; filename="{name_of(file, wanted.year, wanted.version)}"',
    }
    kind, charset = kind_of_file(file)
    return web.Response(body=body, content_type=kind, charset=charset, headers=headers)


async def _years(look: Look) -> list[FosteringYear]:
    return await years_on_record(look.session, look.zone, look.parts.register_since, look.now)


def _wanted(look: Look, years: list[FosteringYear], asked: Callable[[str], str] | None = None) -> Wanted:
    """What the address or the form asks for; the latest year and the internal version where it does not say.

    Raises 404 for a year without data, so that nobody takes one year's report for another's.
    """
    by_name = {str(year): year for year in years}
    asked = asked or look.asked
    name = asked("year") or next(iter(by_name), "")
    version = asked("version") or VERSIONS[0]
    if name not in by_name or version not in VERSIONS:
        raise web.HTTPNotFound
    return Wanted(by_name[name], version == "public")


async def _made(look: Look, wanted: Wanted) -> Report:
    return await make_report(
        look.session,
        year=wanted.year,
        service=look.parts.texts.service.name,
        zone=look.zone,
        register_since=look.parts.register_since,
        now=look.now,
        public=wanted.public,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as the table shows it."""

    title: str
    value: str
    numerator: str
    denominator: str
    interval: str
    note: str
    definition: str


def _line(figure: Figure) -> Line:
    signed = figure.id in CHANGES and figure.value is not None
    return Line(
        title=TITLES[figure.id],
        value=value(figure),
        numerator=_number(figure.numerator, "+," if signed else ","),
        denominator=_number(figure.denominator),
        interval=interval(figure) or "–",
        note=figure.note,
        definition=figure.definition,
    )


def _number(number: int | None, form: str = ",") -> str:
    return "–" if number is None else format(number, form).replace("-", "−")
