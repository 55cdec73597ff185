"""The waiting list: who is next, what they are offered, and for how long it is kept for them.

Every function here is called with the event locked. An offer holds its places from the moment it is made, so
that accepting it can never fail for want of room.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from events import ballot
from events.holds import LONDON, held_until
from events.line import join, leave_queue, nobody_waits, places_of, position, release, somebody_fits
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode
from storage.events_queries import lock_event, places_left, take_places
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_hold import forget_line
from storage.rsvp_queries import mark_cards_stale, mark_waiting_cards_stale, members_of
from storage.rsvp_waitlist import events_with_lapsed_offers, lapsed_offers, waiting_parties


async def pass_on(session: Session, event: Event, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Offer what is free to the first parties that fit; returns how many offers were made.

    A party too large for what is free keeps its place in the list, and that it was passed over is counted.
    Nothing is offered inside the last two hours: then staff decide. Nobody waits on an event with a ballot:
    there the places are drawn again among those who were not drawn.
    """
    if event.state is not EventState.INVITED:
        return 0
    if event.allocation is Allocation.BALLOT:
        return await ballot.redraw(session, event, now, zone)
    offers = 0
    for mode in (Mode.IN_PERSON, Mode.ONLINE):
        if places_left(event, mode) == 0 or await nobody_waits(session, event, mode):
            continue
        until = held_until(now, event.starts_at, zone)
        if until is not None:
            offers += await _pass_on_in(session, event, mode, now, until, zone)
    return offers


async def _pass_on_in(
    session: Session, event: Event, mode: Mode, now: datetime, until: datetime, zone: ZoneInfo
) -> int:
    offers = 0
    too_large: list[Invitation] = []
    for party in await waiting_parties(session, event.id, mode, now.astimezone(zone).date()):
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
    """Withdraw one offer that was not taken up. The party may answer anew, from the end of the list.

    Of a ballot's offer it may not, and it is not drawn again: it is in the draw no more.
    """
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


def hold_anew(event: Event, parties: Iterable[Invitation], now: datetime, zone: ZoneInfo = LONDON) -> None:
    """Let what is offered be kept as if it were offered now: of an event that has moved the time to think
    begins again, and ends before it starts. Inside the last two hours it is kept until the start."""
    until = held_until(now, event.starts_at, zone) or event.starts_at
    for party in parties:
        if party.state is RsvpState.OFFERED:
            party.offer_expires_at = until


async def _recipients(session: Session, invitation: Invitation) -> list[Recipient]:
    members = await members_of(session, invitation.id)
    return [Recipient(member.carer_id, invitation_id=invitation.id) for member in members]


def _stamp(moment: datetime) -> int:
    """Tells one offer to a party from the next."""
    return int(moment.timestamp() * 1000)


__all__ = [
    "expire_offers",
    "hold_anew",
    "join",
    "lapse",
    "leave_queue",
    "pass_on",
    "places_of",
    "position",
    "release",
    "somebody_fits",
]
