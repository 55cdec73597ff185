"""Mockingbird constellations: one hub and up to ten satellite households, and what is odd about one.

The one place that knows: an import, an edit and the page of constellations all ask here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from storage.engine import Session
from storage.household_queries import (
    ConstellationHome,
    constellation_homes,
    constellations_of,
    count_homes,
)
from storage.households import ConstellationRole
from storage.households_queries import constellation_households

MOST_SATELLITES = 10
"""Of a constellation, as the Mockingbird programme has it."""
PER_PAGE = 24


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that a constellation should not be. ``column``: of the register file, where it would be put
    right."""

    column: str
    text: str


def oddities(name: str, roles: Collection[ConstellationRole | None]) -> list[Oddity]:
    """What is odd about a constellation with households in these roles; nothing of an empty one."""
    held = list(roles)
    satellites, hubs = held.count(ConstellationRole.SATELLITE), held.count(ConstellationRole.HUB)
    found = []
    if satellites > MOST_SATELLITES:
        more = f"{name} has {satellites} satellites, more than {MOST_SATELLITES}"
        found.append(Oddity("constellation", more))
    if hubs > 1:
        found.append(Oddity("constellation_role", f"{name} has {hubs} hubs"))
    if held and not hubs:
        found.append(Oddity("constellation_role", f"{name} has no hub"))
    return found


async def oddities_of(session: Session, name: str, today: date) -> list[Oddity]:
    """What is odd about this constellation now."""
    placed = await constellation_households(session, today)
    return oddities(name, [role for found, role in placed.values() if found == name])


@dataclass(frozen=True, slots=True)
class Constellation:
    """One constellation and its current households. ``odd``: what to put right, in words."""

    name: str
    hubs: Sequence[ConstellationHome]
    satellites: Sequence[ConstellationHome]
    without_role: Sequence[ConstellationHome]
    odd: Sequence[str]


@dataclass(frozen=True, slots=True)
class Constellations:
    """One page of them, by name. ``households`` of ``of_all`` current households are in one."""

    found: Sequence[Constellation]
    households: int
    of_all: int
    page: int = 1
    pages: int = 1


async def list_constellations(
    session: Session, today: date, social_worker_id: int | None = None, page: int = 1, count: int = PER_PAGE
) -> Constellations:
    """The constellations on this local day, ``count`` to a page, pages from 1. With a social worker: those
    that a household of theirs is in, and of those their own households alone; what is odd is said of the
    whole."""
    numbers = await constellations_of(session, today, social_worker_id)
    pages = max(1, -(-len(numbers) // count))
    page = min(page, pages)
    names = list(numbers)[(page - 1) * count : page * count]
    by_name: dict[str, list[ConstellationHome]] = {name: [] for name in names}
    for home in await constellation_homes(session, today, names):
        by_name[home.constellation].append(home)
    found = [_constellation(name, members, social_worker_id) for name, members in by_name.items()]
    of_all = await count_homes(session, today, social_worker_id)
    return Constellations(found, sum(numbers.values()), of_all, page, pages)


def _constellation(
    name: str, members: Sequence[ConstellationHome], social_worker_id: int | None
) -> Constellation:
    seen = [one for one in members if social_worker_id in (None, one.social_worker_id)]

    def of(role: ConstellationRole | None) -> list[ConstellationHome]:
        return [one for one in seen if one.role is role]

    odd = [each.text for each in oddities(name, [one.role for one in members])]
    return Constellation(name, of(ConstellationRole.HUB), of(ConstellationRole.SATELLITE), of(None), odd)
