"""Finding carers and staff by their chat."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from storage.engine import Session
from storage.households import Carer
from storage.staff import StaffMember


async def carer_of_chat(session: Session, chat_id: int) -> Carer | None:
    """The linked carer of this chat, with their household."""
    query = select(Carer).where(Carer.chat_id == chat_id).options(joinedload(Carer.household))
    return (await session.scalars(query)).one_or_none()


async def staff_of_chat(session: Session, chat_id: int) -> StaffMember | None:
    """The member of staff of this chat, unless they have left."""
    query = select(StaffMember).where(StaffMember.chat_id == chat_id, StaffMember.left_on.is_(None))
    return (await session.scalars(query)).one_or_none()


async def carers_of_chats(session: Session, chat_ids: Collection[int]) -> dict[int | None, Carer]:
    """The linked carers of these chats, by chat, without their households."""
    found = await session.scalars(select(Carer).where(Carer.chat_id.in_(chat_ids)))
    return {carer.chat_id: carer for carer in found}


async def staff_of_chats(session: Session, chat_ids: Collection[int]) -> dict[int | None, StaffMember]:
    """The members of staff of these chats, by chat, but those who have left."""
    query = select(StaffMember).where(StaffMember.chat_id.in_(chat_ids), StaffMember.left_on.is_(None))
    return {member.chat_id: member for member in await session.scalars(query)}


async def linked_staff_chats(session: Session) -> list[int]:
    """The chats of staff who work here."""
    query = select(StaffMember.chat_id).where(StaffMember.chat_id.is_not(None), StaffMember.left_on.is_(None))
    return [chat_id for chat_id in await session.scalars(query) if chat_id is not None]


async def first_names(session: Session, carer_ids: Collection[int]) -> dict[int, str]:
    """The first names of these carers, by id."""
    if not carer_ids:
        return {}
    rows = await session.execute(select(Carer.id, Carer.first_name).where(Carer.id.in_(carer_ids)))
    return {row.id: row.first_name for row in rows}
