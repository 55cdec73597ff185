"""How a fair ballot falls: pure arithmetic that anybody can do again from a record of it.

Each party gets a number between 0 and 1 from the seed by SHA-256, and a weight from what its household had
and missed in the twelve months before. The parties are put in order by -ln(number) / weight, smallest first:
then the chance to come first is in proportion to the weight, and so it is again among those who are left
(Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006). In that order each party gets its
places if all of them are still there: no party is ever split.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import log

from storage.events import Mode

_DIGITS = 9
_NUMBERS = 0x1000000000
"""As many hexadecimal digits as a spreadsheet turns into a number without taking it for a negative one."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What one party brings to a draw. ``party`` is its name in the record: ``h12`` or ``c7``."""

    party: str
    seats: int
    received: int = 0
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """A lot in the order drawn, from 1. ``left``: the places there still were then, null for no limit."""

    lot: Lot
    number: int
    left: int | None
    won: bool

    @property
    def too_large(self) -> bool:
        """There were places left, but not enough for all of the party."""
        return not self.won and bool(self.left)


def seed_of(secret: str, number: int) -> str:
    """What one draw is made of: nobody who has seen the seed of a draw knows that of the next."""
    return sha256(f"{secret}:{number}".encode()).hexdigest()[:32]


def fingerprint(seed: str) -> str:
    """What may be shown before a draw: the SHA-256 of its seed, with which the seed is checked afterwards."""
    return sha256(seed.encode()).hexdigest()


def weight(received: int, losses: int) -> Fraction:
    """The share of chance of a household: more for each ballot lost, less for each that gave it places."""
    return Fraction(1 + losses, 1 + received)


def chance(seed: str, number: int, mode: Mode, party: str) -> float:
    """The party's number in a draw, above 0 and below 1: from the first nine hexadecimal digits of the
    SHA-256 of ``seed:number:mode:party``."""
    digest = sha256(f"{seed}:{number}:{mode.value}:{party}".encode()).hexdigest()
    return (int(digest[:_DIGITS], 16) + 0.5) / _NUMBERS


def key(number: float, share: Fraction) -> float:
    """What the parties are put in order by, smallest first."""
    return -log(number) / float(share)


def draw(seed: str, number: int, mode: Mode, places: int | None, lots: Sequence[Lot]) -> list[Turn]:
    """The lots in the order drawn, each with what became of it. ``places`` null: no limit.

    The order in which the lots are given does not matter. Two equal keys are told apart by the party.
    """

    def rank(lot: Lot) -> tuple[float, str]:
        share = weight(lot.received, lot.losses)
        return key(chance(seed, number, mode, lot.party), share), lot.party

    turns, left = [], places
    for turn, lot in enumerate(sorted(lots, key=rank), 1):
        won = left is None or lot.seats <= left
        turns.append(Turn(lot, turn, left, won))
        if won and left is not None:
            left -= lot.seats
    return turns
