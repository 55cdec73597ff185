"""Templates in the console: starting from one, keeping an event as one, deleting it."""

from datetime import time

import pytest

from events.pattern import Pattern
from events.templates import save_template
from storage.series import EventTemplate
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy
from tests.web.test_events_pages import count, shown_fields, the_event

pytestmark = pytest.mark.one_database


async def test_a_new_event_starts_from_a_template(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/start")
        assert "Coffee Afternoon" in html
        assert "Start with an empty form" in html
        html = await priya.get("/events/new?template=standard%3Acoffee-afternoon")
        assert "Started from Coffee Afternoon" in html
        shown = shown_fields(html)
        assert (shown["title"], shown["repeat"], shown["starts"]) == ("Coffee Afternoon", "monthly", "13:00")
        assert shown["on-day"] == ""


async def test_a_ballot_from_a_template_has_its_days_for_answers(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/start")
        panto = next(
            "/events/new?template=" + key.partition('"')[0]
            for key in html.split("/events/new?template=")[1:]
            if "panto" in key.partition("</a>")[0].lower()
        )
        html = await priya.get(panto)
        form = {**shown_fields(html), "venue": "Theatre", "repeat": "never"}
        assert form["allocation"] == "ballot"
        day = {"on-day": "13", "on-month": "12", "on-year": "2025"}
        await priya.post("/events/new", {**form, **day})
    event = await the_event(console.database, form["title"])
    assert event.rsvp_deadline is not None
    assert event.allocation == "ballot"


async def test_the_group_of_a_template_that_is_not_there_is_not_guessed(console: Console, cast: Cast) -> None:
    pattern = Pattern("Walk", "social", time(10), 60, venue="The Mill", audience="walkers")
    async with console.database.write() as session:
        key = await save_template(session, "Walk", pattern, None, cast.priya, NOON)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/new?template=own%3A{key}")
        assert "Choose" in html.partition('name="audience"')[2].partition("</select>")[0]
        day = {"on-day": "13", "on-month": "12", "on-year": "2025", "audience": ""}
        html = await priya.post("/events/new", {**shown_fields(html), **day})
        assert "Choose whom the event is for" in html


async def test_an_event_is_kept_as_a_template_replaced_and_deleted(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/template"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(path)
        assert 'value="Coffee afternoon"' in html
        html = await priya.post(path, {"name": "Our coffee"})
        assert "The template Our coffee is saved." in html
        assert "Your own templates" in html
        await priya.get(path)
        html = await priya.post(path, {"name": "Our coffee"})
        assert "There is a template of this name" in html
        await priya.post(path, {"name": "Our coffee", "replace": "yes"})
        assert await count(console.database, EventTemplate, EventTemplate.name == "Our coffee") == 1
        key = priya.html.partition("/events/start/")[2].partition("/")[0]
        shown = shown_fields(await priya.get(f"/events/new?template=own%3A{key}"))
        assert (shown["venue"], shown["capacity"]) == ("The Mill", "2")
        await priya.get(f"/events/start/{key}/delete")
        assert "is deleted" in await priya.post(f"/events/start/{key}/delete")
    assert await count(console.database, EventTemplate, EventTemplate.name == "Our coffee") == 0
