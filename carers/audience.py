"""Whom an event, a broadcast or a survey is for.

An audience is ``all``, the name of a group, ``constellation`` (every household in a Mockingbird
constellation) or ``constellation:NAME`` (one of them). A group of that very name comes first. Only carers
whose household's approval is current are ever in an audience; both carers of a household are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from storage.engine import Session
from storage.households import Carer
from storage.households_queries import (
    Condition,
    all_groups,
    count_current,
    current_carer_ids,
    current_carers,
    current_constellations,
    group_named,
    in_constellation,
    in_group,
)

EVERYONE = "all"
CONSTELLATION = "constellation"
_JOINS = re.compile(r"(?<!\d)[-_]|[-_](?!\d)")


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
    conditions = await audience_conditions(session, audience, today)
    return [] if conditions is None else await current_carers(session, today, *conditions)


async def audience_ids(session: Session, audience: str, today: date) -> Sequence[tuple[int, int]]:
    """(carer's id, household's id) of the same carers in the same order, without loading them."""
    conditions = await audience_conditions(session, audience, today)
    return [] if conditions is None else await current_carer_ids(session, today, *conditions)


async def audience_reach(session: Session, audience: str, today: date) -> Reach:
    """Count an audience before something is sent to it."""
    conditions = await audience_conditions(session, audience, today)
    return Reach(0, 0, 0) if conditions is None else Reach(*await count_current(session, today, *conditions))


async def audience_exists(session: Session, audience: str, today: date) -> bool:
    """Whether the audience is one that `audience_names` lists; it may still have nobody today."""
    return audience in await audience_names(session, today)


async def audience_names(session: Session, today: date) -> list[str]:
    """Every audience there is, ``all`` first, then the groups, then the constellations."""
    groups = [group.name for group in await all_groups(session)]
    constellations = [f"{CONSTELLATION}:{name}" for name in await current_constellations(session, today)]
    return list(dict.fromkeys([EVERYONE, *groups, CONSTELLATION, *constellations]))


def group_words(name: str) -> str:
    """A group's name as people say it: ``with-children-8-16`` is "With children 8-16"."""
    words = name if " " in name else _JOINS.sub(" ", name)
    return words[:1].upper() + words[1:]


def audience_words(audience: str) -> str:
    """``all`` is "Everyone", ``constellation:Oak`` is "Constellation Oak", a group is called by its words."""
    kind, _, name = audience.partition(":")
    if kind == CONSTELLATION:
        return f"Constellation {name}" if name else "Every constellation"
    return "Everyone" if audience == EVERYONE else group_words(audience)


async def audience_conditions(session: Session, audience: str, today: date) -> list[Condition] | None:
    """What a current carer must fulfil to be in this audience; None for an audience that does not exist.

    ``today`` is the service's local date: rules over time are reckoned from it.

    For set-based work in storage, which no list of people has to pass through.
    """
    if audience == EVERYONE:
        return []
    group = await group_named(session, audience)
    if group is not None:
        return [in_group(group.id)]
    kind, _, name = audience.partition(":")
    return [in_constellation(name or None)] if kind == CONSTELLATION else None
