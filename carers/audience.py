"""Whom an event, a broadcast or a survey is for.

An audience is ``all``, the name of a group, ``constellation`` (every household in a Mockingbird
constellation), ``constellation:NAME`` (one of them) or ``saved:NAME`` (the rules that staff saved under this
name). A group of that very name comes first. Who is in it is found anew each time that something is sent.
Only who fosters on that day is ever in an audience; both carers of a household are, unless a rule says
otherwise.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from carers.audience_matching import conditions_of
from carers.audience_rules import rules_from_json
from storage.audience_conditions import is_carer
from storage.audience_queries import audience_named, saved_names
from storage.engine import Session
from storage.households import Carer
from storage.households_queries import (
    Condition,
    all_groups,
    count_current,
    count_current_by_constellation,
    count_current_by_group,
    count_everyone,
    current_carer_ids,
    current_carers,
    current_constellations,
    group_named,
    in_constellation,
    in_group,
)

EVERYONE = "all"
CONSTELLATION = "constellation"
SAVED = "saved"
_JOINS = re.compile(r"(?<!\d)[-_]|[-_](?!\d)")


@dataclass(frozen=True, slots=True)
class Reach:
    """How many an audience has, and how many of them have connected a chat."""

    carers: int
    households: int
    linked: int


class Size(NamedTuple):
    """How many an audience has, in a list of many of them; as in `Reach`."""

    carers: int
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


async def audience_sizes(session: Session, audiences: Collection[str], today: date) -> dict[str, Size]:
    """How many each of these has. A service may have a thousand constellations: all groups are counted in one
    question, and so are all constellations; in any of them is who is in one of them."""
    groups = await count_current_by_group(session, today)
    constellations = await count_current_by_constellation(session, today)
    named = {group.name for group in await all_groups(session)}
    sizes: dict[str, Size] = {}
    for audience in audiences:
        kind, _, name = audience.partition(":")
        if audience in named and audience != EVERYONE:
            sizes[audience] = Size(*groups.get(audience, (0, 0)))
        elif audience == EVERYONE:
            sizes[audience] = Size(*await count_everyone(session, today))
        elif kind == CONSTELLATION and name:
            sizes[audience] = Size(*constellations.get(name, (0, 0)))
        elif kind == CONSTELLATION:
            counts = constellations.values()
            sizes[audience] = Size(sum(carers for carers, _ in counts), sum(linked for _, linked in counts))
        else:
            reach = await audience_reach(session, audience, today)
            sizes[audience] = Size(reach.carers, reach.linked)
    return sizes


async def audience_exists(session: Session, audience: str, today: date) -> bool:
    """Whether the audience is one that `audience_names` lists; it may still have nobody today."""
    return audience in await audience_names(session, today)


async def audience_names(session: Session, today: date) -> list[str]:
    """Every audience there is, ``all`` first, then the groups, what was saved, then the constellations."""
    groups = [group.name for group in await all_groups(session)]
    saved = [f"{SAVED}:{name}" for name in await saved_names(session)]
    constellations = [f"{CONSTELLATION}:{name}" for name in await current_constellations(session, today)]
    return list(dict.fromkeys([EVERYONE, *groups, *saved, CONSTELLATION, *constellations]))


async def unchanged_since(session: Session, audience: str, moment: datetime) -> bool:
    """Whether the audience means today what it meant then: rules that staff saved may have been changed. Who
    fits it may be others all the same."""
    kind, _, name = audience.partition(":")
    saved = await audience_named(session, name) if kind == SAVED else None
    return saved is None or saved.changed_at <= moment


def group_words(name: str) -> str:
    """A group's name as people say it: ``with-children-8-16`` is "With children 8-16"."""
    words = name if " " in name else _JOINS.sub(" ", name)
    return words[:1].upper() + words[1:]


def audience_words(audience: str) -> str:
    """``all`` is "Everyone", ``constellation:Oak`` is "Constellation Oak", a group is called by its words and
    what was saved by its name."""
    kind, _, name = audience.partition(":")
    if kind == SAVED and name:
        return name
    if kind == CONSTELLATION:
        return f"Constellation {name}" if name else "Every constellation"
    return "Everyone" if audience == EVERYONE else group_words(audience)


def audience_meant(said: str, names: Sequence[str]) -> str | None:
    """Which of these audiences somebody means who writes its name, or what it is called by, in any case."""
    meant = said.strip().casefold()
    for called in (str.casefold, lambda name: audience_words(name).casefold()):
        found = next((name for name in names if called(name) == meant), None)
        if found is not None:
            return found
    return None


async def saved_with(session: Session, carer: Carer, audiences: Collection[str], today: date) -> set[str]:
    """Those of these audiences that are saved ones and have this carer in them on this local day."""
    saved = {name for name in audiences if name.startswith(f"{SAVED}:")}
    found = set()
    for name in saved:
        conditions = await audience_conditions(session, name, today)
        if conditions is not None and await current_carer_ids(
            session, today, is_carer(carer.id), *conditions
        ):
            found.add(name)
    return found


async def audience_conditions(session: Session, audience: str, today: date) -> list[Condition] | None:
    """What a current carer must fulfil to be in this audience; None for an audience that does not exist.

    For set-based work in storage, which no list of people has to pass through. ``today`` is the service's
    local date: rules over time are reckoned from it.
    """
    if audience == EVERYONE:
        return []
    group = await group_named(session, audience)
    if group is not None:
        return [in_group(group.id)]
    kind, _, name = audience.partition(":")
    if kind == SAVED:
        saved = await audience_named(session, name)
        rules = rules_from_json(saved.include, saved.exclude) if saved else None
        return None if rules is None else await conditions_of(session, rules, today)
    return [in_constellation(name or None)] if kind == CONSTELLATION else None
