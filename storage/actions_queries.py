"""Finding what is done about what carers said: one to change under a lock, lists, what is published."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from storage.actions import ActionState, ServiceAction
from storage.engine import Session
from storage.events import Event
from storage.staff import StaffMember
from storage.surveys import Round

SETTLED = (ActionState.DONE, ActionState.NOT_POSSIBLE)
"""Nothing more is to be done about these."""


async def locked_action(session: Session, action_id: int) -> ServiceAction | None:
    """One action as it stands now; nobody else changes it before this transaction ends."""
    query = select(ServiceAction).where(ServiceAction.id == action_id).with_for_update()
    return (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()


async def open_actions(session: Session) -> Sequence[ServiceAction]:
    """What is still to be done, the soonest due first; without a day, last."""
    query = select(ServiceAction).where(ServiceAction.state.not_in(SETTLED))
    ordered = query.order_by(ServiceAction.due_on.asc().nulls_last(), ServiceAction.id)
    return (await session.scalars(ordered)).all()


async def settled_actions(session: Session, *, offset: int, count: int) -> Sequence[ServiceAction]:
    """What was done, or found not possible, the latest first."""
    query = select(ServiceAction).where(ServiceAction.state.in_(SETTLED))
    ordered = query.order_by(ServiceAction.settled_on.desc().nulls_last(), ServiceAction.id.desc())
    return (await session.scalars(ordered.offset(offset).limit(count))).all()


async def count_settled(session: Session) -> int:
    """How many were done or found not possible."""
    query = select(func.count(ServiceAction.id)).where(ServiceAction.state.in_(SETTLED))
    return (await session.scalars(query)).one()


async def count_overdue(session: Session, today: date, owner_id: int | None = None) -> int:
    """How many are not settled though their day has passed; of one owner, or of all."""
    late = and_(ServiceAction.state.not_in(SETTLED), ServiceAction.due_on < today)
    whose = true() if owner_id is None else ServiceAction.owner_id == owner_id
    return (await session.scalars(select(func.count(ServiceAction.id)).where(late, whose))).one()


async def published_actions(
    session: Session, *, offset: int = 0, count: int | None = None, round_id: int | None = None
) -> Sequence[ServiceAction]:
    """What carers see, the latest published first; of one survey's round, or of all."""
    query = select(ServiceAction).where(*_published(round_id))
    ordered = query.order_by(ServiceAction.published_at.desc(), ServiceAction.id.desc())
    return (await session.scalars(ordered.offset(offset).limit(count))).all()


async def count_published(session: Session, round_id: int | None = None) -> int:
    """How many of those there are."""
    return (await session.scalars(select(func.count(ServiceAction.id)).where(*_published(round_id)))).one()


def _published(round_id: int | None) -> list[ColumnElement[bool]]:
    published: list[ColumnElement[bool]] = [ServiceAction.published_at.is_not(None)]
    return published if round_id is None else [*published, ServiceAction.round_id == round_id]


async def published_with_ids(session: Session, ids: Collection[int]) -> Sequence[ServiceAction]:
    """Those of these that carers see, the latest published first."""
    query = select(ServiceAction).where(ServiceAction.id.in_(ids), *_published(None))
    return (
        await session.scalars(query.order_by(ServiceAction.published_at.desc(), ServiceAction.id.desc()))
    ).all()


async def published_and_settled(session: Session, first: date, last: date) -> Sequence[ServiceAction]:
    """What was settled from one local day to another, both included, and is published; by that day."""
    query = select(ServiceAction).where(*_published(None), ServiceAction.settled_on.between(first, last))
    return (await session.scalars(query.order_by(ServiceAction.settled_on, ServiceAction.id))).all()


async def done_of_year(
    session: Session, first: date, last: date, start: datetime, end: datetime
) -> tuple[int, int]:
    """(done, all) of what was noted, due or settled from one local day to another, both included, which in
    UTC is [start, end). Done: settled in it as done."""
    settled = ServiceAction.settled_on.between(first, last)
    due = ServiceAction.due_on.between(first, last)
    noted = and_(ServiceAction.created_at >= start, ServiceAction.created_at < end)
    done = case((and_(settled, ServiceAction.state == ActionState.DONE), 1), else_=0)
    query = select(func.coalesce(func.sum(done), 0), func.count()).where(or_(settled, due, noted))
    some, every = (await session.execute(query)).one()
    return int(some), int(every)


async def sources_of(
    session: Session, actions: Collection[ServiceAction]
) -> tuple[dict[int, Round], dict[int, Event], dict[int, str]]:
    """The rounds, the events and the names of the owners that these actions point at, by id."""
    rounds = select(Round).where(Round.id.in_([one.round_id for one in actions if one.round_id]))
    events = select(Event).where(Event.id.in_([one.event_id for one in actions if one.event_id]))
    owners = select(StaffMember.id, StaffMember.name).where(
        StaffMember.id.in_([one.owner_id for one in actions if one.owner_id])
    )
    return (
        {one.id: one for one in await session.scalars(rounds)},
        {one.id: one for one in await session.scalars(events)},
        {row[0]: row[1] for row in await session.execute(owners)},
    )


async def present_staff(session: Session) -> Sequence[StaffMember]:
    """Everybody who has not left, by name."""
    query = select(StaffMember).where(StaffMember.left_on.is_(None))
    return (await session.scalars(query.order_by(StaffMember.name, StaffMember.id))).all()
