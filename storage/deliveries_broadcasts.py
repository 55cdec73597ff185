"""What a broadcast needs of the ledger: counts, the rows of its report, and calling off what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, RowMapping, Update, func, or_, select, update

from storage.deliveries import IS_WAITING, Delivery, DeliveryState, Errand, Notice
from storage.engine import Session
from storage.households import Carer, Channel

_REPORT: tuple[Any, ...] = (
    Carer.id,
    Carer.ref,
    Carer.first_name,
    Carer.last_name,
    Carer.language,
    Delivery.state,
    Delivery.reason,
    Delivery.sent_at,
    Delivery.channel,
)
_ON_ITS_WAY = (DeliveryState.SENT, DeliveryState.SENDING)
_BY_APP = Delivery.channel == Channel.APP
"""What went by email or by post is beyond reach: nobody takes it back or changes it."""


async def cancel_waiting(session: Session, notice_id: int) -> int:
    """Call off what has not gone out of a notice; how many that were."""
    return await _change(
        session,
        update(Delivery)
        .where(Delivery.notice_id == notice_id, IS_WAITING)
        .values(state=DeliveryState.CANCELLED, reason=None),
    )


async def keep_useful_until(session: Session, notice_id: int, until: datetime) -> int:
    """Let what waits of a notice go stale no earlier than this; how many would have."""
    return await _change(
        session,
        update(Delivery)
        .where(Delivery.notice_id == notice_id, IS_WAITING, Delivery.send_by < until)
        .values(send_by=until),
    )


async def give_errand(
    session: Session, notice_id: int, errand: Errand, sent_after: datetime, now: datetime
) -> int:
    """Ask for something to be done to the messages of a notice that went out in the app after this time; how
    many.

    What is in flight gets the errand too, and has it done once its message is known.
    """
    return await _change(
        session,
        update(Delivery)
        .where(
            Delivery.notice_id == notice_id,
            _BY_APP,
            Delivery.sent_at > sent_after,
            Delivery.state.in_(_ON_ITS_WAY),
            or_(Delivery.message_id.is_not(None), Delivery.state == DeliveryState.SENDING),
        )
        .values(errand=errand, errand_at=now),
    )


async def count_sent(session: Session, notice_id: int, sent_until: datetime) -> tuple[int, int]:
    """(messages of a notice that went out in the app by this time, those there that may or may not have
    arrived)."""
    old = select(func.count()).where(
        Delivery.notice_id == notice_id,
        _BY_APP,
        Delivery.state.in_(_ON_ITS_WAY),
        Delivery.sent_at <= sent_until,
    )
    doubtful = select(func.count()).where(
        Delivery.notice_id == notice_id, _BY_APP, Delivery.state == DeliveryState.UNKNOWN
    )
    return (await session.scalars(old)).one(), (await session.scalars(doubtful)).one()


async def count_beyond_reach(session: Session, notice_id: int) -> tuple[int, int]:
    """(emails of a notice that went out, or may have; those who got it by post or on the telephone)."""
    mailed = Delivery.state.in_((*_ON_ITS_WAY, DeliveryState.UNKNOWN))
    by_email = select(func.count()).where(
        Delivery.notice_id == notice_id, Delivery.channel == Channel.EMAIL, mailed
    )
    by_hand = select(func.count()).where(
        Delivery.notice_id == notice_id,
        Delivery.channel.not_in((Channel.APP, Channel.EMAIL)),
        Delivery.state == DeliveryState.SENT,
    )
    return (await session.scalars(by_email)).one(), (await session.scalars(by_hand)).one()


async def any_waiting(session: Session, notice_id: int) -> bool:
    """Whether something of a notice has not gone out. Spelled so that the index of what waits is used."""
    query = select(Delivery.id).where(IS_WAITING, Delivery.notice_id == notice_id).limit(1)
    return await session.scalar(query) is not None


async def any_sent_after(session: Session, notice_id: int, sent_after: datetime) -> bool:
    """Whether a message of a notice went out in the app after this time."""
    query = (
        select(Delivery.id)
        .where(
            Delivery.notice_id == notice_id,
            _BY_APP,
            Delivery.state.in_(_ON_ITS_WAY),
            Delivery.sent_at > sent_after,
        )
        .limit(1)
    )
    return await session.scalar(query) is not None


async def pause_of(session: Session, notice_id: int) -> tuple[datetime | None, str | None]:
    """Since when a notice is paused, and why."""
    query = select(Notice.paused_at, Notice.paused_reason).where(Notice.id == notice_id)
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else (None, None)


async def count_due(session: Session, notice_id: int, now: datetime) -> dict[Channel, int]:
    """By channel, how many deliveries of a notice wait for nothing but their turn."""
    query = (
        select(Delivery.channel, func.count())
        .where(Delivery.notice_id == notice_id, IS_WAITING, Delivery.due_at <= now)
        .group_by(Delivery.channel)
    )
    return {Channel(channel): count for channel, count in (await session.execute(query)).all()}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One recipient and what became of it. ``sent_at`` only where it is known to have been accepted."""

    carer_id: int
    carer_ref: str
    name: str
    language: str
    state: DeliveryState
    reason: str | None
    sent_at: datetime | None
    channel: str = Channel.APP


async def count_rows(session: Session, notice_id: int, state: DeliveryState | None) -> int:
    query = select(func.count()).select_from(Delivery).where(Delivery.notice_id == notice_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return (await session.scalars(query)).one()


async def rows_of_notice(
    session: Session,
    notice_id: int,
    state: DeliveryState | None = None,
    *,
    offset: int = 0,
    count: int | None = None,
) -> Sequence[ReportRow]:
    """Who gets a notice, in the order of the ledger."""
    query = (
        select(*_REPORT)
        .join(Carer, Carer.id == Delivery.carer_id)
        .where(Delivery.notice_id == notice_id)
        .order_by(Delivery.id)
        .offset(offset)
    )
    if state is not None:
        query = query.where(Delivery.state == state)
    rows = (await session.execute(query.limit(count) if count is not None else query)).mappings()
    return [_row(row) for row in rows]


def _row(row: RowMapping) -> ReportRow:
    accepted = row["state"] in (DeliveryState.SENT, DeliveryState.RECALLED)
    return ReportRow(
        carer_id=row["id"],
        carer_ref=row["ref"],
        name=f"{row['first_name']} {row['last_name']}".strip(),
        language=str(row["language"]),
        state=row["state"],
        reason=row["reason"],
        sent_at=row["sent_at"] if accepted else None,
        channel=row["channel"],
    )


async def _change(session: Session, statement: Update) -> int:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount
