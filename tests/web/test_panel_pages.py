"""What is asked as something happens, in the console: panels of a household, the two occasions, events."""

from datetime import timedelta

import pytest

from events.attendance import tick
from events.kind_rules import rules_for
from storage.attendance import AttendanceState
from storage.engine import Database
from surveys.definition import Occasion
from surveys.occasions import ask_of_event
from surveys.standing import standing_of
from tests.events.acts import invited_event
from tests.support.cast import Cast
from tests.support.console import LONDON, Console, visitor
from tests.surveys.stories import add_carers

pytestmark = pytest.mark.one_database

STANDING = "/surveys/standing/exit"
ASKED = {
    "is_on": "yes",
    "survey": "exit-interview",
    "named": "no",
    "period": "quarter",
    "open_days": "30",
    "threshold": "6",
}


def held(day: int, month: int = 5) -> dict[str, str]:
    return {"held-day": str(day), "held-month": str(month), "held-year": "2025", "about": "review"}


async def test_a_panel_is_noted_on_its_households_page_and_taken_back(console: Console, cast: Cast) -> None:
    here = f"/households/{cast.reeds.id}"
    async with visitor(console, cast.tom) as tom:
        assert "None is noted" in await tom.get(here)
        await tom.get(f"{here}/panels/new")
        html = await tom.post(f"{here}/panels/new", held(5))
        assert "asked how it was from tomorrow morning" in html
        assert "Nobody has been asked about it" in html
        assert "Panel: review" in html
        await tom.get(f"{here}/panels/1/back")
        assert "Nobody is asked about it" in await tom.post(f"{here}/panels/1/back")
        await tom.get(f"{here}/panels/1/back")
        assert tom.status == 404


async def test_a_day_that_cannot_be_is_refused_and_kept_as_typed(console: Console, cast: Cast) -> None:
    path = f"/households/{cast.reeds.id}/panels/new"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        await priya.post(path, held(5))
        for typed, said in (
            (held(7), "today or before"),
            (held(31, 2), "must be a real date"),
            (held(5), "noted already"),
            ({**held(4), "about": "gossip"}, "Choose what the panel was about"),
        ):
            html = await priya.post(path, typed)
            assert priya.status == 422
            assert said in html
            assert f'value="{typed["held-day"]}"' in html


async def test_what_is_asked_when_a_household_leaves_is_set_with_a_lock(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        assert "With names" in await priya.get("/surveys/standing")
        for one in (priya, dee):
            await one.get(STANDING)
        html = await priya.post(STANDING, {**ASKED, "version": "0"})
        assert "It holds from the next round on" in html
        html = await dee.post(STANDING, {**ASKED, "version": "0", "open_days": "14"})
        assert "Somebody else changed this" in html
        assert 'value="14"' in html
        for typed, said in (
            ({"open_days": ""}, "Enter 3 to 90 days"),
            ({"threshold": "3"}, "from 5 to 50"),
            ({"survey": "pulse"}, "Choose a survey"),
        ):
            assert said in await dee.post(STANDING, {**ASKED, "version": "1", **typed})
        await dee.get("/surveys/standing/event")
        assert dee.status == 404
    async with database.read() as session:
        kept = await standing_of(session, Occasion.EXIT)
    assert (kept.anonymous, kept.open_days, kept.threshold, kept.version) == (True, 30, 6, 1)


async def test_how_those_who_came_are_asked_is_set_by_kind(
    console: Console, database: Database, cast: Cast
) -> None:
    training, trip = "/events/rules/training", "/events/rules/trip"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/rules")
        assert "One tap" in html
        assert "training" in html.lower()
        for path, form in ((training, "tap"), (trip, "event-feedback")):
            await priya.get(path)
            await priya.post(path, {"remind_days": "7, 1", "feedback": "yes", "feedback_form": form})
        await priya.get(trip)
        html = await priya.post(trip, {"remind_days": "7", "feedback_form": "pulse"})
        assert "Choose how they are asked" in html
    async with database.read() as session:
        assert (await rules_for(session, "training")).feedback_form == ""
        assert (await rules_for(session, "trip")).feedback_form == "event-feedback"


async def test_the_page_of_an_event_leads_to_the_survey_that_asks_about_it(
    console: Console, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        event = await invited_event(session, cast, kind="training")
        for carer in await add_carers(session, 5):
            await tick(session, event.id, carer.id, AttendanceState.ATTENDED, cast.priya, event.ends_at)
        morning = event.ends_at + timedelta(days=1)
        asked = await ask_of_event(session, event, "training-feedback", morning, console.keys, LONDON)
        assert asked == 5
    console.now = morning
    async with visitor(console, cast.priya) as priya, visitor(console, cast.tom) as tom:
        assert 'href="/surveys/1"' in await priya.get(f"/events/{event.id}")
        assert 'href="/surveys/1"' not in await tom.get(f"/events/{event.id}")
        assert f'href="/events/{event.id}"' in await priya.get("/surveys?follows=event")
