"""Check-ins of one household: noted, found, taken back, and forgotten when they are old."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CursorResult, delete, select

from storage.check_ins import CheckIn, CheckInHow
from storage.engine import Session
from storage.staff import StaffMember


async def check_ins_of(
    session: Session, household_id: int, most: int | None = None
) -> Sequence[tuple[CheckIn, str]]:
    """Check-ins with a household and tries, the latest first, each with the name of who noted it."""
    query = (
        select(CheckIn, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == CheckIn.noted_by_id)
        .where(CheckIn.household_id == household_id)
        .order_by(CheckIn.made_on.desc(), CheckIn.id.desc())
        .limit(most)
    )
    return [(row[0], row[1] or "") for row in (await session.execute(query)).all()]


async def same_check_in(
    session: Session, household_id: int, made_on: date, how: CheckInHow, noted_by_id: int
) -> int | None:
    """The id of a check-in that says the same, noted by the same person; None where there is none."""
    query = select(CheckIn.id).where(
        CheckIn.household_id == household_id,
        CheckIn.made_on == made_on,
        CheckIn.how == how,
        CheckIn.noted_by_id == noted_by_id,
    )
    return (await session.scalars(query.limit(1))).one_or_none()


async def add_check_in(session: Session, values: Mapping[str, Any]) -> int:
    """Note one, and return its id."""
    row = CheckIn(**values)
    session.add(row)
    await session.flush()
    return row.id


async def take_out_check_in(session: Session, household_id: int, check_in_id: int) -> CheckIn | None:
    """Delete this check-in of this household and return what it was; None where it is not there."""
    query = select(CheckIn).where(CheckIn.id == check_in_id, CheckIn.household_id == household_id)
    row = (await session.scalars(query)).one_or_none()
    if row is not None:
        await session.execute(delete(CheckIn).where(CheckIn.id == row.id))
    return row


async def delete_check_ins(session: Session, before: date) -> int:
    """Delete those made before this local day; how many."""
    gone = delete(CheckIn).where(CheckIn.made_on < before)
    result = await session.execute(gone.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount
