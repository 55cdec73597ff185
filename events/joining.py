"""The join link on a tap: for a party that is going online, from an hour before the start until the end.

The link leaves from two places only: here, and `events.notices.join_link`. Both look at the moment itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.people import Carer
from events.choices import belongs_to
from events.holds import LONDON
from events.reminders import LINK_BEFORE
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.households import Household
from storage.households_queries import fosters_no_more
from storage.rsvp import Invitation, RsvpState


class Door(StrEnum):
    """What came of asking for the link."""

    OPEN = "open"
    EARLY = "early"
    NO_LINK = "no_link"
    """Staff have not entered it yet."""
    NOT_ONLINE = "not_online"
    """The party is not going online, or not any more."""
    OVER = "over"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Asked:
    """``opens_at``: from when the link is given (UTC). ``url`` is there for an open door alone."""

    door: Door
    event: Event | None = None
    opens_at: datetime | None = None
    url: str = ""


def without_link(event: Event, text: str) -> str:
    """A text that everybody may see, should staff have written the link there as well."""
    return text.replace(event.online_url, "…") if event.online_url else text


def can_join(event: Event, invitation: Invitation, now: datetime) -> bool:
    """Whether this party will be given the link, now or later: what the card's button stands for."""
    return _door(event, invitation, now) in (Door.OPEN, Door.EARLY, Door.NO_LINK)


def link_is_out(event: Event, invitation: Invitation, now: datetime) -> bool:
    """Whether this party need wait for the link no longer: a tap on the button gives it at once."""
    return _door(event, invitation, now) in (Door.OPEN, Door.NO_LINK)


async def ask_to_join(
    session: Session, invitation_id: int, carer: Carer, now: datetime, zone: ZoneInfo = LONDON
) -> Asked:
    """A carer's tap on "Join online". Owner, state, way of coming and time are checked here."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not belongs_to(invitation, carer):
        return Asked(Door.NOT_YOURS)
    home = await session.get_one(Household, carer.household_id)
    if fosters_no_more(carer, home, now.astimezone(zone).date()):
        return Asked(Door.NOT_YOURS)
    event = await session.get_one(Event, invitation.event_id)
    door = _door(event, invitation, now)
    url = event.online_url if door is Door.OPEN else ""
    return Asked(door, event, event.starts_at - LINK_BEFORE, url)


def _door(event: Event, invitation: Invitation, now: datetime) -> Door:
    if event.state is not EventState.INVITED:
        return Door.CANCELLED
    if invitation.state is RsvpState.CANCELLED:
        return Door.WITHDRAWN
    if event.ends_at <= now:
        return Door.OVER
    if invitation.state is not RsvpState.GOING or invitation.mode is not Mode.ONLINE:
        return Door.NOT_ONLINE
    if now < event.starts_at - LINK_BEFORE:
        return Door.EARLY
    return Door.OPEN if event.online_url else Door.NO_LINK
