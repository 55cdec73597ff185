"""The rows behind an export: each query joins what one table of the export shows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from storage.attendance import Attendance
from storage.deliveries import SURVEY_REMINDER, Delivery
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Group, GroupMember, Household
from storage.rsvp import Invitation
from storage.staff import StaffMember
from storage.surveys import Round


async def count_register(session: Session) -> tuple[int, int]:
    """(households, carers) that there are, those who left among them."""
    counts = (select(func.count()).select_from(table).scalar_subquery() for table in (Household, Carer))
    homes, carers = (await session.execute(select(*counts))).one()
    return homes, carers


async def households_with_workers(
    session: Session, after: int, count: int
) -> Sequence[tuple[Household, str | None]]:
    """``count`` households with the name of their social worker, in the order of the register from the one
    after this id."""
    query = (
        select(Household, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Household.social_worker_id)
        .where(Household.id > after)
        .order_by(Household.id)
        .limit(count)
    )
    return [(home, worker) for home, worker in (await session.execute(query)).all()]


async def carers_in_order(session: Session, first: int, last: int) -> Sequence[Carer]:
    """Every carer of the households with ids from ``first`` to ``last``, households together, the main carer
    first."""
    query = select(Carer).where(Carer.household_id.between(first, last))
    query = query.order_by(Carer.household_id, Carer.main_carer.desc(), Carer.id)
    return (await session.scalars(query)).all()


async def groups_by_carer(session: Session, first: int, last: int) -> dict[int, list[str]]:
    """The names of the groups of each of these carers."""
    query = (
        select(GroupMember.carer_id, Group.name)
        .join(Group, Group.id == GroupMember.group_id)
        .join(Carer, Carer.id == GroupMember.carer_id)
        .where(Carer.household_id.between(first, last))
        .order_by(Group.name)
    )
    found: dict[int, list[str]] = {}
    for carer_id, name in (await session.execute(query)).all():
        found.setdefault(carer_id, []).append(name)
    return found


async def events_in_order(session: Session) -> Sequence[Event]:
    """Every event, by its start."""
    return (await session.scalars(select(Event).order_by(Event.starts_at, Event.id))).all()


async def parties(session: Session) -> Sequence[tuple[Invitation, str, str, str | None]]:
    """Every invitation with the refs of event and household, and of who answered last or was invited."""
    query = (
        select(Invitation, Event.ref, Household.ref, Carer.ref)
        .join(Event, Event.id == Invitation.event_id)
        .join(Household, Household.id == Invitation.household_id)
        .outerjoin(Carer, Carer.id == func.coalesce(Invitation.answered_by_id, Invitation.carer_id))
        .order_by(Event.starts_at, Event.id, Invitation.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]


async def attendances(session: Session) -> Sequence[tuple[Any, ...]]:
    """(event's ref, household's ref, carer's ref, state) of everything recorded."""
    home = aliased(Household)
    query = (
        select(Event.ref, home.ref, Carer.ref, Attendance.state)
        .join(Event, Event.id == Attendance.event_id)
        .join(home, home.id == Attendance.household_id)
        .join(Carer, Carer.id == Attendance.carer_id)
        .order_by(Event.starts_at, Event.id, Attendance.id)
    )
    return [tuple(row) for row in (await session.execute(query)).all()]


async def deliveries_to_carers(session: Session) -> Sequence[tuple[Delivery, str | None, str]]:
    """Every delivery to a carer, with the refs of event and carer.

    Reminders of anonymous rounds are left out: who was sent none had taken part.
    """
    query = (
        select(Delivery, Event.ref, Carer.ref)
        .join(Carer, Carer.id == Delivery.carer_id)
        .outerjoin(Event, Event.id == Delivery.event_id)
        .outerjoin(Round, Round.id == Delivery.round_id)
        .where((Delivery.kind != SURVEY_REMINDER) | Round.anonymous.is_(False))
        .order_by(Delivery.id)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]
