"""The invitations of who has left, a household or one carer of it, and of those who are there after all."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, or_, select

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Household
from storage.rsvp import Invitation, RsvpState


def party_has_left(today: date) -> ColumnElement[bool]:
    """The approval of the party's household has ended by this local day, or the one carer whose party it is
    has left that household, or was erased."""
    home = exists().where(Household.id == Invitation.household_id, Household.ended_on <= today)
    carer = exists().where(Carer.id == Invitation.carer_id, _is_gone(today))
    return or_(home.correlate(Invitation), carer.correlate(Invitation))


async def events_with_leavers(session: Session, now: datetime, today: date) -> Sequence[int]:
    """Events to come with an open invitation of a party that has left by this local date, or with a withdrawn
    one of a party that has not, in the order in which everybody locks events."""
    to_come = (
        select(Event.id)
        .join(Invitation, Invitation.event_id == Event.id)
        .where(Event.state == EventState.INVITED, Event.starts_at > now)
    )
    homes = select(Household.id).where(Household.ended_on <= today)
    people = select(Carer.id).where(_is_gone(today))
    # Three questions, not one with an "or": each goes through the invitations to come alone, in an index.
    leaving = await session.scalars(to_come.where(Invitation.household_id.in_(homes), _open()))
    alone = await session.scalars(to_come.where(Invitation.carer_id.in_(people), _open()))
    back = await session.scalars(to_come.where(~_open(), ~party_has_left(today)))
    return sorted({*leaving, *alone, *back})


async def open_of_leavers(session: Session, event_id: int, today: date) -> Sequence[Invitation]:
    """The event's open invitations of parties that have left. Call it with the event locked."""
    return await _invitations(session, event_id, party_has_left(today) & _open())


async def withdrawn_of_others(session: Session, event_id: int, today: date) -> Sequence[Invitation]:
    """The event's withdrawn invitations of parties that are there. Call it with the event locked."""
    return await _invitations(session, event_id, ~party_has_left(today) & ~_open())


async def _invitations(
    session: Session, event_id: int, condition: ColumnElement[bool]
) -> Sequence[Invitation]:
    query = (
        select(Invitation)
        .where(Invitation.event_id == event_id, condition)
        .order_by(Invitation.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


def _is_gone(today: date) -> ColumnElement[bool]:
    return or_(Carer.left_on <= today, Carer.erased_at.is_not(None))


def _open() -> ColumnElement[bool]:
    return Invitation.state != RsvpState.CANCELLED
