"""The line of those who wait for a place: joining and leaving it, who stands where, moving a party by hand.

Every function here is called with the event locked, or locks it.
"""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.people import StaffMember
from storage.engine import Session
from storage.events import Event, Mode, RsvpBy
from storage.events_notices import cancel_waiting_of_invitation
from storage.events_queries import give_back_places, lock_event, places_left
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_hold import forget_line, hold_of, line_of
from storage.rsvp_queries import HOLDING, event_of_invitation, lock_invitation, mark_waiting_cards_stale
from storage.rsvp_waitlist import count_ahead, line_in_order, waiting_parties

LONGEST_REASON = 500


class Moved(StrEnum):
    """What became of staff's wish to move a party in the line. All but the first changed nothing."""

    MOVED = "moved"
    UNCHANGED = "unchanged"
    NO_REASON = "no_reason"
    NOT_WAITING = "not_waiting"
    NOT_FOUND = "not_found"


def places_of(event: Event, invitation: Invitation) -> int:
    """The places a party takes: people where households answer, one where carers do."""
    return invitation.people if event.rsvp_by is RsvpBy.HOUSEHOLD else 1


async def join(session: Session, event: Event, invitation: Invitation, mode: Mode, now: datetime) -> None:
    """Put a party at the end of the list for this mode."""
    line = await line_of(session, event.id)
    if invitation.state is RsvpState.WAITLISTED and invitation.mode is not None:
        line.waiting[invitation.mode] -= 1
    line.waiting[mode] += 1
    line.last_key += 1
    invitation.state = RsvpState.WAITLISTED
    invitation.mode = mode
    invitation.waiting_since = now
    invitation.queue_key = line.last_key


async def release(session: Session, event: Event, invitation: Invitation) -> None:
    """Take a party out of the list and give back the places that it holds, if any.

    The caller sets the new state, and passes the places on.
    """
    if invitation.state in HOLDING and invitation.mode is not None:
        await give_back_places(session, event, invitation.mode, places_of(event, invitation))
    if invitation.state is RsvpState.OFFERED:
        await cancel_waiting_of_invitation(session, invitation.id, ("offer",), "answered")
    if invitation.state is RsvpState.WAITLISTED:
        forget_line(session, event.id)
    leave_queue(invitation)


def leave_queue(invitation: Invitation) -> None:
    """Forget that a party was waiting or had an offer."""
    if invitation.waiting_since is None and invitation.offered_at is None:
        return
    invitation.waiting_since = invitation.queue_key = None
    invitation.offered_at = invitation.offer_expires_at = None


async def position(session: Session, invitation: Invitation) -> int | None:
    """A waiting party's place in the list for its mode, from 1; null for one that does not wait."""
    if invitation.state is not RsvpState.WAITLISTED or invitation.mode is None:
        return None
    if hold_of(session) is not None:
        line = await line_of(session, invitation.event_id)
        if invitation.queue_key == line.last_key:
            return line.waiting[invitation.mode]
    return await count_ahead(session, invitation) + 1


async def somebody_fits(
    session: Session, event: Event, mode: Mode, but: Invitation, now: datetime, zone: ZoneInfo
) -> bool:
    """Whether a waiting party, but for one, could have what is free: then nobody else may take it."""
    free = places_left(event, mode)
    if free == 0 or await nobody_waits(session, event, mode):
        return False
    waiting = await waiting_parties(session, event.id, mode, now.astimezone(zone).date())
    return any(party is not but and (free is None or places_of(event, party) <= free) for party in waiting)


async def nobody_waits(session: Session, event: Event, mode: Mode) -> bool:
    """Known without asking the database only where the event is held; then it is asked once."""
    if hold_of(session) is None:
        return False
    return (await line_of(session, event.id)).waiting[mode] == 0


async def move_in_line(
    session: Session, invitation_id: int, to_place: int, reason: str, by: StaffMember, now: datetime
) -> Moved:
    """Staff put a waiting party at this place, from 1, of the list for its mode; the audit log says why.

    A place beyond the end is the end. What is free is not offered anew: an order changes who is next, not who
    fits. ``reason`` is cut at 500 characters.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        return Moved.NO_REASON
    event_id = await event_of_invitation(session, invitation_id)
    event = await lock_event(session, event_id) if event_id is not None else None
    party = await lock_invitation(session, invitation_id)
    if event is None or party is None:
        return Moved.NOT_FOUND
    if party.state is not RsvpState.WAITLISTED or party.mode is None:
        return Moved.NOT_WAITING
    line = list(await line_in_order(session, event.id, party.mode))
    was = line.index(party) + 1
    to = min(max(1, to_place), len(line))
    if to == was:
        return Moved.UNCHANGED
    keys = [waiting.queue_key for waiting in line]
    line.insert(to - 1, line.pop(was - 1))
    for waiting, queue_key in zip(line, keys, strict=True):
        waiting.queue_key = queue_key
    await session.flush()
    forget_line(session, event.id)
    await mark_waiting_cards_stale(session, event.id)
    subject = f"event:{event.ref}"
    await record(session, now, by, "rsvp.move", subject, party=party.party, was=was, to=to, reason=reason)
    return Moved.MOVED
