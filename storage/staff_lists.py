"""Listing members of staff, and reading the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from storage.engine import Session
from storage.staff import AuditEntry, StaffMember, WebSession


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Which entries: a part of the actor's name, the beginning of the action or of the subject."""

    actor: str = ""
    action: str = ""
    subject: str = ""


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


def _matching(query: Select[Any], search: AuditSearch) -> Select[Any]:
    if search.actor:
        query = query.where(AuditEntry.actor.icontains(search.actor, autoescape=True))
    if search.action:
        query = query.where(AuditEntry.action.istartswith(search.action, autoescape=True))
    if search.subject:
        query = query.where(AuditEntry.subject.istartswith(search.subject, autoescape=True))
    return query


async def audit_entries(
    session: Session, search: AuditSearch, *, offset: int, count: int
) -> Sequence[AuditEntry]:
    """Entries that match, the latest first."""
    query = _matching(select(AuditEntry), search).order_by(AuditEntry.id.desc()).offset(offset).limit(count)
    return (await session.scalars(query)).all()


async def count_audit_entries(session: Session, search: AuditSearch) -> int:
    return await session.scalar(_matching(select(func.count(AuditEntry.id)), search)) or 0
