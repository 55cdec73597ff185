"""Stopping a broadcast that keeps failing, and going on with it."""

from collections import Counter
from datetime import datetime, timedelta

from broadcasts.errands import Unsent
from broadcasts.kinds import Kind, Priority
from broadcasts.queue import Recipient, queue_notice
from broadcasts.sender import NotYet, Outcome, Retry, Sent, Unreachable
from storage.broadcasts_queries import broadcasts_of_notices, pause_broadcast
from storage.conversations_queries import staff_to_tell
from storage.deliveries_pausing import pause, unpause
from storage.engine import Session
from storage.staff import Role

ALERT_USEFUL_FOR = timedelta(hours=24)
_TOLD = (Role.COORDINATOR, Role.ADMINISTRATOR)


class FailureWatch:
    """Counts the failures in a row of each broadcast, since this process started.

    Only broadcasts are paused: an invitation or a reminder is the programme's, and nobody watches it go out.
    What was not accepted and is tried again is no failure: an outage passes. Nor is a carer who blocked the
    bot or deleted their account, nor an email address that is gone: that says nothing of the broadcast, and
    twenty of them may stand in a row.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_a_row: Counter[int] = Counter()

    def note(self, notice_id: int, kind: Kind, outcome: Outcome | Unsent) -> bool:
        """Take an outcome into account; true when there are too many failures in a row now."""
        if kind.priority is not Priority.BROADCAST or isinstance(
            outcome, Retry | NotYet | Unsent | Unreachable
        ):
            return False
        if isinstance(outcome, Sent):
            self._in_a_row.pop(notice_id, None)
            return False
        self._in_a_row[notice_id] += 1
        if self._in_a_row[notice_id] < self._limit:
            return False
        del self._in_a_row[notice_id]
        return True


async def pause_and_tell(
    session: Session, notice_id: int, now: datetime, failures: int, reason: str = "failures_in_a_row"
) -> None:
    """Pause a notice that failed for so many in a row, and tell coordinators and administrators, once.

    ``failures`` is 0 for one that could not even be put together.
    """
    if not await pause_notice(session, notice_id, reason, now):
        return
    await pause_broadcast(session, notice_id)
    broadcast = (await broadcasts_of_notices(session, [notice_id])).get(notice_id)
    staff = await staff_to_tell(session, _TOLD, also={broadcast.confirmed_by_id} if broadcast else ())
    await queue_notice(
        session,
        "staff_alert",
        [Recipient(staff_id=staff_id) for staff_id in staff],
        about=f"paused:{notice_id}:{now:%Y%m%dT%H%M%S}",
        now=now,
        send_by=now + ALERT_USEFUL_FOR,
        params={
            "text": "alert_broadcast_paused",
            "failures": failures,
            "id": broadcast.id if broadcast else None,
        },
    )


async def pause_notice(session: Session, notice_id: int, reason: str, now: datetime) -> bool:
    """Send nothing more of this notice until it is resumed; false if it is paused already."""
    return await pause(session, notice_id, reason, now)


async def resume_notice(session: Session, notice_id: int) -> bool:
    """Go on with a paused notice where it stopped; false if it is not paused."""
    return await unpause(session, notice_id)
