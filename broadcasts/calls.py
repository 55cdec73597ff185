"""Calls that cannot wait: staff hear in their chats of what no letter would bring to a carer in time.

An offer lapses within a day, and an event that is called off for tomorrow is over before the post comes. The
page of the post lists such calls; whoever does not look at it hears of each here, once.
"""

from datetime import datetime

from broadcasts.broadcast_alerts import TELL_FOR
from broadcasts.kinds import KINDS, Priority
from broadcasts.post import POST_TAKES, RUNG
from broadcasts.queue import Recipient, queue_notice
from storage.calls_queries import Call, calls_to_make
from storage.conversations_queries import staff_to_tell
from storage.engine import Session
from storage.staff import Role

AT_ONCE = 50
_URGENT = frozenset(kind.name for kind in KINDS.values() if kind.priority is Priority.URGENT and kind.post)


async def any_calls(session: Session, now: datetime) -> bool:
    """Whether there is a call of which nobody was told."""
    return bool(await _calls(session, now, 1))


async def tell_of_calls(session: Session, now: datetime) -> int:
    """Tell coordinators and the household's social worker whom to ring; how many calls. A job."""
    calls = await _calls(session, now, AT_ONCE)
    for call in calls:
        staff = await staff_to_tell(session, (Role.COORDINATOR,), also={call.social_worker_id})
        await queue_notice(
            session,
            "staff_alert",
            [Recipient(staff_id=staff_id) for staff_id in staff],
            about=f"call:{call.delivery_id}",
            now=now,
            send_by=min(call.send_by, now + TELL_FOR),
            params={
                "text": "alert_call",
                "carer": call.name,
                "about": call.about,
                "kind": call.kind,
                "until": call.until.isoformat() if call.until else None,
            },
        )
    return len(calls)


async def _calls(session: Session, now: datetime, limit: int) -> list[Call]:
    return await calls_to_make(
        session, now, always=RUNG, when_late=_URGENT, too_late=now + POST_TAKES, limit=limit
    )
