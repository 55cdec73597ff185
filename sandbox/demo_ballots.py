"""Draws of the demo's past, made by the product's own rule, so that each can be checked in the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from events.ballot import REMEMBERS
from events.choices import closes_at
from events.lots import Lot, Turn, draw, seed_of
from storage.ballot import Draw, DrawEntry
from storage.bulk import insert_rows
from storage.engine import Session
from storage.events import Event, Mode

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """One draw that was made; ``homes`` by party."""

    event: Event
    at: datetime
    turns: Sequence[Turn]
    homes: Mapping[str, int]

    def homes_that(self, *, won: bool) -> set[int]:
        return {self.homes[turn.lot.party] for turn in self.turns if turn.won is won}


@dataclass(slots=True)
class Ballots:
    """The draws so far, in the order of their time."""

    random: Random
    past: list[Past] = field(default_factory=list)

    def draw(self, event: Event, entered: Sequence[Row]) -> set[str]:
        """Draw an event whose entries have closed; the parties that got their places."""
        at = closes_at(event)
        event.ballot_seed, event.drawn_at = f"{self.random.getrandbits(128):032x}", at
        lots = [self._lot(row, at) for row in entered]
        turns = draw(seed_of(event.ballot_seed, 1), 1, Mode.IN_PERSON, event.capacity, lots)
        self.past.append(Past(event, at, turns, {row["party"]: row["household_id"] for row in entered}))
        return {turn.lot.party for turn in turns if turn.won}

    def _lot(self, row: Row, at: datetime) -> Lot:
        """What a household had and missed in the year before, latest first."""
        received = losses = 0
        for past in reversed([past for past in self.past if past.at > at - REMEMBERS]):
            if row["household_id"] in past.homes_that(won=True):
                received += 1
            elif not received and row["household_id"] in past.homes_that(won=False):
                losses += 1
        return Lot(row["party"], _people(row), received, losses)


async def write_draws(session: Session, ballots: Ballots, invitations: Mapping[tuple[int, str], int]) -> None:
    """Write the draws with their entries; ``invitations``: the id by event and party."""
    for past in ballots.past:
        drawn = Draw(
            event_id=past.event.id,
            mode=Mode.IN_PERSON,
            number=1,
            seed=seed_of(past.event.ballot_seed or "", 1),
            places=past.event.capacity,
            drawn_at=past.at,
        )
        session.add(drawn)
        await session.flush()
        entries = [
            {
                "draw_id": drawn.id,
                "invitation_id": invitations[past.event.id, turn.lot.party],
                "household_id": past.homes[turn.lot.party],
                "turn": turn.number,
                "seats": turn.lot.seats,
                "received": turn.lot.received,
                "losses": turn.lot.losses,
                "won": turn.won,
            }
            for turn in past.turns
        ]
        await insert_rows(session, DrawEntry, entries)


def _people(row: Row) -> int:
    bands = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")
    return sum(int(row[band]) for band in bands)
