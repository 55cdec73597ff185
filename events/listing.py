"""What is on for one carer: a page of the events that they are invited to, whatever they answered."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from carers.people import Carer
from events.holds import LONDON
from storage.engine import Session
from storage.listing_queries import ListedInvitation, count_invitations, page_of_invitations

PER_PAGE = 6

Line = ListedInvitation
"""One event in a carer's list."""


@dataclass(frozen=True, slots=True)
class Page:
    """Pages count from 1. A page that does not exist is the nearest that does."""

    lines: tuple[Line, ...]
    page: int
    pages: int


async def whats_on(session: Session, carer: Carer, page: int, now: datetime, zone: ZoneInfo = LONDON) -> Page:
    """A page of what is on for this carer, soonest first."""
    today = now.astimezone(zone).date()
    pages = max(1, -(-await count_invitations(session, carer, now, today) // PER_PAGE))
    page = min(max(1, page), pages)
    start = (page - 1) * PER_PAGE
    lines = await page_of_invitations(session, carer, now, today, limit=PER_PAGE, offset=start)
    return Page(tuple(lines), page, pages)
