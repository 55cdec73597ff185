"""Finding the deliveries whose time has come, with the facts that decide about them."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Select, bindparam, func, or_, select, text

from storage.deliveries import Delivery, DeliveryState, Notice
from storage.deliveries_waiting import is_due
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel, OptOut
from storage.rows import as_parameter, dialect_of, rows_table
from storage.staff import StaffMember
from storage.types import Utc
from storage.ways import way_of_delivery


class DueDelivery(NamedTuple):
    """A delivery whose time has come, and what is known of its recipient. Times are UTC.

    ``email``, ``chat_id``: the carer's or the member of staff's. ``way``: the channel by which the recipient
    is reached now; ``app`` for whom nothing reaches. ``shares_chat``: another carer has the same chat; null
    for staff.
    """

    id: int
    notice_id: int
    kind: str
    state: DeliveryState
    reason: str | None
    due_at: datetime
    send_by: datetime
    attempts: int
    doubts: int
    event_id: int | None
    round_id: int | None
    invitation_id: int | None
    topic: str | None
    event_kind: str | None
    carer_id: int | None
    language: str | None
    first_name: str | None
    household_id: int | None
    stopped_at: datetime | None
    paused_until: datetime | None
    quiet_from: time | None
    quiet_until: time | None
    unreachable_since: datetime | None
    unreachable_reason: str | None
    chat_id: int | None
    email: str | None
    page_number: int | None
    way: str
    shares_chat: bool | None = None
    staff_name: str | None = None


_chat = func.coalesce(Carer.chat_id, StaffMember.chat_id)
_address = func.coalesce(Carer.email, StaffMember.email)
# The columns of `DueDelivery`, in its order.
FACTS: tuple[Any, ...] = (
    Delivery.id,
    Delivery.notice_id,
    Delivery.kind,
    Delivery.state,
    Delivery.reason,
    Delivery.due_at,
    Delivery.send_by,
    Delivery.attempts,
    Delivery.doubts,
    Delivery.event_id,
    Delivery.round_id,
    Delivery.invitation_id,
    Notice.topic,
    Event.kind,
    Delivery.carer_id,
    Carer.language,
    Carer.first_name,
    Carer.household_id,
    Carer.stopped_at,
    Carer.paused_until,
    Carer.quiet_from,
    Carer.quiet_until,
    Carer.unreachable_since,
    Carer.unreachable_reason,
    _chat,
    _address,
    Carer.page_number,
    way_of_delivery(),
    Carer.shares_chat,
    StaffMember.name,
)


def with_facts(query: Select[Any]) -> Select[Any]:
    """A query of `FACTS`, with where they come from."""
    return (
        query.select_from(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Carer, Carer.id == Delivery.carer_id)
        .outerjoin(StaffMember, (StaffMember.id == Delivery.staff_id) & StaffMember.left_on.is_(None))
        .outerjoin(Event, Event.id == Delivery.event_id)
    )


# Made once: at full speed they are asked many times a second, and putting them together costs as much.
@lru_cache
def _due(channel: Channel) -> Select[Any]:
    return (
        with_facts(select(*FACTS))
        .where(is_due(channel, bindparam("priority", type_=Integer)))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("most", type_=Integer))
        # PostgreSQL: what staff are calling off at this moment is theirs; to wait for it could be a deadlock.
        .with_for_update(of=Delivery, skip_locked=True)
    )


@lru_cache
def _due_elsewhere(channel: Channel) -> Select[Any]:
    resting: Any = bindparam("resting", expanding=True)
    if channel is Channel.EMAIL:
        return _due(channel).where(func.lower(func.coalesce(_address, "")).not_in(resting))
    return _due(channel).where(or_(_chat.is_(None), _chat.not_in(resting)))


async def due_deliveries(
    session: Session,
    channel: Channel,
    priority: int,
    now: datetime,
    *,
    resting: Collection[int] | Collection[str] = (),
    limit: int,
) -> list[DueDelivery]:
    """The deliveries of this channel and priority that are due, the longest due first, but none of a paused
    notice.

    ``resting``: chats, or email addresses in lower case, that cannot take a message now; their deliveries
    wait for a later look.
    """
    values: dict[str, Any] = {"priority": priority, "now": now, "most": limit}
    connection = await session.connection()
    if resting:
        rows = await connection.execute(_due_elsewhere(channel), values | {"resting": list(resting)})
    else:
        rows = await connection.execute(_due(channel), values)
    return [DueDelivery._make(row) for row in rows]


async def load_deliveries(session: Session, ids: Collection[int]) -> dict[int, Delivery]:
    """These deliveries by id."""
    rows = await session.scalars(select(Delivery).where(Delivery.id.in_(ids)))
    return {delivery.id: delivery for delivery in rows.all()}


async def opt_outs_of(session: Session, carer_ids: Collection[int]) -> set[tuple[int | None, str | None]]:
    """The topics that these carers do not want, as pairs of carer and topic."""
    connection = await session.connection()
    rows = await connection.execute(_opt_outs(dialect_of(session)), _ids(carer_ids))
    return {(row.carer_id, row.topic) for row in rows}


async def notices_of_households(
    session: Session, household_ids: Collection[int], kinds: Collection[str], since: datetime
) -> Sequence[tuple[int, int, datetime]]:
    """(household, notice, when it last went out) for notices of these kinds since this time.

    What may have arrived counts as arrived: a household is spared rather than told too much.
    """
    connection = await session.connection()
    statement = _of_households(dialect_of(session), tuple(kinds))
    rows = await connection.execute(statement, {**_ids(household_ids), "since": since})
    return [(household, notice, at) for household, notice, at in rows if at is not None]


async def lock_the_week(session: Session) -> None:
    """Let no other transaction count what households got before this one has ended: two channels that claimed
    for one household at once would each find room for one notice more. SQLite has one writer anyway."""
    if dialect_of(session) == "postgresql":
        await session.execute(text(f"SELECT pg_advisory_xact_lock({_WEEK_LOCK})"))


_WEEK_LOCK = 7_240_514
"""Any constant: names the lock among PostgreSQL's advisory locks."""
_WENT_OUT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.RECALLED)


def _ids(ids: Collection[int]) -> dict[str, str]:
    return as_parameter([{"id": id} for id in ids])


@lru_cache
def _opt_outs(dialect: str) -> Select[int, str]:
    given = rows_table(dialect, {"id": BigInteger()})
    return select(OptOut.carer_id, OptOut.topic).join(given, OptOut.carer_id == given.c.id)


@lru_cache
def _of_households(dialect: str, kinds: tuple[str, ...]) -> Select[int, int, datetime | None]:
    given = rows_table(dialect, {"id": BigInteger()})
    return (
        select(Carer.household_id, Delivery.notice_id, func.max(Delivery.sent_at))
        .select_from(given)
        .join(Carer, Carer.household_id == given.c.id)
        .join(Delivery, Delivery.carer_id == Carer.id)
        .where(
            Delivery.sent_at > bindparam("since", type_=Utc()),
            Delivery.state.in_(_WENT_OUT),
            Delivery.kind.in_(kinds),
        )
        .group_by(Carer.household_id, Delivery.notice_id)
    )
