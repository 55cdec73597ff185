"""Listing members of staff, and finding them by what they are told from each other."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from storage.engine import Session
from storage.households import Household
from storage.staff import AuditEntry, Role, StaffMember, WebSession


async def all_staff(
    session: Session, now: datetime, used_after: datetime
) -> Sequence[tuple[StaffMember, int]]:
    """Everybody by name, those who left last, each with the number of browsers they are signed in with.

    ``used_after``: a browser that was idle for longer is signed out.
    """
    browsers = (
        select(func.count())
        .where(
            WebSession.staff_id == StaffMember.id,
            WebSession.expires_at > now,
            WebSession.seen_at > used_after,
        )
        .scalar_subquery()
    )
    query = select(StaffMember, browsers).order_by(
        StaffMember.left_on.is_not(None), StaffMember.name, StaffMember.id
    )
    return [(member, count) for member, count in (await session.execute(query)).all()]


async def staff_names(session: Session) -> dict[int, str]:
    """What everybody is called, by their number; who has left too."""
    rows = await session.execute(select(StaffMember.id, StaffMember.name))
    return {row[0]: row[1] for row in rows}


async def last_seen(session: Session) -> dict[int, datetime]:
    """When each was last known to be in the console: a browser of theirs was used, or they signed in, as far
    back as the audit log goes."""
    signed_in = select(AuditEntry.staff_id, func.max(AuditEntry.at)).where(
        AuditEntry.action == "staff.sign_in"
    )
    used = select(WebSession.staff_id, func.max(WebSession.seen_at))
    seen: dict[int, datetime] = {}
    for query in (signed_in.group_by(AuditEntry.staff_id), used.group_by(WebSession.staff_id)):
        for staff_id, at in (await session.execute(query)).all():
            if staff_id is not None:
                seen[staff_id] = max(at, seen.get(staff_id, at))
    return seen


async def households_by_worker(session: Session, day: date) -> dict[int, int]:
    """Of how many households each is the social worker; who fosters no more on that day is not counted."""
    query = (
        select(Household.social_worker_id, func.count())
        .where(or_(Household.ended_on.is_(None), Household.ended_on > day))
        .group_by(Household.social_worker_id)
    )
    rows = (await session.execute(query)).all()
    return {worker: count for worker, count in rows if worker is not None}


async def lock_administrators(session: Session) -> set[int]:
    """The administrators who work here. Nobody else can make or unmake one before this transaction has ended:
    two who took each other's role at once would leave nobody who can give it back."""
    query = (
        select(StaffMember)
        .where(StaffMember.role == Role.ADMINISTRATOR, StaffMember.left_on.is_(None))
        .order_by(StaffMember.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {member.id for member in await session.scalars(query)}


async def locked_member(session: Session, staff_id: int) -> StaffMember | None:
    """The member of staff as they are now; nobody else changes them before this transaction has ended."""
    return await session.get(
        StaffMember, staff_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def staff_named(session: Session, name: str, but: int = 0) -> StaffMember | None:
    """The member of staff with this name who has not left, if there is one; the first added of several.
    ``but``: whose name it may be."""
    found = [one for one in await _who_have(session, StaffMember.name, name) if one != but]
    return await session.get(StaffMember, found[0]) if found else None


async def has_address(session: Session, address: str, but: int = 0) -> bool:
    """Whether somebody who works here has this email address, in whatever case; ``but``: whose it may be."""
    return any(one != but for one in await _who_have(session, StaffMember.email, address))


async def staff_with_email(session: Session, address: str) -> StaffMember | None:
    """The member of staff who has not left with this email address, in whatever case it is written.

    Nobody where two have it, as accounts made long ago may: either could sign in as the other.
    """
    found = await _who_have(session, StaffMember.email, address)
    return await session.get(StaffMember, found[0]) if len(found) == 1 else None


async def _who_have(session: Session, column: InstrumentedAttribute[Any], text: str) -> list[int]:
    """The ids of those who work here and of whom it says this, whatever the case; nobody for no text.

    Compared here and not there, for what is a capital letter is another matter to each database.
    """
    wanted = text.strip().casefold()
    query = select(StaffMember.id, column).where(StaffMember.left_on.is_(None), column.is_not(None))
    rows = (await session.execute(query.order_by(StaffMember.id))).all()
    return [row[0] for row in rows if wanted and row[1].casefold() == wanted]
