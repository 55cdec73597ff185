"""Who among the staff is told of what carers wrote."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from storage.engine import Session
from storage.staff import Role, StaffMember


async def linked_staff(
    session: Session, roles: Collection[Role], also: Collection[int | None] = ()
) -> Sequence[int]:
    """The ids of staff with one of these roles, and of these people, who can be told in the chat."""
    query = select(StaffMember.id).where(
        StaffMember.chat_id.is_not(None),
        StaffMember.left_on.is_(None),
        or_(StaffMember.role.in_(roles), StaffMember.id.in_([id for id in also if id is not None])),
    )
    return (await session.scalars(query.order_by(StaffMember.id))).all()
