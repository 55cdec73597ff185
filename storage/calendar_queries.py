"""What a carer's calendar is made of: their parties with the events, and what each carer took last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer
from storage.ledger import insert_for
from storage.rsvp import CalendarCopy, Invitation, RsvpState
from storage.rsvp_queries import party_of_carer


@dataclass(frozen=True, slots=True)
class Entry:
    """One invitation of a carer. ``taken``: the SEQUENCE of the calendar file that they took last."""

    event: Event
    invitation: Invitation
    taken: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The SEQUENCE of the calendar file of an invitation that a carer took last."""

    carer_id: int
    sequence: int
    invitation: Invitation


def _entries(carer: Carer) -> Select[Event, Invitation, int | None]:
    theirs = and_(CalendarCopy.invitation_id == Invitation.id, CalendarCopy.carer_id == carer.id)
    return (
        select(Event, Invitation, CalendarCopy.sequence)
        .join(Invitation, Invitation.event_id == Event.id)
        .outerjoin(CalendarCopy, theirs)
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


async def taken_of(session: Session, invitation_id: int, carer_id: int) -> int | None:
    """The SEQUENCE of the file that this carer took last; null where they took none."""
    query = select(CalendarCopy.sequence).where(
        CalendarCopy.invitation_id == invitation_id, CalendarCopy.carer_id == carer_id
    )
    return (await session.scalars(query)).one_or_none()


async def files_taken(session: Session, event_id: int, invitation_id: int | None = None) -> list[Taken]:
    """Which carers took a file of this event, perhaps of one party only. Carers who moved away are none."""
    query = (
        select(CalendarCopy.carer_id, CalendarCopy.sequence, Invitation)
        .join(Invitation, Invitation.id == CalendarCopy.invitation_id)
        .join(Carer, and_(Carer.id == CalendarCopy.carer_id, party_of_carer()))
        .where(Invitation.event_id == event_id)
        .order_by(Invitation.id, CalendarCopy.carer_id)
    )
    if invitation_id is not None:
        query = query.where(Invitation.id == invitation_id)
    return [Taken(*row) for row in (await session.execute(query)).all()]


async def note_taken(session: Session, sequences: Mapping[tuple[int, int], int]) -> None:
    """Write down the SEQUENCE of the file that carers take, by invitation and carer.

    In the order of the keys, so that no two who do this wait for each other.
    """
    if not sequences:
        return
    rows = [
        {"invitation_id": invitation, "carer_id": carer, "sequence": number}
        for (invitation, carer), number in sorted(sequences.items())
    ]
    statement = insert_for(session, CalendarCopy)
    statement = statement.on_conflict_do_update(
        index_elements=["invitation_id", "carer_id"], set_={"sequence": statement.excluded.sequence}
    )
    connection = await session.connection()
    await connection.execute(statement, rows)
