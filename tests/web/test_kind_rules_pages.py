"""The rules by kind of event in the console: reminders, asking again, asking how it was."""

import pytest

from events.kind_rules import Rules, rules_for
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from web.staff.kind_rules import days_in_words

pytestmark = pytest.mark.one_database

TRIP = "/events/rules/trip"


def test_days_are_said_as_people_say_them() -> None:
    assert days_in_words((7, 1)) == "7 days and 1 day before"
    assert days_in_words((14, 7, 1)) == "14 days, 7 days and 1 day before"
    assert days_in_words((2, 0)) == "2 days before, and on the day"
    assert days_in_words((0,)) == "On the day"
    assert days_in_words(()) == "None"


async def test_the_rules_of_a_kind_are_changed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "Trip" in await priya.get("/events/rules")
        html = await priya.get(TRIP)
        assert 'value="7, 1"' in html
        html = await priya.post(TRIP, {"remind_days": "14, 3 1", "feedback": "yes"})
        assert "Trip: the rules are saved." in html
        assert "14 days, 3 days and 1 day before" in html
    async with console.database.read() as session:
        assert await rules_for(session, "trip") == Rules((14, 3, 1), nudge=False, feedback=True)


async def test_days_that_cannot_be_are_refused_and_kept_as_typed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(TRIP)
        for typed, said in {
            "soon": "Enter whole days from 0 to 60",
            "90": "Enter whole days from 0 to 60",
            "5, 4, 3, 2, 1": "Enter 4 reminders at most",
        }.items():
            html = await priya.post(TRIP, {"remind_days": typed})
            assert said in html
            assert f'value="{typed}"' in html
        await priya.get("/events/rules/nonsense")
        assert priya.status == 404


async def test_the_second_of_two_who_change_rules_is_told(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(TRIP)
        await dee.get(TRIP)
        await dee.post(TRIP, {"remind_days": "3", "nudge": "yes", "feedback": "yes"})
        html = await priya.post(TRIP, {"remind_days": "2", "nudge": "yes"})
        assert "Somebody else changed these rules" in html
        assert "3 days before" in html
        assert 'value="2"' in html
        assert "the rules are saved" in await priya.post(TRIP, {"remind_days": "2", "nudge": "yes"})
