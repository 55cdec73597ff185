"""What is held back, for one carer or for all, looked at again when the cause may be gone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, true, update

from storage.deliveries import IS_WAITING, Delivery, DeliveryState
from storage.engine import Session


async def judge_again(session: Session, carer_id: int, reasons: Collection[str], now: datetime) -> int:
    """Let what is held for these reasons be judged now rather than when it was to be; how many.

    On PostgreSQL what another transaction holds is left alone: it is being claimed, or called off.
    """
    return await _judge_again(session, Delivery.carer_id == carer_id, reasons, now)


async def judge_all_again(session: Session, reasons: Collection[str], now: datetime) -> int:
    """As `judge_again`, for everybody, staff as well."""
    return await _judge_again(session, true(), reasons, now)


async def _judge_again(
    session: Session, whose: ColumnElement[bool], reasons: Collection[str], now: datetime
) -> int:
    held = (
        select(Delivery.id)
        .where(_held_for(reasons), whose, Delivery.due_at > now)
        .with_for_update(skip_locked=True)
    )
    judged = await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(held))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(judged, CursorResult)  # noqa: S101 - for the type checker
    return judged.rowcount


async def held_by_reason(session: Session, reasons: Collection[str]) -> dict[str, int]:
    """How many are held for each of these reasons; a reason for which none is, is missing."""
    rows = await session.execute(
        select(Delivery.reason, func.count()).where(_held_for(reasons)).group_by(Delivery.reason)
    )
    return {str(reason): count for reason, count in rows}


def _held_for(reasons: Collection[str]) -> ColumnElement[bool]:
    return and_(IS_WAITING, Delivery.state == DeliveryState.HELD, Delivery.reason.in_(reasons))
