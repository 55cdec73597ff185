"""The invitations of households whose approval has ended, and of those that are approved after all."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Household
from storage.rsvp import Invitation, RsvpState


async def events_with_leavers(session: Session, now: datetime, today: date) -> Sequence[int]:
    """Events to come with an open invitation of a household that has left by this local date, or with a
    withdrawn one of a household that has not, in the order in which everybody locks events."""
    to_come = (
        select(Event.id)
        .join(Invitation, Invitation.event_id == Event.id)
        .join(Household, Household.id == Invitation.household_id)
        .where(Event.state == EventState.INVITED, Event.starts_at > now)
    )
    # Two questions, not one with an "or": each is answered by an index, and almost always with nothing.
    leaving = await session.scalars(to_come.where(_left(today), _open()))
    back = await session.scalars(to_come.where(~_left(today), ~_open()))
    return sorted({*leaving, *back})


async def open_of_leavers(session: Session, event_id: int, today: date) -> Sequence[Invitation]:
    """The event's open invitations of households that have left. Call it with the event locked."""
    return await _invitations(session, event_id, _left(today) & _open())


async def withdrawn_of_others(session: Session, event_id: int, today: date) -> Sequence[Invitation]:
    """The event's withdrawn invitations of households that are there. Call it with the event locked."""
    return await _invitations(session, event_id, ~_left(today) & ~_open())


async def _invitations(
    session: Session, event_id: int, condition: ColumnElement[bool]
) -> Sequence[Invitation]:
    query = (
        select(Invitation)
        .join(Household, Household.id == Invitation.household_id)
        .where(Invitation.event_id == event_id, condition)
        .order_by(Invitation.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


def _left(today: date) -> ColumnElement[bool]:
    return Household.ended_on.is_not(None) & (Household.ended_on <= today)


def _open() -> ColumnElement[bool]:
    return Invitation.state != RsvpState.CANCELLED
