"""The books of an event: what must be true of it and its parties after every transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from events.holds import LONDON, held_until
from events.waitlist import places_of
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode
from storage.households import Carer, Household
from storage.rsvp import Invitation, RsvpState

HOLDING = (RsvpState.GOING, RsvpState.OFFERED)
IN_LINE = {Allocation.FIRST_COME: RsvpState.WAITLISTED, Allocation.BALLOT: RsvpState.BALLOT_LOST}
"""The state of those who get what is free next."""

WITHOUT_MODE = (RsvpState.MAYBE, RsvpState.NOT_GOING)
PLACES = (Mode.IN_PERSON, Mode.ONLINE)


async def audit(session: Session, event_id: int, now: datetime) -> None:
    """Look through all of an event's books; fails with what does not balance."""
    event = await session.get_one(Event, event_id, populate_existing=True)
    query = select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id)
    parties = (await session.scalars(query.execution_options(populate_existing=True))).all()
    _places_balance(event, parties)
    for party in parties:
        _one_state_at_a_time(event, party)
    if event.state is EventState.CANCELLED:
        assert not any(party.state in (*HOLDING, RsvpState.WAITLISTED) for party in parties)
    else:
        await _no_offer_is_lost(session, event, parties, now)
    _the_line_is_in_order(parties)
    await _every_offer_is_told(session, parties)


def held(event: Event, parties: Sequence[Invitation]) -> dict[Mode, int]:
    """The places held in each mode, counted party by party."""
    counted = dict.fromkeys(PLACES, 0)
    for party in parties:
        if party.state in HOLDING and party.mode is not None:
            counted[party.mode] += places_of(event, party)
    return counted


def limit(event: Event, mode: Mode) -> int | None:
    """The places there are, null for no limit: reckoned here anew, not asked of what is being tested."""
    if mode is Mode.IN_PERSON:
        return event.capacity
    if event.mode is Mode.ONLINE and event.online_capacity is None:
        return event.capacity
    return event.online_capacity


def _places_balance(event: Event, parties: Sequence[Invitation]) -> None:
    """What is taken is what the holders hold, and never more than there is."""
    counted = held(event, parties)
    assert (event.taken, event.online_taken) == (counted[Mode.IN_PERSON], counted[Mode.ONLINE])
    for mode in PLACES:
        most = limit(event, mode)
        assert most is None or counted[mode] <= most, f"{counted[mode]} places of {most}"


def _one_state_at_a_time(event: Event, party: Invitation) -> None:
    """What belongs to another state is gone, and what belongs to this one is there."""
    waits, offered = party.state is RsvpState.WAITLISTED, party.state is RsvpState.OFFERED
    assert (party.queue_key is not None) == waits
    assert (party.offer_expires_at is not None) == offered
    if party.state is not RsvpState.CANCELLED:
        assert offered or party.offered_at is None
        assert waits or offered or party.waiting_since is None
    if party.state in (*HOLDING, RsvpState.WAITLISTED, RsvpState.BALLOT_ENTERED, RsvpState.BALLOT_LOST):
        assert party.mode in PLACES
        assert event.mode in (Mode.HYBRID, party.mode)
    if party.state in WITHOUT_MODE:
        assert party.mode is None
    if party.state in (RsvpState.BALLOT_ENTERED, RsvpState.BALLOT_LOST):
        assert event.allocation is Allocation.BALLOT
    if party.state is RsvpState.WAITLISTED:
        assert event.allocation is Allocation.FIRST_COME
    assert (party.carer_id is None) == party.party.startswith("h")


async def _no_offer_is_lost(
    session: Session, event: Event, parties: Sequence[Invitation], now: datetime
) -> None:
    """Nobody waits for a place that is free and large enough; but in the last two hours staff decide."""
    if event.state is not EventState.INVITED or held_until(now, event.starts_at, LONDON) is None:
        return
    today = now.astimezone(LONDON).date()
    left = set((await session.scalars(select(Household.id).where(Household.ended_on <= today))).all())
    counted = held(event, parties)
    for party in parties:
        if party.state is not IN_LINE[event.allocation] or party.household_id in left or party.mode is None:
            continue
        most = limit(event, party.mode)
        assert most is not None, "waits for a place though there is no limit"
        assert places_of(event, party) > most - counted[party.mode], "waits for a place that is free"


def _the_line_is_in_order(parties: Sequence[Invitation]) -> None:
    """No two parties share a place in the line."""
    keys = [(party.mode, party.queue_key) for party in parties if party.state is RsvpState.WAITLISTED]
    assert len(keys) == len(set(keys))


async def _every_offer_is_told(session: Session, parties: Sequence[Invitation]) -> None:
    """Every carer of a party with an offer has the notice of this very offer coming, and nobody else has."""
    query = select(Delivery.invitation_id, Delivery.carer_id, Delivery.queued_at, Delivery.send_by).where(
        Delivery.kind == "offer", Delivery.state == DeliveryState.QUEUED
    )
    told = {(row[0], row[1]): (row[2], row[3]) for row in (await session.execute(query)).all()}
    homes = (await session.execute(select(Carer.id, Carer.household_id))).all()
    for party in parties:
        for carer_id, household_id in homes:
            concerned = party.carer_id in (None, carer_id) and party.household_id == household_id
            offered = concerned and party.state is RsvpState.OFFERED
            expected = (party.offered_at, party.offer_expires_at) if offered else None
            assert told.get((party.id, carer_id)) == expected, f"{party.state}, told {carer_id}"
