"""What of the programme waits for staff today: places about to lapse, attendance to take, drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from storage.attendance import Attendance
from storage.broadcasts import Broadcast, BroadcastState
from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Household
from storage.rsvp import Invitation, RsvpState


@dataclass(frozen=True, slots=True)
class Due:
    """An event and how many parties of it something is due for, ``at`` the latest, UTC."""

    event_id: int
    title: str
    number: int
    at: datetime


def _own(households: ColumnElement[int], social_worker_id: int | None) -> list[ColumnElement[bool]]:
    if social_worker_id is None:
        return []
    return [households.in_(select(Household.id).where(Household.social_worker_id == social_worker_id))]


async def offers_lapsing(
    session: Session, now: datetime, until: datetime, social_worker_id: int | None = None
) -> Sequence[Due]:
    """Events with places that are offered and lapse by then, the next to lapse first."""
    first = func.min(Invitation.offer_expires_at)
    query = (
        select(Event.id, Event.title, func.count(), first)
        .join(Invitation, Invitation.event_id == Event.id)
        .where(
            Invitation.state == RsvpState.OFFERED,
            Invitation.offer_expires_at > now,
            Invitation.offer_expires_at <= until,
            *_own(Invitation.household_id.expression, social_worker_id),
        )
        .group_by(Event.id, Event.title)
        .order_by(first, Event.id)
    )
    found = (await session.execute(query)).all()
    return [Due(event, title, number, at) for event, title, number, at in found if at is not None]


async def attendance_to_take(
    session: Session, since: datetime, now: datetime, social_worker_id: int | None = None
) -> Sequence[Due]:
    """Events that began since then, with parties that are expected and nobody noted; the earliest first."""
    own_noted = _own(Attendance.household_id.expression, social_worker_id)
    query = (
        select(Event.id, Event.title, func.count(), Event.starts_at)
        .join(Invitation, Invitation.event_id == Event.id)
        .where(
            Event.starts_at >= since,
            Event.starts_at <= now,
            Event.state == EventState.INVITED,
            Invitation.state.in_((RsvpState.GOING, RsvpState.MAYBE)),
            *_own(Invitation.household_id.expression, social_worker_id),
            ~exists().where(Attendance.event_id == Event.id, *own_noted),
        )
        .group_by(Event.id, Event.title, Event.starts_at)
        .order_by(Event.starts_at, Event.id)
    )
    return [Due(*row) for row in (await session.execute(query)).all()]


async def drafts_of_messages(session: Session, staff_id: int, most: int) -> Sequence[int]:
    """The messages to many that this person began and did not confirm, the latest first."""
    query = select(Broadcast.id).where(
        Broadcast.created_by_id == staff_id, Broadcast.state == BroadcastState.DRAFT
    )
    return (await session.scalars(query.order_by(Broadcast.id.desc()).limit(most))).all()


async def drafts_of_events(session: Session, staff_id: int, now: datetime, most: int) -> Sequence[int]:
    """The events that this person made, that lie ahead and whose invitations nobody has sent."""
    query = select(Event.id).where(
        Event.created_by_id == staff_id, Event.state == EventState.DRAFT, Event.starts_at > now
    )
    return (await session.scalars(query.order_by(Event.starts_at).limit(most))).all()
