"""What a carer's calendar is made of: their parties with the events, and what each carer took last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Household
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_queries import party_of_carer


@dataclass(frozen=True, slots=True)
class Entry:
    """One invitation of a carer. ``taken``: the SEQUENCE of the calendar file that they took last."""

    event: Event
    invitation: Invitation
    card_id: int | None
    taken: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A carer's card with the SEQUENCE of the calendar file that they took last."""

    card_id: int
    carer_id: int
    sequence: int
    invitation: Invitation


def _entries(carer: Carer) -> Select[Event, Invitation, int | None, int | None]:
    return (
        select(Event, Invitation, Card.id, Card.calendar_sequence)
        .join(Invitation, Invitation.event_id == Event.id)
        .outerjoin(Card, and_(Card.invitation_id == Invitation.id, Card.carer_id == carer.id))
        .where(_theirs(carer))
        .order_by(Event.starts_at, Event.id)
    )


def _theirs(carer: Carer) -> ColumnElement[bool]:
    return and_(
        Invitation.household_id == carer.household_id,
        or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
    )


async def entries_of(session: Session, carer: Carer, since: datetime) -> list[Entry]:
    """What this carer is going to, or may, and what was called off after they had answered, soonest first.

    ``since``: nothing that ended or was called off before it.
    """
    coming = and_(
        Invitation.state.in_((RsvpState.GOING, RsvpState.MAYBE)),
        Event.state == EventState.INVITED,
        Event.ends_at >= since,
    )
    # Who had not answered never had it in a calendar; who said no still stands as not going.
    called_off = and_(
        Invitation.state == RsvpState.CANCELLED,
        Invitation.answered_at.is_not(None),
        Event.state == EventState.CANCELLED,
        Event.cancelled_at >= since,
    )
    rows = await session.execute(_entries(carer).where(or_(coming, called_off)))
    return [Entry(*row) for row in rows.all()]


async def going_to(session: Session, carer: Carer, now: datetime) -> list[Entry]:
    """What this carer is going to and has not begun, soonest first; its events are locked."""
    going = (
        _theirs(carer),
        Invitation.state == RsvpState.GOING,
        Event.state == EventState.INVITED,
        Event.starts_at > now,
    )
    theirs = select(Event.id).join(Invitation, Invitation.event_id == Event.id).where(*going)
    locked = select(Event.id).where(Event.id.in_(theirs)).order_by(Event.id).with_for_update(key_share=True)
    ids = (await session.scalars(locked)).all()
    query = _entries(carer).where(*going, Event.id.in_(ids)).execution_options(populate_existing=True)
    return [Entry(*row) for row in (await session.execute(query)).all()]


async def taken_of(session: Session, invitation_id: int, carer_id: int) -> tuple[int, int | None] | None:
    """The card of a carer and the SEQUENCE that they took last; null where they have no card."""
    query = select(Card.id, Card.calendar_sequence).where(
        Card.invitation_id == invitation_id, Card.carer_id == carer_id
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def files_taken(session: Session, event_id: int, invitation_id: int | None = None) -> list[Taken]:
    """Which carers took a file of this event, perhaps of one party only. Carers who moved away are none."""
    query = (
        select(Card.id, Card.carer_id, func.coalesce(Card.calendar_sequence, 0), Invitation)
        .join(Invitation, Invitation.id == Card.invitation_id)
        .join(Carer, and_(Carer.id == Card.carer_id, party_of_carer()))
        .where(Invitation.event_id == event_id, Card.calendar_sequence.is_not(None))
        .order_by(Card.id)
    )
    if invitation_id is not None:
        query = query.where(Invitation.id == invitation_id)
    return [Taken(*row) for row in (await session.execute(query)).all()]


async def note_taken(session: Session, sequences: Mapping[int, int]) -> None:
    """Write down the SEQUENCE of the file that each of these cards' carers takes, by the card's id.

    In the order of the ids, in which whoever draws cards locks them.
    """
    if not sequences:
        return
    statement = update(Card).where(Card.id == bindparam("key")).values(calendar_sequence=bindparam("number"))
    connection = await session.connection()
    rows = [{"key": key, "number": number} for key, number in sorted(sequences.items())]
    await connection.execute(statement, rows)


async def carer_and_household(session: Session, carer_id: int) -> tuple[Carer, Household] | None:
    """A carer with their household, in one query."""
    query = select(Carer, Household).join(Household).where(Carer.id == carer_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])
