"""From a draft to a broadcast that is being sent: confirm, approve, start, finish.

Every step locks the broadcast's row and looks at its state before it changes it, so that of two people, or of
a person and the clock, one comes first and the other is told.
"""

import logging
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcasts.broadcast_alerts import show, tell, title_of
from broadcasts.drafts import ENGLISH, problems, subject_of, wording_of
from broadcasts.forecast import DELAY, USEFUL_FOR, forecast_of, planned_start
from broadcasts.kinds import Priority
from broadcasts.policy import Policy
from broadcasts.queue import queue_for_audience
from carers.audience import audience_words
from carers.audit import record
from carers.roles import ALLOWED, Action
from storage.broadcasts import Broadcast, BroadcastState
from storage.broadcasts_queries import done_broadcasts, due_broadcasts, locked_broadcast
from storage.conversations_queries import staff_to_tell
from storage.deliveries import DeliveryState
from storage.engine import Session
from storage.faults import passes
from storage.ledger_queries import count_deliveries
from storage.staff import StaffMember

log = logging.getLogger(__name__)

KIND = "broadcast"


class Confirmed(StrEnum):
    """What came of confirming."""

    SCHEDULED = "scheduled"
    AWAITING_APPROVAL = "awaiting_approval"
    SAME_AGAIN = "same_again"
    """The same went or is to go to the same audience that day; confirm again and say that it is meant."""
    NOBODY = "nobody"
    """There is nobody whom it would reach."""
    PROBLEMS = "problems"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOT_A_DRAFT = "not_a_draft"
    """It is confirmed already, or over."""
    NOT_FOUND = "not_found"


class Approved(StrEnum):
    """What came of approving."""

    SCHEDULED = "scheduled"
    CHANGED_MEANWHILE = "changed_meanwhile"
    YOUR_OWN = "your_own"
    """Who wrote the last version, or confirmed it, is not the second person."""
    NOT_WAITING = "not_waiting"
    NOT_FOUND = "not_found"


async def confirm(
    session: Session,
    broadcast_id: int,
    version: int,
    by: StaffMember,
    policy: Policy,
    zone: ZoneInfo,
    now: datetime,
    *,
    repeat_meant: bool = False,
) -> Confirmed:
    """Let a draft go out, as the version that this person saw: after `DELAY`, or once it is approved."""
    broadcast = await locked_broadcast(session, broadcast_id)
    refused = await _refusal(session, broadcast, version, now, zone)
    if broadcast is None or refused is not None:
        return refused or Confirmed.NOT_FOUND
    expected = await forecast_of(session, broadcast, policy, zone, now)
    if expected.going == 0:
        return Confirmed.NOBODY
    if expected.same_as is not None and not repeat_meant:
        return Confirmed.SAME_AGAIN
    broadcast.confirmed_at, broadcast.confirmed_by_id = now, by.id
    broadcast.repeat_meant = repeat_meant
    if expected.needs_approval:
        broadcast.state = BroadcastState.AWAITING_APPROVAL
        await _ask_for_approval(session, broadcast, by, expected.going, now)
    else:
        broadcast.starts_at = planned_start(broadcast, now)
        broadcast.state = BroadcastState.SCHEDULED
    await session.flush()
    await record(
        session,
        now,
        by,
        "broadcast.confirm",
        subject_of(broadcast_id),
        version=version,
        carers=expected.going,
        state=str(broadcast.state),
    )
    return Confirmed(str(broadcast.state))


async def _refusal(
    session: Session, broadcast: Broadcast | None, version: int, now: datetime, zone: ZoneInfo
) -> Confirmed | None:
    if broadcast is None:
        return Confirmed.NOT_FOUND
    if broadcast.state is not BroadcastState.DRAFT:
        return Confirmed.NOT_A_DRAFT
    if broadcast.version != version:
        return Confirmed.CHANGED_MEANWHILE
    return Confirmed.PROBLEMS if await problems(session, wording_of(broadcast), now, zone) else None


async def _ask_for_approval(
    session: Session, broadcast: Broadcast, by: StaffMember, carers: int, now: datetime
) -> None:
    """Show the message to everybody who may approve it, and ask them."""
    staff = await staff_to_tell(session, tuple(ALLOWED[Action.APPROVE_BROADCASTS]))
    others = [staff_id for staff_id in staff if staff_id not in _its_own(broadcast)]
    await show(session, broadcast, others, ENGLISH, now)
    await tell(
        session,
        broadcast,
        others,
        now,
        "alert_broadcast_approval",
        by=by.name,
        version=broadcast.version,
        messages_to=audience_words(broadcast.audience),
        going=carers,
        send_at=broadcast.send_at.isoformat() if broadcast.send_at else None,
    )


def _its_own(broadcast: Broadcast) -> tuple[int | None, int | None]:
    """Whose broadcast it is: who wrote this version, and who confirmed it."""
    return broadcast.changed_by_id, broadcast.confirmed_by_id


async def approve(
    session: Session, broadcast_id: int, version: int, by: StaffMember, now: datetime
) -> Approved:
    """Let a large broadcast go out, as a second person and as the version that this person saw."""
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None:
        return Approved.NOT_FOUND
    if broadcast.state is not BroadcastState.AWAITING_APPROVAL:
        return Approved.NOT_WAITING
    if broadcast.version != version:
        return Approved.CHANGED_MEANWHILE
    if by.id in _its_own(broadcast):
        return Approved.YOUR_OWN
    broadcast.approved_at, broadcast.approved_by_id = now, by.id
    broadcast.starts_at = planned_start(broadcast, now)
    broadcast.state = BroadcastState.SCHEDULED
    await session.flush()
    await record(session, now, by, "broadcast.approve", subject_of(broadcast_id), version=broadcast.version)
    starts, told = broadcast.starts_at.isoformat(), [broadcast.confirmed_by_id]
    await tell(session, broadcast, told, now, "alert_broadcast_approved", by=by.name, starts_at=starts)
    return Approved.SCHEDULED


async def send_back(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> bool:
    """Give a broadcast that awaits approval back to its writer; false if it does not."""
    broadcast = await _to_draft(
        session, broadcast_id, BroadcastState.AWAITING_APPROVAL, by, now, "broadcast.send_back"
    )
    if broadcast is not None and broadcast.changed_by_id != by.id:
        told = [broadcast.changed_by_id]
        await tell(session, broadcast, told, now, "alert_broadcast_sent_back", by=by.name)
    return broadcast is not None


async def back_to_draft(session: Session, broadcast_id: int, by: StaffMember, now: datetime) -> bool:
    """Take a scheduled broadcast back to be written again; false once it has begun."""
    scheduled = BroadcastState.SCHEDULED
    return await _to_draft(session, broadcast_id, scheduled, by, now, "broadcast.unschedule") is not None


async def _to_draft(
    session: Session,
    broadcast_id: int,
    from_state: BroadcastState,
    by: StaffMember,
    now: datetime,
    action: str,
) -> Broadcast | None:
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state is not from_state:
        return None
    broadcast.state = BroadcastState.DRAFT
    # A page that shows it as it was confirmed must not confirm it again unseen.
    broadcast.version += 1
    broadcast.starts_at = broadcast.confirmed_at = broadcast.approved_at = None
    broadcast.confirmed_by_id = broadcast.approved_by_id = None
    await session.flush()
    await record(session, now, by, action, subject_of(broadcast_id))
    return broadcast


async def test_to_myself(
    session: Session,
    broadcast_id: int,
    by: StaffMember,
    now: datetime,
    language: str | None = None,  # noqa: PT028 - no test, whatever its name
) -> bool:
    """Send the broadcast to the person who asks, in the app or else by email, and to nobody else; false where
    neither reaches them."""
    broadcast = await session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None or not await staff_to_tell(session, (), {by.id}):
        return False
    language = language or ENGLISH
    await show(session, broadcast, [by.id], language, now)
    await record(session, now, by, "broadcast.test", subject_of(broadcast_id), language=language)
    return True


test_to_myself.__test__ = False  # type: ignore[attr-defined]


async def start_due(session: Session, now: datetime, zone: ZoneInfo) -> int:
    """Begin the broadcasts whose time has come; how many. Whom they are for is decided now.

    The state and the ledger change together: a crash before the commit leaves it scheduled and nobody
    queued, a crash after it leaves everybody queued. One that fails holds up no other, and is tried again.
    """
    started = 0
    for broadcast_id in await due_broadcasts(session, now):
        try:
            async with session.begin_nested():
                started += await _start(session, broadcast_id, now, zone)
        except Exception as error:
            if passes(error):
                raise
            log.exception("a broadcast could not be started: %d", broadcast_id)
    return started


async def _start(session: Session, broadcast_id: int, now: datetime, zone: ZoneInfo) -> bool:
    broadcast = await locked_broadcast(session, broadcast_id)
    if broadcast is None or broadcast.state is not BroadcastState.SCHEDULED:
        return False  # somebody cancelled it, or took it back, while this waited for the lock
    if broadcast.starts_at is None or broadcast.starts_at > now:
        return False
    broadcast.notice_id, _ = await queue_for_audience(
        session,
        KIND,
        broadcast.audience,
        about=str(broadcast.id),
        now=now,
        today=now.astimezone(zone).date(),
        send_by=broadcast.starts_at + USEFUL_FOR,
        topic=broadcast.topic,
        created_by_id=broadcast.confirmed_by_id,
    )
    broadcast.started_at = now
    broadcast.state = BroadcastState.SENDING
    await session.flush()
    return True


async def any_to_start(session: Session, now: datetime) -> bool:
    """Whether `start_due` has something to do: asked every second, before anything is locked."""
    return bool(await due_broadcasts(session, now))


async def any_to_finish(session: Session) -> bool:
    """The same for `finish_done`."""
    return bool(await done_broadcasts(session, Priority.BROADCAST))


async def finish_done(session: Session, now: datetime) -> int:
    """Close the broadcasts that nobody waits for any more, and tell who confirmed them; how many."""
    finished = 0
    for broadcast_id in await done_broadcasts(session, Priority.BROADCAST):
        broadcast = await locked_broadcast(session, broadcast_id)
        if broadcast is None or broadcast.state is not BroadcastState.SENDING:
            continue
        broadcast.state = BroadcastState.FINISHED
        broadcast.ended_at = now
        await session.flush()
        await _tell_it_is_finished(session, broadcast, now)
        finished += 1
    return finished


async def _tell_it_is_finished(session: Session, broadcast: Broadcast, now: datetime) -> None:
    states = dict.fromkeys(DeliveryState, 0)
    for count in await count_deliveries(session, notice_id=broadcast.notice_id):
        states[count.state] += count.deliveries
    sent, in_doubt = states[DeliveryState.SENT], states[DeliveryState.UNKNOWN]
    failed = states[DeliveryState.FAILED]
    told = [broadcast.confirmed_by_id]
    await tell(
        session, broadcast, told, now, "alert_broadcast_finished", sent=sent, failed=failed, unknown=in_doubt
    )


__all__ = [
    "DELAY",
    "Approved",
    "Confirmed",
    "any_to_finish",
    "any_to_start",
    "approve",
    "back_to_draft",
    "confirm",
    "finish_done",
    "send_back",
    "start_due",
    "test_to_myself",
    "title_of",
]
