"""What is held back for a carer, looked at again when the cause may be gone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from storage.deliveries import IS_WAITING, Delivery, DeliveryState
from storage.engine import Session


async def judge_again(session: Session, carer_id: int, reasons: Collection[str], now: datetime) -> int:
    """Let what is held for these reasons be judged now rather than when it was to be; how many.

    On PostgreSQL what another transaction holds is left alone: it is being claimed, or called off.
    """
    held = (
        select(Delivery.id)
        .where(
            IS_WAITING,
            Delivery.carer_id == carer_id,
            Delivery.state == DeliveryState.HELD,
            Delivery.reason.in_(reasons),
            Delivery.due_at > now,
        )
        .with_for_update(skip_locked=True)
    )
    ids = (await session.scalars(held)).all()
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    return len(ids)
