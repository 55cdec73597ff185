"""Short ways to set a scene: an event with its invitations out, a tap, what has been queued."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from carers.people import Carer
from events import rsvp
from events.invitations import send_invitations_now
from events.planning import EventPlan, plan_event
from events.rsvp import Choice, Outcome
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event, Mode, RsvpBy
from storage.rsvp import Card, Invitation
from tests.support.cast import NOON, Cast

IN_TWO_WEEKS = NOON + timedelta(days=14)

HOUSEHOLD, CARER = RsvpBy.HOUSEHOLD, RsvpBy.CARER
HYBRID, ONLINE, IN_PERSON = Mode.HYBRID, Mode.ONLINE, Mode.IN_PERSON


def plan(**changes: Any) -> EventPlan:
    """A coffee afternoon in two weeks, two hours long."""
    starts_at: datetime = changes.pop("starts_at", IN_TWO_WEEKS)
    described: dict[str, Any] = {
        "title": "Coffee Afternoon",
        "kind": "social",
        "venue": "The Hall",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
    }
    return EventPlan(**(described | changes))


async def invited_event(session: Session, cast: Cast, now: datetime = NOON, **changes: Any) -> Event:
    """An event whose invitations are out."""
    event = await plan_event(session, plan(**changes), cast.priya, now)
    await send_invitations_now(session, event.id, cast.priya, now)
    return event


async def invitation_of(session: Session, event: Event, carer: Carer) -> Invitation:
    """The invitation that this carer may answer."""
    query = select(Invitation).where(
        Invitation.event_id == event.id,
        Invitation.party.in_((f"c{carer.id}", f"h{carer.household_id}")),
    )
    return (await session.scalars(query)).one()


async def taps(session: Session, event: Event, carer: Carer, choice: Choice, now: datetime = NOON) -> Outcome:
    """This carer taps this button on the card of the event."""
    invitation = await invitation_of(session, event, carer)
    return await rsvp.answer(session, invitation.id, carer, choice, now)


async def queued(session: Session, kind: str) -> Sequence[Delivery]:
    """The deliveries of this kind, in the order in which they were queued."""
    query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def told(session: Session, kind: str) -> list[int]:
    """To which carers this kind of notice was queued."""
    return sorted(delivery.carer_id or 0 for delivery in await queued(session, kind))


async def give_card(session: Session, invitation: Invitation, carer: Carer, message_id: int = 7) -> Card:
    """The carer has a card of this invitation in their chat."""
    card = Card(
        invitation_id=invitation.id, carer_id=carer.id, chat_id=carer.chat_id or 0, message_id=message_id
    )
    session.add(card)
    await session.flush()
    return card
