"""Check-ins: staff note that they spoke to a household, or tried to, when and how. Never what was said.

The record of a visit is kept elsewhere; this one answers from whom nobody has heard for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from storage import check_ins_queries as queries
from storage.check_ins import CheckInHow
from storage.engine import Session
from storage.household_queries import lock_household
from storage.staff import StaffMember

LONGEST_AGO = timedelta(days=366)
"""How long back one can be noted; beyond it the year was mistyped."""


class CheckedIn(StrEnum):
    """What became of the wish to note a check-in, or to take one back."""

    NOTED = "noted"
    TAKEN_BACK = "taken_back"
    NOT_FOUND = "not_found"
    """There is no such household or check-in, or the household is another worker's."""
    FUTURE = "future"
    BEFORE_APPROVAL = "before_approval"
    TOO_LONG_AGO = "too_long_ago"
    ENDED = "ended"
    """The household's approval has ended."""
    ALREADY = "already"
    """The same person has noted the same for that day."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, and the number of the check-in where there is one."""

    result: CheckedIn
    check_in_id: int = 0


@dataclass(frozen=True, slots=True)
class CheckInLine:
    """One check-in, or try. ``made_on`` is a local day, ``by`` who noted it."""

    id: int
    made_on: date
    how: CheckInHow
    by: str


async def check_ins_of(session: Session, household_id: int, most: int | None = None) -> Sequence[CheckInLine]:
    """Those with one household, the latest first."""
    found = await queries.check_ins_of(session, household_id, most)
    return [CheckInLine(one.id, one.made_on, one.how, by) for one, by in found]


async def note_check_in(
    session: Session,
    household_id: int,
    made_on: date,
    how: CheckInHow,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
    social_worker_id: int | None = None,
) -> Outcome:
    """Note that somebody spoke to this household on this local day, or tried to.

    ``social_worker_id``: only one of that worker's households.
    """
    home = await lock_household(session, household_id)
    today = now.astimezone(zone).date()
    if home is None or social_worker_id not in (None, home.social_worker_id):
        return Outcome(CheckedIn.NOT_FOUND)
    if home.ended_on is not None and home.ended_on <= today:
        return Outcome(CheckedIn.ENDED)
    if made_on > today:
        return Outcome(CheckedIn.FUTURE)
    if made_on < home.approved_on:
        return Outcome(CheckedIn.BEFORE_APPROVAL)
    if made_on < today - LONGEST_AGO:
        return Outcome(CheckedIn.TOO_LONG_AGO)
    if there := await queries.same_check_in(session, home.id, made_on, how, by.id):
        return Outcome(CheckedIn.ALREADY, there)
    values = {"household_id": home.id, "made_on": made_on, "how": how, "noted_by_id": by.id, "noted_at": now}
    number = await queries.add_check_in(session, values)
    await _record(session, now, by, "check_in.note", home.ref, made_on, how)
    return Outcome(CheckedIn.NOTED, number)


async def take_back_check_in(
    session: Session,
    household_id: int,
    check_in_id: int,
    by: StaffMember,
    now: datetime,
    social_worker_id: int | None = None,
) -> CheckedIn:
    """It was noted by mistake, by whomever."""
    home = await lock_household(session, household_id)
    if home is None or social_worker_id not in (None, home.social_worker_id):
        return CheckedIn.NOT_FOUND
    gone = await queries.take_out_check_in(session, household_id, check_in_id)
    if gone is None:
        return CheckedIn.NOT_FOUND
    await _record(session, now, by, "check_in.take_back", home.ref, gone.made_on, gone.how)
    return CheckedIn.TAKEN_BACK


async def forget_old_check_ins(session: Session, before: date) -> int:
    """Delete those made before this local day; part of the daily purge."""
    return await queries.delete_check_ins(session, before)


async def _record(
    session: Session,
    now: datetime,
    by: StaffMember,
    action: str,
    household: str,
    made_on: date,
    how: CheckInHow,
) -> None:
    await record(
        session, now, by, action, f"household:{household}", made_on=made_on.isoformat(), how=how.value
    )


__all__ = [
    "CheckInHow",
    "CheckInLine",
    "CheckedIn",
    "Outcome",
    "check_ins_of",
    "forget_old_check_ins",
    "note_check_in",
    "take_back_check_in",
]
