"""What is on for one carer: a page of the events that they are invited to."""

from dataclasses import dataclass
from datetime import datetime

from carers.people import Carer
from storage.engine import Session
from storage.events import Event
from storage.rsvp import RsvpState
from storage.rsvp_queries import open_invitations_of

PER_PAGE = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One event in a carer's list."""

    invitation_id: int
    title: str
    starts_at: datetime
    state: RsvpState


@dataclass(frozen=True, slots=True)
class Page:
    """Pages count from 1. A page that does not exist is the nearest that does."""

    lines: tuple[Line, ...]
    page: int
    pages: int


async def whats_on(session: Session, carer: Carer, page: int, now: datetime) -> Page:
    """A page of what is on for this carer, soonest first."""
    invitations = await open_invitations_of(session, carer, now)
    pages = max(1, -(-len(invitations) // PER_PAGE))
    page = min(max(1, page), pages)
    shown = invitations[(page - 1) * PER_PAGE : page * PER_PAGE]
    lines = []
    for invitation in shown:
        event = await session.get_one(Event, invitation.event_id)
        lines.append(Line(invitation.id, event.title, event.starts_at, invitation.state))
    return Page(tuple(lines), page, pages)
