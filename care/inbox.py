"""What carers write to the service: kept for staff to read and acknowledged at once.

Nobody watches it round the clock and every acknowledgement says so. The bot reads nothing into the words but
a short list of them: with one of those the numbers to ring come first and staff are told at once. What was
written appears in no log and in no alert.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from care.danger import is_dangerous
from carers.people import Carer, Role
from storage.conversations import CarerMessage
from storage.conversations_queries import delete_messages, linked_staff
from storage.engine import Session
from storage.inbox import UpdateState
from storage.inbox_queries import count_updates

LONDON = ZoneInfo("Europe/London")
KEPT_FOR = timedelta(days=90)
ALERT_USEFUL_FOR = timedelta(hours=12)
_WATCH = (Role.COORDINATOR, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Desk:
    """When somebody reads, in local time Monday to Friday, and the words that cannot wait until then."""

    zone: ZoneInfo = LONDON
    opens: time | None = time(9)
    closes: time | None = time(17)
    danger_words: tuple[str, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is likely to be there."""
        local = now.astimezone(self.zone)
        if self.opens is None or self.closes is None:
            return False
        return local.weekday() < 5 and self.opens <= local.time() < self.closes

    def is_urgent(self, text: str) -> bool:
        """Whether one of the words stands in the text (`care.danger`)."""
        return is_dangerous(text, self.danger_words)


@dataclass(frozen=True, slots=True)
class Received:
    """How to acknowledge it."""

    urgent: bool
    office_is_open: bool


async def receive(session: Session, carer: Carer, text: str, now: datetime, desk: Desk) -> Received:
    """Keep a carer's words, and tell staff at once if they cannot wait."""
    urgent = desk.is_urgent(text)
    message = CarerMessage(carer_id=carer.id, text=text.replace("\0", ""), urgent=urgent, received_at=now)
    session.add(message)
    await session.flush()
    if urgent:
        await _alert(session, carer, message, now)
    return Received(urgent, desk.is_open(now))


async def _alert(session: Session, carer: Carer, message: CarerMessage, now: datetime) -> None:
    watchers = await linked_staff(session, _WATCH, also_id=carer.household.social_worker_id)
    await queue_notice(
        session,
        "staff_alert",
        [Recipient(staff_id=staff_id) for staff_id in watchers],
        about=f"message:{message.id}",
        now=now,
        send_by=now + ALERT_USEFUL_FOR,
        params={"text": "alert_urgent_message", "carer": f"{carer.first_name} {carer.last_name}".strip()},
    )


async def forget_old_messages(session: Session, now: datetime) -> int:
    """Delete what carers wrote 90 days ago or earlier; part of the daily purge. Returns how many went."""
    return await delete_messages(session, now - KEPT_FOR)


async def set_aside_count(session: Session) -> int:
    """How many updates the bot could not handle and gave up on, for staff to know."""
    return await count_updates(session, UpdateState.SET_ASIDE)
