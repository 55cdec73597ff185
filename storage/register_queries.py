"""What an import of the register asks of the database besides the rows that it changes; its drafts."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import CHUNK
from storage.register_drafts import RegisterDraft
from storage.rows import dialect_of
from storage.staff import StaffMember

_IMPORT_LOCK = 7_240_516
"""Any constant: names the lock among PostgreSQL's advisory locks."""


async def hold_for_import(
    session: Session, household_refs: Collection[str], carer_refs: Collection[str]
) -> None:
    """Let no other file be taken in before this transaction has ended, and nobody edit or erase the carers of
    these households meanwhile, whom the file would fill again. SQLite has one writer anyway."""
    if dialect_of(session) != "postgresql":
        return
    await session.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))
    refs, people = sorted(household_refs), sorted(carer_refs)
    for start in range(0, max(len(refs), len(people)), CHUNK):
        homes = select(Carer.household_id).where(Carer.ref.in_(people[start : start + CHUNK]))
        either = or_(Household.ref.in_(refs[start : start + CHUNK]), Household.id.in_(homes))
        held = select(Household.id).where(either).order_by(Household.id)
        await session.execute(held.with_for_update(key_share=True))


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


async def drafts_in_order(session: Session) -> Sequence[tuple[int, str, datetime, str, int]]:
    """(id, name, when it was uploaded, by whom, bytes) of every draft, the latest first; not its content."""
    query = (
        select(
            RegisterDraft.id,
            RegisterDraft.name,
            RegisterDraft.uploaded_at,
            StaffMember.name,
            func.length(RegisterDraft.content),
        )
        .join(StaffMember, StaffMember.id == RegisterDraft.uploaded_by_id)
        .order_by(RegisterDraft.id.desc())
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in (await session.execute(query)).all()]


async def draft_by_id(session: Session, draft_id: int, *, lock: bool = False) -> RegisterDraft | None:
    """One draft; ``lock``: nobody else takes it in or puts it away meanwhile."""
    query = select(RegisterDraft).where(RegisterDraft.id == draft_id)
    if lock:  # as it is now, whatever of it was read before
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def count_drafts(session: Session, uploaded_before: datetime) -> int:
    query = select(func.count()).where(RegisterDraft.uploaded_at < uploaded_before)
    return (await session.scalars(query)).one()


async def delete_drafts(session: Session, uploaded_before: datetime) -> int:
    """Delete the drafts from before then; how many there were."""
    gone = delete(RegisterDraft).where(RegisterDraft.uploaded_at < uploaded_before)
    return len((await session.scalars(gone.returning(RegisterDraft.id))).all())
