"""What staff say about the figures of a year's report, in their own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, delete, select, update

from storage.engine import Session
from storage.reports import ReportComment
from storage.rows import insert_for
from storage.staff import StaffMember


class CommentRow(NamedTuple):
    """One comment; ``written_by`` is null for one that a restore brought without its writer."""

    year: int
    section: str
    text: str
    kept_numbers: list[str]
    version: int
    written_at: datetime
    written_by: str | None


async def comments_on(session: Session, year: int) -> Sequence[CommentRow]:
    """The comments on the report of the year that begins in ``year``."""
    columns = (
        ReportComment.year,
        ReportComment.section,
        ReportComment.text,
        ReportComment.kept_numbers,
        ReportComment.version,
        ReportComment.written_at,
        StaffMember.name,
    )
    rows = await session.execute(
        select(*columns)
        .outerjoin(StaffMember, StaffMember.id == ReportComment.written_by_id)
        .where(ReportComment.year == year)
    )
    return [CommentRow(*row) for row in rows]


async def add_comment(session: Session, values: dict[str, Any]) -> bool:
    """Write the first comment on a section; false where somebody was quicker."""
    added = (
        insert_for(session, ReportComment)
        .values(version=1, **values)
        .on_conflict_do_nothing(index_elements=["year", "section"])
    )
    return await session.scalar(added.returning(ReportComment.id)) is not None


async def change_comment(session: Session, seen: CommentRow, values: dict[str, Any]) -> bool:
    """Put another text in place of the one that was seen; false where that is not there any more."""
    changed = await session.execute(
        update(ReportComment).where(*_is(seen)).values(version=seen.version + 1, **values)
    )
    assert isinstance(changed, CursorResult)  # noqa: S101 - for the type checker
    return changed.rowcount == 1


async def drop_comment(session: Session, seen: CommentRow) -> bool:
    """Take a comment away; false where the one that was seen is not there any more."""
    dropped = await session.execute(delete(ReportComment).where(*_is(seen)))
    assert isinstance(dropped, CursorResult)  # noqa: S101 - for the type checker
    return dropped.rowcount == 1


def _is(seen: CommentRow) -> tuple[ColumnElement[bool], ...]:
    """The very row that was seen: the version alone begins anew after one was taken away."""
    return (
        ReportComment.year == seen.year,
        ReportComment.section == seen.section,
        ReportComment.version == seen.version,
        ReportComment.written_at == seen.written_at,
    )
