"""Who came to events, as reports count it: from the rollup where it says the same, else from the attendance.

The rollup (`storage.carer_years`) holds a few rows a carer where the attendance holds hundreds. Its years
are those of the United Kingdom; where a service's begin at another hour, each attendance is looked at.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, exists, extract, func, or_, select

from storage.attendance import Attendance, AttendanceState
from storage.carer_years import CarerYear
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Household

TRAINING = "training"


class Attended(NamedTuple):
    """Attendances and different carers, at all events and at training alone."""

    places: int
    carers: int
    training_places: int
    training_carers: int


class Came(NamedTuple):
    """Somebody of a household came to something that began ``at`` (UTC)."""

    household_id: int
    approved_on: date
    at: datetime


async def attended_in_year(session: Session, year: int) -> Attended:
    """Of events of the fostering year that begins in ``year``, from the rollup."""
    of_carer = (
        select(func.sum(CarerYear.attended).label("attended"), func.sum(CarerYear.trained).label("trained"))
        .where(CarerYear.year == year)
        .group_by(CarerYear.carer_id)
        .subquery()
    )
    query = select(
        func.coalesce(func.sum(of_carer.c.attended), 0),
        func.count(),
        func.coalesce(func.sum(of_carer.c.trained), 0),
        func.coalesce(func.sum(case((of_carer.c.trained > 0, 1), else_=0)), 0),
    )
    return Attended(*map(int, (await session.execute(query)).one()))


async def attended(session: Session, start: datetime, end: datetime) -> Attended:
    """Of events that start in [start, end), from the attendance itself."""
    training = Event.kind == TRAINING
    query = (
        select(
            func.count(),
            func.count(func.distinct(Attendance.carer_id)),
            func.coalesce(func.sum(case((training, 1), else_=0)), 0),
            func.count(func.distinct(case((training, Attendance.carer_id)))),
        )
        .select_from(Attendance)
        .join(Event, Attendance.event_id == Event.id)
        .where(*_came_in(start, end))
    )
    return Attended(*map(int, (await session.execute(query)).one()))


async def anybody_came(
    session: Session, start: datetime, end: datetime, years: Sequence[int] | None = None
) -> bool:
    """Whether any attendance was recorded at events that start in [start, end). ``years`` as for `seen`."""
    return (await session.execute(_seen(start, end, years).limit(1))).first() is not None


def seen(start: datetime, end: datetime, years: Sequence[int] | None = None) -> ColumnElement[bool]:
    """The carer attended something that started in [start, end).

    ``years``: the fostering years in which that lies, where the rollup is to say so; None asks every row of
    the attendance.
    """
    return Carer.id.in_(_seen(start, end, years))


def _seen(start: datetime, end: datetime, years: Sequence[int] | None) -> Select[int]:
    """The carers."""
    if years is None:
        return (
            select(Attendance.carer_id)
            .join(Event, Attendance.event_id == Event.id)
            .where(*_came_in(start, end))
        )
    first, last = CarerYear.first_at, CarerYear.last_at
    between = or_(and_(first >= start, first < end), and_(last >= start, last < end))
    # Whose first is before and whose last is after may or may not have come in between: of those few alone
    # the attendance is looked at.
    around = and_(first < start, last >= end)
    came_then = exists().where(
        Attendance.carer_id == CarerYear.carer_id, Attendance.event_id == Event.id, *_came_in(start, end)
    )
    return select(CarerYear.carer_id).where(CarerYear.year.in_(years), or_(between, and_(around, came_then)))


async def first_attended_at(session: Session) -> datetime | None:
    """When the first event began at which an attendance is recorded (UTC); None: none is."""
    of_first_year = CarerYear.year == select(func.min(CarerYear.year)).scalar_subquery()
    return await session.scalar(select(func.min(CarerYear.first_at)).where(of_first_year))


async def came_early(session: Session, since: date) -> list[Came]:
    """Of households approved on or after ``since``: when they came last in the fostering year of their
    approval, and first in the next, from the rollup."""
    home, came = Household.__table__.c, CarerYear.__table__.c
    april = extract("month", home.approved_on) >= 4
    # A whole number, or PostgreSQL would compare as numeric and use no index.
    begun = cast(extract("year", home.approved_on), Integer) - case((april, 0), else_=1)
    homes = select(home.id, home.approved_on, begun.label("year")).where(home.approved_on >= since).subquery()
    theirs = came.household_id == homes.c.id
    last = select(func.max(came.last_at)).where(theirs, came.year == homes.c.year).scalar_subquery()
    first = select(func.min(came.first_at)).where(theirs, came.year == homes.c.year + 1).scalar_subquery()
    rows = await session.execute(select(homes.c.id, homes.c.approved_on, last, first))
    return [Came(row[0], row[1], at) for row in rows for at in row[2:] if at is not None]


async def came_ever(session: Session, since: date) -> list[Came]:
    """Of households approved on or after ``since``: whenever they came, from the attendance itself."""
    query = (
        select(Household.id, Household.approved_on, Event.starts_at)
        .select_from(Attendance)
        .join(Event, Attendance.event_id == Event.id)
        .join(Household, Attendance.household_id == Household.id)
        .where(Attendance.state == AttendanceState.ATTENDED, Household.approved_on >= since)
    )
    return [Came(*row) for row in await session.execute(query.distinct())]


def _came_in(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return Attendance.state == AttendanceState.ATTENDED, Event.starts_at >= start, Event.starts_at < end
