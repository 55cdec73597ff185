"""What is asked as something happens: of a household after a panel, and of one that leaves.

An occasion for which staff have set nothing is asked as usual. What they set holds from the next round on: a
round that is open keeps what it was opened with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from carers.audit import record
from carers.people import StaffMember
from disclosure.suppression import K
from storage import standing_queries as queries
from storage.engine import Session
from surveys.catalogue import definitions
from surveys.definition import Definition, Occasion

FEWEST_DAYS, MOST_DAYS = 3, 90
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = K, 50


class Period(StrEnum):
    """How long one round collects. Years are those of the service: from 1 April to 31 March."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}
_APRIL = 3
"""Months before it in the year."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is asked on an occasion, and how.

    ``threshold``: the fewest people that any result may stand for. ``open_days``: how many days each carer is
    counted on to answer in; the last of a period have so many before their round closes. ``version`` is the
    optimistic lock of the form, 0 where nothing is set, and no part of what is asked.
    """

    survey: str
    is_on: bool
    anonymous: bool
    threshold: int
    period: Period
    open_days: int
    version: int = field(default=0, compare=False)


USUAL: Mapping[Occasion, Standing] = {
    Occasion.PANEL: Standing("panel-feedback", True, True, K, Period.HALF_YEAR, 21),
    Occasion.EXIT: Standing("exit-interview", True, False, K, Period.MONTH, 21),
}


class StandingProblem(StrEnum):
    UNKNOWN_SURVEY = "unknown_survey"
    """There is none of this name that is meant for the occasion."""
    MUST_BE_ANONYMOUS = "must_be_anonymous"
    WRONG_THRESHOLD = "wrong_threshold"
    WRONG_DAYS = "wrong_days"


class StandingSaved(StrEnum):
    """How an attempt to set it ended. Only the first changed anything."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """Somebody else set it since ``version`` was read."""


async def standing_of(session: Session, occasion: Occasion) -> Standing:
    """What is asked on this occasion, set or usual."""
    row = await queries.standing_survey(session, occasion)
    if row is None:
        return USUAL[occasion]
    return Standing(
        row.survey,
        row.is_on,
        row.anonymous,
        row.threshold,
        Period(row.period),
        row.open_days,
        row.version,
    )


async def surveys_for(session: Session, occasion: Occasion) -> dict[str, Definition]:
    """The surveys that are meant for this occasion, by id."""
    found = await definitions(session)
    return {id: definition for id, definition in found.items() if definition.occasion is occasion}


async def problems(session: Session, occasion: Occasion, standing: Standing) -> tuple[StandingProblem, ...]:
    """Everything that is wrong with it; nothing if it can be set."""
    definition = (await surveys_for(session, occasion)).get(standing.survey)
    found = {
        StandingProblem.UNKNOWN_SURVEY: definition is None,
        StandingProblem.MUST_BE_ANONYMOUS: definition is not None
        and definition.anonymous_only
        and not standing.anonymous,
        StandingProblem.WRONG_THRESHOLD: not K <= standing.threshold <= HIGHEST_THRESHOLD,
        StandingProblem.WRONG_DAYS: not FEWEST_DAYS <= standing.open_days <= MOST_DAYS,
    }
    return tuple(problem for problem, wrong in found.items() if wrong)


async def set_standing(
    session: Session, occasion: Occasion, standing: Standing, by: StaffMember, now: datetime
) -> StandingSaved:
    """Set what is asked on an occasion, from the next round on, and note it in the audit log.

    ``standing.version`` is that of what was read. Raises ``ValueError`` where it has `problems`.
    """
    if found := await problems(session, occasion, standing):
        raise ValueError(f"this cannot be asked: {', '.join(found)}")
    now_is = await standing_of(session, occasion)
    if now_is.version != standing.version:
        return StandingSaved.OUTDATED
    if now_is == standing:
        return StandingSaved.UNCHANGED
    said = {
        "survey": standing.survey,
        "is_on": standing.is_on,
        "anonymous": standing.anonymous,
        "threshold": standing.threshold,
        "period": standing.period.value,
        "open_days": standing.open_days,
    }
    who = {"updated_at": now, "updated_by_id": by.id}
    if not await queries.save_standing(session, occasion, standing.version, said | who):
        return StandingSaved.OUTDATED
    await record(session, now, by, "standing.set", f"occasion:{occasion}", **said)
    return StandingSaved.SAVED


def period_of(period: Period, day: date) -> tuple[date, date]:
    """The first day of the period that this local day is in, and the first day after it."""
    length = _MONTHS[period]
    since_april = day.year * 12 + day.month - 1 - _APRIL
    first = since_april - since_april % length + _APRIL
    return _first_of(first), _first_of(first + length)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


__all__ = [
    "USUAL",
    "Occasion",
    "Period",
    "Standing",
    "StandingProblem",
    "StandingSaved",
    "period_of",
    "problems",
    "set_standing",
    "standing_of",
    "surveys_for",
]
