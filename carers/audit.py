"""The audit log: every change that a person makes, and every look at personal data in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.engine import Session
from storage.staff import AuditEntry, StaffMember
from storage.staff_lists import AuditSearch, audit_entries, count_audit_entries


async def record(
    session: Session,
    now: datetime,
    by: StaffMember | None,
    action: str,
    subject: str = "",
    **detail: Any,
) -> None:
    """Note who did what, in the same transaction as the deed. ``by`` null: the command line.

    ``action`` is ``noun.verb`` (``event.cancel``), ``subject`` what it was done to (``event:coffee-05``).
    ``detail`` never holds what a carer wrote.
    """
    session.add(
        AuditEntry(
            at=now,
            staff_id=by.id if by else None,
            actor=by.name if by else "command line",
            action=action,
            subject=subject,
            detail=detail,
        )
    )
    await session.flush()


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the log, the latest first; pages count from 1."""

    entries: Sequence[AuditEntry]
    total: int
    page: int
    pages: int


async def read_log(session: Session, search: AuditSearch, page: int = 1, per_page: int = 50) -> AuditPage:
    """A page of the entries that match. A page past the end is the last one."""
    total = await count_audit_entries(session, search)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    entries = await audit_entries(session, search, offset=(page - 1) * per_page, count=per_page)
    return AuditPage(entries, total, page, pages)


__all__ = ["AuditEntry", "AuditPage", "AuditSearch", "read_log", "record"]
