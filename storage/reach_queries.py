"""How the carers of each social worker can be told, and what they chose: counts for the overview."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.sql.elements import Label

from storage.directory import NO_WAY, NO_WORKER, Contact, stands
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


async def standing_by_worker(
    session: Session, today: date, now: datetime, social_worker_id: int | None
) -> Sequence[tuple[int, str, str, int]]:
    """(social worker or `NO_WORKER`, how they stand, way by which they are told, how many carers).

    How they stand: a `Contact`, or `WITH_A_LINK` for some of those who have not connected. The way: a
    `Channel`, or `NO_WAY`. One look at every carer for both: that is what takes the time.
    """
    not_connected = stands(Contact.NOT_CONNECTED, now)
    standing = case(
        (and_(not_connected, link_out(Carer.id)), literal(WITH_A_LINK)),
        *((stands(contact, now), literal(contact.value)) for contact in Contact),
    ).label("standing")
    told = func.coalesce(way(), literal(NO_WAY)).label("told")
    query = (
        select(_worker(), standing, told, func.count())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *of_worker(social_worker_id))
        .group_by("worker", "standing", "told")
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]


async def turned_off_by_worker(
    session: Session, today: date, social_worker_id: int | None
) -> Sequence[tuple[int, str, int]]:
    """(social worker or `NO_WORKER`, topic, how many of their carers do not want it)."""
    query = (
        select(_worker(), OptOut.topic, func.count())
        .join(Carer, Carer.id == OptOut.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *of_worker(social_worker_id))
        .group_by("worker", OptOut.topic)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


def _worker() -> Label[int]:
    """Whose a household is. The bare column would lead SQLite through the households in the order of its
    index, each of them a page of its own."""
    return func.coalesce(Household.social_worker_id, NO_WORKER).label("worker")


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
