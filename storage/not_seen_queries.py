"""Households without contact: who they are, when they were in contact last, and what was tried since.

Contact is what a household did itself, or what staff noted: somebody came to an event, an invitation was
answered, a carer wrote, staff spoke to one. Nothing of a survey is looked at: who answered one is nobody's
business, and of one without names it is not even known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from storage.attendance import Attendance, AttendanceState
from storage.check_ins import CheckIn, CheckInHow
from storage.conversations import CarerMessage
from storage.deliveries import SURVEY_REMINDER, Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Household
from storage.households_queries import CHUNK, approved_on_day
from storage.rsvp import Invitation

NO_WORKER = 0
"""In place of a social worker's id: households of none."""


@dataclass(frozen=True, slots=True)
class Window:
    """From the end of one local day, ``since``, to today; ``start`` is the same moment in UTC."""

    since: date
    today: date
    start: datetime


@dataclass(frozen=True, slots=True)
class LastContacts:
    """The last contact of each kind, whenever it was; null where none is known. Times are UTC."""

    attended: datetime | None
    answered: datetime | None
    wrote: datetime | None
    spoke: date | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried since the window began. ``tried_on``: the last try that reached nobody."""

    invited: int = 0
    messages: int = 0
    tries: int = 0
    tried_on: date | None = None


def _spoke() -> ColumnElement[bool]:
    return CheckIn.how != CheckInHow.NO_ANSWER


def _attended() -> ColumnElement[bool]:
    return Attendance.state == AttendanceState.ATTENDED


def _came() -> ColumnElement[bool]:
    return and_(Attendance.household_id == Household.id, _attended(), Event.id == Attendance.event_id)


def _wrote() -> ColumnElement[bool]:
    return and_(
        Carer.household_id == Household.id,
        CarerMessage.carer_id == Carer.id,
        CarerMessage.written_by_id.is_(None),
    )


def _not_seen(window: Window, social_worker_id: int | None) -> ColumnElement[bool]:
    """Approved throughout the window, and nothing heard in it. What most households did is asked first."""
    held_on = select(Event.starts_at).where(Event.id == Attendance.event_id).scalar_subquery()
    written = func.count().filter(CarerMessage.received_at >= window.start)
    wrote = select(written).where(CarerMessage.carer_id == Carer.id, CarerMessage.written_by_id.is_(None))
    wanted = [
        approved_on_day(window.today),
        Household.approved_on <= window.since,
        _none_of(Invitation.household_id, Invitation.answered_at >= window.start),
        _none_of(CheckIn.household_id, CheckIn.made_on > window.since, _spoke()),
        _none_of(Carer.household_id, wrote.scalar_subquery() > 0),
        _none_of(Attendance.household_id, _attended(), held_on >= window.start),
    ]
    if social_worker_id is not None:
        wanted.append(Household.social_worker_id == (social_worker_id or None))
    return and_(*wanted)


def _none_of(
    household_id: InstrumentedAttribute[int], *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The household has no such row. Each household's few rows are looked up by its id.

    The OFFSET keeps PostgreSQL from joining whole tables instead; and no two tables are joined in here, since
    after a first import, before it has looked at them, it chooses a way that takes seconds.
    """
    found = select(household_id).where(household_id == Household.id, *conditions)
    return ~found.correlate(Household).offset(0).exists()


async def count_not_seen(
    session: Session, window: Window, most: int, social_worker_id: int | None = None
) -> int:
    """How many there are, counted no further than ``most``."""
    some = select(Household.id).where(_not_seen(window, social_worker_id)).limit(most).subquery()
    return (await session.scalars(select(func.count()).select_from(some))).one()


async def households_not_seen(
    session: Session, window: Window, social_worker_id: int | None = None
) -> Sequence[tuple[Household, LastContacts]]:
    """All of them with when each was in contact last; in no order."""
    attended = select(func.max(Event.starts_at)).where(_came(), Event.starts_at < window.start)
    answered = select(func.max(Invitation.answered_at)).where(Invitation.household_id == Household.id)
    wrote = select(func.max(CarerMessage.received_at)).where(_wrote())
    spoke = select(func.max(CheckIn.made_on)).where(CheckIn.household_id == Household.id, _spoke())
    last: list[Any] = [
        each.correlate(Household).scalar_subquery() for each in (attended, answered, wrote, spoke)
    ]
    query = (
        select(Household, *last)
        .where(_not_seen(window, social_worker_id))
        .options(selectinload(Household.carers))
    )
    return [(row[0], LastContacts(*row[1:])) for row in (await session.execute(query)).all()]


async def count_by_worker(session: Session, today: date) -> Mapping[int | None, int]:
    """How many approved households each social worker has; null for those of none."""
    query = (
        select(Household.social_worker_id, func.count())
        .where(approved_on_day(today))
        .group_by(Household.social_worker_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def what_was_tried(
    session: Session, household_ids: Collection[int], window: Window
) -> Mapping[int, Tried]:
    """Since the window began, of each of these households: how often it was invited, how many messages
    arrived, and how often somebody tried in vain.

    Reminders of surveys are left out: they go to those alone who have not answered.
    """
    some = list(household_ids)[:CHUNK]
    invited = select(Invitation.household_id, func.count()).where(
        Invitation.household_id.in_(some), Invitation.invited_at >= window.start
    )
    messages = (
        select(Carer.household_id, func.count())
        .join(Delivery, Delivery.carer_id == Carer.id)
        .where(
            Carer.household_id.in_(some),
            Delivery.sent_at >= window.start,
            Delivery.state == DeliveryState.SENT,
            Delivery.kind != SURVEY_REMINDER,
        )
    )
    tries = select(CheckIn.household_id, func.count(), func.max(CheckIn.made_on)).where(
        CheckIn.household_id.in_(some), CheckIn.made_on > window.since, ~_spoke()
    )
    asked = await _by_household(session, invited.group_by(Invitation.household_id))
    told = await _by_household(session, messages.group_by(Carer.household_id))
    rang = await _by_household(session, tries.group_by(CheckIn.household_id))
    return {
        one: Tried(*asked.get(one, (0,)), *told.get(one, (0,)), *rang.get(one, (0, None))) for one in some
    }


async def _by_household(session: Session, query: Select[*tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in (await session.execute(query)).all()}
