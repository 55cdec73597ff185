"""An event's parties with their households and carers: all of them, one state's, one page of them, one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select

from storage.attendance import Attendance, AttendanceState
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import chunks, is_called
from storage.rsvp import Invitation, RsvpState


@dataclass(frozen=True, slots=True)
class PartySearch:
    """Which parties. ``states`` empty: whatever they answered. ``words``: parts of a carer's name, or how a
    number begins. ``social_worker_id``: of that worker's households alone. ``only``: this one party."""

    states: Collection[RsvpState] = ()
    words: str = ""
    social_worker_id: int | None = None
    only: int | None = None


class PartyFound(NamedTuple):
    """``position``: its place among those who wait for the same mode, from 1; null where it does not wait."""

    invitation: Invitation
    household: Household
    position: int | None


def in_party() -> ColumnElement[bool]:
    """Whether a carer is in a party of their household. Who has left it answers for it no more; what was
    their own stays theirs."""
    theirs = or_(
        Invitation.carer_id == Carer.id, and_(Invitation.carer_id.is_(None), Carer.left_on.is_(None))
    )
    return and_(Invitation.household_id == Carer.household_id, theirs)


async def count_parties(session: Session, event_id: int, search: PartySearch) -> dict[RsvpState, int]:
    """How many there are in each state."""
    query = (
        select(Invitation.state, func.count())
        .join(Household, Household.id == Invitation.household_id)
        .where(*_wanted(event_id, search))
        .group_by(Invitation.state)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def parties_found(
    session: Session,
    event_id: int,
    search: PartySearch,
    *,
    offset: int = 0,
    count: int | None = None,
    of_each: int | None = None,
) -> Sequence[PartyFound]:
    """These parties by the name of their first carer, and last those who wait, in their order. ``count``: no
    more than so many, from ``offset`` on; ``of_each``: no more than so many of each answer."""
    waits = _waiting_list(event_id)
    order = (
        waits.c.position.is_not(None),
        waits.c.mode,
        waits.c.position,
        _first_name(),
        Household.ref,
        Invitation.id,
    )
    place = func.row_number().over(partition_by=Invitation.state, order_by=order)
    query = (
        select(Invitation, Household, waits.c.position)
        .join(Household, Household.id == Invitation.household_id)
        .outerjoin(waits, waits.c.id == Invitation.id)
        .where(*_wanted(event_id, search))
    )
    if of_each is not None:
        numbered = query.with_only_columns(Invitation.id, place.label("place")).subquery()
        query = query.join(numbered, numbered.c.id == Invitation.id).where(numbered.c.place <= of_each)
    rows = await session.execute(query.order_by(*order).offset(offset).limit(count))
    return [PartyFound(row[0], row[1], row[2]) for row in rows]


async def carers_of(session: Session, invitation_ids: Collection[int]) -> Mapping[int, list[Carer]]:
    """The carers in each of these parties, by the invitation's id, in the order of the register."""
    found: dict[int, list[Carer]] = {key: [] for key in invitation_ids}
    for some in chunks(invitation_ids):
        query = (
            select(Invitation.id, Carer)
            .join(Carer, in_party())
            .where(Invitation.id.in_(some))
            .order_by(Carer.id)
        )
        for invitation_id, carer in await session.execute(query):
            found[invitation_id].append(carer)
    return found


class Expected(NamedTuple):
    """A carer who may turn up at an event, or is noted already."""

    carer: Carer
    household_ref: str
    answer: RsvpState | None
    state: AttendanceState | None


async def expected_at(
    session: Session, event_id: int, states: Collection[RsvpState], search: PartySearch
) -> Sequence[Expected]:
    """The carers in a party that answered so, and all who are noted, whatever they answered."""
    noted = and_(Attendance.event_id == event_id, Attendance.carer_id == Carer.id)
    invited = and_(Invitation.event_id == event_id, in_party())
    facts = (Carer, Household.ref, Invitation.state, Attendance.state)
    asked = (
        select(*facts)
        .select_from(Invitation)
        .join(Carer, in_party())
        .join(Household, Household.id == Carer.household_id)
        .outerjoin(Attendance, noted)
        .where(Invitation.event_id == event_id, Invitation.state.in_(states), *_of_people(search))
    )
    came = (
        select(*facts)
        .select_from(Attendance)
        .join(Carer, Carer.id == Attendance.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .outerjoin(Invitation, invited)
        .where(Attendance.event_id == event_id, *_of_people(search))
    )
    rows = [row for query in (asked, came) for row in await session.execute(query)]
    return list({row[0].id: Expected._make(row) for row in rows}.values())


def _of_people(search: PartySearch) -> list[ColumnElement[bool]]:
    own = search.social_worker_id
    wanted = [] if own is None else [Household.social_worker_id == own]
    return [*wanted, *(or_(is_called(word), _has_number(word)) for word in search.words.split())]


def _wanted(event_id: int, search: PartySearch) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Invitation.event_id == event_id]
    if search.only is not None:
        wanted.append(Invitation.id == search.only)
    if search.states:
        wanted.append(Invitation.state.in_(search.states))
    if search.social_worker_id is not None:
        wanted.append(Household.social_worker_id == search.social_worker_id)
    for word in search.words.split():
        called = exists().where(in_party(), is_called(word))
        wanted.append(or_(called, _has_number(word)))
    return wanted


def _has_number(word: str) -> ColumnElement[bool]:
    return Household.ref.istartswith(word, autoescape=True)


def _first_name() -> ColumnElement[str]:
    """What the first carer of the party is called, for the order of a list."""
    name = Carer.first_name + " " + Carer.last_name
    query = select(func.lower(name)).where(in_party()).order_by(Carer.id).limit(1)
    return query.correlate(Invitation).scalar_subquery()


def _waiting_list(event_id: int) -> Subquery:
    """Each waiting party's place in the list for its mode, from 1."""
    order = (case((Invitation.queue_key.is_(None), 0), else_=Invitation.queue_key), Invitation.id)
    place = func.row_number().over(partition_by=Invitation.mode, order_by=order)
    return (
        select(Invitation.id, Invitation.mode, place.label("position"))
        .where(
            Invitation.event_id == event_id,
            Invitation.state == RsvpState.WAITLISTED,
            Invitation.mode.is_not(None),
        )
        .subquery()
    )
