"""How often a member of staff has asked for a link to the console."""

from datetime import datetime

from sqlalchemy import func, select

from storage.deliveries import Notice
from storage.engine import Session
from storage.staff import StaffMember


async def lock_staff(session: Session, staff_id: int) -> None:
    """Let nobody else count for this person before this transaction has ended."""
    await session.execute(select(StaffMember.id).where(StaffMember.id == staff_id).with_for_update())


async def asked_for(session: Session, key: str, since: datetime) -> int:
    """How many notices whose key begins like this were made since then."""
    query = select(func.count()).select_from(Notice)
    begins = Notice.key.startswith(key, autoescape=True)
    return (await session.scalars(query.where(begins, Notice.created_at > since))).one()
