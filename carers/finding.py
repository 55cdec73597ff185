"""Search across the console: what somebody typed, looked for among all that a role may see."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from carers.people import StaffMember
from carers.roles import Action, may, own_households_of
from storage import search_queries as queries
from storage.engine import Session
from storage.search_queries import Hit, Hits, Part, Wanted, says

SHORTEST = 2
LONGEST = 100
MOST_WORDS = 8
_LEAST_DIGITS = 5
_DIALLED = re.compile(r"[\d\s()+./-]+")

Search = Callable[[Session, Wanted, Part], Awaitable[Hits]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that can be found, and what one must be allowed to find it."""

    name: str
    action: Action
    search: Search


KINDS = {
    kind.name: kind
    for kind in (
        Kind("carers", Action.SEE_CARERS, queries.find_carers),
        Kind("households", Action.SEE_HOUSEHOLDS, queries.find_households),
        Kind("constellations", Action.SEE_HOUSEHOLDS, queries.find_constellations),
        Kind("events", Action.SEE_EVENTS, queries.find_events),
        Kind("series", Action.SEE_EVENTS, queries.find_series),
        Kind("templates", Action.PLAN_EVENTS, queries.find_templates),
        Kind("broadcasts", Action.WRITE_BROADCASTS, queries.find_broadcasts),
        Kind("audiences", Action.SEE_AUDIENCES, queries.find_audiences),
        Kind("groups", Action.SEE_GROUPS, queries.find_groups),
        Kind("surveys", Action.SEE_SURVEYS, queries.find_rounds),
        Kind("actions", Action.SEE_ACTIONS, queries.find_actions),
        Kind("staff", Action.MANAGE_STAFF, queries.find_staff),
    )
}
"""In the order in which they are shown."""


def read(text: str, staff: StaffMember, now: datetime, zone: ZoneInfo) -> Wanted | None:
    """What is looked for; None where too little was typed to find anything by.

    Digits that make a phone number are looked for as one too, with its leading zero or country's code taken
    off: ``07700 900123`` finds ``+44 7700 900123``.
    """
    words = tuple(dict.fromkeys(text[:LONGEST].split()))[:MOST_WORDS]
    if len("".join(words)) < SHORTEST:
        return None
    return Wanted(words, _phone(text), now.astimezone(zone).date(), now, own_households_of(staff))


def _phone(text: str) -> str:
    if not _DIALLED.fullmatch(text):
        return ""
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    return re.sub(r"^(0044|44(?=\d{10})|0)", "", digits) if len(digits) >= _LEAST_DIGITS else ""


async def find(
    session: Session, kind: Kind, wanted: Wanted, staff: StaffMember, part: Part | None = None
) -> Hits:
    """What there is of this kind, as far as this person may see it."""
    if not may(staff, kind.action):
        return Hits((), 0)
    return await kind.search(session, wanted, part or Part())


async def people(
    session: Session, text: str, staff: StaffMember, now: datetime, zone: ZoneInfo, most: int
) -> tuple[Sequence[Hit], Sequence[Hit]]:
    """Who fosters here and is called so, and the households of those and with such a number, by their carers:
    no more than ``most`` of each."""
    wanted = read(text, staff, now, zone)
    if wanted is None:
        return (), ()
    part = Part(count=most)
    carers = (await find(session, KINDS["carers"], wanted, staff, part)).lines
    homes = (await find(session, KINDS["households"], wanted, staff, part)).lines
    there = [one for one in carers if not one.state]
    refs = {one.home_id: one.home for one in there if one.home_id is not None}
    refs |= {one.id: one.ref for one in homes if not one.state}
    names = await queries.names_in(session, list(refs))
    found = [Hit(id, names.get(id, ""), ref) for id, ref in refs.items()]
    return there, found[:most]


__all__ = [
    "KINDS",
    "LONGEST",
    "SHORTEST",
    "Hit",
    "Hits",
    "Kind",
    "Part",
    "Wanted",
    "find",
    "people",
    "read",
    "says",
]
