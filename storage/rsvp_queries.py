"""Finding invitations and the people behind them, and marking cards that have to be drawn again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, update

from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.households import Carer
from storage.rsvp import Card, Invitation, RsvpState

HOLDING = (RsvpState.GOING, RsvpState.OFFERED)
"""States in which a party holds places."""


@dataclass(frozen=True, slots=True)
class PartyMember:
    """A carer of an invited party."""

    invitation_id: int
    carer_id: int
    state: RsvpState
    mode: Mode | None


def _party_of_carer() -> ColumnElement[bool]:
    """The invitations of a carer: their own, and those of their household."""
    return and_(
        Carer.household_id == Invitation.household_id,
        or_(Invitation.carer_id.is_(None), Invitation.carer_id == Carer.id),
    )


def _members() -> Select[int, int, RsvpState, Mode | None]:
    return (
        select(Invitation.id, Carer.id, Invitation.state, Invitation.mode)
        .join(Carer, _party_of_carer())
        .order_by(Invitation.id, Carer.id)
    )


async def party_members(
    session: Session, event_id: int, states: Collection[RsvpState]
) -> Sequence[PartyMember]:
    """The carers of the event's parties that are in one of these states."""
    query = _members().where(Invitation.event_id == event_id, Invitation.state.in_(states))
    return [PartyMember(*row.tuple()) for row in (await session.execute(query)).all()]


async def members_of(session: Session, invitation_id: int) -> Sequence[PartyMember]:
    """The carers of one party."""
    query = _members().where(Invitation.id == invitation_id)
    return [PartyMember(*row.tuple()) for row in (await session.execute(query)).all()]


async def invitations_of_event(
    session: Session, event_id: int, states: Collection[RsvpState] | None = None
) -> Sequence[Invitation]:
    query = select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id)
    if states is not None:
        query = query.where(Invitation.state.in_(states))
    return (await session.scalars(query)).all()


async def open_invitations_of(session: Session, carer: Carer, now: datetime) -> Sequence[Invitation]:
    """This carer's invitations to events that are on and have not begun, soonest first."""
    query = (
        select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Invitation.household_id == carer.household_id,
            or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
            Invitation.state != RsvpState.CANCELLED,
            Event.state == EventState.INVITED,
            Event.starts_at > now,
        )
        .order_by(Event.starts_at, Invitation.id)
    )
    return (await session.scalars(query)).all()


async def lock_invitation(session: Session, invitation_id: int) -> Invitation | None:
    """The invitation as it is now. Call it with its event locked: that lock covers the event's parties."""
    query = select(Invitation).where(Invitation.id == invitation_id).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def event_of_invitation(session: Session, invitation_id: int) -> int | None:
    """The id of the event that an invitation is to."""
    return await session.scalar(select(Invitation.event_id).where(Invitation.id == invitation_id))


async def last_queue_key(session: Session, event_id: int) -> int:
    """The end of the event's waiting list."""
    query = select(func.max(Invitation.queue_key)).where(Invitation.event_id == event_id)
    return await session.scalar(query) or 0


async def waiting_parties(session: Session, event_id: int, mode: Mode) -> Sequence[Invitation]:
    """Who waits for a place in this mode, first in the list first."""
    query = (
        select(Invitation)
        .where(
            Invitation.event_id == event_id,
            Invitation.state == RsvpState.WAITLISTED,
            Invitation.mode == mode,
        )
        .order_by(Invitation.queue_key, Invitation.id)
    )
    return (await session.scalars(query)).all()


async def count_ahead(session: Session, invitation: Invitation) -> int:
    """How many parties wait before this one for a place in the same mode."""
    query = select(func.count()).where(
        Invitation.event_id == invitation.event_id,
        Invitation.state == RsvpState.WAITLISTED,
        Invitation.mode == invitation.mode,
        tuple_(Invitation.queue_key, Invitation.id) < (invitation.queue_key, invitation.id),
    )
    return await session.scalar(query) or 0


async def events_with_lapsed_offers(session: Session, now: datetime) -> Sequence[int]:
    """The events that have an offer whose time is up, in the order in which everybody locks events."""
    query = select(Invitation.event_id).where(_lapsed(now)).distinct().order_by(Invitation.event_id)
    return (await session.scalars(query)).all()


async def lapsed_offers(session: Session, event_id: int, now: datetime) -> Sequence[Invitation]:
    """The event's offers whose time is up."""
    query = (
        select(Invitation)
        .where(Invitation.event_id == event_id, _lapsed(now))
        .order_by(Invitation.offer_expires_at, Invitation.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


def _lapsed(now: datetime) -> ColumnElement[bool]:
    return and_(Invitation.offer_expires_at <= now, Invitation.state == RsvpState.OFFERED)


async def mark_cards_stale(session: Session, invitation_id: int, but_carer_id: int | None = None) -> None:
    """Have every card of this invitation drawn again, but perhaps not the one that its owner is tapping."""
    await _mark(
        session, and_(Card.invitation_id == invitation_id, Card.carer_id.is_distinct_from(but_carer_id))
    )


async def mark_cards_of_event_stale(session: Session, event_id: int) -> None:
    """Have every card of this event drawn again."""
    invitations = select(Invitation.id).where(Invitation.event_id == event_id)
    await _mark(session, Card.invitation_id.in_(invitations))


async def _mark(session: Session, which: ColumnElement[bool]) -> None:
    statement = (
        update(Card)
        .where(which)
        .values(stale=True, wanted=Card.wanted + 1, retry_at=None, attempts=0)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)
