"""What happens to reports by itself: managers are told the year in figures, and those of a large register are
counted each night.

Figures are counted before anything is locked, and in a thread: carers' taps want to write too. A crash leaves
what was kept before, and the next look counts again.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.jobs import Job
from broadcasts.policy import PolicyNow
from care.report_notices import DueReport, HowOften, due_report, is_to_be_told, tell_managers
from reports.headlines import headlines, years_on_record
from reports.kept import is_large, keep, kept, reports_to_keep
from reports.report import Report, make_report
from reports.spoken import spoken
from reports.words import long_date
from reports.years import FosteringYear
from storage.engine import Database, Session
from storage.leases_queries import fact, set_fact

COUNT_FROM_HOUR = 3  # local time, when few are about
_COUNTED = "figures_counted"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reporting:
    """What reports need to know of the service. ``service`` and ``how_often`` are asked for at each use, as
    an administrator may change them; ``address`` is where the console is."""

    zone: ZoneInfo
    register_since: date | None
    address: str
    policy: PolicyNow
    service: Callable[[], str]
    how_often: Callable[[], HowOften]


def report_jobs(reporting: Reporting) -> list[Job]:
    """The due work of reports."""

    async def count(database: Database, now: datetime) -> int:
        await count_at_night(database, reporting, now)
        return 0  # nothing to send comes of it

    async def tell(database: Database, now: datetime) -> int:
        return await tell_due(database, reporting, now)

    return [Job("figures of a large register", 600, count), Job("reports to managers", 300, tell)]


async def count_at_night(database: Database, reporting: Reporting, now: datetime) -> int:
    """Count the figures of a large register that people look at, and keep them; how many reports that was.

    Due once a night, and at once where what is kept would be of no use: it was counted by another version of
    this program or by another beginning of the record, or a year has begun.
    """
    wanted = reports_to_keep(reporting.zone, now)
    state = {
        "night": _last_night(now, reporting.zone).isoformat(),
        "years": sorted({year.start for year, _ in wanted}),
        "since": str(reporting.register_since),
        "version": version("hearthline"),
    }
    async with database.read() as session:
        done = await fact(session, _COUNTED)
        if (done is not None and done.value == state) or not await is_large(session):
            return 0
    for year, public in wanted:
        async with database.read() as session:
            report = await _made(session, reporting, year, now, public=public)
        async with database.write() as session:
            await keep(session, report, now)
    async with database.write() as session:
        await set_fact(session, _COUNTED, state, now)
    log.info("figures counted", reports=len(wanted))
    return len(wanted)


def _last_night(now: datetime, zone: ZoneInfo) -> date:
    """The local day that began with the night from which figures may be."""
    return (now.astimezone(zone) - timedelta(hours=COUNT_FROM_HOUR)).date()


async def tell_due(database: Database, reporting: Reporting, now: datetime) -> int:
    """Tell managers what is due; how many. While nothing is on record there is nothing to tell."""
    due = due_report(now, reporting.zone, reporting.policy().quiet, reporting.how_often())
    if due is None:
        return 0
    async with database.read() as session:
        if not await is_to_be_told(session, due):
            return 0
        report = await _counted(session, reporting, FosteringYear(due.year), now)
    if report is None:
        return 0
    async with database.write() as session:
        return await tell_managers(session, due, _said(report, due, reporting.address), now)


async def _counted(
    session: Session, reporting: Reporting, year: FosteringYear, now: datetime
) -> Report | None:
    """The public version of the year, as of today: what may lie in a chat or a mailbox. Null: there is none,
    or it has not been counted yet, which this looks at again in a while."""
    if year not in await years_on_record(session, reporting.zone, reporting.register_since, now):
        return None
    if not await is_large(session):
        return await _made(session, reporting, year, now, public=True)
    found = await kept(session, year, public=True)
    today = now.astimezone(reporting.zone).date()
    return found.report if found is not None and found.report.data_date == today else None


async def _made(
    session: Session, reporting: Reporting, year: FosteringYear, now: datetime, *, public: bool
) -> Report:
    return await make_report(
        session,
        year=year,
        service=reporting.service(),
        zone=reporting.zone,
        register_since=reporting.register_since,
        now=now,
        public=public,
    )


def _said(report: Report, due: DueReport, address: str) -> dict[str, Any]:
    figures = headlines(report)
    shown = [figure for figure in figures if figure.value is not None]
    return {
        "year": str(report.year),
        "finished": due.finished,
        "counted": long_date(report.data_date),
        "parts": [asdict(part) for part in spoken(shown)],
        "left_out": any(figure.suppressed for figure in figures),
        "link": f"{address}/reports?year={report.year}",
    }
