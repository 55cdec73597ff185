"""Deleting what the retention periods say: every day, and on demand."""

from datetime import datetime

from care.retention import Keeping, note_purge, purge
from storage.engine import Database


class _DryRun(Exception):
    """Rolls the transaction back."""


async def purge_all(
    database: Database, now: datetime, *, keeping: Keeping | None = None, dry_run: bool = False
) -> dict[str, int]:
    """Run every purge in one transaction; how many rows each deleted, or would delete, by its key.

    A crash in the middle leaves everything as it was, and the next run does it all.
    """
    counts: dict[str, int] = {}
    try:
        async with database.write() as session:
            counts = await purge(session, now, keeping or Keeping())
            if dry_run:
                raise _DryRun
            await note_purge(session, counts, now)
    except _DryRun:
        pass
    return counts
