"""A school year and a few series to tell stories of: term dates, a group each week, a group each month."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from events.invitations import send_invitations_now
from events.pattern import Pattern
from events.rhythm import NAMED, TermDates
from events.series import SeriesPlan
from storage.engine import Session
from storage.events import Event, EventState
from storage.series import Series
from tests.support.cast import NOON, Cast

LONDON = ZoneInfo("Europe/London")
TODAY = NOON.date()
"""Tuesday, 6 May 2025."""

SUMMER_1 = TermDates("Summer, first half", date(2025, 4, 28), date(2025, 5, 23))
SUMMER_2 = TermDates("Summer, second half", date(2025, 6, 2), date(2025, 7, 22))
AUTUMN_1 = TermDates("Autumn, first half", date(2025, 9, 2), date(2025, 10, 24))
AUTUMN_2 = TermDates("Autumn, second half", date(2025, 11, 3), date(2025, 12, 19))
SPRING_1 = TermDates("Spring, first half", date(2026, 1, 5), date(2026, 2, 13))
SPRING_2 = TermDates("Spring, second half", date(2026, 2, 23), date(2026, 4, 2))
SUMMER_NEXT = TermDates("Summer 2026, first half", date(2026, 4, 20), date(2026, 5, 22))
SCHOOL_YEAR = (SUMMER_1, SUMMER_2, AUTUMN_1, AUTUMN_2, SPRING_1, SPRING_2, SUMMER_NEXT)


def pattern(**changes: Any) -> Pattern:
    """A support group from 19:00 to 20:30."""
    described: dict[str, Any] = {
        "title": "Evening Group",
        "kind": "support_group",
        "starts": time(19),
        "minutes": 90,
        "venue": "The Hall",
    }
    return Pattern(**(described | changes))


def series_plan(rhythm: str = "weekly", first_on: date = date(2025, 5, 8), **changes: Any) -> SeriesPlan:
    """Each Thursday from this week on, until four have been, unless it is said otherwise."""
    plan = SeriesPlan(pattern(), NAMED[rhythm], first_on, until=first_on + timedelta(days=21))
    names = set(Pattern.__dataclass_fields__) & set(changes)
    of_pattern = {name: changes.pop(name) for name in names}
    return replace(plan, pattern=replace(plan.pattern, **of_pattern), **changes)


async def events_of(session: Session, series: Series) -> Sequence[Event]:
    """What the programme holds of a series, cancelled ones too, in the order of time."""
    query = select(Event).where(Event.series_id == series.id).order_by(Event.starts_at)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def days_of(session: Session, series: Series) -> list[date]:
    """The local days on which a series takes place."""
    events = await events_of(session, series)
    return [
        event.starts_at.astimezone(LONDON).date()
        for event in events
        if event.state is not EventState.CANCELLED
    ]


async def invite(session: Session, cast: Cast, *events: Event) -> None:
    """Send the invitations of these events."""
    for event in events:
        await send_invitations_now(session, event.id, cast.priya, NOON)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time as UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON).astimezone(UTC)
