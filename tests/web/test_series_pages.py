"""Events that repeat, in the console: their dates are seen before they are saved, and changed one or all."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from events.rhythm import TermDates
from events.terms import set_terms
from storage.engine import Database
from storage.events import Event
from storage.series import Series
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.test_events_pages import TEA, count, shown_fields

pytestmark = pytest.mark.one_database

GROUP: dict[str, Any] = {
    **TEA,
    "title": "Evening group",
    "kind": "support_group",
    "on-day": "10",  # the second Tuesday of June
    "deadline-day": "8",
    "repeat": "monthly",
    "invite": "usual",
}
SUMMER = TermDates("Summer, second half", date(2025, 6, 2), date(2025, 7, 22))


async def events_in(database: Database) -> list[Event]:
    async with database.read() as session:
        return list(await session.scalars(select(Event).order_by(Event.starts_at)))


async def the_series(database: Database) -> Series:
    async with database.read() as session:
        return (await session.scalars(select(Series))).one()


def sent_along(html: str, **more: Any) -> dict[str, Any]:
    """What the page of dates sends: all that was typed before, and the boxes as they are ticked there."""
    body = html.partition('novalidate class="hl-form"')[2].partition("</form>")[0]
    typed = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', body)
    }
    boxes = re.findall(r'name="skip" value="([^"]*)"[^>]*checked', body)
    return {**typed, "skip": boxes, "then": "save", **more}


async def test_every_date_of_the_year_is_seen_before_anything_is_saved(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", GROUP)
        assert priya.status == 200
        assert "Every month, on the second Tuesday" in html
        assert "Tuesday 10 June 2025" in html
        assert "2:00 pm to 3:30 pm" in html
        assert "11 dates" in html  # up to a year from today
        assert "Answers close 2 days before" in html
        assert await count(console.database, Event) == 0
        html = await priya.post("/events/new", sent_along(html, skip="2025-08-12"))
        assert "The series is in the programme." in html
        assert "Left out" in html
    events = await events_in(console.database)
    assert events[0].starts_at == datetime(2025, 6, 10, 13, 0, tzinfo=UTC)
    assert events[-1].starts_at == datetime(2026, 4, 14, 13, 0, tzinfo=UTC)
    assert "2025-08-12" not in {str(event.occurrence_on) for event in events}
    winter = next(event for event in events if event.starts_at.month == 12)
    assert winter.starts_at.hour == 14  # two o'clock stays two o'clock


async def test_who_goes_back_from_the_dates_finds_everything_as_typed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", GROUP)
        html = await priya.post("/events/new", sent_along(html, skip="2025-08-12", then="back"))
        assert priya.status == 200
        shown = shown_fields(html)
        assert {name: shown[name] for name in GROUP if name != "invite"} == {
            name: value for name, value in GROUP.items() if name != "invite"
        }
        html = await priya.post("/events/new", shown)
    assert 'value="2025-08-12" id="skip-2025-08-12" checked' in html


async def test_a_series_saved_twice_is_there_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", GROUP)
        form = sent_along(html)
        await priya.post("/events/new", form)
        await priya.post("/events/new", form)
    assert "The series is in the programme." in priya.html
    assert await count(console.database, Series) == 1


async def test_leaving_out_every_date_is_refused_where_the_boxes_are(console: Console, cast: Cast) -> None:
    yearly = {**GROUP, "repeat": "yearly"}
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", yearly)
        html = await priya.post("/events/new", sent_along(html, skip=["2025-06-10", "2026-06-09"]))
    assert priya.status == 422
    assert "Leave at least one date in" in html
    assert 'href="#skip-2025-06-10"' in html


async def test_in_term_time_needs_term_dates_and_keeps_to_them(console: Console, cast: Cast) -> None:
    weekly = {**GROUP, "repeat": "weekly-term-time"}
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", weekly)
        assert "Enter the term dates first" in html
        async with console.database.write() as session:
            await set_terms(session, [SUMMER], cast.priya, NOON, LONDON)
        html = await priya.post("/events/new", weekly)
        assert "7 dates" in html  # 10 June to 22 July
        assert "Term dates are known until Tuesday 22 July 2025" in html
        html = await priya.post("/events/new", sent_along(html))
        assert "No term dates after 22 July 2025" in html
        assert "No term dates after 22 July 2025" in await priya.get("/events/series")
    assert await count(console.database, Event) == 7


async def test_in_person_and_online_come_in_turn(console: Console, cast: Cast) -> None:
    in_turn = {**GROUP, "mode": "in_turn", "online_url": "https://meet.example/room", "repeat": "quarterly"}
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", {**in_turn, "repeat": "never"})
        assert "Only an event that repeats can be in person and online in turn" in html
        html = await priya.post("/events/new", in_turn)
        assert "in person and online in turn" in html
        await priya.post("/events/new", sent_along(html))
        events = await events_in(console.database)
        path = f"/events/{events[1].id}/edit"
        form = {**shown_fields(await priya.get(path)), "scope": "one"}
        assert "Nothing was changed." in await priya.post(path, form)
    assert [event.mode for event in events][:4] == [
        "in_person",
        "online",
        "in_person",
        "online",
    ]


async def test_invitations_now_go_out_for_the_first_alone(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", {**GROUP, "invite": "now"})
        html = await priya.post("/events/new", sent_along(html))
    assert "Invitations to the first are on their way to 4 carers." in html
    assert [event.state for event in await events_in(console.database)][:2] == ["invited", "planned"]


async def made(console: Console, cast: Cast, **more: Any) -> int:
    """A monthly series, made in the console; its id."""
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", {**GROUP, **more})
        await priya.post("/events/new", sent_along(html))
    return (await the_series(console.database)).id


async def test_only_this_one_or_this_one_and_all_to_come(console: Console, cast: Cast) -> None:
    await made(console, cast)
    first, second, third = (await events_in(console.database))[:3]
    async with visitor(console, cast.priya) as priya:
        path = f"/events/{second.id}/edit"
        await priya.get(path)
        barn = {**shown_fields(priya.html), "venue": "The Barn"}
        assert "Choose which events you change" in await priya.post(path, barn)
        await priya.post(path, {**barn, "scope": "one"})
        await priya.get(f"/events/{first.id}/edit")
        later = {**shown_fields(priya.html), "venue": "The Kiln", "starts": "6pm", "ends": "7.30pm"}
        html = await priya.post(f"/events/{first.id}/edit", {**later, "scope": "all"})
        assert "Saved: " in html
        series = await priya.get(f"/events/series/{(await the_series(console.database)).id}")
        assert "Changed alone: place" in series
    events = await events_in(console.database)
    assert [event.venue for event in events][:3] == ["The Kiln", "The Barn", "The Kiln"]
    assert {event.starts_at.astimezone(LONDON).hour for event in events} == {18}
    assert third.id == events[2].id


async def test_a_date_is_left_out_and_brought_back(console: Console, cast: Cast) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"{here}/days/2025-07-08/skip")
        assert "Nobody is invited yet" in html
        html = await priya.post(f"{here}/days/2025-07-08/skip")
        assert "Saved: 1 event taken out." in html
        assert "Left out" in html
        html = await priya.post(f"{here}/days/2025-07-08/back")
        assert "Saved: 1 event added." in html
        await priya.get(f"{here}/days/2025-07-09/skip")
        assert priya.status == 404


async def test_an_invited_date_that_is_left_out_is_cancelled_with_the_reason(
    console: Console, cast: Cast
) -> None:
    here = f"/events/series/{await made(console, cast, invite='now')}"
    async with visitor(console, cast.priya) as priya:
        assert "The invitations are out" in await priya.get(f"{here}/days/2025-06-10/skip")
        html = await priya.post(f"{here}/days/2025-06-10/skip", {"reason": "The hall is flooded"})
        assert "Saved: 1 event cancelled." in html
    assert (await events_in(console.database))[0].cancel_reason == "The hall is flooded"


async def test_a_series_ends_after_a_day_or_now(console: Console, cast: Cast) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"{here}/end")
        assert "Choose when it ends" in await priya.post(f"{here}/end")
        past = {"when": "later", "after-day": "1", "after-month": "5", "after-year": "2025"}
        assert "The last day must be today or later" in await priya.post(f"{here}/end", past)
        html = await priya.post(f"{here}/end", {**past, "after-month": "8"})
        assert "Ended" in html
        assert "Change the series" not in html
    assert [event.starts_at.month for event in await events_in(console.database)] == [6, 7]


async def test_a_series_sent_back_as_it_is_changes_nothing_and_a_new_weekday_moves_it(
    console: Console, cast: Cast
) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"{here}/edit")
        html = await priya.post(f"{here}/edit", shown_fields(html))
        assert "Check the dates" in html
        assert "Nothing was changed." in await priya.post(f"{here}/edit", sent_along(html))
        html = await priya.get(f"{here}/edit")
        html = await priya.post(f"{here}/edit", {**shown_fields(html), "on-day": "11", "capacity": "12"})
        assert "Every month, on the second Wednesday" in html
        html = await priya.post(f"{here}/edit", sent_along(html))
        assert "changed." in html
    events = await events_in(console.database)
    assert {event.starts_at.weekday() for event in events} == {2}
    assert {event.capacity for event in events} == {12}


async def test_the_second_of_two_who_change_a_series_is_told_and_loses_nothing(
    console: Console, cast: Cast
) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        mine = shown_fields(await priya.get(f"{here}/edit"))
        hers = await dee.post(
            f"{here}/edit", {**shown_fields(await dee.get(f"{here}/edit")), "venue": "Mill"}
        )
        await dee.post(f"{here}/edit", sent_along(hers))
        html = await priya.post(f"{here}/edit", {**mine, "title": "Late group"})
        html = await priya.post(f"{here}/edit", sent_along(html))
        assert "Somebody else changed this series" in html
        assert "Mill" in html
        assert 'value="Late group"' in html


async def test_a_ballot_of_a_series_needs_its_days_for_answers(console: Console, cast: Cast) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"{here}/edit")
        ballot = {**shown_fields(html), "allocation": "ballot", "deadline_days": ""}
        html = await priya.post(f"{here}/edit", ballot)
        assert "Enter the last day for answers" in html
        assert 'href="#deadline_days"' in html


async def test_a_social_worker_sees_series_and_plans_none(console: Console, cast: Cast) -> None:
    here = f"/events/series/{await made(console, cast)}"
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(here)
        assert "Every month, on the second Tuesday" in html
        assert "Leave out" not in html
        assert "Change the series" not in html
        assert "Term dates" not in await tom.get("/events/series")
