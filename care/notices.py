"""What care says unasked: alerts and reports to staff, and staff's answers to carers."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from broadcasts.sender import Content, Skip
from care import report_notices
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.deliveries import Delivery, Notice
from storage.engine import Session
from storage.staff import StaffMember

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]

_ALREADY = Skip("already answered")
_STILL_OF_USE = {
    "alert_message_new": (ThreadState.NEW,),
    "alert_message_back": (ThreadState.NEW, ThreadState.TAKEN),
    "alert_message_waits": (ThreadState.NEW, ThreadState.TAKEN),
}
"""Where a thread has to stand for an alert that waited for the office to open to be worth reading."""


async def staff_alert(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """``params["text"]`` is the kind of text, the rest its parameters. It never quotes a carer."""
    notice = await session.get_one(Notice, delivery.notice_id)
    params = dict(notice.params)
    text = params.pop("text")
    states = _STILL_OF_USE.get(text)
    if states is not None:
        thread = await session.get(Thread, params["thread_id"], populate_existing=True)
        if thread is None or thread.state not in states:
            return _ALREADY
    return Content(text, params)


async def thread_answer(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """What staff answered, as it stands now: nothing where the words were taken away or have been purged."""
    notice = await session.get_one(Notice, delivery.notice_id)
    message = await session.get(CarerMessage, notice.params["message"], populate_existing=True)
    if message is None or message.text is None or message.written_by_id is None:
        return Skip("taken_away")
    writer = await session.get_one(StaffMember, message.written_by_id)
    name, role = writer.name.partition(" ")[0], writer.role.value
    return Content("thread_answer", {"text": message.text, "name": name, "role": role})


COMPOSERS: dict[str, Compose] = {
    "staff_alert": staff_alert,
    "staff_urgent": staff_alert,
    report_notices.KIND: report_notices.compose,
    "thread_answer": thread_answer,
}
"""By the kind of notice; the composition root gives them to the engine."""
