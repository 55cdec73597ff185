"""Scarce tickets by fair ballot: drawing when entries close, and drawing again what comes back.

The rule is in `events.lots`; here it meets the database. Whoever draws locks the event first, so that two
processes make one draw. A draw, its record, the offers and what the others are told are one transaction: a
crash leaves all of it or nothing, and the next tick draws then. Every draw can be made again from its record.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from carers.audit import record
from carers.people import StaffMember
from events.ballot_record import DrawPage, EntryLine, Explained, draws_of, explain, verify
from events.choices import closes_at
from events.holds import LONDON, STAFF_DECIDE, held_until
from events.lots import Lot, Turn, chance, draw, fingerprint, seed_of, weight
from storage.ballot_queries import (
    Entrant,
    entrants,
    last_draw_number,
    members_drawn,
    note_losers,
    offer_to_winners,
    past_ballots,
    record_draw,
    undrawn_ballots,
)
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, new_ballot_seed
from storage.events_queries import lock_event, places_left, take_places
from storage.rsvp import RsvpState

REMEMBERS = timedelta(days=365)
"""How far back from a draw the weights look."""


class Drawn(StrEnum):
    """What became of staff's wish to draw. All but the first changed nothing."""

    DRAWN = "drawn"
    NOT_YET = "not_yet"
    """Entries are still open."""
    ALREADY = "already"
    NO_BALLOT = "no_ballot"
    """No such event, it has no ballot, is not on, or has begun."""


def seed_fingerprint(event: Event) -> str:
    """The fingerprint of the seed of the first draw; empty for an event of old, which has none before it."""
    return fingerprint(seed_of(event.ballot_seed, 1)) if event.ballot_seed else ""


async def any_to_draw(session: Session, now: datetime) -> bool:
    """Whether entries have closed somewhere and nobody has drawn: a look, before anything is locked."""
    return any(closes_at(event) <= now for event in await undrawn_ballots(session, now))


async def draw_due(session: Session, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Draw every ballot whose entries have closed; returns how many were drawn."""
    drawn = 0
    for due in await undrawn_ballots(session, now):
        if closes_at(due) > now:
            continue
        event = await lock_event(session, due.id)
        if event is not None and _may_draw(event, now) is Drawn.DRAWN:
            await _draw_first(session, event, None, now, zone)
            drawn += 1
    return drawn


async def draw_now(
    session: Session, event_id: int, by: StaffMember, now: datetime, zone: ZoneInfo = LONDON
) -> Drawn:
    """Staff draw a ballot whose entries have closed, and need not wait for the clock."""
    event = await lock_event(session, event_id)
    if event is None:
        return Drawn.NO_BALLOT
    may = _may_draw(event, now)
    if may is Drawn.DRAWN:
        await _draw_first(session, event, by, now, zone)
        await record(session, now, by, "ballot.draw", f"event:{event.ref}")
    return may


async def redraw(session: Session, event: Event, now: datetime, zone: ZoneInfo = LONDON) -> int:
    """Draw what is free again among those who lost; returns how many parties are offered places.

    Of an event that is locked. Nothing happens before the first draw, inside the last two hours, when staff
    decide, and where no party fits into what is free: then nothing is recorded either.
    """
    if event.drawn_at is None or event.state is not EventState.INVITED:
        return 0
    until = held_until(now, event.starts_at, zone)
    if until is None:
        return 0
    offers = 0
    for mode in (Mode.IN_PERSON, Mode.ONLINE):
        left = places_left(event, mode)
        if left == 0:
            continue
        parties = await entrants(session, event, mode, RsvpState.BALLOT_LOST, now.astimezone(zone).date())
        if any(left is None or party.seats <= left for party in parties):
            offers += await _draw(session, event, mode, parties, None, now, until, first=False)
    return offers


def _may_draw(event: Event, now: datetime) -> Drawn:
    if event.allocation is not Allocation.BALLOT or event.state is not EventState.INVITED:
        return Drawn.NO_BALLOT
    if event.drawn_at is not None:
        return Drawn.ALREADY
    if event.starts_at <= now:
        return Drawn.NO_BALLOT
    return Drawn.DRAWN if closes_at(event) <= now else Drawn.NOT_YET


async def _draw_first(
    session: Session, event: Event, by: StaffMember | None, now: datetime, zone: ZoneInfo
) -> None:
    """A draw that comes so late that no offer can be held keeps the places until the start."""
    event.drawn_at = now
    event.ballot_seed = event.ballot_seed or new_ballot_seed()
    until = held_until(now, event.starts_at, zone) or event.starts_at
    for mode in (Mode.IN_PERSON, Mode.ONLINE):
        parties = await entrants(session, event, mode, RsvpState.BALLOT_ENTERED, now.astimezone(zone).date())
        if parties:
            await _draw(session, event, mode, parties, by, now, until, first=True)
    await session.flush()


async def _draw(
    session: Session,
    event: Event,
    mode: Mode,
    parties: Sequence[Entrant],
    by: StaffMember | None,
    now: datetime,
    until: datetime,
    *,
    first: bool,
) -> int:
    """Draw, write the record, offer the places; returns how many parties are offered theirs."""
    event.ballot_seed = event.ballot_seed or new_ballot_seed()
    number = await last_draw_number(session, event.id, mode) + 1
    seed, places = seed_of(event.ballot_seed, number), places_left(event, mode)
    by_party = {party.party: party for party in parties}
    turns = draw(seed, number, mode, places, await _lots(session, event, parties, now))
    won = [turn for turn in turns if turn.won]
    if not await take_places(session, event, mode, sum(turn.lot.seats for turn in won)):
        raise RuntimeError("a draw gave more places than there are")  # the event is locked: this cannot be
    values = {"event_id": event.id, "mode": mode, "number": number, "seed": seed}
    values |= {"places": places, "drawn_at": now, "drawn_by_id": by.id if by else None}
    draw_id = await record_draw(session, values, [_entry(turn, by_party[turn.lot.party]) for turn in turns])
    await offer_to_winners(session, draw_id, now, until)
    await note_losers(session, draw_id)
    about = f"event:{event.id}:draw:{mode.value}:{number}"
    await _tell(session, event, "offer", about, draw_id, now, until)
    if first:  # who loses a redraw has been told that they lost
        await _tell(session, event, "ballot_lost", about, draw_id, now, event.starts_at)
    return len(won)


async def _lots(session: Session, event: Event, parties: Sequence[Entrant], now: datetime) -> list[Lot]:
    """What each party brings: how often its household had places in a year, and lost since it last had."""
    received: Counter[int] = Counter()
    losses: Counter[int] = Counter()
    for past in await past_ballots(session, now - REMEMBERS, now, STAFF_DECIDE, event.id):  # latest first
        losses.update(past.lost - received.keys())
        received.update(past.had)
    return [
        Lot(party.party, party.seats, received[party.household_id], losses[party.household_id])
        for party in parties
    ]


def _entry(turn: Turn, party: Entrant) -> dict[str, object]:
    return {
        "invitation_id": party.invitation_id,
        "household_id": party.household_id,
        "turn": turn.number,
        "seats": turn.lot.seats,
        "received": turn.lot.received,
        "losses": turn.lot.losses,
        "won": turn.won,
    }


async def _tell(
    session: Session, event: Event, kind: str, about: str, draw_id: int, now: datetime, send_by: datetime
) -> None:
    members = await members_drawn(session, draw_id, won=kind == "offer")
    people = [Recipient(member.carer_id, invitation_id=member.invitation_id) for member in members]
    await queue_notice(session, kind, people, about=about, now=now, send_by=send_by, event_id=event.id)


__all__ = [
    "DrawPage",
    "Drawn",
    "EntryLine",
    "Explained",
    "any_to_draw",
    "chance",
    "closes_at",
    "draw_due",
    "draw_now",
    "draws_of",
    "explain",
    "redraw",
    "seed_fingerprint",
    "verify",
    "weight",
]
