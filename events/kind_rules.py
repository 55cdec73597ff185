"""The rules of each kind of event: when it is reminded of, whether it nudges, and how it asks for feedback.

A kind for which staff have set nothing has the usual rules. They are read at each tick, all of them at once,
so that a change holds from the next one on and nothing planned ahead has to be undone.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage import kind_rules_queries as queries
from storage.engine import Session
from storage.series import KindRule
from storage.staff import StaffMember

EARLIEST = 60
MOST_REMINDERS = 4


@dataclass(frozen=True, slots=True)
class Rules:
    """How events of one kind are followed up.

    ``remind_days``: whole days before the start, longest first; 0 is the morning of the day, empty is no
    reminder. ``nudge``: those who have not answered are asked again. ``feedback``: those who came are asked
    how it was: with the survey ``feedback_form``, or where that is empty with one tap. ``version`` is the
    optimistic lock of the form, 0 where nothing is set, and ``set_at`` says
    since when the rules hold: both are no part of what the rules say.
    """

    remind_days: tuple[int, ...] = (7, 1)
    nudge: bool = True
    feedback: bool = True
    feedback_form: str = ""
    version: int = field(default=0, compare=False)
    set_at: datetime | None = field(default=None, compare=False)


USUAL = Rules()
_USUAL_BY_KIND = {"training": Rules(feedback_form="training-feedback")}
LONGEST_FORM = 40
"""Characters of a survey's name."""


class RuleProblem(StrEnum):
    """What is wrong with rules."""

    NOT_WHOLE_DAYS = "not_whole_days"
    """A reminder is 0 to 60 whole days before."""
    TOO_MANY = "too_many"
    """Four reminders at most."""
    NO_SUCH_FORM = "no_such_form"
    """What cannot name a survey. Whether there is one of this name is asked where surveys are known."""


class RulesSaved(StrEnum):
    """How an attempt to set rules ended. Only the first changed anything."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """Somebody else set them since ``version`` was read."""


def problems(rules: Rules) -> tuple[RuleProblem, ...]:
    """Everything that is wrong with rules; nothing if they can be set."""
    days = set(rules.remind_days)
    found = {
        RuleProblem.NOT_WHOLE_DAYS: any(type(day) is not int or not 0 <= day <= EARLIEST for day in days),
        RuleProblem.TOO_MANY: len(days) > MOST_REMINDERS,
        RuleProblem.NO_SUCH_FORM: len(rules.feedback_form) > LONGEST_FORM,
    }
    return tuple(problem for problem, wrong in found.items() if wrong)


def usual_rules(kind: str) -> Rules:
    """The rules of a kind for which staff have set nothing."""
    return _USUAL_BY_KIND.get(kind, USUAL)


async def rules_of(session: Session) -> dict[str, Rules]:
    """The rules that staff have set, by kind. Any other kind has its `usual_rules`."""
    return {row.kind: _rules(row) for row in await queries.all_rules(session)}


async def rules_for(session: Session, kind: str) -> Rules:
    """The rules of one kind, set or usual."""
    row = await queries.rules_of_kind(session, kind)
    return usual_rules(kind) if row is None else _rules(row)


async def set_rules(
    session: Session, kind: str, rules: Rules, version: int, by: StaffMember | None, now: datetime
) -> RulesSaved:
    """Give a kind of event these rules, and note it in the audit log.

    ``version`` is that of the rules as they were read, 0 for the usual ones. Reminders said twice count once.
    Raises ``ValueError`` for rules that have `problems`.
    """
    if found := problems(rules):
        raise ValueError(f"rules that cannot be: {', '.join(found)}")
    days = sorted(set(rules.remind_days), reverse=True)
    said = {
        "remind_days": days,
        "nudge": rules.nudge,
        "feedback": rules.feedback,
        "feedback_form": rules.feedback_form,
    }
    now_is = await rules_for(session, kind)
    if now_is.version != version:
        return RulesSaved.OUTDATED
    if now_is == replace(rules, remind_days=tuple(days)):
        return RulesSaved.UNCHANGED
    if not await queries.save_rules(session, kind, version, {**said, "updated_at": now}):
        return RulesSaved.OUTDATED
    await record(session, now, by, "kind_rules.set", f"kind:{kind}", **said)
    return RulesSaved.SAVED


def _rules(row: KindRule) -> Rules:
    return Rules(
        tuple(row.remind_days), row.nudge, row.feedback, row.feedback_form, row.version, row.updated_at
    )
