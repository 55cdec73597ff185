"""The waiting list: who is next, what they are offered, and for how long it is kept for them.

Every function here is called with the event locked. An offer holds its places from the moment it is made, so
that accepting it can never fail for want of room.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from events.holds import LONDON, held_until
from storage.engine import Session
from storage.events import Event, EventState, Mode, RsvpBy
from storage.events_notices import cancel_waiting_of_invitation
from storage.events_queries import give_back_places, lock_event, places_left, take_places
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_hold import forget_line, hold_of, line_of
from storage.rsvp_queries import HOLDING, mark_cards_stale, mark_waiting_cards_stale, members_of
from storage.rsvp_waitlist import (
    count_ahead,
    events_with_lapsed_offers,
    lapsed_offers,
    waiting_parties,
)


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


async def somebody_fits(session: Session, event: Event, mode: Mode, but: Invitation, now: datetime) -> bool:
    """Whether a waiting party, but for one, could have what is free: then nobody else may take it."""
    free = places_left(event, mode)
    if free == 0 or await _nobody_waits(session, event, mode):
        return False
    waiting = await waiting_parties(session, event.id, mode, now.date())
    return any(party is not but and (free is None or places_of(event, party) <= free) for party in waiting)


async def pass_on(session: Session, event: Event, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Offer what is free to the first parties that fit; returns how many offers were made.

    A party too large for what is free keeps its place in the list, and that it was passed over is counted.
    Nothing is offered inside the last two hours: then staff decide.
    """
    if event.state is not EventState.INVITED:
        return 0
    offers = 0
    for mode in (Mode.IN_PERSON, Mode.ONLINE):
        if places_left(event, mode) == 0 or await _nobody_waits(session, event, mode):
            continue
        until = held_until(now, event.starts_at, zone)
        if until is not None:
            offers += await _pass_on_in(session, event, mode, now, until)
    return offers


async def _pass_on_in(session: Session, event: Event, mode: Mode, now: datetime, until: datetime) -> int:
    offers = 0
    too_large: list[Invitation] = []
    for party in await waiting_parties(session, event.id, mode, now.date()):
        if places_left(event, mode) == 0:
            break
        if not await take_places(session, event, mode, places_of(event, party)):
            too_large.append(party)
            continue
        for earlier in too_large:
            earlier.passed_over += 1
        await _offer(session, event, party, now, until)
        offers += 1
    if offers:
        await mark_waiting_cards_stale(session, event.id)
    return offers


async def _offer(
    session: Session, event: Event, invitation: Invitation, now: datetime, until: datetime
) -> None:
    forget_line(session, event.id)
    invitation.state = RsvpState.OFFERED
    invitation.queue_key = None
    invitation.offered_at = now
    invitation.offer_expires_at = until
    await session.flush()
    await queue_notice(
        session,
        "offer",
        await _recipients(session, invitation),
        about=f"invitation:{invitation.id}:{_stamp(now)}",
        now=now,
        send_by=until,
        event_id=event.id,
    )
    await mark_cards_stale(session, invitation.id)


async def expire_offers(session: Session, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Withdraw the offers whose time is up and pass their places on; returns how many were withdrawn."""
    expired = 0
    for event_id in await events_with_lapsed_offers(session, now):
        event = await lock_event(session, event_id)
        if event is None:
            continue
        for invitation in await lapsed_offers(session, event_id, now):
            await lapse(session, event, invitation, now)
            expired += 1
        await pass_on(session, event, now, zone)
    return expired


async def lapse(session: Session, event: Event, invitation: Invitation, now: datetime) -> None:
    """Withdraw one offer that was not taken up. The party may answer anew, from the end of the list."""
    offered_at = invitation.offered_at or now
    await release(session, event, invitation)
    invitation.state = RsvpState.INVITED
    await session.flush()
    if now < event.starts_at:
        await queue_notice(
            session,
            "offer_lapsed",
            await _recipients(session, invitation),
            about=f"invitation:{invitation.id}:{_stamp(offered_at)}",
            now=now,
            send_by=event.starts_at,
            event_id=event.id,
        )
    await mark_cards_stale(session, invitation.id)


async def _nobody_waits(session: Session, event: Event, mode: Mode) -> bool:
    """Known without asking the database only where the event is held; then it is asked once."""
    if hold_of(session) is None:
        return False
    return (await line_of(session, event.id)).waiting[mode] == 0


async def _recipients(session: Session, invitation: Invitation) -> list[Recipient]:
    members = await members_of(session, invitation.id)
    return [Recipient(member.carer_id, invitation_id=invitation.id) for member in members]


def _stamp(moment: datetime) -> int:
    """Tells one offer to a party from the next."""
    return int(moment.timestamp() * 1000)
