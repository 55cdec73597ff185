"""Finding broadcasts: one to change under a lock, those that are due, a page of them, the same content."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from storage.broadcasts import IS_OPEN, Attachment, Broadcast, BroadcastState
from storage.deliveries import IS_SENDING, IS_WAITING, Delivery
from storage.engine import Session
from storage.events import Event
from storage.households import Channel
from storage.series import EventTemplate, Series
from storage.staff import StaffMember

NEVER_BEGAN = (BroadcastState.DRAFT, BroadcastState.AWAITING_APPROVAL, BroadcastState.SCHEDULED)


async def locked_broadcast(session: Session, broadcast_id: int) -> Broadcast | None:
    """The broadcast as it stands now; nobody else changes it before this transaction ends."""
    query = select(Broadcast).where(Broadcast.id == broadcast_id).with_for_update()
    return (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()


async def broadcast_of_notice(session: Session, notice_id: int) -> Broadcast | None:
    """The broadcast that this notice in the ledger is of, locked as above."""
    query = select(Broadcast).where(Broadcast.notice_id == notice_id).with_for_update()
    return (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()


async def broadcasts_of_notices(session: Session, notice_ids: Collection[int]) -> dict[int, Broadcast]:
    """The broadcasts of these notices, by notice."""
    rows = await session.scalars(
        select(Broadcast).where(Broadcast.notice_id.in_(notice_ids)),
        execution_options={"populate_existing": True},
    )
    return {row.notice_id: row for row in rows if row.notice_id is not None}


async def due_broadcasts(session: Session, now: datetime) -> Sequence[int]:
    """The ids of scheduled broadcasts whose time has come, the longest due first."""
    query = (
        select(Broadcast.id)
        .where(IS_OPEN, Broadcast.state == BroadcastState.SCHEDULED, Broadcast.starts_at <= now)
        .order_by(Broadcast.starts_at, Broadcast.id)
    )
    return (await session.scalars(query)).all()


async def done_broadcasts(session: Session, priority: int) -> Sequence[int]:
    """The ids of broadcasts that are sending and have nobody left to send to, of this priority. Letters take
    as long as staff do: no broadcast waits for them."""
    query = select(Broadcast.id, Broadcast.notice_id).where(
        IS_OPEN, Broadcast.state == BroadcastState.SENDING
    )
    return [
        broadcast_id
        for broadcast_id, notice_id in (await session.execute(query)).all()
        if notice_id is not None and not await _has_open_deliveries(session, notice_id, priority)
    ]


async def _has_open_deliveries(session: Session, notice_id: int, priority: int) -> bool:
    # The sum keeps the database from going through all that the notice ever had: the partial indexes hold
    # only what waits and what is in flight, and mostly the first row found settles it.
    of_notice = Delivery.notice_id + 0 == notice_id
    by_itself = Delivery.channel.in_((Channel.APP, Channel.EMAIL))
    waiting = (
        select(Delivery.id).where(IS_WAITING, by_itself, Delivery.priority == priority, of_notice).limit(1)
    )
    if await session.scalar(waiting) is not None:
        return True
    return await session.scalar(select(Delivery.id).where(IS_SENDING, of_notice).limit(1)) is not None


async def same_content(
    session: Session, fingerprint: str, but_id: int, begin: datetime, end: datetime
) -> int | None:
    """The latest other broadcast of this fingerprint that went or goes out from ``begin`` until ``end``."""
    when = func.coalesce(Broadcast.started_at, Broadcast.starts_at, Broadcast.send_at, Broadcast.confirmed_at)
    query = (
        select(Broadcast.id)
        .where(
            Broadcast.fingerprint == fingerprint,
            Broadcast.id != but_id,
            Broadcast.state != BroadcastState.DRAFT,
            or_(Broadcast.state != BroadcastState.CANCELLED, Broadcast.started_at.is_not(None)),
            when >= begin,
            when < end,
        )
        .order_by(Broadcast.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def count_broadcasts(session: Session, state: BroadcastState | None) -> int:
    query = select(func.count()).select_from(Broadcast)
    if state is not None:
        query = query.where(Broadcast.state == state)
    return (await session.scalars(query)).one()


async def broadcasts_found(
    session: Session, state: BroadcastState | None, *, offset: int, count: int
) -> Sequence[tuple[Broadcast, str | None]]:
    """Broadcasts with the name of who wrote them first, the latest first."""
    query = (
        select(Broadcast, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Broadcast.created_by_id)
        .order_by(Broadcast.id.desc())
        .offset(offset)
        .limit(count)
    )
    if state is not None:
        query = query.where(Broadcast.state == state)
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def names_of_staff(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The names of these members of staff."""
    rows = await session.scalars(select(StaffMember).where(StaffMember.id.in_(ids)))
    return {member.id: member.name for member in rows}


async def pause_broadcast(session: Session, notice_id: int) -> None:
    """Let the state of a notice's broadcast say that it is paused, if it was sending."""
    await session.execute(
        update(Broadcast)
        .where(Broadcast.notice_id == notice_id, Broadcast.state == BroadcastState.SENDING)
        .values(state=BroadcastState.PAUSED)
    )


async def attachment_facts(session: Session, attachment_id: int) -> dict[str, Any] | None:
    """What is known of an attachment, without reading what is in it; ``size`` in bytes, null if Telegram
    keeps it."""
    columns = (
        Attachment.id,
        Attachment.filename,
        Attachment.mime,
        Attachment.is_photo,
        Attachment.telegram_file_id,
        Attachment.created_at,
        func.length(Attachment.content).label("size"),
    )
    row = (await session.execute(select(*columns).where(Attachment.id == attachment_id))).one_or_none()
    return dict(row._mapping) if row else None


async def attachment_content(session: Session, attachment_id: int) -> bytes | None:
    return await session.scalar(select(Attachment.content).where(Attachment.id == attachment_id))


async def same_attachment(session: Session, attachment: Attachment) -> int | None:
    """One that was kept before and is the same in everything, if there is one."""
    query = select(Attachment.id).where(
        Attachment.filename == attachment.filename,
        Attachment.mime == attachment.mime,
        Attachment.is_photo == attachment.is_photo,
    )
    if attachment.content is None:
        query = query.where(Attachment.telegram_file_id == attachment.telegram_file_id)
    else:
        size = func.length(Attachment.content) == len(attachment.content)
        query = query.where(size, Attachment.content == attachment.content)
    return await session.scalar(query.order_by(Attachment.id).limit(1))


async def forget_unused_attachment(session: Session, attachment_id: int) -> None:
    """Delete an attachment that no broadcast has, and no event."""
    await _forget_unused(session, Attachment.id == attachment_id)


async def forget_unused_attachments(session: Session, before: datetime) -> int:
    """Delete the attachments kept before this time that no broadcast has, and no event; how many."""
    return await _forget_unused(session, Attachment.created_at < before)


async def _forget_unused(session: Session, which: ColumnElement[bool]) -> int:
    used = select(Broadcast.id).where(Broadcast.attachment_id == Attachment.id)
    shown = select(Event.id).where(Event.flyer_id == Attachment.id)
    planned = await _planned_flyers(session)
    gone = await session.scalars(
        delete(Attachment)
        .where(which, ~used.exists(), ~shown.exists(), Attachment.id.not_in(planned))
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def _planned_flyers(session: Session) -> set[int]:
    """The attachments that events to be made will have: those of series and templates."""
    patterns = [
        *(await session.scalars(select(Series.pattern))),
        *(await session.scalars(select(EventTemplate.pattern))),
    ]
    return {pattern["flyer_id"] for pattern in patterns if pattern.get("flyer_id") is not None}
