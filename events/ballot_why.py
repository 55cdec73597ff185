"""What a carer is told who asks why they were not drawn: about their own entry, and about nobody else."""

from typing import Any

from carers.people import Carer
from events.ballot import explain
from events.lots import fingerprint
from storage.engine import Session
from storage.events import Event
from storage.rsvp import Invitation


async def why_facts(session: Session, invitation_id: int, carer: Carer) -> dict[str, Any] | None:
    """Plain JSON for the reply; null where the invitation is not theirs or was in no draw.

    ``tickets`` to ``usual`` is the weight of the household to that of one that never had places nor lost:
    drawing by weight is the same as drawing names from a hat that holds so many tickets of each.
    """
    told = await explain(session, invitation_id, carer)
    invitation = await session.get(Invitation, invitation_id) if told is not None else None
    if told is None or invitation is None:
        return None
    event = await session.get_one(Event, invitation.event_id)
    return {
        "title": event.title,
        "number": told.number,
        "entries": told.entries,
        "places": told.places,
        "received": told.received,
        "losses": told.losses,
        "tickets": told.weight.numerator,
        "usual": told.weight.denominator,
        "turn": told.turn,
        "last_turn": told.last_turn,
        "won": told.won,
        "too_large": told.too_large,
        "fingerprint": fingerprint(told.seed),
    }
