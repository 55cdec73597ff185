"""The year in figures, told to managers by itself: the year so far each month, the whole of it in April.

What it says is given to it, since figures are counted elsewhere (`reports`): those of the public version, for
a message lies in an app or a mailbox for as long as somebody leaves it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts.queue import Recipient, queue_notice
from broadcasts.quiet import QuietHours
from broadcasts.sender import Content, Skip
from carers.roles import Action, StaffMember, may
from storage.conversations_queries import staff_to_tell
from storage.deliveries import Delivery, Notice
from storage.engine import Session
from storage.events_notices import notice_of
from storage.staff import Role

KIND = "staff_report"
NINE = time(9)
USEFUL_FOR = timedelta(days=5)
APRIL = 4
NOTED_BY = 7
"""Of April: what happened in March is in the register by then."""
_SATURDAY = 5


class HowOften(StrEnum):
    """When managers are told. ``monthly``: each month, and in April of the whole year instead."""

    MONTHLY = "monthly"
    YEARLY = "yearly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class DueReport:
    """What managers are to be told by now. ``year``: in which the fostering year begins; ``finished``: it is
    over, and this is the whole of it. ``about`` makes it the same one however often it is asked for.
    ``due_at`` and ``send_by`` are UTC."""

    year: int
    finished: bool
    about: str
    due_at: datetime
    send_by: datetime


def due_report(now: datetime, zone: ZoneInfo, quiet: QuietHours, how_often: HowOften) -> DueReport | None:
    """What is due at ``now`` (aware); None: nothing, or it has been due for so long that it is stale.

    It is due at nine, local time, on the first working day after the 1st, in April after the 7th; where nine
    is in quiet hours, at their end.
    """
    today = now.astimezone(zone).date()
    finished = today.month == APRIL
    if how_often is HowOften.NEVER or (how_often is HowOften.YEARLY and not finished):
        return None
    day = _working_day_after(today.replace(day=NOTED_BY if finished else 1))
    due_at = quiet.ends(datetime.combine(day, NINE, zone).astimezone(UTC))
    send_by = due_at + USEFUL_FOR
    if not due_at <= now < send_by:
        return None
    year = today.year - 1 if today.month <= APRIL else today.year
    return DueReport(year, finished, f"{today:%Y-%m}", due_at, send_by)


def _working_day_after(day: date) -> date:
    """The next day that is a Monday to a Friday, as `care.desk` counts them."""
    following = day + timedelta(days=1)
    return following if following.weekday() < _SATURDAY else _working_day_after(following)


async def is_to_be_told(session: Session, due: DueReport) -> bool:
    """Whether there is a manager to tell, and none was told yet. Asked before anything is counted."""
    return await notice_of(session, KIND, due.about) is None and bool(await _managers(session))


async def tell_managers(session: Session, due: DueReport, said: Mapping[str, Any], now: datetime) -> int:
    """Queue it for every manager who can be told, in the app or by email as each chose; how many had it not.

    ``said``: the parameters of the text. A crash before the commit leaves nothing, and the next look tells
    them; after it, whoever asks again finds the notice there.
    """
    return await queue_notice(
        session,
        KIND,
        [Recipient(staff_id=staff_id) for staff_id in await _managers(session)],
        about=due.about,
        now=now,
        due_at=due.due_at,
        send_by=due.send_by,
        params=dict(said),
    )


async def _managers(session: Session) -> list[int]:
    return list(await staff_to_tell(session, (Role.MANAGER,)))


async def compose(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """What it says, to who may see reports as it goes out."""
    notice = await session.get_one(Notice, delivery.notice_id)
    reader = await session.get_one(StaffMember, delivery.staff_id, populate_existing=True)
    if not may(reader, Action.SEE_REPORTS):
        return Skip("no_right")
    return Content("report_told", dict(notice.params))
