"""Listing threads, and reading one, for staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, false, func, literal, or_, select

from storage.conversations import CarerMessage, Thread, ThreadState
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import is_found_by
from storage.staff import Role, StaffMember
from storage.threads_queries import WAITING
from storage.ways import way

_ANSWER = "thread_answer:message:"
"""What the key of an answer's delivery begins with; the numbers of message and carer follow."""


class Shown(StrEnum):
    """Which threads to list."""

    WAITING = "waiting"
    MINE = "mine"
    """Those that the person who looks has taken and not settled."""
    ANSWERED = "answered"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class ThreadSearch:
    """Which threads to list, for whom. ``owner_id`` 0: nobody's, null: anybody's. ``words``: of a carer's
    name or reference. ``social_worker_id`` limits to one worker's households."""

    shown: Shown
    staff_id: int
    social_worker_id: int | None = None
    owner_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One thread, whose it is and how its carer last wrote. Times are UTC.

    ``words`` is null where the last words of the carer were taken away. ``way``: the `Channel` by which an
    answer goes, null for none.
    """

    id: int
    carer_id: int
    carer_ref: str
    first_name: str
    last_name: str
    phone: str | None
    way: str | None
    state: ThreadState
    urgent: bool
    owner_id: int | None
    owner: str | None
    opened_at: datetime
    heard_at: datetime
    answered_at: datetime | None
    settled_at: datetime | None
    words: str | None

    @property
    def name(self) -> str:
        """The carer as staff call them; whoever has no name any more is a carer."""
        return f"{self.first_name} {self.last_name}".strip() or "A carer"

    @property
    def waits(self) -> bool:
        return self.state in WAITING


@dataclass(frozen=True, slots=True)
class Written:
    """One message. ``by`` names the member of staff who wrote it; null: the carer did. ``text`` is null once
    it was taken away. Of an answer: by which way it goes and what became of it."""

    id: int
    by: str | None
    text: str | None
    came_with: str | None
    at: datetime
    channel: str | None
    state: DeliveryState | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many threads wait for staff, how many of those to look at first, and how many of them are mine."""

    waiting: int
    urgent: int
    mine: int


def _last_words() -> ColumnElement[Any]:
    """What the carer wrote last."""
    last = select(CarerMessage.text).where(
        CarerMessage.thread_id == Thread.id, CarerMessage.written_by_id.is_(None)
    )
    return last.order_by(CarerMessage.id.desc()).limit(1).scalar_subquery()


def _lines() -> Select[Any]:
    return (
        select(
            Thread.id,
            Thread.carer_id,
            Carer.ref,
            Carer.first_name,
            Carer.last_name,
            Carer.phone,
            way(),
            Thread.state,
            Thread.urgent,
            Thread.owner_id,
            StaffMember.name,
            Thread.opened_at,
            Thread.heard_at,
            Thread.answered_at,
            Thread.settled_at,
            _last_words(),
        )
        .select_from(Thread)
        .join(Carer, Carer.id == Thread.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .outerjoin(StaffMember, StaffMember.id == Thread.owner_id)
    )


def _own(social_worker_id: int | None) -> list[ColumnElement[bool]]:
    return [] if social_worker_id is None else [Household.social_worker_id == social_worker_id]


def _found(search: ThreadSearch) -> ColumnElement[bool]:
    shown: dict[Shown, ColumnElement[bool]] = {
        Shown.WAITING: Thread.state.in_(WAITING),
        Shown.MINE: and_(Thread.owner_id == search.staff_id, Thread.state != ThreadState.SETTLED),
        Shown.ANSWERED: Thread.state == ThreadState.ANSWERED,
        Shown.SETTLED: Thread.state == ThreadState.SETTLED,
    }
    wanted = [shown[search.shown], *_own(search.social_worker_id)]
    if search.owner_id is not None:
        wanted.append(Thread.owner_id == search.owner_id if search.owner_id else Thread.owner_id.is_(None))
    wanted.extend(is_found_by(word) for word in search.words.split())
    return and_(*wanted)


async def count_threads(session: Session, search: ThreadSearch) -> int:
    query = select(func.count(Thread.id)).join(Carer, Carer.id == Thread.carer_id).join(Household)
    return await session.scalar(query.where(_found(search))) or 0


async def threads_found(
    session: Session, search: ThreadSearch, *, offset: int, count: int
) -> Sequence[ThreadLine]:
    """Those that wait first, the urgent before the others, the longest waiting first; of the rest the latest
    first."""
    waits = case((Thread.state.in_(WAITING), 0), else_=1)
    order: list[ColumnElement[Any]] = [waits, Thread.urgent.desc(), Thread.heard_at.asc(), Thread.id.asc()]
    if search.shown in (Shown.ANSWERED, Shown.SETTLED):
        order = [func.coalesce(Thread.settled_at, Thread.answered_at).desc(), Thread.id.desc()]
    query = _lines().where(_found(search)).order_by(*order).offset(offset).limit(count)
    return [ThreadLine(*row) for row in (await session.execute(query)).all()]


async def thread_line(session: Session, thread_id: int, social_worker_id: int | None) -> ThreadLine | None:
    """One thread; None for another worker's household."""
    query = _lines().where(Thread.id == thread_id, *_own(social_worker_id))
    row = (await session.execute(query)).one_or_none()
    return None if row is None else ThreadLine(*row)


async def threads_of_carer(session: Session, carer_id: int, count: int) -> Sequence[ThreadLine]:
    """The threads of one carer, the latest first."""
    query = _lines().where(Thread.carer_id == carer_id).order_by(Thread.id.desc()).limit(count)
    return [ThreadLine(*row) for row in (await session.execute(query)).all()]


async def written_in(session: Session, thread_id: int) -> Sequence[Written]:
    """Everything in a thread, in its order, with what became of staff's answers."""
    key = literal(_ANSWER) + cast(CarerMessage.id, String) + ":c" + cast(CarerMessage.carer_id, String)
    query = (
        select(
            CarerMessage.id,
            StaffMember.name,
            CarerMessage.text,
            CarerMessage.came_with,
            CarerMessage.received_at,
            Delivery.channel,
            Delivery.state,
            Delivery.reason,
        )
        .select_from(CarerMessage)
        .outerjoin(StaffMember, StaffMember.id == CarerMessage.written_by_id)
        .outerjoin(Delivery, and_(CarerMessage.written_by_id.is_not(None), Delivery.dedupe_key == key))
        .where(CarerMessage.thread_id == thread_id)
        .order_by(CarerMessage.id)
    )
    return [Written(*row) for row in (await session.execute(query)).all()]


async def count_waiting(session: Session, staff_id: int, social_worker_id: int | None) -> Counts:
    """How many threads wait, for this person."""

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = (
        select(func.count(Thread.id), number(Thread.urgent.is_(True)), number(Thread.owner_id == staff_id))
        .join(Carer, Carer.id == Thread.carer_id)
        .join(Household)
        .where(Thread.state.in_(WAITING), *_own(social_worker_id))
    )
    return Counts(*map(int, (await session.execute(query)).one()))


async def staff_who_may(
    session: Session, roles: Collection[Role], carer_id: int | None = None
) -> Sequence[StaffMember]:
    """Staff of these roles who have not left, by name; with a carer, only the social worker of theirs."""
    theirs = (
        select(Household.social_worker_id)
        .join(Carer, Carer.household_id == Household.id)
        .where(Carer.id == carer_id)
        .scalar_subquery()
    )
    is_theirs = literal(True) if carer_id is None else func.coalesce(StaffMember.id == theirs, false())
    query = select(StaffMember).where(
        StaffMember.left_on.is_(None),
        StaffMember.role.in_(roles),
        or_(StaffMember.role != Role.SOCIAL_WORKER, is_theirs),
    )
    return (await session.scalars(query.order_by(StaffMember.name, StaffMember.id))).all()


__all__ = [
    "Counts",
    "Shown",
    "ThreadLine",
    "ThreadSearch",
    "Written",
    "count_threads",
    "count_waiting",
    "staff_who_may",
    "thread_line",
    "threads_found",
    "threads_of_carer",
    "written_in",
]
