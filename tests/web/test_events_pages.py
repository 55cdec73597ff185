"""Making, changing, sending, cancelling and filling events in the console."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.event import listen, remove

from events.planning import change_event, plan_of
from storage.attendance import Attendance
from storage.deliveries import Delivery
from storage.engine import Database
from storage.events import Event, Mode
from storage.rsvp import RsvpState
from storage.rsvp_queries import invitations_of_event
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy, invitation_of
from tests.web.crowds import more_carers, plan

pytestmark = pytest.mark.one_database

TEA: dict[str, Any] = {
    "title": "Afternoon tea",
    "kind": "recognition",
    "description": "With cake",
    "on-day": "14",
    "on-month": "June",
    "on-year": "2025",
    "starts": "2pm",
    "ends": "15:30",
    "mode": "in_person",
    "venue": "Town Hall",
    "audience": "all",
    "rsvp_by": "carer",
    "capacity": "40",
    "allocation": "first_come",
    "repeat": "never",
    "deadline-day": "10",
    "deadline-month": "6",
    "deadline-year": "2025",
    "invite": "now",
}


async def the_event(database: Database, title: str) -> Event:
    async with database.read() as session:
        return (await session.scalars(select(Event).where(Event.title == title))).one()


async def count(database: Database, table: type, *conditions: Any) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count()).select_from(table).where(*conditions))).one()


async def test_an_event_is_made_in_local_time_and_sent_at_once(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", TEA)
    assert "The event is made. Invitations are on their way to 4 carers." in html
    event = await the_event(console.database, "Afternoon tea")
    assert event.starts_at == datetime(2025, 6, 14, 13, 0, tzinfo=UTC)  # 14:00 in summer time
    assert event.ends_at == datetime(2025, 6, 14, 14, 30, tzinfo=UTC)
    assert event.rsvp_deadline == datetime(2025, 6, 10, 16, 0, tzinfo=UTC)
    assert event.state == "invited"
    assert event.created_by_id == cast.priya.id
    assert await count(console.database, Delivery, Delivery.event_id == event.id) == 4
    assert console.woken


async def test_a_form_sent_twice_makes_one_event_and_leads_to_it_again(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        hidden = priya.hidden("/events/new")
        await priya.post("/events/new", {**TEA, **hidden})
        first = priya.path
        await priya.post("/events/new", {**TEA, **hidden})
    assert priya.path == first
    assert "The event is made" in priya.html
    assert await count(console.database, Event) == 1


async def test_a_button_pressed_twice_at_the_same_moment_makes_one_event(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        form = {**TEA, **priya.hidden("/events/new")}
        address = console.address + "/events/new"
        answers = await asyncio.gather(*(priya.client.post(address, data=form) for _ in range(4)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.url for answer in answers}) == 1
    assert await count(console.database, Event) == 1


async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    console: Console, cast: Cast
) -> None:
    wrong = {**TEA, "title": "", "starts": "7", "on-day": "31", "capacity": "many", "venue": ""}
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", wrong)
    assert priya.status == 422
    for link, text in {
        "#title": "Enter a title",
        "#on-day": "The date must be a real date",
        "#starts": "The start must be a time",
        "#capacity": "Places in person must be a whole number",
        "#venue": "Enter where it takes place",
    }.items():
        assert f'href="{link}"' in html
        assert html.count(text) == 2  # in the summary and beside the field
    assert 'value="15:30"' in html
    assert "With cake" in html
    assert "<title>Error: Make an event" in html
    assert await count(console.database, Event) == 0


async def test_an_event_cannot_end_before_it_starts_or_fall_into_the_gap_of_spring(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post(
            "/events/new", {**TEA, "until-day": "13", "until-month": "6", "until-year": "2025"}
        )
        assert "The end must be after the start" in html
        gap = {**TEA, "on-day": "29", "on-month": "3", "on-year": "2026", "starts": "01:30", "ends": "04:00"}
        assert "this time does not exist" in await priya.post("/events/new", gap)


async def test_an_event_lies_ahead_and_ends_the_night_after_at_the_latest(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        html = await priya.post("/events/new", {**TEA, "on-month": "1", "deadline-month": "1"})
        assert "that time is past" in html
        assert 'href="#on-day"' in html
        for ends in ("12:00", "14:00"):
            assert "It ends before it starts" in await priya.post("/events/new", {**TEA, "ends": ends})
    assert await count(console.database, Event) == 0


async def test_a_late_evening_runs_into_the_next_day(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        await priya.post(
            "/events/new",
            {
                **TEA,
                "starts": "22:00",
                "ends": "00:30",
                "deadline-day": "",
                "deadline-month": "",
                "deadline-year": "",
            },
        )
    event = await the_event(console.database, "Afternoon tea")
    assert event.ends_at == datetime(2025, 6, 14, 23, 30, tzinfo=UTC)


async def test_a_form_sent_back_as_it_is_changes_nothing(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        for event_id in (busy.coffee, busy.picnic, busy.group, busy.draft):
            path = f"/events/{event_id}/edit"
            await priya.get(path)
            assert "Nothing was changed." in await priya.post(path, shown_fields(priya.html))


def shown_fields(html: str) -> dict[str, str]:
    """What a browser would send of the form on this page without a touch."""
    inputs = re.findall(r"<input ([^>]*)>", html)
    attributes = [dict(re.findall(r'([\w-]+)="([^"]*)"', one)) | {"on": "checked" in one} for one in inputs]
    fields = {
        str(one["name"]): unescape(str(one.get("value", "")))
        for one in attributes
        if one.get("type") not in ("hidden", "file")
        and (one.get("type") not in ("radio", "checkbox") or one["on"])
    }
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        if chosen:
            fields[name] = chosen[1]
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', html, re.DOTALL))
    return fields


async def test_a_change_of_place_is_told_to_those_who_are_coming(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/edit"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(path, {**shown_fields(priya.html), "venue": "The Barn"})
    assert "The change is saved. 3 carers are being told." in html
    assert (await the_event(console.database, "Coffee afternoon")).venue == "The Barn"


async def test_the_second_of_two_who_edit_is_told_and_loses_nothing(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/edit"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        async with database.write() as session:
            event = await session.get_one(Event, busy.coffee)
            await change_event(
                session, event.id, replace(plan_of(event), venue="The Kiln"), cast.dee, console.now
            )
        html = await priya.post(path, {**shown_fields(priya.html), "title": "Coffee and cake"})
        assert priya.status == 422
        assert "Somebody else changed this event" in html
        assert "The Kiln" in html
        assert 'value="Coffee and cake"' in html
        assert (await the_event(database, "Coffee afternoon")).venue == "The Kiln"
        await priya.post(path, shown_fields(html))
    assert (await the_event(database, "Coffee and cake")).venue == "The Mill"


async def test_what_is_rarely_needed_is_folded_until_it_holds_something_or_an_error(
    console: Console, cast: Cast
) -> None:
    folded = '<details class="govuk-details hl-more">'
    open_now = '<details class="govuk-details hl-more" open>'
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/new")
        assert (html.count(folded), html.count(open_now)) == (3, 0)
        html = await priya.post("/events/new", {**TEA, "map_url": "no link", "until-day": "15"})
        assert (html.count(folded), html.count(open_now)) == (1, 2)
        assert 'value="no link"' in html


async def test_tiles_count_what_can_still_be(console: Console, cast: Cast, busy: Busy) -> None:
    def labels(html: str) -> list[str]:
        return re.findall(r'hl-tile__label">([^<]*)<', html)

    async with visitor(console, cast.priya) as priya:
        assert "Waiting list" in labels(await priya.get(f"/events/{busy.coffee}"))
        async with console.database.write() as session:
            (await session.get_one(Event, busy.picnic)).capacity = None
        assert "Waiting list" not in labels(await priya.get(f"/events/{busy.picnic}")), "it has no limit"
        async with console.database.write() as session:
            event = await session.get_one(Event, busy.picnic)
            event.starts_at, event.ends_at = NOON - timedelta(hours=3), NOON - timedelta(hours=1)
        assert "Maybe" not in labels(await priya.get(f"/events/{busy.picnic}")), "over, and nobody said so"


async def test_fewer_places_than_are_taken_are_refused(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.coffee}/edit"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(path, {**shown_fields(priya.html), "capacity": "1"})
    assert "More places than that are taken already" in html


async def test_cancelling_tells_those_who_may_come_and_says_why(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/cancel"
    async with visitor(console, cast.priya) as priya:
        assert "3 carers who may be coming are told at once" in await priya.get(path)
        html = await priya.post(path, {"reason": "The boiler <broke>"})
        assert "The event is cancelled. 3 carers are being told." in html
        assert "The boiler &lt;broke&gt;" in html
        await priya.get(path)
        assert "cancelled already" in await priya.post(path)
    event = await the_event(console.database, "Coffee afternoon")
    assert event.cancel_reason == "The boiler <broke>"
    told = await count(console.database, Delivery, Delivery.kind == "cancellation")
    assert told == 3


async def test_staff_send_the_invitations_of_a_draft(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.draft}/invite"
    async with visitor(console, cast.priya) as priya:
        assert "4 carers of 3 households are in the audience" in await priya.get(path)
        assert "Invitations are on their way to 4 carers." in await priya.post(path)


async def test_staff_answer_for_a_carer_who_phoned(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.coffee}/parties/{busy.amals}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        assert "Choose what they answered" in await priya.post(path)
        html = await priya.post(path, {"choice": "not_going"})
    assert "Amal Reed: not going. If they use this app, they are told." in html
    assert (await invitation_of(console.database, busy.amals)).state is RsvpState.NOT_GOING
    assert await count(console.database, AuditEntry, AuditEntry.action == "rsvp.answer_for") == 1


async def test_attendance_is_saved_for_all_and_two_who_tick_undo_nothing_of_each_other(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/attendance"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(path)
        await dee.get(path)
        was = {f"was{carer.id}": "none" for carer in (cast.amal, cast.jo, cast.sam)}
        none = {f"c{carer.id}": "none" for carer in (cast.amal, cast.jo, cast.sam)}
        await priya.post(path, {**was, **none, f"c{cast.amal.id}": "attended"})
        assert "Saved: 1 change." in priya.html
        await dee.post(path, {**was, **none, f"c{cast.jo.id}": "no_show"})
        assert "Saved: 1 change." in dee.html
        await dee.post(path, {**was, **none, "c999": "attended", "was999": "none"})
        assert "Nothing was changed." in dee.html
    noted = await count(console.database, Attendance)
    assert noted == 2


async def test_only_the_organiser_sees_needs_and_join_links(console: Console, cast: Cast, busy: Busy) -> None:
    async with (
        visitor(console, cast.priya) as priya,
        visitor(console, cast.dee) as dee,
        visitor(console, cast.tom) as tom,
    ):
        page, group = f"/events/{busy.coffee}", f"/events/{busy.group}"
        assert "A ramp, please" in await priya.get(page)
        assert "A ramp, please" not in await dee.get(page)
        assert "A ramp, please" not in await tom.get(page)
        assert "secret-room" in await priya.get(group)
        assert "secret-room" not in await tom.get(group)


async def test_on_the_evening_the_page_leads_to_the_door_and_counts_who_came(
    console: Console, cast: Cast, busy: Busy
) -> None:
    here = f"/events/{busy.coffee}"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(here)
        assert "List for the door" in html
        assert f'data-live="{busy.coffee}-came"' not in html
        assert 'href="#group-waitlisted"' in html
        assert 'href="#group-maybe"' not in html
    console.now = NOON + timedelta(days=9, minutes=10)
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"{here}/attendance")
        await priya.post(f"{here}/attendance", {f"c{cast.amal.id}": "attended"})
        html = await priya.get(here)
        assert f'data-live="{busy.coffee}-came">1</span>' in html


async def test_past_events_come_the_latest_first(console: Console, cast: Cast, busy: Busy) -> None:
    console.now = datetime(2025, 12, 1, 12, 0, tzinfo=UTC)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/past")
        assert html.index("Alpaca walk") < html.index("Picnic") < html.index("Coffee afternoon")
        assert "Nothing is planned" in await priya.get("/events")


async def test_the_page_of_many_parties_takes_no_more_queries_than_that_of_few(
    console: Console, database: Database, cast: Cast
) -> None:
    few, many = await queries_of_a_page(console, cast, 3), await queries_of_a_page(console, cast, 80)
    assert many == few
    assert few < 20


async def queries_of_a_page(console: Console, cast: Cast, parties: int) -> int:
    """How often the database is asked for the page of an event to which so many are going or wait."""
    async with console.database.write() as session:
        carers = await more_carers(session, parties, first=parties * 10)
        event = await plan(session, cast, f"Fair for {parties}")
        rows = await invitations_of_event(session, event.id)
        homes = {carer.household_id: carer.id for carer in carers}
        for number, row in enumerate(row for row in rows if row.household_id in homes):
            row.state = RsvpState.WAITLISTED if number % 2 else RsvpState.GOING
            row.mode, row.queue_key = Mode.IN_PERSON, number
            row.answered_at = row.waiting_since = NOON
            row.answered_by_id = homes[row.household_id]
    asked: list[str] = []
    async with visitor(console, cast.priya) as priya:
        listen(Engine, "before_cursor_execute", note := lambda *details: asked.append(details[2]))
        try:
            html = await priya.get(f"/events/{event.id}")
        finally:
            remove(Engine, "before_cursor_execute", note)
    assert html.count("Answer for them") >= parties
    return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])


async def test_the_page_leads_to_the_map_the_flyer_the_series_and_the_poster(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        event = await session.get_one(Event, busy.coffee)
        event.map_url, event.series_id = "https://maps.example/mill", busy.series
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(f"/events/{busy.coffee}")
        assert 'href="https://maps.example/mill"' in html
        assert f'src="/events/{busy.coffee}/flyer"' in html
        assert f'href="/events/series/{busy.series}"' in html
        assert f'href="/events/{busy.coffee}/poster"' in html
        html = await tom.get(f"/events/{busy.picnic}")
        assert "The+Mill" in html  # nobody chose a map: a search for the place
        assert "/flyer" not in html
        assert "The series" not in html
    async with visitor(console) as stranger:
        await stranger.get(f"/events/{busy.coffee}/flyer")
        assert stranger.path == "/"


async def test_the_places_of_each_mode_are_told_apart(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{busy.group}")
        assert "In person: 0 places taken, no limit" in html
        assert "Online: 0 places taken, no limit" in html
        assert ">Maybe<" not in html
