"""How staff say for a kind of event when it is reminded of, and whether it nudges and asks for feedback."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from events import feedback
from events.attendance import tick
from events.holds import LONDON
from events.kind_rules import (
    USUAL,
    RuleProblem,
    Rules,
    RulesSaved,
    problems,
    rules_for,
    rules_of,
    set_rules,
)
from storage.attendance import AttendanceState
from storage.engine import Database
from storage.kind_rules_queries import save_rules
from storage.staff import AuditEntry
from tests.events.acts import IN_TWO_WEEKS, invited_event, told
from tests.support.cast import NOON, gather

LATER = NOON + timedelta(hours=1)


async def test_a_kind_has_the_usual_rules_until_staff_set_others(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await rules_for(session, "training") == Rules((7, 1), feedback_form="training-feedback")
        assert await rules_for(session, "trip") == Rules((7, 1), nudge=True, feedback=True)
        assert await rules_of(session) == {}
        own = Rules((1, 14, 0, 14), nudge=False, feedback=False)
        assert await set_rules(session, "training", own, 0, cast.priya, NOON) is RulesSaved.SAVED
        kept = Rules((14, 1, 0), nudge=False, feedback=False)
        assert await rules_of(session) == {"training": kept}
        assert await rules_for(session, "training") == kept
        assert await rules_for(session, "social") == USUAL
        entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.actor, entry.action, entry.subject) == (
            "Priya Lane",
            "kind_rules.set",
            "kind:training",
        )
        assert entry.detail == {
            "remind_days": [14, 1, 0],
            "nudge": False,
            "feedback": False,
            "feedback_form": "",
        }


async def test_who_saves_what_somebody_else_changed_meanwhile_is_refused(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await set_rules(session, "social", Rules((3,)), 0, cast.priya, NOON) is RulesSaved.SAVED
        assert await set_rules(session, "social", Rules(()), 0, cast.dee, LATER) is RulesSaved.OUTDATED
        version = (await rules_for(session, "social")).version
        assert (
            await set_rules(session, "social", Rules((3,)), version, cast.dee, LATER) is RulesSaved.UNCHANGED
        )
        assert await set_rules(session, "social", Rules(()), version, cast.dee, LATER) is RulesSaved.SAVED
        # Both read the same version before either saved: the statement itself refuses the second.
        values = {"remind_days": [5], "nudge": True, "feedback": True, "updated_at": LATER}
        assert not await save_rules(session, "social", version, values)
        assert not await save_rules(session, "social", 0, values)
        assert await rules_for(session, "social") == Rules(())


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ((-1,), RuleProblem.NOT_WHOLE_DAYS),
        ((61, 1), RuleProblem.NOT_WHOLE_DAYS),
        ((1.5,), RuleProblem.NOT_WHOLE_DAYS),
        ((9, 8, 7, 6, 5), RuleProblem.TOO_MANY),
    ],
)
def test_rules_that_cannot_be_are_named(days: tuple[int, ...], problem: RuleProblem) -> None:
    assert problems(Rules(days)) == (problem,)


@pytest.mark.parametrize("days", [(), (60, 0), (4, 3, 2, 1, 1)])
def test_any_whole_days_up_to_four_will_do(days: tuple[int, ...]) -> None:
    assert problems(Rules(days)) == ()


async def test_rules_with_problems_are_not_set(database: Database) -> None:
    async with database.write() as session:
        with pytest.raises(ValueError, match="not_whole_days"):
            await set_rules(session, "social", Rules((99,)), 0, None, NOON)
        assert await rules_of(session) == {}


async def test_a_kind_can_do_without_feedback(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_rules(session, "social", Rules(feedback=False), 0, cast.priya, NOON)
        social = await invited_event(session, cast)
        training = await invited_event(session, cast, kind="training")
        for event, carer in ((social, cast.amal), (training, cast.sam)):
            await tick(session, event.id, carer.id, AttendanceState.ATTENDED, cast.priya, IN_TWO_WEEKS)
        assert await feedback.ask_due(session, feedback.morning_after(social, LONDON), LONDON) == 1
        assert await told(session, "feedback") == [cast.sam.id]
