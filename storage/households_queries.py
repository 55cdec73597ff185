"""Reading the register: carers of an audience, groups, constellations, and rows by their refs."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from storage.engine import Session
from storage.households import Carer, Group, GroupMember, Household, OptOut


def approved_on_day(today: date) -> ColumnElement[bool]:
    """The approval of a household began on or before this local day and has not ended by it."""
    return and_(Household.approved_on <= today, or_(Household.ended_on.is_(None), Household.ended_on > today))


def in_group(group_id: int) -> ColumnElement[bool]:
    """The carer belongs to this group."""
    return Carer.id.in_(select(GroupMember.carer_id).where(GroupMember.group_id == group_id))


def in_constellation(name: str | None) -> ColumnElement[bool]:
    """The carer's household is in this constellation, or in any."""
    return Household.constellation.is_not(None) if name is None else Household.constellation == name


async def current_carers(session: Session, today: date, *conditions: ColumnElement[bool]) -> Sequence[Carer]:
    """Carers of households approved on this day, with their households, in the order of the register."""
    query = (
        select(Carer)
        .join(Carer.household)
        .where(approved_on_day(today), *conditions)
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


async def count_linked(session: Session, today: date) -> tuple[int, int]:
    """(carers with a chat, all carers) of households approved on this day."""
    query = (
        select(func.count(Carer.chat_id), func.count())
        .select_from(Carer)
        .join(Carer.household)
        .where(approved_on_day(today))
    )
    linked, everyone = (await session.execute(query)).one()
    return linked, everyone


async def opted_out_topics(session: Session, carer_id: int) -> set[str]:
    """The topics that this carer has turned off."""
    return set((await session.scalars(select(OptOut.topic).where(OptOut.carer_id == carer_id))).all())
