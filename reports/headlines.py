"""The few figures that staff look at first, of one year."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reports.engagement import engagement_figures
from reports.figures import Figure, Key, Sheet, key_of
from reports.leavers import leaver_figures, register_figures, same_days_figures
from reports.report import Report, sheets_of
from reports.tallies import tally
from reports.years import FosteringYear, year_of
from storage.engine import Session
from storage.report_queries import approvals, count_approvals, record_begins

CHANGE, ON_SAME_DAYS = "change_on_previous_year", "change_on_same_days"
OF_LEAVERS = (
    "deregistered_households",
    CHANGE,
    "deregistration_rate",
    "left_within_2_years",
    "left_after_10_years",
    "leavers_over_50",
)
OF_TAKING_PART = (
    "mockingbird_share",
    "reachable_share",
    "rsvp_rate",
    "attendances",
    "carers_who_attended",
    "training_carers",
    "survey_response_rate",
    "not_seen_for_two_quarters",
)


def headlines(report: Report) -> list[Figure]:
    """The headline figures of the report's year: of all households, leavers first. A year that is still
    running is compared with the same days of the year before, never with the whole of it."""
    return _picked(report.figures, report.year, report.data_date)


async def headline_figures(
    session: Session, *, year: FosteringYear, zone: ZoneInfo, register_since: date | None, now: datetime
) -> list[Figure]:
    """What `headlines` of an internal report says, without the cost of the rest of it."""
    data_date = now.astimezone(zone).date()
    households = await approvals(session)
    tallies = {each: tally(households, each, data_date) for each in (year.back(1), year)}
    sheets = sheets_of(tallies, register_since, data_date)
    figures = [
        *leaver_figures(sheets, tallies, (year,), ()),
        *same_days_figures(sheets[year], tallies, year, register_since),
        *register_figures(sheets[year], tallies[year]),
    ]
    sheet = Sheet(str(year), data_date)
    figures += [found async for found in engagement_figures(session, sheet, year, zone, data_date)]
    return _picked(figures, year, data_date)


async def households_on_record(session: Session) -> int:
    """How large a report would be: the households of the register, present and past."""
    return await count_approvals(session)


async def years_on_record(
    session: Session, zone: ZoneInfo, register_since: date | None, now: datetime
) -> list[FosteringYear]:
    """The years that a report has something to say about, the latest first; none while the register is empty.

    They begin with the year from which the register is complete, or where that is not known with the first
    of which it holds anything that happened.
    """
    this = year_of(now.astimezone(zone).date())
    begins = await record_begins(session)
    if begins is None:
        return []
    first = min(year_of(register_since or begins), this)
    return [this.back(number) for number in range(this.start - first.start + 1)]


def _picked(figures: Iterable[Figure], year: FosteringYear, data_date: date) -> list[Figure]:
    found = {figure.key: figure for figure in figures}
    wanted = _keys(str(year), ON_SAME_DAYS if data_date <= year.last_day else CHANGE)
    return [found[key] for key in wanted if key in found]


def _keys(period: str, change: str) -> list[Key]:
    ids = (change if each == CHANGE else each for each in OF_LEAVERS)
    of_leavers = [key_of(each, period, household_type="all") for each in ids]
    return of_leavers + [key_of(each, period) for each in OF_TAKING_PART]
