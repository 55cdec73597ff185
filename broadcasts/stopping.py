"""Holding a broadcast back, calling it off, and taking back or correcting what has gone out.

The ledger has a row for every recipient and says where each stands. So a pause is a flag and nothing else:
going on begins with whom the next row is for, and neither repeats nor skips anyone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.drafts import Problem, Saved, fingerprint, normalised, subject_of, text_problems
from broadcasts.forecast import DELAY
from broadcasts.pausing import pause_notice, resume_notice
from carers.audit import record
from storage.broadcasts import Broadcast, BroadcastState
from storage.broadcasts_queries import locked_broadcast
from storage.deliveries import Errand
from storage.deliveries_broadcasts import (
    any_sent_after,
    any_waiting,
    cancel_waiting,
    count_beyond_reach,
    count_sent,
    give_errand,
    keep_useful_until,
)
from storage.engine import Session
from storage.staff import StaffMember

REACH_BACK = timedelta(hours=48)
"""Telegram lets a bot delete and change its own messages for so long."""
STILL_USEFUL_FOR = timedelta(days=1)
"""Whoever goes on with a broadcast after days says that it is worth reading: so long, at least."""
BY_STAFF = "staff"

BEFORE_THE_END = (
    BroadcastState.AWAITING_APPROVAL,
    BroadcastState.SCHEDULED,
    BroadcastState.SENDING,
    BroadcastState.PAUSED,
)
ONCE_BEGUN = (
    BroadcastState.SENDING,
    BroadcastState.PAUSED,
    BroadcastState.FINISHED,
    BroadcastState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The state in which it was, and how many do not get it after all. Who got it keeps it."""

    was: BroadcastState
    stopped: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """How many messages are taken back or corrected; how many are older than Telegram allows; and how many
    may or may not have arrived, of which nobody knows the message.

    What is no message of the app stays as it is: how many have it ``by_email``, and ``by_hand``, in a letter
    or from a call.
    """

    messages: int
    too_old: int
    in_doubt: int
    by_email: int = 0
    by_hand: int = 0


async def pause(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> bool:
    """Send nothing more until someone goes on with it; false if it is not being sent."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state is not BroadcastState.SENDING or broadcast.notice_id is None:
        return False
    await pause_notice(session, broadcast.notice_id, BY_STAFF, now)
    broadcast.state = BroadcastState.PAUSED
    await session.flush()
    await record(session, now, by, "broadcast.pause", subject_of(broadcast_id))
    return True


async def resume(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> bool:
    """Go on with a paused broadcast where it stopped; one that had not begun begins after the usual delay."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state is not BroadcastState.PAUSED:
        return False
    if broadcast.notice_id is None:
        broadcast.starts_at = max(broadcast.starts_at or now, now + DELAY)
        broadcast.state = BroadcastState.SCHEDULED
    else:
        await keep_useful_until(session, broadcast.notice_id, now + STILL_USEFUL_FOR)
        await resume_notice(session, broadcast.notice_id)
        broadcast.state = BroadcastState.SENDING
    await session.flush()
    await record(session, now, by, "broadcast.resume", subject_of(broadcast_id))
    return True


async def cancel(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> Cancelled | None:
    """Call a broadcast off: who has not got it will not. None if it is no more than a draft, or over."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state not in BEFORE_THE_END:
        return None
    was = broadcast.state
    stopped = await _stop(session, broadcast, BroadcastState.CANCELLED, now)
    await record(
        session, now, by, "broadcast.cancel", subject_of(broadcast_id), was=str(was), stopped=stopped
    )
    return Cancelled(was, stopped)


async def recall(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> Recalled | None:
    """Call a broadcast off and delete what went out in the app within 48 hours; None if it has not begun.

    Where there is nothing left to call off or to delete, nothing changes and the counts say why.
    """
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state not in ONCE_BEGUN or broadcast.notice_id is None:
        return None
    reach = now - REACH_BACK
    too_old, in_doubt = await count_sent(session, broadcast.notice_id, reach)
    by_email, by_hand = await count_beyond_reach(session, broadcast.notice_id)
    if not await can_be_recalled(session, broadcast.notice_id, now):
        return Recalled(0, too_old, in_doubt, by_email, by_hand)
    stopped = await _stop(session, broadcast, BroadcastState.RECALLED, now)
    messages = await give_errand(session, broadcast.notice_id, Errand.DELETE, reach, now)
    await record(
        session,
        now,
        by,
        "broadcast.recall",
        subject_of(broadcast_id),
        stopped=stopped,
        messages=messages,
        too_old=too_old,
        in_doubt=in_doubt,
    )
    return Recalled(messages, too_old, in_doubt, by_email, by_hand)


async def can_be_recalled(session: Session, notice_id: int, now: datetime) -> bool:
    """Whether anything of a notice waits, or went out so lately that it can still be changed."""
    return await any_waiting(session, notice_id) or await any_sent_after(session, notice_id, now - REACH_BACK)


async def beyond_reach(session: Session, broadcast_id: int) -> tuple[int, int]:
    """How many have it by email, and in a letter or from a call: to recall or correct it leaves those."""
    broadcast = await session.get(Broadcast, broadcast_id)
    if broadcast is None or broadcast.notice_id is None:
        return 0, 0
    return await count_beyond_reach(session, broadcast.notice_id)


async def correct(
    session: Session,
    broadcast_id: int,
    texts: Mapping[str, str],
    version: int,
    by: StaffMember,
    now: datetime,
) -> Recalled | dict[str, Problem] | Saved:
    """Change the texts of a broadcast that has begun, also where they went out in the app within 48 hours.

    Who has not got it yet gets the corrected text. What is wrong with the texts comes back by field, a
    refusal as `Saved`.
    """
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None:
        return Saved.NOT_FOUND
    if broadcast.state not in ONCE_BEGUN or broadcast.notice_id is None:
        return Saved.NOT_A_DRAFT
    if broadcast.version != version:
        return Saved.CHANGED_MEANWHILE
    found = text_problems(texts, has_attachment=broadcast.attachment_id is not None)
    if found:
        return found
    broadcast.texts = normalised(texts)
    broadcast.fingerprint = fingerprint(broadcast.texts, broadcast.attachment_id, broadcast.audience)
    broadcast.version += 1
    broadcast.changed_at = broadcast.corrected_at = now
    broadcast.changed_by_id = by.id
    await session.flush()
    reach = now - REACH_BACK
    too_old, in_doubt = await count_sent(session, broadcast.notice_id, reach)
    by_email, by_hand = await count_beyond_reach(session, broadcast.notice_id)
    messages = await give_errand(session, broadcast.notice_id, Errand.CORRECT, reach, now)
    await record(
        session,
        now,
        by,
        "broadcast.correct",
        subject_of(broadcast_id),
        version=broadcast.version,
        messages=messages,
        too_old=too_old,
        in_doubt=in_doubt,
    )
    return Recalled(messages, too_old, in_doubt, by_email, by_hand)


async def _stop(session: Session, broadcast: Broadcast, state: BroadcastState, now: datetime) -> int:
    """End a broadcast in this state; how many do not get it. Nothing of its notice stays paused."""
    stopped = 0
    if broadcast.notice_id is not None:
        stopped = await cancel_waiting(session, broadcast.notice_id)
        await resume_notice(session, broadcast.notice_id)
    broadcast.state = state
    broadcast.ended_at = now
    await session.flush()
    return stopped


__all__ = ["BroadcastState", "Cancelled", "Recalled", "cancel", "correct", "pause", "recall", "resume"]
