"""What staff see of the ledger, read-only: counts, what nobody can vouch for, who is not reached, exports."""

from datetime import date, datetime

from storage.deliveries import IS_TROUBLED, DeliveryState
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
    count_in_doubt,
    count_out_of_reach,
    ledger_rows,
    queue_length,
)

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
        session, IS_TROUBLED, event_id=event_id, social_worker_id=social_worker_id, limit=limit
    )


async def count_troubled(session: Session, most: int = MOST_ROWS) -> int:
    """How many there are, as far as they are listed."""
    return await count_in_doubt(session, most)


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
    "count_troubled",
    "counts",
    "export_deliveries",
    "not_reached",
    "troubled",
    "waiting",
]
