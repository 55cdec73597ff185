"""The audit log: every change that a person makes, and every look at personal data in bulk."""

from datetime import datetime
from typing import Any

from storage.engine import Session
from storage.staff import AuditEntry, StaffMember


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
