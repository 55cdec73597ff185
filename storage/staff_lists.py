"""Listing members of staff."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from storage.engine import Session
from storage.staff import StaffMember, WebSession


async def all_staff(session: Session, now: datetime) -> Sequence[tuple[StaffMember, int]]:
    """Everybody by name, those who left last, each with the number of browsers they are signed in with."""
    browsers = (
        select(func.count())
        .where(WebSession.staff_id == StaffMember.id, WebSession.expires_at > now)
        .scalar_subquery()
    )
    query = select(StaffMember, browsers).order_by(
        StaffMember.left_on.is_not(None), StaffMember.name, StaffMember.id
    )
    return [(member, count) for member, count in (await session.execute(query)).all()]


async def staff_named(session: Session, name: str) -> StaffMember | None:
    """The member of staff with this name who has not left, if there is one; the first added of several."""
    query = (
        select(StaffMember)
        .where(StaffMember.left_on.is_(None), func.lower(StaffMember.name) == name.lower())
        .order_by(StaffMember.id)
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def staff_with_email(session: Session, address: str) -> StaffMember | None:
    """The member of staff who has not left with this email address, in whatever case it is written.

    Nobody where two have it, as accounts made long ago may: either could sign in as the other.
    """
    query = (
        select(StaffMember)
        .where(StaffMember.left_on.is_(None), func.lower(StaffMember.email) == address.strip().lower())
        .limit(2)
    )
    found = (await session.scalars(query)).all()
    return found[0] if len(found) == 1 and address.strip() else None
