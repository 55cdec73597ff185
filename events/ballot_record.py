"""What is on record of a ballot's draws: all of it for staff, its own part for a household, and a check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from carers.people import Carer
from events.choices import belongs_to
from events.lots import Lot, chance, draw, seed_of, weight
from storage.ballot import Draw, DrawEntry
from storage.ballot_queries import (
    RecordedEntry,
    around_turn,
    draws_of_event,
    entries_of_draws,
    last_draw_with,
)
from storage.engine import Session
from storage.events import Event, Mode
from storage.rsvp import Invitation
from storage.rsvp_views import carers_of_households, households_by_id


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One party in a draw, in the order drawn. ``party`` is what its ``chance`` was made of."""

    turn: int
    names: str
    household_ref: str
    seats: int
    received: int
    losses: int
    weight: Fraction
    chance: float
    won: bool
    too_large: bool
    party: str


@dataclass(frozen=True, slots=True)
class DrawPage:
    """One draw. ``places`` null: no limit. ``drawn_by`` null: the clock drew."""

    id: int
    number: int
    mode: Mode
    seed: str
    places: int | None
    drawn_at: datetime
    drawn_by: str | None
    entries: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a party was drawn, or was not: the latest draw that it was in, and nothing about anybody else.

    ``entries``: how many parties were drawn. ``places``: null for no limit. ``last_turn``: the last turn that
    got places, null where none did. ``too_large``: places were left at its turn, but fewer than ``seats``.
    """

    number: int
    mode: Mode
    seed: str
    drawn_at: datetime
    entries: int
    places: int | None
    seats: int
    received: int
    losses: int
    weight: Fraction
    turn: int
    last_turn: int | None
    won: bool
    too_large: bool


async def explain(session: Session, invitation_id: int, carer: Carer) -> Explained | None:
    """The facts for this carer's party; null where it is not theirs or was in no draw."""
    invitation = await session.get(Invitation, invitation_id)
    if invitation is None or not belongs_to(invitation, carer):
        return None
    drawn = await last_draw_with(session, invitation_id)
    if drawn is None:
        return None
    mine = await session.get_one(DrawEntry, (drawn.id, invitation_id))
    around = await around_turn(session, drawn.id, mine.turn)
    left = None if drawn.places is None else drawn.places - around.given_before
    return Explained(
        number=drawn.number,
        mode=drawn.mode,
        seed=drawn.seed,
        drawn_at=drawn.drawn_at,
        entries=around.entries,
        places=drawn.places,
        seats=mine.seats,
        received=mine.received,
        losses=mine.losses,
        weight=weight(mine.received, mine.losses),
        turn=mine.turn,
        last_turn=around.last_turn,
        won=mine.won,
        too_large=not mine.won and bool(left),
    )


async def draws_of(session: Session, event_id: int) -> list[DrawPage]:
    """Every draw of an event, the first first. Names are of the carers of each party as they are now."""
    draws = await draws_of_event(session, event_id)
    by_draw: dict[int, list[RecordedEntry]] = {drawn.id: [] for drawn, _ in draws}
    for entry in await entries_of_draws(session, list(by_draw)):
        by_draw[entry.draw_id].append(entry)
    refs, names = await _who(session, [entry for rows in by_draw.values() for entry in rows])
    pages = []
    for drawn, drawn_by in draws:
        too_large = _too_large(drawn, by_draw[drawn.id])
        lines = tuple(
            EntryLine(
                turn=entry.turn,
                names=names[entry.party],
                household_ref=refs[entry.household_id],
                seats=entry.seats,
                received=entry.received,
                losses=entry.losses,
                weight=weight(entry.received, entry.losses),
                chance=chance(drawn.seed, drawn.number, drawn.mode, entry.party),
                won=entry.won,
                too_large=entry.turn in too_large,
                party=entry.party,
            )
            for entry in by_draw[drawn.id]
        )
        pages.append(
            DrawPage(
                id=drawn.id,
                number=drawn.number,
                mode=drawn.mode,
                seed=drawn.seed,
                places=drawn.places,
                drawn_at=drawn.drawn_at,
                drawn_by=drawn_by,
                entries=lines,
            )
        )
    return pages


async def verify(session: Session, draw_id: int) -> bool:
    """Draw again from the record, with the seed that was fixed with the event; true if all agrees."""
    drawn = await session.get(Draw, draw_id)
    if drawn is None:
        return False
    event = await session.get_one(Event, drawn.event_id)
    entries = await entries_of_draws(session, [draw_id])
    lots = [Lot(entry.party, entry.seats, entry.received, entry.losses) for entry in entries]
    again = draw(drawn.seed, drawn.number, drawn.mode, drawn.places, lots)
    came = [(entry.turn, entry.party, entry.won) for entry in entries]
    fixed = event.ballot_seed is not None and drawn.seed == seed_of(event.ballot_seed, drawn.number)
    return fixed and came == [(turn.number, turn.lot.party, turn.won) for turn in again]


def _too_large(drawn: Draw, entries: Sequence[RecordedEntry]) -> set[int]:
    """The turns at which places were left, but too few for all of the party."""
    found, left = set(), drawn.places
    for entry in entries:
        if left is None:
            break
        if entry.won:
            left -= entry.seats
        elif left > 0:
            found.add(entry.turn)
    return found


async def _who(session: Session, entries: Sequence[RecordedEntry]) -> tuple[dict[int, str], dict[str, str]]:
    """The refs of the households, and the names of the carers of each party."""
    ids = sorted({entry.household_id for entry in entries})
    refs = {key: household.ref for key, household in (await households_by_id(session, ids)).items()}
    names: dict[str, list[str]] = {entry.party: [] for entry in entries}
    for carer in await carers_of_households(session, ids):
        name = f"{carer.first_name} {carer.last_name}".strip() or carer.ref
        for party in (f"h{carer.household_id}", f"c{carer.id}"):
            if party in names:
                names[party].append(name)
    return refs, {party: " and ".join(people) for party, people in names.items()}
