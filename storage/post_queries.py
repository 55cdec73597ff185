"""The post: deliveries that no engine takes, which staff print and post, or tell on the telephone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from storage.base import Base
from storage.deliveries import IS_WAITING, Delivery, DeliveryState, Notice
from storage.deliveries_due import FACTS, DueDelivery, with_facts
from storage.deliveries_waiting import NOT_PAUSED
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel, Household
from storage.rsvp import Invitation, RsvpState
from storage.surveys import Round

PHONE = "phone"
"""The `Delivery.channel` of what staff told somebody in place of a letter."""
_MOST_AT_ONCE = 500
"""Ids in one statement, well below what either database takes."""
_Row = TypeVar("_Row", bound=Base)


@dataclass(frozen=True, slots=True)
class About:
    """Which letters: of one event, one survey round or one notice. All null: every one."""

    event_id: int | None = None
    round_id: int | None = None
    notice_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted = (
            (Delivery.event_id, self.event_id),
            (Delivery.round_id, self.round_id),
            (Delivery.notice_id, self.notice_id),
        )
        return [column == value for column, value in wanted if value is not None]


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter goes to and what it is about, beside what `DueDelivery` says of it."""

    delivery_id: int
    carer_ref: str
    first_name: str
    last_name: str
    phone: str | None
    page_number: int
    household_ref: str
    event_id: int | None
    event_title: str | None
    starts_at: datetime | None
    round_id: int | None


def _is_letter() -> ColumnElement[bool]:
    return and_(IS_WAITING, Delivery.channel == Channel.LETTER.value)


def _asks_who_has_answered() -> ColumnElement[bool]:
    """An invitation whose party has answered, say on the telephone. In the app it becomes their card; a
    letter would only ask once more."""
    answered = exists().where(Invitation.id == Delivery.invitation_id, Invitation.state != RsvpState.INVITED)
    return and_(Delivery.kind == "invitation", answered.correlate(Delivery))


def _now_due(now: datetime, about: About, social_worker_id: int | None) -> list[ColumnElement[bool]]:
    conditions = [
        _is_letter(),
        Delivery.due_at <= now,
        Delivery.send_by > now,
        NOT_PAUSED,
        ~_asks_who_has_answered(),
        *about.conditions(),
    ]
    return conditions if social_worker_id is None else [*conditions, _of_worker(social_worker_id)]


def _of_worker(social_worker_id: int) -> ColumnElement[bool]:
    own = (
        select(Carer.id)
        .join(Household, Household.id == Carer.household_id)
        .where(Household.social_worker_id == social_worker_id)
    )
    return Delivery.carer_id.in_(own)


async def letters_due(
    session: Session,
    now: datetime,
    kinds: Collection[str],
    *,
    about: About,
    social_worker_id: int | None,
    offset: int,
    limit: int,
) -> list[DueDelivery]:
    """Letters of these kinds that wait and are of use still, the longest due first."""
    query: Select[Any] = (
        with_facts(select(*FACTS))
        .where(Delivery.kind.in_(kinds), *_now_due(now, about, social_worker_id))
        .order_by(Delivery.due_at, Delivery.id)
        .offset(offset)
        .limit(limit)
    )
    return [DueDelivery._make(row) for row in (await session.execute(query)).all()]


async def addressees(session: Session, delivery_ids: Collection[int]) -> Mapping[int, Addressee]:
    """Whom these go to, by the delivery's id."""
    query = (
        select(
            Delivery.id,
            Carer.ref,
            Carer.first_name,
            Carer.last_name,
            Carer.phone,
            Carer.page_number,
            Household.ref,
            Delivery.event_id,
            Event.title,
            Event.starts_at,
            Delivery.round_id,
        )
        .join(Carer, Carer.id == Delivery.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .outerjoin(Event, Event.id == Delivery.event_id)
        .where(Delivery.id.in_(delivery_ids))
    )
    return {row[0]: Addressee(*row) for row in (await session.execute(query)).all()}


async def rows_behind(session: Session, deliveries: Collection[Delivery]) -> Sequence[Base]:
    """The rows that these say something of. Whatever asks the session for one of them by its id finds it at
    hand, as long as somebody holds what this returns."""
    notices = await _rows(session, Notice, Notice.id, (one.notice_id for one in deliveries))
    events = await _rows(session, Event, Event.id, (one.event_id for one in deliveries))
    rounds = await _rows(session, Round, Round.id, (one.round_id for one in deliveries))
    invitations = await _rows(session, Invitation, Invitation.id, (one.invitation_id for one in deliveries))
    people = [*(one.carer_id for one in deliveries), *(one.answered_by_id for one in invitations)]
    carers = await _rows(session, Carer, Carer.id, people)
    homes = await _rows(session, Household, Household.id, (one.household_id for one in carers))
    return [*notices, *events, *rounds, *invitations, *carers, *homes]


async def _rows(
    session: Session, table: type[_Row], key: InstrumentedAttribute[int], ids: Iterable[int | None]
) -> Sequence[_Row]:
    wanted = {id for id in ids if id is not None}
    return (await session.scalars(select(table).where(key.in_(wanted)))).all() if wanted else ()


async def count_letters(
    session: Session,
    now: datetime,
    printed_kinds: Mapping[str, datetime],
    rung_kinds: Collection[str],
    *,
    about: About,
    social_worker_id: int | None,
) -> tuple[int, int]:
    """(to print, to ring) of what is due, as far as the ledger alone can tell.

    ``printed_kinds``: a kind is printed where it is of use until later than this.
    """
    fits = or_(
        *(
            and_(Delivery.kind == kind, Delivery.send_by >= until)
            for kind, until in sorted(printed_kinds.items())
        )
    )
    query = select(func.coalesce(func.sum(case((fits, 1), else_=0)), 0), func.count()).where(
        Delivery.kind.in_({*printed_kinds, *rung_kinds}), *_now_due(now, about, social_worker_id)
    )
    printed, every = (await session.execute(query)).one()
    return int(printed), int(every) - int(printed)


async def note_printed(session: Session, delivery_ids: Sequence[int], reason: str) -> None:
    """Write beside these letters, which wait still, that they lie on paper."""
    for ids in _batches(delivery_ids):
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids), _is_letter())
            .values(reason=reason)
            .execution_options(synchronize_session=False)
        )


async def sent_by_hand(
    session: Session,
    delivery_ids: Sequence[int],
    now: datetime,
    *,
    channel: str,
    kinds: Collection[str],
    social_worker_id: int | None,
) -> list[int]:
    """Make these letters ``sent`` by this channel, where they wait still and may be this person's to tell;
    their ids. Two who do it at once: one of them finds none."""
    found: list[int] = []
    for ids in _batches(delivery_ids):
        conditions = [Delivery.id.in_(ids), _is_letter(), Delivery.kind.in_(kinds)]
        if social_worker_id is not None:
            conditions.append(_of_worker(social_worker_id))
        statement = (
            update(Delivery)
            .where(*conditions)
            .values(
                state=DeliveryState.SENT,
                channel=channel,
                reason=None,
                sent_at=now,
                attempts=Delivery.attempts + 1,
            )
        )
        found += await _ids_of(session, statement.returning(Delivery.id))
    return found


async def back_to_the_post(
    session: Session,
    delivery_ids: Sequence[int],
    since: datetime,
    *,
    channel: str,
    reason: str | None,
    social_worker_id: int | None,
) -> list[int]:
    """Let these letters wait to be posted again, where they were noted as ``sent`` by this channel at
    ``since`` or later and may be this person's to tell; their ids."""
    found: list[int] = []
    for ids in _batches(delivery_ids):
        conditions = [
            Delivery.id.in_(ids),
            Delivery.state == DeliveryState.SENT,
            Delivery.channel == channel,
            Delivery.sent_at >= since,
        ]
        if social_worker_id is not None:
            conditions.append(_of_worker(social_worker_id))
        statement = (
            update(Delivery)
            .where(*conditions)
            .values(
                state=DeliveryState.QUEUED,
                channel=Channel.LETTER.value,
                reason=reason,
                sent_at=None,
                attempts=Delivery.attempts - 1,
            )
        )
        found += await _ids_of(session, statement.returning(Delivery.id))
    return found


async def settle_letters(
    session: Session,
    now: datetime,
    late: str,
    handled_kinds: Collection[str],
    not_by_letter: str,
    answered: str,
) -> int:
    """Be done with letters that nobody needs any more; how many. Each with its reason: past their time, of a
    kind that is neither printed nor told, or asking somebody who has answered meanwhile."""
    outcomes: list[tuple[ColumnElement[bool], dict[str, Any]]] = [
        (
            Delivery.send_by <= now,
            {"state": DeliveryState.MISSED, "reason": func.coalesce(Delivery.reason, late)},
        ),
        (Delivery.kind.not_in(handled_kinds), {"state": DeliveryState.SKIPPED, "reason": not_by_letter}),
        (_asks_who_has_answered(), {"state": DeliveryState.SKIPPED, "reason": answered}),
    ]
    settled = 0
    for condition, values in outcomes:
        statement = update(Delivery).where(_is_letter(), condition).values(**values)
        settled += len(await _ids_of(session, statement.returning(Delivery.id)))
    return settled


async def carer_of_delivery(
    session: Session, delivery_id: int, social_worker_id: int | None = None
) -> str | None:
    """The ref of the carer to whom a delivery goes; null where there is none, or none of this worker's."""
    query = select(Carer.ref).join(Delivery, Delivery.carer_id == Carer.id).where(Delivery.id == delivery_id)
    if social_worker_id is not None:
        query = query.join(Household).where(Household.social_worker_id == social_worker_id)
    return (await session.scalars(query)).one_or_none()


async def carers_by_id(session: Session, carer_ids: Collection[int]) -> dict[int, Carer]:
    """These carers, by id."""
    rows = await session.scalars(select(Carer).where(Carer.id.in_(carer_ids)))
    return {carer.id: carer for carer in rows}


async def _ids_of(session: Session, statement: ReturningUpdate[int]) -> list[int]:
    return list((await session.scalars(statement.execution_options(synchronize_session=False))).all())


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _MOST_AT_ONCE] for start in range(0, len(ids), _MOST_AT_ONCE)]
