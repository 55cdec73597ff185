"""What staff see of the ledger, read-only: counts, what nobody can vouch for, who is not reached, exports."""

from datetime import date, datetime

from storage.deliveries import DeliveryState
from storage.engine import Session
from storage.ledger_queries import (
    Count,
    DeliveryExport,
    LedgerRow,
    NotReached,
    OutOfReach,
    all_deliveries,
    carers_out_of_reach,
    count_deliveries,
    count_out_of_reach,
    ledger_rows,
    queue_length,
)

TROUBLED = (DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.MISSED)
MOST_ROWS = 200


async def counts(
    session: Session,
    *,
    event_id: int | None = None,
    round_id: int | None = None,
    notice_id: int | None = None,
) -> list[Count]:
    """How many deliveries stand where and why, of an event, a round or a notice, or of all."""
    return await count_deliveries(session, event_id=event_id, round_id=round_id, notice_id=notice_id)


async def troubled(
    session: Session,
    *,
    event_id: int | None = None,
    social_worker_id: int | None = None,
    limit: int = MOST_ROWS,
) -> list[LedgerRow]:
    """The latest deliveries that failed, were missed, or may or may not have arrived."""
    return await ledger_rows(
        session, TROUBLED, event_id=event_id, social_worker_id=social_worker_id, limit=limit
    )


async def deliveries_of_carer(session: Session, carer_id: int, limit: int = MOST_ROWS) -> list[LedgerRow]:
    """What was said to one carer, or is about to be, the latest first."""
    return await ledger_rows(session, tuple(DeliveryState), carer_id=carer_id, limit=limit)


async def not_reached(
    session: Session, today: date, *, social_worker_id: int | None = None
) -> list[OutOfReach]:
    """The current carers whom no notice reaches, and why. ``today`` is the service's local date."""
    return await carers_out_of_reach(session, today, social_worker_id=social_worker_id)


async def count_not_reached(
    session: Session, today: date, *, social_worker_id: int | None = None
) -> dict[int | None, NotReached]:
    """How many that are, by social worker; null: of none."""
    return await count_out_of_reach(session, today, social_worker_id=social_worker_id)


async def export_deliveries(session: Session) -> list[DeliveryExport]:
    """Every delivery, in the columns of the export."""
    return list(await all_deliveries(session))


async def waiting(session: Session, now: datetime) -> tuple[int, int]:
    """(deliveries, replies) whose time has come and that have not gone out: the length of the queue."""
    return await queue_length(session, now)


__all__ = [
    "Count",
    "DeliveryExport",
    "DeliveryState",
    "LedgerRow",
    "NotReached",
    "OutOfReach",
    "count_not_reached",
    "counts",
    "deliveries_of_carer",
    "export_deliveries",
    "not_reached",
    "troubled",
    "waiting",
]
