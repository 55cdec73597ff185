"""The figures about reach, invitations, attendance, surveys and what came of what carers said."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.figures import Figure, Sheet
from reports.years import FosteringYear, midnight, six_months_before
from storage import report_queries as queries
from storage.actions_queries import done_of_year
from storage.engine import Session

TRAINING = "training"
NOTHING_RECORDED = "No attendance was recorded in those months, so nobody can tell who was not seen."


async def engagement_figures(
    session: Session, sheet: Sheet, year: FosteringYear, zone: ZoneInfo, data_date: date
) -> AsyncIterator[Figure]:
    """Everything about the year's events and rounds. An event belongs to the year in which it starts."""
    start, end = year.span(zone)
    day = year.as_at(data_date)
    yield sheet.share("reachable_share", *await queries.carers_reached(session, day, _end_of(day, zone)))
    answered, invited = await queries.parties(session, start, end)
    yield sheet.count("invitations", invited)
    yield sheet.share("rsvp_rate", answered, invited)
    places, carers = await queries.attended(session, start, end)
    yield sheet.count("attendances", places)
    yield sheet.count("carers_who_attended", carers)
    places, carers = await queries.attended(session, start, end, TRAINING)
    yield sheet.count("training_places", places)
    yield sheet.count("training_carers", carers)
    yield sheet.share("survey_response_rate", *await queries.survey_turnout(session, start, end))
    yield sheet.share("actions_done", *await done_of_year(session, year.first_day, day, start, end))
    yield await _not_seen(session, sheet, day, zone)


async def _not_seen(session: Session, sheet: Sheet, day: date, zone: ZoneInfo) -> Figure:
    since = six_months_before(day)
    window = _end_of(since, zone), _end_of(day, zone)
    if (await queries.attended(session, *window))[0] == 0:
        return sheet.nothing("not_seen_for_two_quarters", NOTHING_RECORDED)
    return sheet.share(
        "not_seen_for_two_quarters", *await queries.carers_not_seen(session, since, day, *window)
    )


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return midnight(day + timedelta(days=1), zone)
