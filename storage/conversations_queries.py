"""What carers wrote, and who among the staff is told of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, or_, select

from storage.conversations import CarerMessage
from storage.engine import Session
from storage.staff import Role, StaffMember


async def linked_staff(
    session: Session, roles: Collection[Role], also_id: int | None = None
) -> Sequence[int]:
    """The ids of staff with one of these roles, and of one more person, who can be told in the chat."""
    query = select(StaffMember.id).where(
        StaffMember.chat_id.is_not(None),
        StaffMember.left_on.is_(None),
        or_(StaffMember.role.in_(roles), StaffMember.id == also_id),
    )
    return (await session.scalars(query.order_by(StaffMember.id))).all()


async def delete_messages(session: Session, before: datetime) -> int:
    """Delete what carers wrote before this time; returns how many messages went."""
    result = await session.execute(delete(CarerMessage).where(CarerMessage.received_at < before))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount
