"""Templates: the usual programme comes with the product, and a service keeps its own."""

from datetime import date

import pytest

from events.pattern import plan_on, problems
from events.rhythm import NAMED, Rhythm, Unit
from events.templates import (
    TemplateProblem,
    delete_template,
    rhythm_named,
    save_template,
    standard_templates,
    template,
    templates,
)
from storage.engine import Database
from storage.events import Allocation, Mode
from tests.events.seasons import LONDON, pattern
from tests.support.cast import NOON, gather


def test_each_standard_template_makes_an_event_that_can_be() -> None:
    for line in standard_templates():
        assert problems(line.pattern) == (), line.key
        assert line.rhythm is not None
        assert plan_on(line.pattern, date(2025, 6, 3), LONDON).title == line.name
    tickets = [line.pattern for line in standard_templates() if line.kind == "tickets"]
    assert {pattern.allocation for pattern in tickets} == {Allocation.BALLOT}
    assert all(pattern.deadline_days and pattern.capacity for pattern in tickets)
    [forum] = [line for line in standard_templates() if line.kind == "forum"]
    assert (forum.rhythm, forum.pattern.mode) == (
        Rhythm(Unit.MONTH_BY_WEEKDAY, 3, alternate=True),
        Mode.IN_PERSON,
    )


async def test_a_service_keeps_finds_replaces_and_forgets_its_own(database: Database) -> None:
    async with database.write() as session:
        priya = (await gather(session)).priya
        kept = await save_template(session, " Quiz  night ", pattern(), NAMED["monthly"], priya, NOON)
        again = await save_template(session, "quiz night", pattern(), None, priya, NOON)
        nameless = await save_template(session, " ", pattern(), None, priya, NOON)
        endless = await save_template(session, "x" * 121, pattern(), None, priya, NOON)
        assert (again, nameless, endless) == (
            TemplateProblem.NAME_TAKEN,
            TemplateProblem.NO_NAME,
            TemplateProblem.TOO_LONG,
        )
        first, *others = await templates(session)
        assert (first.key, first.name, first.rhythm) == (f"own:{kept}", "Quiz night", NAMED["monthly"])
        assert all(line.standard for line in others)
        assert kept == await save_template(
            session, "Quiz night", pattern(minutes=60), None, priya, NOON, replacing=True
        )
        found = await template(session, f"own:{kept}")
        assert found is not None
        assert (found.pattern.minutes, found.rhythm) == (60, None)
        assert await delete_template(session, f"own:{kept}", priya, NOON)
        assert not await delete_template(session, f"own:{kept}", priya, NOON)
        assert not await delete_template(session, "standard:panto", priya, NOON)
        with pytest.raises(ValueError, match="no_title"):
            await save_template(session, "Empty", pattern(title=""), None, priya, NOON)


async def test_a_key_that_is_none_finds_nothing(database: Database) -> None:
    async with database.read() as session:
        for key in ("own:x", "own:", "own:99999999999999999999", "standard:", "", "own:7"):
            assert await template(session, key) is None


def test_files_name_rhythms() -> None:
    assert rhythm_named("Fortnightly-Term-Time", "online") == Rhythm(Unit.WEEK, 2, term_time_only=True)
    assert rhythm_named("weekly-term-time", "hybrid") == NAMED["weekly-term-time"]
    assert rhythm_named("monthly", "Alternate  in_person and online") == Rhythm(
        Unit.MONTH_BY_WEEKDAY, alternate=True
    )
    assert rhythm_named("daily", "online") is None
