"""The figures of a large register as they were counted last, a row a year and version."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from storage.engine import Session
from storage.reports import KeptReport
from storage.rows import insert_for
from storage.types import JsonDict


class KeptRow(NamedTuple):
    """What is kept of one report, and when it was counted (UTC)."""

    report: JsonDict
    made_at: datetime


async def put(
    session: Session, year: int, data_date: date, report: JsonDict, made_at: datetime, *, public: bool
) -> None:
    """Keep this instead of what was kept of that year and version; of two at once the later count stays."""
    row = {"data_date": data_date, "made_at": made_at, "report": report}
    insert = insert_for(session, KeptReport).values(year=year, public=public, **row)
    anew = {name: insert.excluded[name] for name in row}
    older = KeptReport.made_at <= insert.excluded.made_at
    await session.execute(
        insert.on_conflict_do_update(index_elements=["year", "public"], set_=anew, where=older)
    )


async def kept_row(session: Session, year: int, *, public: bool) -> KeptRow | None:
    """What is kept of the report of the year that begins in ``year``."""
    query = select(KeptReport.report, KeptReport.made_at).where(
        KeptReport.year == year, KeptReport.public.is_(public)
    )
    row = (await session.execute(query)).one_or_none()
    return KeptRow(*row) if row else None
