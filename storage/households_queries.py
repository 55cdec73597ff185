"""Reading the register: carers of an audience, groups, constellations, and rows by their refs."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    case,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import contains_eager

from storage.deliveries import IS_WAITING, Delivery
from storage.engine import Session
from storage.households import Carer, Channel, ConstellationRole, Group, GroupMember, Household, OptOut
from storage.matching import has_letters
from storage.rows import insert_for
from storage.staff import StaffMember

CHUNK = 500
"""How many values one IN list may hold, well below the limit of either database."""

T = TypeVar("T")

Condition = ColumnElement[bool]
"""What a carer or their household must fulfil."""


def approved_on_day(today: date) -> Condition:
    """The approval of a household began on or before this local day and has not ended by it."""
    return and_(Household.approved_on <= today, or_(Household.ended_on.is_(None), Household.ended_on > today))


def not_left(today: date) -> Condition:
    """The carer has not left their household by this local day, whatever has become of its approval."""
    return or_(Carer.left_on.is_(None), Carer.left_on > today)


def still_a_carer(today: date) -> Condition:
    """The carer fosters here on this local day: their household is approved, and they have not left it.

    Not who was erased either: nothing of them is left to tell or to count by name.
    """
    return and_(approved_on_day(today), not_left(today), Carer.erased_at.is_(None))


def fosters_no_more(carer: Carer, household: Household, today: date) -> bool:
    """The same of one carer, where both rows are at hand: whether they have left by this local day, with
    their household or without it, or were erased."""
    ended = household.ended_on is not None and household.ended_on <= today
    left = carer.left_on is not None and carer.left_on <= today
    return ended or left or carer.erased_at is not None


async def locked_carers(session: Session, carer_ids: Collection[int]) -> list[Carer]:
    """These carers as they are now, in the order of their ids; nobody else changes them until the end."""
    found: list[Carer] = []
    ids = sorted(carer_ids)
    for start in range(0, len(ids), CHUNK):
        query = select(Carer).where(Carer.id.in_(ids[start : start + CHUNK])).order_by(Carer.id)
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        found.extend((await session.scalars(query)).all())
    return found


def is_called(word: str) -> Condition:
    """The word is part of a carer's name, whatever the accents, or the carer's number begins with it."""
    return or_(
        has_letters(word, Carer.first_name, Carer.last_name),
        Carer.ref.istartswith(word, autoescape=True),
    )


def is_found_by(word: str) -> Condition:
    """`is_called`, or the household's number begins with the word."""
    return or_(is_called(word), Household.ref.istartswith(word, autoescape=True))


def in_group(group_id: int) -> Condition:
    """The carer belongs to this group."""
    return Carer.id.in_(select(GroupMember.carer_id).where(GroupMember.group_id == group_id))


def in_constellation(name: str | None) -> Condition:
    """The carer's household is in this constellation, or in any."""
    return Household.constellation.is_not(None) if name is None else Household.constellation == name


async def current_carers(session: Session, today: date, *conditions: Condition) -> Sequence[Carer]:
    """Who fosters here on this day, with their households, in the order of the register."""
    query = (
        select(Carer)
        .join(Carer.household)
        .where(still_a_carer(today), *conditions)
        .options(contains_eager(Carer.household))
        .order_by(Carer.household_id, Carer.id)
    )
    return (await session.scalars(query)).all()


async def unlinked_carers(session: Session, today: date) -> Sequence[Carer]:
    """Current carers who have not connected a chat, by name."""
    carers = await current_carers(session, today, Carer.chat_id.is_(None))
    return sorted(
        carers, key=lambda carer: (carer.last_name.casefold(), carer.first_name.casefold(), carer.id)
    )


async def group_named(session: Session, name: str) -> Group | None:
    """The group of this exact name."""
    return (await session.scalars(select(Group).where(Group.name == name))).one_or_none()


async def all_groups(session: Session) -> Sequence[Group]:
    """Every group, by name."""
    return (await session.scalars(select(Group).order_by(Group.name))).all()


async def current_constellations(session: Session, today: date) -> Sequence[str]:
    """The names of the constellations that a current household is in."""
    query = (
        select(Household.constellation)
        .where(Household.constellation.is_not(None), approved_on_day(today))
        .distinct()
        .order_by(Household.constellation)
    )
    return [name for name in (await session.scalars(query)).all() if name]


async def count_current(session: Session, today: date, *conditions: Condition) -> tuple[int, int, int]:
    """(carers, households, carers with a chat) of all who foster here on this day."""
    query = (
        select(func.count(), func.count(Carer.household_id.distinct()), func.count(Carer.chat_id))
        .select_from(Carer)
        .join(Carer.household)
        .where(still_a_carer(today), *conditions)
    )
    carers, households, linked = (await session.execute(query)).one()
    return carers, households, linked


Counted = tuple[int, int]
"""(carers, carers with a chat). Not the households: to count them once each costs more than all the rest."""


def ids_of_not_current(today: date, *, nor_unlinked: bool = False) -> CompoundSelect[tuple[int]]:
    """The ids of all whom `still_a_carer` leaves out, and of who has no chat if they are not to count either.

    They are few beside those who foster, and indexes lead to them: all there are less these are counted
    several times as fast as each of those is looked at.
    """
    not_approved = or_(Household.approved_on > today, Household.ended_on <= today)
    parts = [
        select(Carer.id).join(Carer.household).where(not_approved),
        select(Carer.id).where(Carer.left_on <= today),
        select(Carer.id).where(Carer.erased_at.is_not(None)),
    ]
    if nor_unlinked:
        parts.append(select(Carer.id).where(Carer.chat_id.is_(None)))
    return union(*parts)


async def count_everyone(session: Session, today: date) -> Counted:
    """How many foster here on this day."""
    everyone = select(func.count(), func.count(Carer.chat_id)).select_from(Carer)
    carers, linked = (await session.execute(everyone)).one()
    others = everyone.where(Carer.id.in_(ids_of_not_current(today)))
    gone, gone_linked = (await session.execute(others)).one()
    return carers - gone, linked - gone_linked


async def count_current_by_group(session: Session, today: date) -> dict[str, Counted]:
    """How many of each group foster here on this day, by its name; an empty group is left out."""
    counted = select(GroupMember.group_id, func.count().label("members")).group_by(GroupMember.group_id)
    away = counted.where(GroupMember.carer_id.in_(ids_of_not_current(today))).subquery()
    apart = counted.where(GroupMember.carer_id.in_(ids_of_not_current(today, nor_unlinked=True))).subquery()
    members = counted.subquery()
    query = (
        select(
            Group.name,
            members.c.members - func.coalesce(away.c.members, 0),
            members.c.members - func.coalesce(apart.c.members, 0),
        )
        .join(members, members.c.group_id == Group.id)
        .outerjoin(away, away.c.group_id == Group.id)
        .outerjoin(apart, apart.c.group_id == Group.id)
    )
    return {name: (carers, linked) for name, carers, linked in await session.execute(query)}


async def count_current_by_constellation(session: Session, today: date) -> dict[str, Counted]:
    """The same of each constellation that anybody is in; no household is in two."""
    query = (
        select(Household.constellation, func.count(), func.count(Carer.chat_id))
        .select_from(Carer)
        .join(Carer.household)
        .where(Household.constellation.is_not(None), still_a_carer(today))
        .group_by(Household.constellation)
    )
    found = (await session.execute(query)).all()
    return {name: (carers, linked) for name, carers, linked in found if name is not None}


async def current_carer_ids(
    session: Session, today: date, *conditions: Condition
) -> Sequence[tuple[int, int]]:
    """(carer's id, household's id) of the same carers in the same order as `current_carers`."""
    query = (
        select(Carer.id, Carer.household_id)
        .join(Carer.household)
        .where(still_a_carer(today), *conditions)
        .order_by(Carer.household_id, Carer.id)
    )
    return [(carer_id, household_id) for carer_id, household_id in (await session.execute(query)).all()]


async def opt_out(session: Session, carer_id: int, topic: str) -> bool:
    """Note that the carer does not want this topic; False if it is noted. Two at once note it once."""
    noted = insert_for(session, OptOut).values(carer_id=carer_id, topic=topic).on_conflict_do_nothing()
    return (await session.scalars(noted.returning(OptOut.topic))).one_or_none() is not None


async def opt_in(session: Session, carer_id: int, topic: str) -> bool:
    """Take that back; False if there is nothing to take back."""
    gone = delete(OptOut).where(OptOut.carer_id == carer_id, OptOut.topic == topic)
    return (await session.scalars(gone.returning(OptOut.topic))).one_or_none() is not None


async def opted_out_topics(session: Session, carer_id: int) -> set[str]:
    """The topics that this carer has turned off."""
    return set((await session.scalars(select(OptOut.topic).where(OptOut.carer_id == carer_id))).all())


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in portions that an IN list can hold."""
    listed = list(values)
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))


async def households_by_ref(session: Session, refs: Collection[str]) -> dict[str, Household]:
    """The households that have one of these refs."""
    found: dict[str, Household] = {}
    for some in chunks(refs):
        rows = await session.scalars(select(Household).where(Household.ref.in_(some)))
        found.update({row.ref: row for row in rows})
    return found


async def carers_by_ref(session: Session, refs: Collection[str]) -> dict[str, Carer]:
    """The carers that have one of these refs."""
    found: dict[str, Carer] = {}
    for some in chunks(refs):
        rows = await session.scalars(select(Carer).where(Carer.ref.in_(some)))
        found.update({row.ref: row for row in rows})
    return found


async def carers_of_households(session: Session, household_ids: Collection[int]) -> list[Carer]:
    """Every carer of these households, in the order of the register."""
    found: list[Carer] = []
    for some in chunks(household_ids):
        query = select(Carer).where(Carer.household_id.in_(some)).order_by(Carer.id)
        found.extend(await session.scalars(query))
    return found


async def memberships(session: Session, carer_ids: Collection[int]) -> dict[int, dict[int, GroupMember]]:
    """Which groups these carers are in: by carer, then by group."""
    found: dict[int, dict[int, GroupMember]] = {carer_id: {} for carer_id in carer_ids}
    for some in chunks(carer_ids):
        for row in await session.scalars(select(GroupMember).where(GroupMember.carer_id.in_(some))):
            found[row.carer_id][row.group_id] = row
    return found


async def constellation_households(
    session: Session, today: date
) -> dict[str, tuple[str, ConstellationRole | None]]:
    """Constellation and role of every current household that is in one, by the household's ref."""
    query = select(Household.ref, Household.constellation, Household.constellation_role).where(
        Household.constellation.is_not(None), approved_on_day(today)
    )
    return {ref: (name, role) for ref, name, role in (await session.execute(query)).all() if name}


async def staff_of_service(session: Session) -> Sequence[StaffMember]:
    """Every member of staff who has not left, in the order in which they were added."""
    return (
        await session.scalars(
            select(StaffMember).where(StaffMember.left_on.is_(None)).order_by(StaffMember.id)
        )
    ).all()


async def connected_whose_approval_ended(session: Session, day: date) -> Sequence[Carer]:
    """The carers with a chat whose household's approval ended on this local day or before it."""
    ended = select(Household.id).where(Household.ended_on <= day)
    query = select(Carer).where(Carer.chat_id.is_not(None), Carer.household_id.in_(ended)).order_by(Carer.id)
    return (await session.scalars(query)).all()


async def forget_contacts_of_ended(session: Session, today: date) -> int:
    """Erase name, email and phone of carers who have left by this local day, with their household or without
    it; how many had any.

    An address to which a survey about this day's end waits to be sent is erased a day later: notices go out
    in the day's hours, and this runs in the night before.
    """
    ended = select(Household.id).where(Household.ended_on <= today)
    waiting = exists().where(
        Delivery.carer_id == Carer.id,
        Delivery.kind == "survey",
        Delivery.channel == Channel.EMAIL,
        IS_WAITING,
        Household.id == Carer.household_id,
        Household.ended_on == today,
    )
    kept = or_(
        Carer.first_name != "", Carer.last_name != "", Carer.email.is_not(None), Carer.phone.is_not(None)
    )
    erased = await session.scalars(
        update(Carer)
        .where(or_(Carer.household_id.in_(ended), Carer.left_on <= today), kept)
        .values(first_name="", last_name="", email=case((waiting, Carer.email), else_=null()), phone=None)
        .returning(Carer.id)
        .execution_options(synchronize_session=False)
    )
    return len(erased.all())
