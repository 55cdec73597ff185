"""Whom an event, a broadcast or a survey is for.

An audience is ``all``, the name of a group, ``constellation`` (every household in a Mockingbird
constellation) or ``constellation:NAME`` (one of them). A group of that very name comes first. Only carers
whose household's approval is current are ever in an audience; both carers of a household are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from storage.engine import Session
from storage.households import Carer
from storage.households_queries import (
    all_groups,
    current_carers,
    current_constellations,
    group_named,
    in_constellation,
    in_group,
)

EVERYONE = "all"
CONSTELLATION = "constellation"


@dataclass(frozen=True, slots=True)
class Reach:
    """How many an audience has, and how many of them have connected a chat."""

    carers: int
    households: int
    linked: int


async def audience_carers(session: Session, audience: str, today: date) -> Sequence[Carer]:
    """The carers of an audience on this local day, households together, each carer's household loaded.

    An audience that does not exist has nobody.
    """
    if audience == EVERYONE:
        return await current_carers(session, today)
    group = await group_named(session, audience)
    if group is not None:
        return await current_carers(session, today, in_group(group.id))
    kind, _, name = audience.partition(":")
    if kind == CONSTELLATION:
        return await current_carers(session, today, in_constellation(name or None))
    return []


async def audience_exists(session: Session, audience: str, today: date) -> bool:
    """Whether the audience is one that `audience_names` lists; it may still have nobody today."""
    return audience in await audience_names(session, today)


async def audience_names(session: Session, today: date) -> list[str]:
    """Every audience there is, ``all`` first, then the groups, then the constellations."""
    groups = [group.name for group in await all_groups(session)]
    constellations = [f"{CONSTELLATION}:{name}" for name in await current_constellations(session, today)]
    return list(dict.fromkeys([EVERYONE, *groups, CONSTELLATION, *constellations]))


async def audience_reach(session: Session, audience: str, today: date) -> Reach:
    """Count an audience before something is sent to it."""
    carers = await audience_carers(session, audience, today)
    return Reach(
        carers=len(carers),
        households=len({carer.household_id for carer in carers}),
        linked=sum(carer.chat_id is not None for carer in carers),
    )
