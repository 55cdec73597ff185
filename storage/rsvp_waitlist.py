"""The waiting list as the database keeps it: who waits, in which order, and whose offer has lapsed."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from storage.engine import Session
from storage.events import Mode
from storage.leavers_queries import party_has_left
from storage.rsvp import Invitation, RsvpState


async def waiting_parties(session: Session, event_id: int, mode: Mode, today: date) -> Sequence[Invitation]:
    """Who waits for a place in this mode, first in the list first; none that has left."""
    query = (
        select(Invitation)
        .where(
            Invitation.event_id == event_id,
            Invitation.state == RsvpState.WAITLISTED,
            Invitation.mode == mode,
            ~party_has_left(today),
        )
        .order_by(Invitation.queue_key, Invitation.id)
    )
    return (await session.scalars(query)).all()


async def line_in_order(session: Session, event_id: int, mode: Mode) -> Sequence[Invitation]:
    """Everybody who waits for a place in this mode, first in the list first. Lock the event before."""
    query = (
        select(Invitation)
        .where(
            Invitation.event_id == event_id,
            Invitation.state == RsvpState.WAITLISTED,
            Invitation.mode == mode,
        )
        .order_by(Invitation.queue_key, Invitation.id)
        .execution_options(populate_existing=True)
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


async def places_in_line(session: Session, invitation_ids: Collection[int]) -> dict[int, int]:
    """The place of each of these waiting parties in the list for its mode, from 1."""
    if not invitation_ids:
        return {}
    theirs = select(Invitation.event_id).where(Invitation.id.in_(invitation_ids))
    place = func.row_number().over(
        partition_by=(Invitation.event_id, Invitation.mode), order_by=(Invitation.queue_key, Invitation.id)
    )
    waiting = (
        select(Invitation.id, place.label("place"))
        .where(Invitation.event_id.in_(theirs), Invitation.state == RsvpState.WAITLISTED)
        .subquery()
    )
    query = select(waiting.c.id, waiting.c.place).where(waiting.c.id.in_(invitation_ids))
    return {row.id: row.place for row in await session.execute(query)}


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
