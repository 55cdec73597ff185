"""Small looks at an event that tell whether anything of it has changed, cheap enough for once a second."""

from sqlalchemy import func, select

from storage.attendance_queries import count_came
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event
from storage.rsvp import Invitation

Pulse = tuple[object, ...]
"""Compares equal as long as nothing that staff see has changed."""


async def event_pulse(session: Session, event_id: int) -> Pulse | None:
    """The pulse of one event: itself, who came, its parties, its deliveries; None if there is none."""
    event = (
        await session.execute(
            select(Event.version, Event.state, Event.taken, Event.online_taken, Event.drawn_at).where(
                Event.id == event_id
            )
        )
    ).one_or_none()
    if event is None:
        return None
    parties = select(
        Invitation.state,
        Invitation.mode,
        func.count(),
        func.sum(Invitation.adults),
        func.sum(Invitation.children_0_4),
        func.sum(Invitation.children_5_10),
        func.sum(Invitation.children_11_15),
        func.sum(Invitation.children_16_up),
        func.count(Invitation.needs),
        func.count(Invitation.asked_again_at),
        func.max(Invitation.answered_at),
        # Weighed by who has it: a move in the list hands the same keys out anew.
        func.sum(Invitation.queue_key * Invitation.id),
        func.sum(Invitation.passed_over),
        func.max(Invitation.offer_expires_at),
    )
    parties = parties.where(Invitation.event_id == event_id).group_by(Invitation.state, Invitation.mode)
    deliveries = (
        select(Delivery.state, func.count()).where(Delivery.event_id == event_id).group_by(Delivery.state)
    )
    return (
        tuple(event),
        await count_came(session, event_id),
        frozenset(tuple(row) for row in await session.execute(parties)),
        frozenset(tuple(row) for row in await session.execute(deliveries)),
    )
