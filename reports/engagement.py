"""The figures about reach, invitations, attendance, surveys and what came of what carers said."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from reports.figures import Figure, Sheet
from reports.years import FosteringYear, anniversary, midnight, six_months_before, year_of
from storage import report_attendance as coming
from storage import report_queries as queries
from storage.actions_queries import done_of_year
from storage.engine import Session

NOTHING_RECORDED = "No attendance was recorded in the six months, so nobody can tell who was not seen."


async def engagement_figures(
    session: Session, sheet: Sheet, year: FosteringYear, zone: ZoneInfo, data_date: date
) -> AsyncIterator[Figure]:
    """Everything about the year's events and rounds. An event belongs to the year in which it starts."""
    start, end = year.span(zone)
    day = year.as_at(data_date)
    since = six_months_before(day)
    window = _end_of(since, zone), _end_of(day, zone)
    in_years = rolled_up(*window, zone)
    carers = await queries.count_carers(session, day, window[1], since, coming.seen(*window, in_years))
    yield sheet.share("reachable_share", carers.reached, carers.there)
    answered, invited = await queries.parties(session, start, end)
    yield sheet.count("invitations", invited)
    yield sheet.share("rsvp_rate", answered, invited)
    came = await _attended(session, start, end, zone)
    yield sheet.count("attendances", came.places)
    yield sheet.count("carers_who_attended", came.carers)
    yield sheet.count("training_places", came.training_places)
    yield sheet.count("training_carers", came.training_carers)
    yield sheet.share("survey_response_rate", *await queries.survey_turnout(session, start, end))
    yield sheet.share("actions_done", *await done_of_year(session, year.first_day, day, start, end))
    if await coming.anybody_came(session, *window, in_years):
        yield sheet.share("not_seen_for_two_quarters", carers.not_seen, carers.throughout)
    else:
        yield sheet.nothing("not_seen_for_two_quarters", NOTHING_RECORDED)


async def _attended(session: Session, start: datetime, end: datetime, zone: ZoneInfo) -> coming.Attended:
    years = rolled_up(start, end, zone)
    if years is None:
        return await coming.attended(session, start, end)
    return await coming.attended_in_year(session, years[0])


@dataclass(frozen=True, slots=True)
class FirstYears:
    """``engaged``: the households approved on or after ``since``, the day of the first attendance on record
    (None: there is none), of which a carer came to something before the first anniversary of the approval."""

    since: date | None
    engaged: frozenset[int]


async def first_years(session: Session, zone: ZoneInfo, data_date: date) -> FirstYears:
    """Who came to something in their first twelve months: from the local midnight that begins the day of
    approval to the one that begins its first anniversary."""
    first = await coming.first_attended_at(session)
    if first is None:
        return FirstYears(None, frozenset())
    since = first.astimezone(zone).date()
    years = rolled_up(first, max(first, _end_of(data_date, zone)), zone)
    if years is None:
        found = await coming.came_ever(session, since)
    else:
        found = await coming.came_early(session, since)

    @cache
    def span(approved_on: date) -> tuple[datetime, datetime]:
        return midnight(approved_on, zone), midnight(anniversary(approved_on, 1), zone)

    def in_time(one: coming.Came) -> bool:
        begin, end = span(one.approved_on)
        return begin <= one.at < end

    return FirstYears(since, frozenset(one.household_id for one in found if in_time(one)))


def rolled_up(start: datetime, end: datetime, zone: ZoneInfo) -> list[int] | None:
    """The fostering years, by the year in which each begins, in which [start, end) lies, if the rollup of
    attendance counts by them: in the United Kingdom they begin at 23:00 UTC on 31 March."""
    first, last = (
        year_of(at.astimezone(zone).date()).start for at in (start, end - timedelta(microseconds=1))
    )
    begin = (midnight(FosteringYear(year).first_day, zone) for year in range(first, last + 2))
    if any((at.month, at.day, at.hour) != (3, 31, 23) for at in begin):
        return None
    return list(range(first, last + 1))


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return midnight(day + timedelta(days=1), zone)
