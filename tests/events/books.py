"""The books of an event: what must be true of it and its parties after every transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from events.choices import Party, party_of
from events.holds import LONDON, held_until
from events.waitlist import places_of
from storage.ballot import DrawEntry
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
    left = await _households_that_left(session, now)
    for party in parties:
        _one_state_at_a_time(event, party)
        if event.allocation is Allocation.BALLOT:
            _the_draw_is_complete(event, party, left)
    if event.state is EventState.CANCELLED:
        assert not any(party.state in (*HOLDING, RsvpState.WAITLISTED) for party in parties)
    else:
        _no_offer_is_lost(event, parties, left, now)
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
    if party.state in (*WITHOUT_MODE, RsvpState.GOING, RsvpState.WAITLISTED, RsvpState.OFFERED):
        assert party.answered_at is not None
    if party.state in (RsvpState.BALLOT_ENTERED, RsvpState.BALLOT_LOST):
        assert event.allocation is Allocation.BALLOT
    if party.state is RsvpState.WAITLISTED:
        assert event.allocation is Allocation.FIRST_COME
    assert (party.carer_id is None) == party.party.startswith("h")


def _the_draw_is_complete(event: Event, party: Invitation, left: Collection[int]) -> None:
    """Before the draw nobody has won or lost, after it nobody is still to be drawn."""
    if event.drawn_at is None:
        assert party.state not in (RsvpState.OFFERED, RsvpState.BALLOT_LOST)
    elif party.household_id not in left:
        assert party.state is not RsvpState.BALLOT_ENTERED


async def _households_that_left(session: Session, now: datetime) -> set[int]:
    today = now.astimezone(LONDON).date()
    return set((await session.scalars(select(Household.id).where(Household.ended_on <= today))).all())


def _no_offer_is_lost(
    event: Event, parties: Sequence[Invitation], left: Collection[int], now: datetime
) -> None:
    """Nobody waits for a place that is free and large enough; but in the last two hours staff decide."""
    if event.state is EventState.INVITED and held_until(now, event.starts_at, LONDON) is not None:
        assert not _could_have_a_place(event, parties, left), "waits for a place that is free"


def _could_have_a_place(
    event: Event, parties: Sequence[Invitation], left: Collection[int]
) -> list[Invitation]:
    """Who is in line for a place and would fit into what is free."""
    counted = held(event, parties)
    found = []
    for party in parties:
        if party.state is IN_LINE[event.allocation] and party.household_id not in left and party.mode:
            most = limit(event, party.mode)
            if most is None or places_of(event, party) <= most - counted[party.mode]:
                found.append(party)
    return found


async def next_in_line(session: Session, event_id: int, now: datetime) -> set[tuple[int, Mode | None]]:
    """Who waits for a place that is free, inside the last two hours when nothing is offered any more."""
    event = await session.get_one(Event, event_id)
    if held_until(now, event.starts_at, LONDON) is not None:
        return set()
    parties = (await session.scalars(select(Invitation).where(Invitation.event_id == event_id))).all()
    waiting = _could_have_a_place(event, parties, await _households_that_left(session, now))
    return {(party.id, party.mode) for party in waiting}


async def going_undrawn(session: Session, event_id: int) -> set[int]:
    """The parties that are going to an event with a ballot and have not been drawn."""
    drawn = select(DrawEntry.invitation_id).where(DrawEntry.won)
    query = (
        select(Invitation.id)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Event.id == event_id,
            Event.allocation == Allocation.BALLOT,
            Invitation.state == RsvpState.GOING,
            Invitation.id.not_in(drawn),
        )
    )
    return set((await session.scalars(query)).all())


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
            queued_at, send_by = told.get((party.id, carer_id), (None, None))
            assert queued_at == (party.offered_at if offered else None), f"{party.state}, told {carer_id}"
            # An event that is moved to an earlier day ends its offers earlier than was thought.
            assert send_by is None or (party.offer_expires_at and send_by >= party.offer_expires_at)


@dataclass(frozen=True)
class Shown:
    """What the card of a party says that does not change with the clock alone."""

    state: RsvpState
    mode: Mode | None
    party: Party
    position: int | None
    offered_until: datetime | None
    asked_again: bool
    event: tuple[EventState, datetime, datetime, Mode, str]


async def shown(session: Session, event_id: int) -> dict[int, Shown]:
    """What the cards of each party have to say now, by the invitation's id."""
    event = await session.get_one(Event, event_id)
    parties = (await session.scalars(select(Invitation).where(Invitation.event_id == event_id))).all()
    line = sorted(
        (party for party in parties if party.queue_key is not None), key=lambda party: party.queue_key or 0
    )
    about = (event.state, event.starts_at, event.ends_at, event.mode, event.venue)
    return {
        party.id: Shown(
            party.state,
            party.mode,
            party_of(party),
            [each.id for each in line if each.mode is party.mode].index(party.id) + 1
            if party in line
            else None,
            party.offer_expires_at,
            party.asked_again_at is not None,
            about,
        )
        for party in parties
    }
