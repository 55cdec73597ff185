"""Counting what is held about one carer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select

from storage.conversations import CarerMessage
from storage.deliveries import SURVEY_REMINDER, Delivery
from storage.engine import Session
from storage.households import Carer, Group, GroupLeaver, GroupMember
from storage.nominations import Nomination
from storage.rsvp import Invitation


async def group_names_of(session: Session, carer_id: int) -> Sequence[str]:
    """The names of a carer's groups, in order."""
    query = select(Group.name).join(GroupMember).where(GroupMember.carer_id == carer_id)
    return (await session.scalars(query.order_by(Group.name))).all()


async def group_names_left(session: Session, carer_id: int) -> Sequence[str]:
    """The names of the groups that a carer left, or was taken out of, in order."""
    query = select(Group.name).join(GroupLeaver).where(GroupLeaver.carer_id == carer_id)
    return (await session.scalars(query.order_by(Group.name))).all()


async def count_answers(session: Session, carer: Carer) -> int:
    """Answered invitations of the carer, and of their household where households answer."""
    theirs = or_(
        Invitation.carer_id == carer.id,
        Invitation.carer_id.is_(None) & (Invitation.household_id == carer.household_id),
    )
    return await _count(
        session, select(func.count(Invitation.id)).where(theirs, Invitation.answered_at.is_not(None))
    )


async def count_messages(session: Session, carer_id: int) -> int:
    """What the carer wrote to the service and is still kept."""
    query = select(func.count(CarerMessage.id)).where(
        CarerMessage.carer_id == carer_id,
        CarerMessage.written_by_id.is_(None),
        CarerMessage.text.is_not(None),
    )
    return await _count(session, query)


async def count_notices(session: Session, carer_id: int) -> int:
    """What was sent to the carer unasked. Reminders of surveys do not count: they tell who had answered."""
    query = select(func.count(Delivery.id)).where(
        Delivery.carer_id == carer_id, Delivery.sent_at.is_not(None), Delivery.kind != SURVEY_REMINDER
    )
    return await _count(session, query)


async def count_nominations(session: Session, carer_id: int) -> int:
    """How often the carer nominated somebody, as long as what they wrote is kept."""
    query = select(func.count(Nomination.id)).where(
        Nomination.nominated_by_id == carer_id, Nomination.whom.is_not(None)
    )
    return await _count(session, query)


async def _count(session: Session, query: Select[Any]) -> int:
    return int((await session.scalars(query)).one())
