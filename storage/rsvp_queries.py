"""Finding invitations and the people behind them, and marking cards that have to be drawn again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update

from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.households import Carer, Household
from storage.households_queries import still_a_carer
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_hold import CardPlace, hold_of, mark_stale

HOLDING = (RsvpState.GOING, RsvpState.OFFERED)
"""States in which a party holds places."""


@dataclass(frozen=True, slots=True)
class PartyMember:
    """A carer of an invited party."""

    invitation_id: int
    carer_id: int
    state: RsvpState
    mode: Mode | None


def party_of_carer() -> ColumnElement[bool]:
    """The invitations of a carer: their own, and those of their household. None of who has left it, which
    nobody does before the day, nor of who was erased."""
    return and_(
        Carer.left_on.is_(None),
        Carer.erased_at.is_(None),
        Carer.household_id == Invitation.household_id,
        or_(Invitation.carer_id.is_(None), Invitation.carer_id == Carer.id),
    )


def members() -> Select[int, int, RsvpState, Mode | None]:
    """Carers with the invitations of theirs: narrow it with conditions on either."""
    return (
        select(Invitation.id, Carer.id, Invitation.state, Invitation.mode)
        .join(Carer, party_of_carer())
        .order_by(Invitation.id, Carer.id)
    )


async def fetch_members(
    session: Session, query: Select[int, int, RsvpState, Mode | None]
) -> list[PartyMember]:
    """The rows of `members`."""
    rows = (await session.execute(query)).all()
    return [PartyMember(invitation, carer, state, mode) for invitation, carer, state, mode in rows]


async def party_members(
    session: Session, event_id: int, states: Collection[RsvpState]
) -> Sequence[PartyMember]:
    """The carers of the event's parties that are in one of these states."""
    query = members().where(Invitation.event_id == event_id, Invitation.state.in_(states))
    return await fetch_members(session, query)


async def members_of(session: Session, invitation_id: int) -> Sequence[PartyMember]:
    """The carers of one party."""
    query = members().where(Invitation.id == invitation_id)
    return await fetch_members(session, query)


async def invitations_of_event(
    session: Session, event_id: int, states: Collection[RsvpState] | None = None
) -> Sequence[Invitation]:
    query = select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id)
    if states is not None:
        query = query.where(Invitation.state.in_(states))
    return (await session.scalars(query)).all()


async def open_invitations_of(
    session: Session, carer: Carer, now: datetime, today: date
) -> Sequence[Invitation]:
    """This carer's invitations to events that are on and have not begun, soonest first.

    None for who fosters here no more on this local day.
    """
    query = (
        select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            exists().where(Carer.id == carer.id, Household.id == Carer.household_id, still_a_carer(today)),
            Invitation.household_id == carer.household_id,
            or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
            Invitation.state != RsvpState.CANCELLED,
            Event.state == EventState.INVITED,
            Event.starts_at > now,
        )
        .order_by(Event.starts_at, Invitation.id)
    )
    return (await session.scalars(query)).all()


async def invitations_with_events(
    session: Session, invitation_ids: Collection[int]
) -> dict[int, tuple[Invitation, Event]]:
    """These invitations and what they are to, by the invitation's id."""
    query = select(Invitation).where(Invitation.id.in_(invitation_ids))
    invitations = (await session.scalars(query)).all()
    ids = {invitation.event_id for invitation in invitations}
    events = {event.id: event for event in await session.scalars(select(Event).where(Event.id.in_(ids)))}
    return {invitation.id: (invitation, events[invitation.event_id]) for invitation in invitations}


async def lock_invitation(session: Session, invitation_id: int) -> Invitation | None:
    """The invitation as it is now. Call it with its event locked: that lock covers the event's parties."""
    hold = hold_of(session)
    if hold is not None and invitation_id in hold.invitations:
        return hold.invitations[invitation_id]
    query = select(Invitation).where(Invitation.id == invitation_id).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def event_of_invitation(session: Session, invitation_id: int) -> int | None:
    """The id of the event that an invitation is to."""
    hold = hold_of(session)
    if hold is not None and invitation_id in hold.invitations:
        return hold.invitations[invitation_id].event_id
    return await session.scalar(select(Invitation.event_id).where(Invitation.id == invitation_id))


async def mark_cards_stale(session: Session, invitation_id: int, but_carer_id: int | None = None) -> None:
    """Have every card of this invitation drawn again, but perhaps not the one that its owner is tapping."""
    hold = hold_of(session)
    if hold is not None and but_carer_id is None:
        hold.stale.add(invitation_id)
        return
    await mark_stale(
        session, and_(Card.invitation_id == invitation_id, Card.carer_id.is_distinct_from(but_carer_id))
    )


async def mark_cards_of_event_stale(session: Session, event_id: int) -> None:
    """Have every card of this event drawn again."""
    invitations = select(Invitation.id).where(Invitation.event_id == event_id)
    await mark_stale(session, Card.invitation_id.in_(invitations))


async def mark_waiting_cards_stale(session: Session, event_id: int) -> None:
    """Have the cards of those who wait drawn again, for their place in the list may have changed."""
    waiting = select(Invitation.id).where(
        Invitation.event_id == event_id, Invitation.state == RsvpState.WAITLISTED
    )
    await mark_stale(session, Card.invitation_id.in_(waiting))


async def card_of(session: Session, invitation_id: int, carer_id: int) -> CardPlace | None:
    """Where the carer's card of an invitation is, if there is one."""
    hold = hold_of(session)
    if hold is not None and (invitation_id, carer_id) in hold.cards:
        return hold.cards[invitation_id, carer_id]
    query = select(Card.chat_id, Card.message_id).where(
        Card.invitation_id == invitation_id, Card.carer_id == carer_id
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else CardPlace(row.chat_id, row.message_id)


async def forget_needs(session: Session, before: datetime) -> int:
    """Erase the needs noted for events that ended or were cancelled before this; how many there were."""
    over = select(Event.id).where(or_(Event.ends_at < before, Event.cancelled_at < before))
    statement = (
        update(Invitation)
        .where(Invitation.needs.is_not(None), Invitation.event_id.in_(over))
        .values(needs=None)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(statement)).all())
