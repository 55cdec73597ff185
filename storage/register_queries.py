"""What an import of the register asks of the database besides the rows that it changes; its drafts."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from storage.engine import Session
from storage.households import Household
from storage.households_queries import CHUNK
from storage.register_drafts import RegisterDraft
from storage.staff import StaffMember


async def refs_of_households(session: Session, ids: Collection[int]) -> dict[int, str]:
    """What these households are called, by id."""
    found: dict[int, str] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), CHUNK):
        query = select(Household.id, Household.ref).where(Household.id.in_(listed[start : start + CHUNK]))
        found.update({row[0]: row[1] for row in (await session.execute(query)).all()})
    return found


async def names_of_staff(session: Session) -> dict[int, str]:
    """What everybody of staff is called, by id; who has left too."""
    rows = (await session.execute(select(StaffMember.id, StaffMember.name))).all()
    return {row[0]: row[1] for row in rows}


async def drafts_in_order(session: Session) -> Sequence[tuple[int, str, datetime, str]]:
    """(id, name, when it was uploaded, by whom) of every draft, the latest first; not what is in it."""
    query = (
        select(RegisterDraft.id, RegisterDraft.name, RegisterDraft.uploaded_at, StaffMember.name)
        .join(StaffMember, StaffMember.id == RegisterDraft.uploaded_by_id)
        .order_by(RegisterDraft.id.desc())
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]


async def draft_by_id(session: Session, draft_id: int, *, lock: bool = False) -> RegisterDraft | None:
    """One draft; ``lock``: nobody else takes it in or puts it away meanwhile."""
    query = select(RegisterDraft).where(RegisterDraft.id == draft_id)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def count_drafts(session: Session, uploaded_before: datetime) -> int:
    query = select(func.count()).where(RegisterDraft.uploaded_at < uploaded_before)
    return (await session.scalars(query)).one()


async def delete_drafts(session: Session, uploaded_before: datetime) -> int:
    """Delete the drafts from before then; how many there were."""
    gone = delete(RegisterDraft).where(RegisterDraft.uploaded_at < uploaded_before)
    return len((await session.scalars(gone.returning(RegisterDraft.id))).all())
