"""Which report somebody asks for in the console, and its figures.

They are counted for the look. A large register takes too long for a page: its figures are those that were
counted last, at night or when somebody asked, and say when that was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from reports.headlines import years_on_record
from reports.kept import is_large, kept
from reports.report import Report, make_report
from reports.years import FosteringYear
from storage.engine import Session
from web.parts import Parts
from web.staff.views import Look

VERSIONS = ("internal", "public")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: of which year, and whether for the public."""

    year: FosteringYear
    public: bool = False

    @property
    def version(self) -> str:
        return VERSIONS[self.public]

    @property
    def query(self) -> str:
        return urlencode({"year": str(self.year), "version": self.version})

    @property
    def address(self) -> str:
        """Of its page."""
        return f"/reports?{self.query}"


@dataclass(frozen=True, slots=True)
class Counted:
    """A report, and when it was counted (aware UTC) if that was not for this very look."""

    report: Report
    at: datetime | None = None


async def years_there_are(look: Look) -> list[FosteringYear]:
    """The years that can be asked for, the latest first."""
    return await years_on_record(look.session, look.zone, look.parts.register_since, look.now)


def which(look: Look, years: list[FosteringYear], asked: Callable[[str], str] | None = None) -> Wanted:
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


async def counted(look: Look, wanted: Wanted) -> Counted | None:
    """The report as a page shows it; None of a large register that nobody has counted yet."""
    if not await is_large(look.session):
        return Counted(await made(look.parts, look.session, wanted, look.now))
    last = await kept(look.session, wanted.year, wanted.public)
    return Counted(last.report, last.made_at) if last else None


async def made(parts: Parts, session: Session, wanted: Wanted, now: datetime) -> Report:
    """The report, counted as the data stand."""
    return await make_report(
        session,
        year=wanted.year,
        service=parts.texts.service.name,
        zone=parts.texts.zone,
        register_since=parts.register_since,
        now=now,
        public=wanted.public,
    )
