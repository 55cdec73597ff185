"""Keeping waiting deliveries on their way: to the channel by which each recipient is reached now.

A delivery has its channel from the moment it is queued. When somebody's way changes what waits for them goes
along, and what they were not told for want of any way is told after all, where it is still of use.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import IS_WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.households import Carer, Channel
from storage.staff import StaffMember
from storage.ways import staff_way, way

_NO_WAY = text("deliveries.state = 'skipped' AND deliveries.reason = 'no_app'")
"""Spelled out as in the partial index, which no database uses otherwise."""
_AT_ONCE = 5000
_ADDRESS_GONE = ("no_such_address", "mailbox_disabled", "not_an_address", "no_such_server")
"""The reasons of emails that failed with their address, which has not had them: see `bot.mail_outcomes`."""


@dataclass(frozen=True)
class _People:
    """Whom deliveries are for, and by which column; the ``way`` of each; and ``again``: by which ways they
    are told after all what they were not told for want of any."""

    them: type[Carer] | type[StaffMember]
    column: InstrumentedAttribute[int | None]
    way: ColumnElement[Any]
    again: tuple[Channel, ...]

    def deliveries(self, id: int | None = None) -> Select[int]:
        """Those of one, or of all."""
        query = select(Delivery.id).join(self.them, self.them.id == self.column)
        return query if id is None else query.where(self.column == id)

    def way_or_app(self) -> ColumnElement[Any]:
        return func.coalesce(self.way, literal(Channel.APP.value))

    def its_way(self) -> Any:
        """The same, of a delivery that is being changed."""
        return select(self.way_or_app()).where(self.them.id == self.column).scalar_subquery()

    def astray(self) -> Sequence[ColumnElement[bool]]:
        return (IS_WAITING, Delivery.channel != self.way_or_app())  # type: ignore[return-value]

    def have_a_way_now(self, now: datetime) -> Sequence[ColumnElement[bool]]:
        called_off = select(Broadcast.notice_id).where(
            Broadcast.notice_id.is_not(None),
            Broadcast.state.in_((BroadcastState.CANCELLED, BroadcastState.RECALLED)),
        )
        reached = self.way.in_([channel.value for channel in self.again])
        return (Delivery.send_by > now, reached, Delivery.notice_id.not_in(called_off))

    def afresh(self, now: datetime) -> dict[str, Any]:
        return {
            "state": DeliveryState.QUEUED,
            "reason": null(),
            "due_at": now,
            "channel": self.its_way(),
        }


# Nothing is queued again for the app of a carer: who connects it gets what is open to them by another way.
_CARERS = _People(Carer, Delivery.carer_id, way(), (Channel.EMAIL, Channel.LETTER))
_STAFF = _People(StaffMember, Delivery.staff_id, staff_way(Delivery.kind), (Channel.APP, Channel.EMAIL))
_ALL = (_CARERS, _STAFF)


async def reroute(session: Session, now: datetime, carer_id: int | None = None) -> int:
    """Put what waits on the way by which its recipient is reached, and queue again what was skipped for want
    of one, or failed with an address that has been replaced since, where it is useful still; of one carer, or
    of all carers and staff. How many deliveries that changed.

    A delivery that is being claimed at this moment stays as it is; whoever claims it looks too.
    """
    moved = await _reroute(session, _CARERS, carer_id, now)
    return moved if carer_id is not None else moved + await _reroute(session, _STAFF, None, now)


async def reroute_staff(session: Session, now: datetime, staff_id: int | None = None) -> int:
    """The same of one member of staff, or of all."""
    return await _reroute(session, _STAFF, staff_id, now)


async def any_to_reroute(session: Session, now: datetime) -> bool:
    """Whether `reroute` has something to do: asked before anything is locked."""
    for people in _ALL:
        for conditions in (people.astray(), (_NO_WAY, *people.have_a_way_now(now))):
            if await session.scalar(people.deliveries().where(*conditions).limit(1)) is not None:
                return True
    return False


async def move_to_their_way(session: Session, delivery_ids: Collection[int]) -> None:
    """Put these deliveries, as far as they wait, on the way by which their recipients are reached."""
    for people in _ALL:
        waiting = people.deliveries().where(IS_WAITING, _is_among(delivery_ids))
        await _move(session, waiting, {"channel": people.its_way()})


async def go_another_way(session: Session, delivery_ids: Collection[int], now: datetime) -> int:
    """Queue these deliveries, which were refused for good on the way that they took, on the other way by
    which their recipients are reached; how many have one."""
    if not delivery_ids:
        return 0
    failed = (Delivery.state == DeliveryState.FAILED, Delivery.send_by > now, _is_among(delivery_ids))
    moved = 0
    for people in _ALL:
        another = people.deliveries().where(*failed, Delivery.channel != people.way)
        moved += await _move(session, another, people.afresh(now))
    return moved


async def _reroute(session: Session, people: _People, id: int | None, now: datetime) -> int:
    theirs = people.deliveries(id)
    moved = await _move(session, theirs.where(*people.astray()), {"channel": people.its_way()})
    for untold in (_NO_WAY, _failed_with_the_address()):
        again = theirs.where(untold, *people.have_a_way_now(now))
        moved += await _move(session, again, people.afresh(now))
    return moved


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
