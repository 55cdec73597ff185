"""How the carers of each social worker can be told, and what they chose: counts for the overview."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, null, select

from storage.directory import Contact, stands
from storage.engine import Session
from storage.households import Carer, Household, OptOut
from storage.households_queries import still_a_carer
from storage.links import link_out
from storage.ways import way

WITH_A_LINK = "with_a_link"
"""Not connected, but has a personal link that was not used."""


def of_worker(social_worker_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Limits to one worker's households; to nothing where it is null."""
    return () if social_worker_id is None else (Household.social_worker_id == social_worker_id,)


async def contacts_by_worker(
    session: Session, today: date, now: datetime, social_worker_id: int | None
) -> Sequence[tuple[int | None, str, int]]:
    """(social worker, how they stand, how many carers): a `Contact`, or `WITH_A_LINK` for some of those who
    have not connected."""
    not_connected = stands(Contact.NOT_CONNECTED, now)
    standing = case(
        (and_(not_connected, link_out(Carer.id)), literal(WITH_A_LINK)),
        *((stands(contact, now), literal(contact.value)) for contact in Contact),
        else_=null(),
    )
    return await _counted(session, standing, today, social_worker_id)


async def ways_by_worker(
    session: Session, today: date, social_worker_id: int | None
) -> Sequence[tuple[int | None, str | None, int]]:
    """(social worker, way by which they are told or null, how many carers)."""
    return await _counted(session, way(), today, social_worker_id)


async def _counted(
    session: Session, what: ColumnElement[str], today: date, social_worker_id: int | None
) -> Sequence[tuple[int | None, str, int]]:
    labelled = what.label("what")
    query = (
        select(Household.social_worker_id, labelled, func.count())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *of_worker(social_worker_id))
        .group_by(Household.social_worker_id, labelled)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def turned_off_by_worker(
    session: Session, today: date, social_worker_id: int | None
) -> Sequence[tuple[int | None, str, int]]:
    """(social worker, topic, how many of their carers do not want it)."""
    query = (
        select(Household.social_worker_id, OptOut.topic, func.count())
        .join(Carer, Carer.id == OptOut.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *of_worker(social_worker_id))
        .group_by(Household.social_worker_id, OptOut.topic)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def to_be_linked(
    session: Session, today: date, social_worker_id: int | None, *, most: int
) -> tuple[Sequence[Carer], int]:
    """Carers who have not connected, and how many there are in all; first those without a link, by name."""
    wanted = (still_a_carer(today), Carer.chat_id.is_(None), *of_worker(social_worker_id))
    joined = select(Carer).join(Household, Household.id == Carer.household_id).where(*wanted)
    number = (await session.scalars(joined.with_only_columns(func.count()))).one()
    query = joined.order_by(link_out(Carer.id), Carer.last_name, Carer.first_name, Carer.id).limit(most)
    return (await session.scalars(query)).all(), number


async def with_links_out(session: Session, social_worker_id: int | None) -> Sequence[int]:
    """The carers who have a personal link that was not used: whether they foster still or not."""
    query = (
        select(Carer.id)
        .join(Household, Household.id == Carer.household_id)
        .where(link_out(Carer.id), *of_worker(social_worker_id))
        .order_by(Carer.id)
    )
    return (await session.scalars(query)).all()
