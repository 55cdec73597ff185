"""Messages that went out and are to be taken back or corrected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from storage.deliveries import Delivery, DeliveryState, Errand
from storage.deliveries_due import FACTS, DueDelivery, with_facts
from storage.engine import Session


@dataclass(frozen=True, slots=True)
class DueAmendment:
    """One message and what is to be done to it. ``chat_id`` and ``message_id`` are where it went."""

    delivery: DueDelivery
    errand: Errand
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Amended:
    """What came of it: done with, or tried again from ``errand_at`` on."""

    id: int
    state: DeliveryState
    reason: str | None
    errand: Errand | None = None
    errand_at: datetime | None = None


async def due_amendments(
    session: Session, now: datetime, *, but_chats: Collection[int], limit: int
) -> list[DueAmendment]:
    """The messages that are to be amended now, the first sent first."""
    query = (
        with_facts(select(*FACTS, Delivery.errand, Delivery.chat_id, Delivery.message_id))
        .where(
            Delivery.errand.is_not(None),
            Delivery.errand_at <= now,
            Delivery.chat_id.is_not(None),
            Delivery.message_id.is_not(None),
        )
        .order_by(Delivery.id)
        .limit(limit)
    )
    if but_chats:
        query = query.where(Delivery.chat_id.not_in(but_chats))
    return [
        DueAmendment(DueDelivery._make(row[:-3]), *row[-3:]) for row in (await session.execute(query)).all()
    ]


async def note_amended(session: Session, rows: Sequence[Amended]) -> None:
    """Write down what came of these. What was sent again or amended otherwise meanwhile stays as it is."""
    if not rows:
        return
    statement = (
        update(Delivery)
        .where(Delivery.id == bindparam("key"), Delivery.errand.is_not(None))
        .values(
            state=bindparam("to_state"),
            reason=bindparam("why"),
            errand=bindparam("still"),
            errand_at=bindparam("again_at"),
        )
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [
            {
                "key": row.id,
                "to_state": row.state,
                "why": row.reason,
                "still": row.errand,
                "again_at": row.errand_at,
            }
            for row in rows
        ],
    )
