"""Listing what carers wrote, for staff to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from storage.conversations import CarerMessage, MessageState
from storage.engine import Session
from storage.households import Carer, Household


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message and who wrote it. ``text`` is null once it was redacted."""

    id: int
    carer_id: int
    first_name: str
    last_name: str
    phone: str | None
    text: str | None
    state: MessageState
    urgent: bool
    received_at: datetime
    answered_at: datetime | None


def _of(
    query: Select[*tuple[Any, ...]], waiting: bool, social_worker_id: int | None
) -> Select[*tuple[Any, ...]]:
    query = query.join(Carer, Carer.id == CarerMessage.carer_id).join(Household)
    open_ = CarerMessage.state == MessageState.OPEN
    query = query.where(open_ if waiting else ~open_)
    return query if social_worker_id is None else query.where(Household.social_worker_id == social_worker_id)


async def count_messages(session: Session, *, waiting: bool, social_worker_id: int | None) -> int:
    """How many wait, or do not."""
    return await session.scalar(_of(select(func.count(CarerMessage.id)), waiting, social_worker_id)) or 0


async def messages(
    session: Session, *, waiting: bool, social_worker_id: int | None, offset: int, count: int
) -> Sequence[MessageLine]:
    """Those that wait: urgent ones first, then the longest waiting. The settled: the latest first."""
    query = _of(
        select(
            CarerMessage.id,
            CarerMessage.carer_id,
            Carer.first_name,
            Carer.last_name,
            Carer.phone,
            CarerMessage.text,
            CarerMessage.state,
            CarerMessage.urgent,
            CarerMessage.received_at,
            CarerMessage.answered_at,
        ),
        waiting,
        social_worker_id,
    )
    order = (CarerMessage.urgent.desc(), CarerMessage.id) if waiting else (CarerMessage.id.desc(),)
    rows = await session.execute(query.order_by(*order).offset(offset).limit(count))
    return [MessageLine(*row) for row in rows.all()]


async def lock_message(
    session: Session, message_id: int, social_worker_id: int | None
) -> CarerMessage | None:
    """One message, held until the transaction ends; None for another worker's household."""
    query = select(CarerMessage).where(CarerMessage.id == message_id).with_for_update()
    if social_worker_id is not None:
        own = select(Carer.id).join(Household).where(Household.social_worker_id == social_worker_id)
        query = query.where(CarerMessage.carer_id.in_(own))
    return (await session.scalars(query)).one_or_none()
