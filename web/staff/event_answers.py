"""The parties of an event in the console: by answer, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import web

from carers.roles import Action
from events.parties import PartyRow, PartySearch, RsvpState, count_parties, parties_of, party_of
from events.views import EventPage
from web.staff.views import Look, Noted


class Answer(NamedTuple):
    """How the parties that gave an answer are headed. ``open``: unfolded from the start."""

    title: str
    open: bool


ANSWERS = {
    RsvpState.GOING: Answer("Going", True),
    RsvpState.OFFERED: Answer("Offered a place", True),
    RsvpState.BALLOT_ENTERED: Answer("In the draw", True),
    RsvpState.WAITLISTED: Answer("Waiting list", True),
    RsvpState.MAYBE: Answer("Maybe", True),
    RsvpState.BALLOT_LOST: Answer("Not drawn", False),
    RsvpState.NOT_GOING: Answer("Not going", False),
    RsvpState.INVITED: Answer("No answer yet", False),
    RsvpState.CANCELLED: Answer("Called off", False),
}
"""In the order of the page."""

LISTED = 100
"""So many of each the event's page lists; the rest have a page of their own."""


async def the_party(look: Look, event: EventPage) -> PartyRow:
    """The party of the address as this person may see it. Raises 404 where there is none, or it is not one
    of a social worker's own households."""
    found = await party_of(
        look.session,
        event.line.id,
        look.number("party"),
        with_needs=look.may(Action.SEE_NEEDS),
        social_worker_id=look.own_households,
    )
    if found is None:
        raise web.HTTPNotFound
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """The parties that gave one answer: how many, and the first of them. ``open``: unfolded at first."""

    state: RsvpState
    title: str
    open: bool
    number: int
    rows: Sequence[PartyRow]


async def groups_of(look: Look, event: EventPage) -> list[Group]:
    """The parties that this person may see, by answer; of very many the first, where they are unfolded at
    all, and a page of their own has them all."""
    event_id, own = event.line.id, look.own_households
    numbers = await count_parties(look.session, event_id, PartySearch(social_worker_id=own))
    listed = [state for state, n in numbers.items() if ANSWERS[state].open or n <= LISTED]
    rows: dict[RsvpState, list[PartyRow]] = {state: [] for state in ANSWERS}
    if listed:
        search, needs = PartySearch(states=listed, social_worker_id=own), look.may(Action.SEE_NEEDS)
        for row in await parties_of(look.session, event_id, search, with_needs=needs, of_each=LISTED):
            rows[row.state].append(row)
    return [
        Group(state, one.title, one.open, numbers[state], rows[state])
        for state, one in ANSWERS.items()
        if state in numbers
    ]


def needs_read(event: EventPage, groups: Sequence[Group]) -> Noted | None:
    needs = sum(row.needs is not None for group in groups for row in group.rows)
    return Noted("needs.read", f"event:{event.line.ref}", {"needs": needs}) if needs else None
