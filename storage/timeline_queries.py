"""What happened with one carer, each kind of it, the latest first: for the timeline of their page.

What was written, and anything of a survey, is not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from storage.attendance import Attendance, AttendanceState
from storage.conversations import CarerMessage
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel
from storage.links import LinkToken
from storage.rsvp import Invitation, RsvpState
from storage.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation of the carer, or of their household, and what was answered last. Times are UTC."""

    event_id: int
    title: str
    invited_at: datetime
    answered_at: datetime | None
    state: RsvpState


def _theirs(carer: Carer) -> ColumnElement[bool]:
    of_the_household = and_(Invitation.carer_id.is_(None), Invitation.household_id == carer.household_id)
    return or_(Invitation.carer_id == carer.id, of_the_household)


async def invitations(session: Session, carer: Carer, most: int) -> Sequence[Invited]:
    query = (
        select(Event.id, Event.title, Invitation.invited_at, Invitation.answered_at, Invitation.state)
        .join(Event, Event.id == Invitation.event_id)
        .where(_theirs(carer))
        .order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    )
    return [Invited(*row) for row in await _rows(session, query, most)]


async def answers(session: Session, carer: Carer, most: int) -> Sequence[Invited]:
    """The same by when they were answered."""
    query = (
        select(Event.id, Event.title, Invitation.invited_at, Invitation.answered_at, Invitation.state)
        .join(Event, Event.id == Invitation.event_id)
        .where(_theirs(carer), Invitation.answered_at.is_not(None))
        .order_by(Invitation.answered_at.desc(), Invitation.id.desc())
    )
    return [Invited(*row) for row in await _rows(session, query, most)]


async def attendances(
    session: Session, carer: Carer, most: int
) -> Sequence[tuple[int, str, datetime, AttendanceState]]:
    """The event's id, its title and start, and whether they came."""
    query = (
        select(Event.id, Event.title, Event.starts_at, Attendance.state)
        .join(Event, Event.id == Attendance.event_id)
        .where(Attendance.carer_id == carer.id)
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    return [(row[0], row[1], row[2], row[3]) for row in await _rows(session, query, most)]


async def messages(
    session: Session, carer: Carer, most: int
) -> Sequence[tuple[datetime, int | None, str | None]]:
    """When, in which thread, and who of staff wrote; null where the carer did."""
    query = (
        select(CarerMessage.received_at, CarerMessage.thread_id, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == CarerMessage.written_by_id)
        .where(CarerMessage.carer_id == carer.id)
        .order_by(CarerMessage.received_at.desc(), CarerMessage.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in await _rows(session, query, most)]


async def letters(session: Session, carer: Carer, most: int) -> Sequence[tuple[datetime, str, str | None]]:
    """When it was posted or told, ``letter`` or ``phone``, and the event that it was about."""
    query = (
        select(Delivery.sent_at, Delivery.channel, Event.title)
        .outerjoin(Event, Event.id == Delivery.event_id)
        .where(
            Delivery.carer_id == carer.id,
            Delivery.channel.in_((Channel.LETTER.value, "phone")),
            Delivery.state == DeliveryState.SENT,
            Delivery.sent_at.is_not(None),
            Delivery.round_id.is_(None),
        )
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in await _rows(session, query, most)]


async def links(session: Session, carer: Carer, most: int) -> Sequence[tuple[datetime, datetime | None]]:
    """When a personal link was made and used."""
    query = select(LinkToken.created_at, LinkToken.used_at).where(LinkToken.carer_id == carer.id)
    return [(row[0], row[1]) for row in await _rows(session, query.order_by(LinkToken.id.desc()), most)]


async def _rows(session: Session, query: Select[*tuple[Any, ...]], most: int) -> Sequence[Any]:
    return (await session.execute(query.limit(most))).all()
