"""Finding carers and staff by their chat."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from storage.engine import Session
from storage.households import Carer
from storage.rows import dialect_of
from storage.staff import StaffMember

_CHAT_LOCK = 7_240_515
"""Any constant: sets the locks of chats apart from PostgreSQL's other advisory locks."""


async def lock_chat(session: Session, chat_id: int) -> None:
    """Let nobody else be connected to this chat before this transaction has ended: two links that are opened
    in it at once would each find it free, or each make its owner the one who speaks. SQLite has one writer
    anyway."""
    if dialect_of(session) == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_CHAT_LOCK, func.hashtext(str(chat_id)))))


async def hold_carers_of_chat(session: Session, chat_id: int) -> None:
    """Let nobody erase the carers of this chat before this transaction has ended: what they write would be
    kept after all was taken out. Whoever comes after an erasure waits for it, and finds a stranger's chat."""
    if dialect_of(session) == "postgresql":
        there = select(Carer.id).where(Carer.chat_id == chat_id).order_by(Carer.id)
        await session.execute(there.with_for_update(read=True, key_share=True))


async def carers_of_chat(session: Session, chat_id: int) -> Sequence[Carer]:
    """The carers connected in this chat, with their households: who speaks in it first."""
    query = (
        select(Carer)
        .where(Carer.chat_id == chat_id)
        .options(joinedload(Carer.household))
        .order_by(Carer.speaks.desc(), Carer.id)
    )
    return (await session.scalars(query)).all()


async def staff_of_chat(session: Session, chat_id: int) -> StaffMember | None:
    """The member of staff of this chat, unless they have left."""
    query = select(StaffMember).where(StaffMember.chat_id == chat_id, StaffMember.left_on.is_(None))
    return (await session.scalars(query)).one_or_none()


async def carers_of_chats(session: Session, chat_ids: Collection[int]) -> dict[int | None, list[Carer]]:
    """The carers connected in these chats, by chat, without their households: who speaks in it first."""
    query = select(Carer).where(Carer.chat_id.in_(chat_ids)).order_by(Carer.speaks.desc(), Carer.id)
    found: dict[int | None, list[Carer]] = {}
    for carer in await session.scalars(query):
        found.setdefault(carer.chat_id, []).append(carer)
    return found


async def carers_at_home(session: Session, household_id: int) -> Sequence[int]:
    """The numbers of a household's carers."""
    query = select(Carer.id).where(Carer.household_id == household_id).order_by(Carer.id)
    return (await session.scalars(query)).all()


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
