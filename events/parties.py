"""The parties of an event as staff see them: who they are, what they answered, where they wait, who came.

An event may be for every household of a nation: nobody needs all of its parties at once but a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.attendance import AttendanceState
from storage.engine import Session
from storage.events import Event, Mode
from storage.events_queries import lock_event
from storage.households import Carer
from storage.rsvp import RsvpState
from storage.rsvp_noted import answers_noted
from storage.rsvp_parties import (
    PartyFound,
    PartySearch,
    carers_of,
    count_parties,
    expected_at,
    parties_found,
)

EVERY_PARTY = PartySearch()
EXPECTED = (RsvpState.GOING, RsvpState.MAYBE, RsvpState.OFFERED, RsvpState.WAITLISTED)
"""The answers of those who may turn up."""


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One party. ``needs`` is null unless the reader may see it. ``carers``: id and name of each.

    ``position``: its place among those who wait for the same mode, from 1. ``noted_by``: the member of staff
    who noted the answer that stands, of a party that phoned or wrote.
    """

    invitation_id: int
    household_ref: str
    carers: tuple[tuple[int, str], ...]
    state: RsvpState
    mode: Mode | None
    adults: int
    children_0_4: int
    children_5_10: int
    children_11_15: int
    children_16_up: int
    answered_at: datetime | None
    answered_by: str | None
    noted_by: str | None
    needs: str | None
    position: int | None
    passed_over: int
    waiting_since: datetime | None
    offer_expires_at: datetime | None
    asked_again: bool

    @property
    def names(self) -> str:
        return " and ".join(name for _, name in self.carers)

    @property
    def children(self) -> int:
        return self.children_0_4 + self.children_5_10 + self.children_11_15 + self.children_16_up


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One carer who was expected or came. ``state`` null: nothing is noted yet."""

    carer_id: int
    carer_ref: str
    name: str
    household_ref: str
    answer: RsvpState | None
    state: AttendanceState | None


async def hold_parties(session: Session, event_id: int) -> None:
    """Nobody else changes an answer, a place in line or a tick of this event before this transaction has
    ended: for whoever compares what is there now with what somebody had seen, and changes it then."""
    await lock_event(session, event_id)


async def parties_of(
    session: Session,
    event_id: int,
    search: PartySearch = EVERY_PARTY,
    *,
    with_needs: bool = False,
    offset: int = 0,
    count: int | None = None,
    of_each: int | None = None,
) -> list[PartyRow]:
    """The parties looked for, by name, and last those who wait, in their order. ``with_needs`` only for the
    organiser. ``count``: no more than so many, from ``offset`` on; ``of_each``: no more of each answer."""
    event = await session.get(Event, event_id)
    if event is None:
        return []
    found = await parties_found(session, event_id, search, offset=offset, count=count, of_each=of_each)
    carers = await carers_of(session, [one.invitation.id for one in found])
    noted = await answers_noted(session, event.ref)
    return [_party_row(one, carers[one.invitation.id], noted, with_needs) for one in found]


async def party_of(
    session: Session,
    event_id: int,
    invitation_id: int,
    *,
    with_needs: bool = False,
    social_worker_id: int | None = None,
) -> PartyRow | None:
    """One party of the event; null where there is none, or it is not one of that worker's households."""
    search = PartySearch(only=invitation_id, social_worker_id=social_worker_id)
    found = await parties_of(session, event_id, search, with_needs=with_needs)
    return found[0] if found else None


async def attendance_list(
    session: Session, event_id: int, *, social_worker_id: int | None = None, words: str = ""
) -> list[AttendanceRow]:
    """The carers who said that they might come, and all who are noted already, by name. ``words``: parts of
    their names or how a number begins."""
    search = PartySearch(words=words, social_worker_id=social_worker_id)
    found = await expected_at(session, event_id, EXPECTED, search)
    rows = [
        AttendanceRow(one.carer.id, one.carer.ref, _name(one.carer), one.household_ref, one.answer, one.state)
        for one in found
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.carer_ref))


def _party_row(
    found: PartyFound,
    carers: Sequence[Carer],
    noted: Mapping[tuple[str, datetime], str],
    with_needs: bool,
) -> PartyRow:
    invitation = found.invitation
    names = {carer.id: _name(carer) for carer in carers}
    answered = invitation.answered_at
    return PartyRow(
        invitation_id=invitation.id,
        household_ref=found.household.ref,
        carers=tuple(names.items()),
        state=invitation.state,
        mode=invitation.mode,
        adults=invitation.adults,
        children_0_4=invitation.children_0_4,
        children_5_10=invitation.children_5_10,
        children_11_15=invitation.children_11_15,
        children_16_up=invitation.children_16_up,
        answered_at=answered,
        answered_by=names.get(invitation.answered_by_id or 0),
        noted_by=noted.get((invitation.party, answered)) if answered else None,
        needs=invitation.needs if with_needs else None,
        position=found.position,
        passed_over=invitation.passed_over,
        waiting_since=invitation.waiting_since,
        offer_expires_at=invitation.offer_expires_at,
        asked_again=invitation.asked_again_at is not None,
    )


def _name(carer: Carer) -> str:
    """What staff call a carer: the ref of one whose name is not kept."""
    return f"{carer.first_name} {carer.last_name}".strip() or carer.ref


__all__ = [
    "EXPECTED",
    "AttendanceRow",
    "AttendanceState",
    "PartyRow",
    "PartySearch",
    "RsvpState",
    "attendance_list",
    "count_parties",
    "hold_parties",
    "parties_of",
    "party_of",
]
