"""Deleting what the retention periods say: every day, and on demand."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from broadcasts.attachments import forget_abandoned
from care.inbox import forget_old_messages
from carers.register_file import forget_ended
from carers.sign_in import forget_expired_sign_ins
from events.rsvp import purge_needs
from storage.engine import Database, Session
from storage.inbox_queries import delete_handled_updates
from storage.pages_queries import forget_codes

Purge = Callable[[Session, datetime], Awaitable[int]]
UPDATES_KEPT_FOR = timedelta(days=7)
CODES_KEPT_FOR = timedelta(days=30)


async def forget_handled_updates(session: Session, now: datetime) -> int:
    """Delete the numbers of updates that were handled a week ago: Telegram sends none again after a day."""
    return await delete_handled_updates(session, now - UPDATES_KEPT_FOR)


async def forget_old_codes(session: Session, now: datetime) -> int:
    """Delete codes a while after they ran out: until then whoever types one is told that it is too old."""
    return await forget_codes(session, now - CODES_KEPT_FOR)


PURGES: dict[str, Purge] = {
    "names, emails and telephone numbers of households that have left": forget_ended,
    "messages from carers, after 90 days": forget_old_messages,
    "access and dietary needs, within 7 days of the event": purge_needs,
    "sign-in links and console sessions that have ended": forget_expired_sign_ins,
    "numbers of handled updates, after 7 days": forget_handled_updates,
    "codes on letters, 30 days after they ran out": forget_old_codes,
    "files that no message to many and no event has, after 7 days": forget_abandoned,
}
"""What is deleted, in words for whoever runs the service."""


class _DryRun(Exception):
    """Rolls the transaction back."""


async def purge_all(database: Database, now: datetime, *, dry_run: bool = False) -> dict[str, int]:
    """Run every purge in one transaction; how many rows each deleted, or would delete."""
    counts: dict[str, int] = {}
    try:
        async with database.write() as session:
            for words, purge in PURGES.items():
                counts[words] = await purge(session, now)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return counts
