"""What there is to do, in one look: the engine asks before every turn."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
)

from storage.deliveries import IS_WAITING, Delivery, Notice, Reply, ReplyState
from storage.engine import Session
from storage.households import Channel
from storage.rsvp import Card
from storage.types import Utc


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which kinds of work have come due. ``priorities``: of deliveries, the most urgent first."""

    replies: bool
    cards: bool
    amendments: bool
    priorities: tuple[int, ...]

    def __bool__(self) -> bool:
        return self.replies or self.cards or self.amendments or bool(self.priorities)


NOTHING = Waiting(False, False, False, ())
NOT_PAUSED = Delivery.notice_id.not_in(select(Notice.id).where(Notice.paused_at.is_not(None)))
_NOW = bindparam("now", type_=Utc())


def is_due(channel: Channel, priority: BindParameter[int]) -> ColumnElement[bool]:
    """A delivery of this channel and priority waits, its time has come by the parameter ``now``, and nobody
    paused it."""
    its_own = and_(Delivery.channel == channel.value, Delivery.priority == priority)
    return and_(IS_WAITING, its_own, Delivery.due_at <= _NOW, NOT_PAUSED)


async def what_is_due(
    session: Session, priorities: tuple[int, ...], now: datetime, channel: Channel = Channel.APP
) -> Waiting:
    """What there is to do now by this channel; ``priorities`` are those that deliveries may have. Replies,
    cards and amendments are all the app's."""
    connection = await session.connection()
    question = _question(priorities, channel)
    replies, cards, amendments, *found = (await connection.execute(question, {"now": now})).one()
    due = tuple(priority for priority, is_there in zip(priorities, found, strict=True) if is_there)
    return Waiting(bool(replies), bool(cards), bool(amendments), due)


@lru_cache
def _question(priorities: tuple[int, ...], channel: Channel) -> Select[*tuple[Any, ...]]:
    of_chats = (
        exists().where(Reply.state == ReplyState.QUEUED, Reply.due_at <= _NOW),
        exists().where(Card.stale, or_(Card.retry_at.is_(None), Card.retry_at <= _NOW)),
        exists().where(Delivery.errand.is_not(None), Delivery.errand_at <= _NOW),
    )
    return select(
        *(of_chats if channel is Channel.APP else (false(), false(), false())),
        *(exists().where(is_due(channel, bindparam(None, priority, Integer))) for priority in priorities),
    )
