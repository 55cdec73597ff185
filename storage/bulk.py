"""Writing many rows at once, for imports of history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from storage.base import Base
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Session
from storage.households import Carer, Channel
from storage.rsvp import Invitation

_AT_ONCE = 2000


async def insert_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, all with the same columns. Defaults of columns left out apply."""
    # The table itself: through the mapped class every change of which columns are null is a statement more.
    into = insert(table.metadata.tables[table.__tablename__])
    for start in range(0, len(rows), _AT_ONCE):
        await session.execute(into, [dict(row) for row in rows[start : start + _AT_ONCE]])


async def invitation_ids(session: Session, event_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """The keys of the invitations to these events, by event and party."""
    query = select(Invitation.event_id, Invitation.party, Invitation.id).where(
        Invitation.event_id.in_(event_ids)
    )
    return {(event_id, party): key for event_id, party, key in (await session.execute(query)).all()}


async def settle_round_deliveries(session: Session, round_id: int, at: datetime) -> None:
    """Note that what a round queued went out at ``at``, or was skipped for want of a way."""
    linked = select(Carer.chat_id).where(Carer.id == Delivery.carer_id).scalar_subquery()
    waiting = (Delivery.round_id == round_id) & (Delivery.state == DeliveryState.QUEUED)
    sent = {"state": DeliveryState.SENT, "sent_at": at, "attempts": 1, "chat_id": linked}
    reached = or_(linked.is_not(None), Delivery.channel != Channel.APP)
    await session.execute(update(Delivery).where(waiting, reached).values(sent))
    skipped = {"state": DeliveryState.SKIPPED, "reason": "no_app"}
    await session.execute(update(Delivery).where(waiting).values(skipped))
