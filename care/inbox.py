"""What carers write to the service: kept in a thread for staff to read and answer, acknowledged at once.

Nobody watches it round the clock and every acknowledgement says so. The bot reads nothing into the words but
a short list of them: with one of those the numbers to ring come first and staff are told at once. What was
written appears in no log and in no alert.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.alerts import Heard, alert_back, alert_new, alert_urgent, remind_if_nobody_answers
from care.desk import Desk
from carers.people import Carer
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.engine import Session
from storage.households import Household
from storage.inbox import UpdateState
from storage.inbox_queries import count_updates
from storage.threads_queries import WAITING, delete_messages, message_in_chat, open_thread

KEPT_FOR = timedelta(days=90)
ONE_BREATH = timedelta(minutes=10)
"""What a carer adds within this time belongs to what they have just written."""


@dataclass(frozen=True, slots=True)
class Received:
    """How to acknowledge it. ``again``: what they wrote a moment ago was acknowledged in full."""

    urgent: bool
    office_is_open: bool
    again: bool = False


async def receive(
    session: Session,
    carer: Carer,
    text: str,
    now: datetime,
    desk: Desk,
    *,
    came_with: str | None = None,
    chat_id: int | None = None,
    message_id: int | None = None,
) -> Received:
    """Keep a carer's words in their open thread, or open one; tell staff at once if they cannot wait.

    ``came_with``: what came along and is not kept, such as ``photo``. ``chat_id`` and ``message_id``: where
    the words stand in the app, so that staff can take them away there too. A crash before the commit leaves
    nothing, and the update is taken again from the start.
    """
    urgent = desk.is_urgent(text)
    thread, is_new = await open_thread(session, carer.id, now)
    message = CarerMessage(
        carer_id=carer.id,
        thread_id=thread.id,
        text=text.replace("\0", ""),
        came_with=came_with,
        chat_id=chat_id,
        message_id=message_id,
        received_at=now,
    )
    session.add(message)
    await session.flush()
    again = not is_new and now - thread.heard_at < ONE_BREATH
    await _heard(session, await _by(session, thread, carer, message), urgent, is_new, now, desk)
    return Received(urgent, desk.is_open(now), again)


async def edited(
    session: Session, carer: Carer, chat_id: int, message_id: int, text: str, now: datetime, desk: Desk
) -> Received | None:
    """The carer changed in the app what they had written: keep what it says now, and look at it again.

    None where nothing was kept from there, the thread is settled or staff took the words away: whoever calls
    takes the words as new ones. In a chat that two carers share it stays with the one who wrote it.
    """
    found = await message_in_chat(session, chat_id, message_id, carer.household_id)
    if found is None:
        return None
    thread, message = found
    urgent = desk.is_urgent(text)
    if text != message.text:
        message.text = text.replace("\0", "")
        writer = carer if message.carer_id == carer.id else await session.get_one(Carer, message.carer_id)
        await _heard(session, await _by(session, thread, writer, message), urgent, False, now, desk)
    return Received(urgent, desk.is_open(now), again=True)


async def _by(session: Session, thread: Thread, writer: Carer, message: CarerMessage) -> Heard:
    """Read the household now: whoever only taps was looked up without it."""
    household = await session.get_one(Household, writer.household_id)
    return Heard(thread, writer, household.social_worker_id, message.id)


async def _heard(
    session: Session, heard: Heard, urgent: bool, is_new: bool, now: datetime, desk: Desk
) -> None:
    """The thread waits for staff, perhaps again, and they are told what they do not know yet."""
    thread = heard.thread
    waited = not is_new and thread.state in WAITING
    known = thread.urgent and now - thread.heard_at < ONE_BREATH
    thread.heard_at, thread.urgent = now, thread.urgent or urgent
    if not waited:
        thread.state = ThreadState.NEW if thread.owner_id is None else ThreadState.TAKEN
        await remind_if_nobody_answers(session, heard, now, desk)
    if urgent and not known:
        await alert_urgent(session, heard, now)
    elif is_new:
        await alert_new(session, heard, now, desk)
    elif not waited:
        await alert_back(session, heard, now, desk)
    await session.flush()


async def forget_old_messages(session: Session, now: datetime) -> int:
    """Delete what carers and staff wrote to each other 90 days ago or earlier, and threads left empty; part
    of the daily purge. Returns how many messages went."""
    return (await delete_messages(session, now - KEPT_FOR)).messages


async def set_aside_count(session: Session) -> int:
    """How many updates the bot could not handle and gave up on, for staff to know."""
    return await count_updates(session, UpdateState.SET_ASIDE)


__all__ = [
    "Desk",
    "Received",
    "edited",
    "forget_old_messages",
    "receive",
    "set_aside_count",
]
