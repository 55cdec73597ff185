"""You said, we did: noted, changed over what one saw, published, read by carers in their language."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from care import actions
from care.actions import ActionState, Outcome, Plan, Problem, Source
from storage.actions import ServiceAction
from storage.engine import Database, Session
from tests.support.cast import NOON, Cast, gather

TODAY = NOON.date()
BREAKS = Plan("More breaks", "Two weekends a year", state=ActionState.DONE)
PLANNED = Plan("Later breakfasts", due_on=date(2025, 6, 1))


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def noted(session: Session, cast: Cast, plan: Plan = BREAKS, **source: int) -> ServiceAction:
    return await actions.note_action(session, plan, Source(**source), cast.priya, NOON, TODAY)  # type: ignore[arg-type]


def settled(action: ServiceAction) -> date | None:
    return action.settled_on


async def out(session: Session, cast: Cast, plan: Plan = BREAKS, minutes: int = 0) -> ServiceAction:
    """One that carers read."""
    action = await noted(session, cast, plan)
    at = NOON + timedelta(minutes=minutes)
    assert await actions.publish(session, action.id, 1, cast.priya, at) is Outcome.DONE
    return action


async def test_what_is_wrong_is_said_by_field_at_once(database: Database, cast: Cast) -> None:
    wrong = Plan("", "x" * 401, {"ur": {"said": "x" * 401}}, ActionState.DONE, owner_id=999)
    async with database.write() as session:
        found = await actions.problems(session, wrong)
        assert found == {
            "said": Problem.NOTHING_SAID,
            "did": Problem.TOO_LONG,
            "said-ur": Problem.TOO_LONG,
            "owner": Problem.NO_SUCH_OWNER,
        }
        assert await actions.problems(session, replace(BREAKS, did="")) == {"did": Problem.NOTHING_DONE}
        with pytest.raises(ValueError, match="cannot be"):
            await noted(session, cast, wrong)


async def test_an_action_is_changed_only_over_what_its_writer_saw(database: Database, cast: Cast) -> None:
    plan = replace(PLANNED, owner_id=cast.tom.id)
    async with database.write() as session:
        action = await noted(session, cast, plan)
        change = (session, action.id)
        day = TODAY + timedelta(days=30)
        assert await actions.change_action(*change, plan, 1, cast.dee, NOON, day) is Outcome.UNCHANGED
        done = replace(plan, state=ActionState.DONE, did="From June")
        assert await actions.change_action(*change, done, 1, cast.dee, NOON, day) is Outcome.DONE
        assert await actions.change_action(*change, plan, 1, cast.priya, NOON, day) is Outcome.OUTDATED
        assert settled(action) == day
        other = replace(done, state=ActionState.NOT_POSSIBLE)
        assert (
            await actions.change_action(*change, other, 2, cast.dee, NOON, day + timedelta(9)) is Outcome.DONE
        )
        assert settled(action) == day
        assert await actions.change_action(*change, plan, 3, cast.dee, NOON, day) is Outcome.DONE
        assert settled(action) is None
        assert await actions.change_action(session, 999, plan, 1, cast.dee, NOON, day) is Outcome.NOT_FOUND


async def test_only_what_tells_carers_something_is_published(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        empty = await noted(session, cast, Plan("More breaks"))
        assert await actions.publish(session, empty.id, 1, cast.priya, NOON) is Outcome.NOT_READY
        planned = await out(session, cast, PLANNED)
        assert await actions.publish(session, planned.id, 2, cast.priya, NOON) is Outcome.UNCHANGED
        bare = replace(PLANNED, due_on=None)
        assert (
            await actions.change_action(session, planned.id, bare, 2, cast.dee, NOON, TODAY)
            is Outcome.NOT_READY
        )
        assert await actions.throw_away(session, planned.id, cast.dee, NOON) is Outcome.PUBLISHED
        assert await actions.take_back(session, planned.id, cast.dee, NOON) is Outcome.DONE
        assert await actions.take_back(session, planned.id, cast.dee, NOON) is Outcome.UNCHANGED
        assert (await actions.published(session, "en")).actions == []
        assert await actions.throw_away(session, planned.id, cast.dee, NOON) is Outcome.DONE
        assert await actions.publish(session, planned.id, 1, cast.priya, NOON) is Outcome.NOT_FOUND


async def test_carers_read_three_a_page_the_latest_first(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        assert (await actions.published(session, "en", 5)).pages == 1
        for number in range(4):
            await out(session, cast, replace(BREAKS, said=f"Wish {number}"), number)
        await noted(session, cast)
        first, beyond = await actions.published(session, "en"), await actions.published(session, "en", 99)
        assert [one.said for one in first.actions] == ["Wish 3", "Wish 2", "Wish 1"]
        assert ([one.said for one in beyond.actions], beyond.page, beyond.pages) == (["Wish 0"], 2, 2)
        assert await actions.count_published(session) == 4


async def test_a_language_is_read_where_all_of_it_is_written_and_else_english(
    database: Database, cast: Cast
) -> None:
    whole = {"ur": {"said": "وقفے", "did": "دو"}, "ar": {"said": "استراحة"}}
    async with database.write() as session:
        first = await out(session, cast, replace(BREAKS, translations=whole))
        second = await out(session, cast, replace(PLANNED, translations={"ar": {"said": "فطور"}}), 1)
        urdu = await actions.published(session, "ur")
        assert [one.said for one in urdu.actions] == ["Later breakfasts", "وقفے"]
        arabic = await actions.published(session, "ar")
        assert [(one.said, one.did) for one in arabic.actions] == [
            ("فطور", ""),
            ("More breaks", "Two weekends a year"),
        ]
        assert await actions.languages_of(session, [first.id]) == ("en", "ur")
        assert await actions.languages_of(session, [first.id, second.id]) == ("en",)
        line = await actions.one_action(session, first.id, TODAY)
        assert line is not None
        assert line.translated == ("ur",)


async def test_what_is_overdue_is_counted_for_its_owner_and_for_all(database: Database, cast: Cast) -> None:
    after = date(2025, 6, 2)
    async with database.write() as session:
        await noted(session, cast, replace(PLANNED, owner_id=cast.tom.id))
        await noted(session, cast, PLANNED)
        await noted(session, cast, replace(BREAKS, due_on=date(2025, 6, 1)))
        assert await actions.count_overdue(session, date(2025, 6, 1)) == 0
        assert await actions.count_overdue(session, after) == 2
        assert await actions.count_overdue(session, after, cast.tom.id) == 1
        listed = await actions.list_actions(session, after)
        assert [one.overdue for one in (*listed.open, *listed.settled)] == [True, True, False]
        assert listed.open[0].owner == "Tom Birch"


async def test_a_source_that_is_gone_leaves_the_action(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        assert await actions.found_source(session, Source(999, "q", 999)) == (None, None)
        assert await actions.published_of_round(session, 999, "en") == []
