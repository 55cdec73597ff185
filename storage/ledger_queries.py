"""Reading the ledger for staff: counts, what went wrong, who is not reached, and everything as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, case, func, or_, select

from storage.deliveries import IS_TROUBLED, IS_WAITING, SURVEY_REMINDER, Delivery, DeliveryState, Reply
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel, Household
from storage.households_queries import still_a_carer
from storage.ways import mail_is_on, way


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a kind stand in a state, for a reason, by a channel."""

    kind: str
    state: DeliveryState
    reason: str | None
    deliveries: int
    channel: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One delivery to a carer, as staff see it. Times are UTC."""

    id: int
    kind: str
    state: DeliveryState
    reason: str | None
    event_id: int | None
    event_title: str | None
    carer_id: int
    carer_ref: str
    first_name: str
    last_name: str
    queued_at: datetime
    due_at: datetime
    sent_at: datetime | None
    send_by: datetime
    channel: str = Channel.APP


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """A current carer whom no notice reaches by any way. ``reason``: ``no_app``, ``email_failed``,
    ``stopped``, or Telegram's."""

    carer_id: int
    carer_ref: str
    first_name: str
    last_name: str
    phone: str | None
    household_ref: str
    social_worker_id: int | None
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryExport:
    """A delivery as it is exported; ``sent_at`` only where it is known to have been accepted."""

    kind: str
    event_ref: str | None
    carer_ref: str | None
    channel: str
    state: DeliveryState
    reason: str | None
    message_id: int | None
    queued_at: datetime
    sent_at: datetime | None


_ROW: tuple[Any, ...] = (
    Delivery.id,
    Delivery.kind,
    Delivery.state,
    Delivery.reason,
    Delivery.event_id,
    Event.title,
    Carer.id,
    Carer.ref,
    Carer.first_name,
    Carer.last_name,
    Delivery.queued_at,
    Delivery.due_at,
    Delivery.sent_at,
    Delivery.send_by,
    Delivery.channel,
)


def _about(event_id: int | None, round_id: int | None, notice_id: int | None) -> list[ColumnElement[bool]]:
    wanted = ((Delivery.event_id, event_id), (Delivery.round_id, round_id), (Delivery.notice_id, notice_id))
    return [column == value for column, value in wanted if value is not None]


async def count_deliveries(
    session: Session,
    *,
    event_id: int | None = None,
    round_id: int | None = None,
    notice_id: int | None = None,
) -> list[Count]:
    """Counts by kind, state, reason and channel of the deliveries that fit all that is given."""
    query = (
        select(Delivery.kind, Delivery.state, Delivery.reason, func.count(), Delivery.channel)
        .where(*_about(event_id, round_id, notice_id))
        .group_by(Delivery.kind, Delivery.state, Delivery.reason, Delivery.channel)
        .order_by(Delivery.kind, Delivery.state, Delivery.reason, Delivery.channel)
    )
    return [Count(*row) for row in (await session.execute(query)).all()]


async def count_in_doubt(session: Session, most: int) -> int:
    """How many deliveries to carers failed, were missed, or may or may not have arrived; no further than
    ``most``."""
    of_carers = select(Delivery.id).where(
        IS_TROUBLED, Delivery.staff_id.is_(None), Delivery.kind != SURVEY_REMINDER
    )
    return await session.scalar(select(func.count()).select_from(of_carers.limit(most).subquery())) or 0


async def ledger_rows(
    session: Session,
    wanted: ColumnElement[bool] | TextClause,
    *,
    event_id: int | None = None,
    carer_id: int | None = None,
    social_worker_id: int | None = None,
    limit: int,
) -> list[LedgerRow]:
    """Deliveries to carers that fulfil this, the latest first."""
    query = (
        select(*_ROW)
        .join(Carer, Carer.id == Delivery.carer_id)
        .outerjoin(Event, Event.id == Delivery.event_id)
        .where(wanted, Delivery.kind != SURVEY_REMINDER, *_about(event_id, None, None))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    if carer_id is not None:
        query = query.where(Delivery.carer_id == carer_id)
    if social_worker_id is not None:
        query = query.join(Household, Household.id == Carer.household_id).where(
            Household.social_worker_id == social_worker_id
        )
    return [LedgerRow(*row) for row in (await session.execute(query)).all()]


async def carers_out_of_reach(
    session: Session, today: date, *, social_worker_id: int | None = None
) -> list[OutOfReach]:
    """Carers of current households whom neither app nor email reaches and who get no letters, or who said
    stop."""
    query = (
        select(Carer, Household.ref, Household.social_worker_id, way().is_not(None), mail_is_on())
        .join(Household, Household.id == Carer.household_id)
        .where(*_is_out_of_reach(today))
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
    )
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    return [_out_of_reach(*row) for row in (await session.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class NotReached:
    """How many carers no notice reaches. ``without_a_way``: all of these but who asked for no messages."""

    carers: int = 0
    without_a_way: int = 0


async def count_out_of_reach(
    session: Session, today: date, *, social_worker_id: int | None = None
) -> dict[int | None, NotReached]:
    """How many `carers_out_of_reach` there are, by social worker; null: of no social worker."""
    query = (
        select(Household.social_worker_id, func.count(), func.sum(case((way().is_(None), 1), else_=0)))
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(*_is_out_of_reach(today))
        .group_by(Household.social_worker_id)
    )
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    return {worker: NotReached(all, int(no_way)) for worker, all, no_way in await session.execute(query)}


def _is_out_of_reach(today: date) -> tuple[ColumnElement[bool], ...]:
    return still_a_carer(today), or_(way().is_(None), Carer.stopped_at.is_not(None))


def _out_of_reach(
    carer: Carer, household_ref: str, social_worker_id: int | None, has_way: bool, sends_mail: bool
) -> OutOfReach:
    reason: str
    since: datetime | None
    if has_way:
        reason, since = "stopped", carer.stopped_at
    elif carer.chat_id is None and sends_mail and carer.email and carer.email_failed_at is not None:
        reason, since = "email_failed", carer.email_failed_at
    elif carer.chat_id is None:
        reason, since = "no_app", None
    else:
        reason, since = carer.unreachable_reason or "unreachable", carer.unreachable_since
    return OutOfReach(
        carer.id,
        carer.ref,
        carer.first_name,
        carer.last_name,
        carer.phone,
        household_ref,
        social_worker_id,
        reason,
        since,
    )


async def all_deliveries(session: Session) -> Sequence[DeliveryExport]:
    """Every delivery there is, oldest first, in the columns of the export."""
    query = (
        select(
            Delivery.kind,
            Event.ref,
            Carer.ref,
            Delivery.channel,
            Delivery.state,
            Delivery.reason,
            Delivery.message_id,
            Delivery.queued_at,
            Delivery.sent_at,
        )
        .outerjoin(Event, Event.id == Delivery.event_id)
        .outerjoin(Carer, Carer.id == Delivery.carer_id)
        .where(Delivery.kind != SURVEY_REMINDER)
        .order_by(Delivery.id)
    )
    accepted = (DeliveryState.SENT, DeliveryState.RECALLED)
    return [
        DeliveryExport(*row[:-1], row[-1] if row[4] in accepted else None)
        for row in (await session.execute(query)).all()
    ]


async def queue_length(session: Session, now: datetime) -> tuple[int, int]:
    """(deliveries, replies) that are due and have not gone out; letters wait for staff, and not here."""
    by_itself = Delivery.channel.in_((Channel.APP, Channel.EMAIL))
    deliveries = (
        select(func.count()).select_from(Delivery).where(IS_WAITING, by_itself, Delivery.due_at <= now)
    )
    replies = select(func.count()).select_from(Reply).where(Reply.due_at <= now)
    return (await session.scalars(deliveries)).one(), (await session.scalars(replies)).one()
