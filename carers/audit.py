"""The audit log: every change that a person makes, and every look at personal data in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from carers.audit_words import deeds_saying
from storage.audit_queries import (
    AuditSearch,
    Named,
    about_words,
    audit_entries,
    audit_entries_before,
    count_audit_entries,
    named_subjects,
    was_noted,
)
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
    ``detail`` holds references, counts and codes: never what a carer wrote, a name or a contact, since an
    entry outlives them all.
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


ONE_LOOK = timedelta(hours=1)
"""Who opens the same page again and again within this time has looked once."""


async def looked_lately(session: Session, now: datetime, by: StaffMember, action: str, subject: str) -> bool:
    """Whether the log has this look of theirs already, so that it does not drown in pages opened again."""
    return await was_noted(session, by.id, action, subject, now - ONE_LOOK)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks of the log, in their words: who did what, to whom, from which local day to which."""

    who: str = ""
    did: str = ""
    whom: str = ""
    since: date | None = None
    until: date | None = None


async def search_of(session: Session, question: Question, zone: ZoneInfo) -> AuditSearch:
    """The question as a search. Both days belong to it whole, by the clocks of ``zone``."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    return AuditSearch(
        actor=question.who,
        actions=deeds_saying(question.did) if question.did else None,
        about=await about_words(session, question.whom) if question.whom else None,
        since=midnight(question.since) if question.since else None,
        until=midnight(question.until + timedelta(days=1)) if question.until else None,
    )


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the log, the latest first, from 1. ``named``: what its subjects are called now."""

    entries: Sequence[AuditEntry]
    named: Named
    total: int
    page: int
    pages: int


async def read_log(session: Session, search: AuditSearch, page: int = 1, per_page: int = 50) -> AuditPage:
    """A page of the entries that match. A page past the end is the last one."""
    total = await count_audit_entries(session, search)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    entries = await audit_entries(session, search, offset=(page - 1) * per_page, count=per_page)
    named = await named_subjects(session, {entry.subject for entry in entries})
    return AuditPage(entries, named, total, page, pages)


__all__ = [
    "AuditEntry",
    "AuditPage",
    "AuditSearch",
    "Question",
    "audit_entries_before",
    "count_audit_entries",
    "looked_lately",
    "read_log",
    "record",
    "search_of",
]
