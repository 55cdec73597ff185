"""Keeping waiting deliveries on their way: to the channel by which each carer is reached now.

A delivery has its channel from the moment it is queued. When a carer's way changes what waits for them goes
along, and what they were not told for want of any way is told after all, where it is still of use.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, null, select, text, update

from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import IS_WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.households import Carer, Channel
from storage.ways import way, way_or_app

_NO_WAY = text("deliveries.state = 'skipped' AND deliveries.reason = 'no_app'")
"""Spelled out as in the partial index, which no database uses otherwise."""
_AT_ONCE = 5000
_ADDRESS_GONE = ("no_such_address", "mailbox_disabled", "not_an_address", "no_such_server")
"""The reasons of emails that failed with their address, which has not had them: see `bot.mail_outcomes`."""


async def reroute(session: Session, now: datetime, carer_id: int | None = None) -> int:
    """Put what waits on the way by which its carer is reached, and queue again what was skipped for want of
    one, or failed with an address that has been replaced since, where it is useful still; of one carer or of
    all. How many deliveries that changed.

    Nothing is queued again for the app: who connects it gets what is open to them by another way. A delivery
    that is being claimed at this moment stays as it is; whoever claims it looks too.
    """
    moved = await _move(session, _with_carer(carer_id).where(*_astray()), {"channel": _its_way()})
    afresh = {"state": DeliveryState.QUEUED, "reason": null(), "due_at": now, "channel": _its_way()}
    for untold in (_NO_WAY, _failed_with_the_address()):
        moved += await _move(session, _with_carer(carer_id).where(untold, *_has_a_way_now(now)), afresh)
    return moved


async def any_to_reroute(session: Session, now: datetime) -> bool:
    """Whether `reroute` has something to do: asked before anything is locked."""
    for conditions in (_astray(), (_NO_WAY, *_has_a_way_now(now))):
        if await session.scalar(_with_carer(None).where(*conditions).limit(1)) is not None:
            return True
    return False


async def move_to_their_way(session: Session, delivery_ids: Collection[int]) -> None:
    """Put these deliveries, as far as they wait, on the way by which their carers are reached."""
    await _move(
        session, _with_carer(None).where(IS_WAITING, _is_among(delivery_ids)), {"channel": _its_way()}
    )


async def go_another_way(session: Session, delivery_ids: Collection[int], now: datetime) -> int:
    """Queue these deliveries, which were refused for good on the way that they took, on the other way by
    which their carers are reached; how many have one."""
    if not delivery_ids:
        return 0
    failed = (Delivery.state == DeliveryState.FAILED, Delivery.send_by > now, _is_among(delivery_ids))
    afresh = {"state": DeliveryState.QUEUED, "reason": null(), "due_at": now, "channel": _its_way()}
    return await _move(session, _with_carer(None).where(*failed, Delivery.channel != way()), afresh)


def _with_carer(carer_id: int | None) -> Select[int]:
    query = select(Delivery.id).join(Carer, Carer.id == Delivery.carer_id)
    return query if carer_id is None else query.where(Delivery.carer_id == carer_id)


def _astray() -> Sequence[ColumnElement[bool]]:
    return (IS_WAITING, Delivery.channel != way_or_app())  # type: ignore[return-value]


def _has_a_way_now(now: datetime) -> Sequence[ColumnElement[bool]]:
    called_off = select(Broadcast.notice_id).where(
        Broadcast.notice_id.is_not(None),
        Broadcast.state.in_((BroadcastState.CANCELLED, BroadcastState.RECALLED)),
    )
    by_hand_or_mail = way().in_((Channel.EMAIL.value, Channel.LETTER.value))
    return (Delivery.send_by > now, by_hand_or_mail, Delivery.notice_id.not_in(called_off))


def _failed_with_the_address() -> ColumnElement[bool]:
    """Of all carers that is no cheap question: it is asked when ways change, not every minute."""
    reasons = (*_ADDRESS_GONE, *(f"bounced:{reason}" for reason in _ADDRESS_GONE))
    return and_(
        Delivery.state == DeliveryState.FAILED,
        Delivery.channel == Channel.EMAIL,
        Delivery.reason.in_(reasons),
    )


def _is_among(delivery_ids: Collection[int]) -> ColumnElement[bool]:
    return Delivery.id.in_(delivery_ids)


def _its_way() -> Any:
    return select(way_or_app()).where(Carer.id == Delivery.carer_id).scalar_subquery()


async def _move(session: Session, which: Select[int], values: dict[str, Any]) -> int:
    """Change these deliveries. On PostgreSQL what another transaction holds is left alone: it is being
    claimed, or called off, and to wait for it could be a deadlock."""
    ids = (await session.scalars(which.with_for_update(of=Delivery, skip_locked=True))).all()
    for start in range(0, len(ids), _AT_ONCE):
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids[start : start + _AT_ONCE]))
            .values(values)
            .execution_options(synchronize_session=False)
        )
    return len(ids)
