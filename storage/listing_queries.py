"""What is on for one carer, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Household
from storage.households_queries import still_a_carer
from storage.rsvp import Invitation, RsvpState


@dataclass(frozen=True, slots=True)
class ListedInvitation:
    """An invitation of a carer, and the event that it is to. Times are UTC."""

    invitation_id: int
    title: str
    starts_at: datetime
    state: RsvpState


async def count_invitations(session: Session, carer: Carer, now: datetime, today: date) -> int:
    """How many events that are not over this carer is invited to, on this local day."""
    query = select(func.count()).select_from(Invitation).join(Event, Event.id == Invitation.event_id)
    return await session.scalar(query.where(_on_for(carer, now, today))) or 0


async def page_of_invitations(
    session: Session, carer: Carer, now: datetime, today: date, *, limit: int, offset: int
) -> Sequence[ListedInvitation]:
    """Some of them, soonest first, whatever was answered."""
    query = (
        select(Invitation.id, Event.title, Event.starts_at, Invitation.state)
        .join(Event, Event.id == Invitation.event_id)
        .where(_on_for(carer, now, today))
        .order_by(Event.starts_at, Invitation.id)
        .limit(limit)
        .offset(offset)
    )
    return [ListedInvitation(*row) for row in (await session.execute(query)).all()]


def _on_for(carer: Carer, now: datetime, today: date) -> ColumnElement[bool]:
    """To the end of an event, for who joins online may come late. Nothing for who fosters here no more."""
    return and_(
        exists().where(Carer.id == carer.id, Household.id == Carer.household_id, still_a_carer(today)),
        Invitation.household_id == carer.household_id,
        or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
        Invitation.state != RsvpState.CANCELLED,
        Event.state == EventState.INVITED,
        Event.ends_at > now,
    )
