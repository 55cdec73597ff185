"""Who among the staff is told of what carers wrote."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, or_, select

from storage.engine import Session
from storage.households import Channel
from storage.staff import Role, StaffMember
from storage.ways import usual_staff_way


async def staff_to_tell(
    session: Session, roles: Collection[Role], also: Collection[int | None] = ()
) -> Sequence[int]:
    """The ids of staff with one of these roles, and of these people, who can be told in the app or by
    email."""
    among = or_(StaffMember.role.in_(roles), StaffMember.id.in_([id for id in also if id is not None]))
    return (await session.scalars(_ids(usual_staff_way().is_not(None), among))).all()


async def staff_who_prefer_mail(session: Session, staff_ids: Collection[int]) -> Sequence[int]:
    """Those of these staff who have the app, and are told by email all the same."""
    by_mail = usual_staff_way() == Channel.EMAIL
    theirs = (StaffMember.id.in_(staff_ids), StaffMember.chat_id.is_not(None))
    return (await session.scalars(_ids(by_mail, *theirs))).all()


def _ids(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(StaffMember.id).where(*conditions).order_by(StaffMember.id)
