"""Telling staff that a carer has written. Nothing of the words is in an alert: they are read in the thread.

Each is told in the app or by email, whichever reaches them (`storage.ways`). What could not be sent to a
member of staff who has neither is on the console's first page all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcasts.queue import Recipient, queue_notice
from care.desk import Desk
from carers.people import Carer, Role
from carers.roles import ALLOWED, Action
from storage.conversations import Thread
from storage.conversations_queries import staff_to_tell, staff_who_prefer_mail
from storage.engine import Session
from storage.threads_lists import staff_who_may

ALERT_USEFUL_FOR = timedelta(hours=12)
_COORDINATORS = (Role.COORDINATOR,)
_WATCH = (Role.COORDINATOR, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a carer has just written, as far as it matters to whom is told of it. ``social_worker_id``: their
    household's."""

    thread: Thread
    writer: Carer
    social_worker_id: int | None
    message_id: int


async def alert_urgent(session: Session, heard: Heard, now: datetime) -> None:
    """At once, at any hour: coordinators, managers, the household's social worker, and whose thread it is.

    Who has the app and is told by email as a rule is told by both: an email may be seen in the morning.
    """
    owner_id = await _owner_who_may_read(session, heard.thread)
    watchers = await staff_to_tell(session, _WATCH, {heard.social_worker_id, owner_id})
    text, about = "alert_urgent_message", f"message:{heard.message_id}"
    await _tell(session, text, watchers, about, heard, now, now)
    beside = await staff_who_prefer_mail(session, watchers)
    await _tell(session, text, beside, about, heard, now, now, kind="staff_urgent")


async def alert_new(session: Session, heard: Heard, now: datetime, desk: Desk) -> None:
    """When the office opens next: the household's social worker, or else the coordinators."""
    watchers = await _this_person(session, heard.social_worker_id)
    about = f"thread:{heard.thread.id}"
    await _tell(session, "alert_message_new", watchers, about, heard, now, desk.next_there(now))


async def alert_back(session: Session, heard: Heard, now: datetime, desk: Desk) -> None:
    """When the office opens next: whose thread it is, that the carer has written back."""
    owner_id = await _owner_who_may_read(session, heard.thread)
    watchers = await _this_person(session, owner_id or heard.social_worker_id)
    about = f"back:{heard.message_id}"
    await _tell(session, "alert_message_back", watchers, about, heard, now, desk.next_there(now))


async def remind_if_nobody_answers(session: Session, heard: Heard, now: datetime, desk: Desk) -> None:
    """After a working day: the coordinators, once for each time that the carer waits. It is queued when the
    wait begins, and says nothing if somebody has answered by then (`care.notices`)."""
    watchers = await staff_to_tell(session, _COORDINATORS)
    about = f"waits:{heard.message_id}"
    await _tell(session, "alert_message_waits", watchers, about, heard, now, desk.a_working_day_after(now))


async def alert_handed(
    session: Session, thread: Thread, carer: Carer, to_id: int, by: str, now: datetime
) -> None:
    """At once: whom a colleague called ``by`` has handed a thread."""
    await queue_notice(
        session,
        "staff_alert",
        [Recipient(staff_id=staff_id) for staff_id in await staff_to_tell(session, (), {to_id})],
        about=f"handed:{thread.id}:{int(now.timestamp())}",
        now=now,
        send_by=now + ALERT_USEFUL_FOR,
        params={
            "text": "alert_message_handed",
            "carer": name_of(carer),
            "thread_id": thread.id,
            "by": by,
        },
    )


async def _owner_who_may_read(session: Session, thread: Thread) -> int | None:
    """Whose thread it is, unless the household has another social worker by now."""
    readers = await staff_who_may(session, ALLOWED[Action.READ_MESSAGES], thread.carer_id)
    return next((one.id for one in readers if one.id == thread.owner_id), None)


async def _this_person(session: Session, staff_id: int | None) -> Sequence[int]:
    """This member of staff if they can be told, or else the coordinators."""
    return await staff_to_tell(session, (), {staff_id}) or await staff_to_tell(session, _COORDINATORS)


async def _tell(
    session: Session,
    text: str,
    watchers: Sequence[int],
    about: str,
    heard: Heard,
    now: datetime,
    due_at: datetime,
    kind: str = "staff_alert",
) -> None:
    await queue_notice(
        session,
        kind,
        [Recipient(staff_id=staff_id) for staff_id in watchers],
        about=about,
        now=now,
        due_at=due_at,
        send_by=due_at + ALERT_USEFUL_FOR,
        params={"text": text, "carer": name_of(heard.writer), "thread_id": heard.thread.id},
    )


def name_of(carer: Carer) -> str:
    """A carer as staff call them; whoever has no name any more is a carer."""
    return f"{carer.first_name} {carer.last_name}".strip() or "A carer"
