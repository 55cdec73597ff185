"""How an approval ends: by resignation, 28 days after the written notice, or by decision on a day.

What follows on that day needs no deed: invitations are withdrawn, places go to others, names and contacts are
erased and nothing more is sent, as for a household of which a register file says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from storage.engine import Session
from storage.household_queries import lock_household
from storage.households import EndRoute, Household
from storage.staff import StaffMember

NOTICE = timedelta(days=28)
"""From the day on which the service received a carer's written notice until the approval ends: the Fostering
Services (England) Regulations 2011, regulation 28."""
FARTHEST = timedelta(days=366)
"""How far ahead an end by decision can lie; beyond it the year was mistyped."""
RESIGNATIONS = (EndRoute.RESIGNATION, EndRoute.RESIGNATION_BEFORE_DEREGISTRATION)
"""The routes that begin with a written notice."""
SUGGESTED_REASONS = (
    "retirement",
    "moved_away",
    "work_commitments",
    "change_in_household",
    "adoption_or_special_guardianship",
    "moved_to_another_service",
    "personal_circumstances",
)
"""Codes to choose from; others may be typed. Health is none of them: it is "personal circumstances"."""
MOST_REASONS = 6
LONGEST_REASON = 80
_HEALTH = re.compile(
    r"health|\bill\b|illness|\bsick|medical|disab|diagnos|pregnan|depress|cancer|dementia|surgery|stroke",
    re.IGNORECASE,
)


class Ending(StrEnum):
    """What became of the wish to end an approval, or to take its end back."""

    NOTED = "noted"
    TAKEN_BACK = "taken_back"
    NOT_FOUND = "not_found"
    NO_NOTICE = "no_notice"
    """This route has no notice: it is a decision."""
    ENDS_ALREADY = "ends_already"
    """The approval has an end, which would have to be taken back first."""
    HAS_ENDED = "has_ended"
    """It is too late to take it back: places are given away and names erased."""
    BAD_DATE = "bad_date"
    """Before the approval, or too far ahead."""
    NOTHING = "nothing"
    """There is no end to take back."""


@dataclass(frozen=True, slots=True)
class EndOutcome:
    """``ended_on``: from which local day the household is approved no more."""

    result: Ending
    ended_on: date | None = None


def tidy_reasons(reasons: Sequence[str]) -> list[str]:
    """Reasons as codes, each once, in their order: ``Moved away`` is ``moved_away``."""
    codes = ("_".join(re.findall(r"[\w'-]+", reason.casefold())) for reason in reasons)
    return list(dict.fromkeys(code for code in codes if code))


def speaks_of_health(reason: str) -> bool:
    """Whether a reason says something of somebody's health, which is never kept."""
    return _HEALTH.search(reason.replace("_", " ")) is not None


async def give_notice(
    session: Session,
    household_id: int,
    route: EndRoute,
    reasons: Sequence[str],
    received_on: date,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> EndOutcome:
    """Note that the carers gave notice in writing, received on this local day: the approval ends `NOTICE`
    after it."""
    if route not in RESIGNATIONS:
        return EndOutcome(Ending.NO_NOTICE)
    home = await lock_household(session, household_id)
    today = now.astimezone(zone).date()
    if home is not None and received_on > today:
        return EndOutcome(Ending.BAD_DATE)
    return await _end(session, home, route, reasons, received_on, received_on + NOTICE, by, now)


async def end_by_decision(
    session: Session,
    household_id: int,
    reasons: Sequence[str],
    ended_on: date,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> EndOutcome:
    """Note that the decision maker ended the approval (deregistration) from this local day on."""
    home = await lock_household(session, household_id)
    today = now.astimezone(zone).date()
    if home is not None and ended_on > today + FARTHEST:
        return EndOutcome(Ending.BAD_DATE)
    return await _end(session, home, EndRoute.DEREGISTRATION, reasons, None, ended_on, by, now)


async def take_back_end(
    session: Session, household_id: int, by: StaffMember, now: datetime, zone: ZoneInfo
) -> EndOutcome:
    """The notice or decision was entered by mistake: the approval goes on, while it has not ended."""
    home = await lock_household(session, household_id)
    if home is None:
        return EndOutcome(Ending.NOT_FOUND)
    if home.ended_on is None:
        return EndOutcome(Ending.NOTHING)
    if home.ended_on <= now.astimezone(zone).date():
        return EndOutcome(Ending.HAS_ENDED, home.ended_on)
    was = home.ended_on
    home.notice_on = home.ended_on = home.end_route = None
    home.end_reasons = []
    await session.flush()
    await record(session, now, by, "household.end_taken_back", f"household:{home.ref}", was=was.isoformat())
    return EndOutcome(Ending.TAKEN_BACK)


async def _end(
    session: Session,
    home: Household | None,
    route: EndRoute,
    reasons: Sequence[str],
    notice_on: date | None,
    ended_on: date,
    by: StaffMember,
    now: datetime,
) -> EndOutcome:
    if home is None:
        return EndOutcome(Ending.NOT_FOUND)
    if home.ended_on is not None:
        return EndOutcome(Ending.ENDS_ALREADY, home.ended_on)
    if (notice_on or ended_on) < home.approved_on:
        return EndOutcome(Ending.BAD_DATE)
    home.notice_on, home.ended_on, home.end_route = notice_on, ended_on, route
    home.end_reasons = tidy_reasons(reasons)
    await session.flush()
    deed = "household.notice" if notice_on else "household.end"
    about = f"household:{home.ref}"
    await record(session, now, by, deed, about, route=route.value, ended_on=ended_on.isoformat())
    return EndOutcome(Ending.NOTED, ended_on)


__all__ = [
    "FARTHEST",
    "LONGEST_REASON",
    "MOST_REASONS",
    "NOTICE",
    "RESIGNATIONS",
    "SUGGESTED_REASONS",
    "EndOutcome",
    "EndRoute",
    "Ending",
    "end_by_decision",
    "give_notice",
    "speaks_of_health",
    "take_back_end",
    "tidy_reasons",
]
