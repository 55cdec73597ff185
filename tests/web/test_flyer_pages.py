"""The picture of an event and the fields that go with places: what the form asks for, and keeps."""

from typing import Any

import pytest
from aiohttp import FormData

from storage.broadcasts import Attachment
from storage.events import Event
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.conftest import PIXEL, Busy
from tests.web.test_events_pages import TEA, count, shown_fields, the_event

pytestmark = pytest.mark.one_database

NEW = "/events/new"
SAID = "Tick the box to confirm that no child can be recognised"


async def upload(
    one: Visitor, path: str, fields: dict[str, Any], filename: str = "tea.png", content: bytes = PIXEL
) -> str:
    """Send the form as a browser does that brings a picture along."""
    data = FormData()
    for name, value in {**one.hidden(path), **fields}.items():
        data.add_field(name, str(value))
    data.add_field("flyer", content, filename=filename, content_type="image/png")
    address = one.console.address + path
    async with one.client.post(address, data=data, headers={"Accept": "text/html"}) as answer:
        one.html, one.status, one.path = await answer.text(), answer.status, answer.url.path_qs
    return one.html


async def test_a_picture_needs_the_word_that_no_child_can_be_recognised_and_is_not_sent_twice(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        html = await upload(priya, NEW, TEA)
        assert priya.status == 422
        assert SAID in html
        assert 'value="Afternoon tea"' in html
        flyer = html.partition('src="/flyers/')[2].partition('"')[0]
        await priya.get(f"/flyers/{flyer}")
        assert priya.status == 200
        priya.html = html
        await priya.post(NEW, {**TEA, "no_child": "yes"})
    event = await the_event(console.database, "Afternoon tea")
    assert event.flyer_id == int(flyer)


async def test_a_picture_is_seen_by_all_staff_and_taken_out_again(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/edit"
    async with visitor(console, cast.tom) as tom, visitor(console, cast.priya) as priya:
        await tom.get(f"/events/{busy.coffee}/flyer")
        assert tom.status == 200
        await tom.get(f"/flyers/{busy.flyer}")
        assert tom.status == 403
        html = await priya.get(path)
        assert f'src="/flyers/{busy.flyer}"' in html
        await priya.post(path, {**shown_fields(html), "flyer_remove": "yes"})
        await tom.get(f"/events/{busy.coffee}/flyer")
        assert tom.status == 404
    assert (await the_event(console.database, "Coffee afternoon")).flyer_id is None


async def test_what_is_no_photo_and_what_nobody_uploaded_is_refused(console: Console, cast: Cast) -> None:
    ticked = {**TEA, "no_child": "yes"}
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        assert "a JPEG or PNG" in await upload(priya, NEW, ticked, "tea.pdf", b"%PDF-1.7")
        assert "a JPEG or PNG" in await upload(priya, NEW, ticked, "tea.png", b"MZ")
        assert await count(console.database, Attachment) == 0
        await priya.post(NEW, {**ticked, "flyer_id": "7"})
    assert (await the_event(console.database, "Afternoon tea")).flyer_id is None


async def test_a_ballot_needs_places_and_a_last_day_for_answers(console: Console, cast: Cast) -> None:
    ballot = {**TEA, "allocation": "ballot"}
    no_day = {"deadline-day": "", "deadline-month": "", "deadline-year": ""}
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        html = await priya.post(NEW, {**ballot, "capacity": "", **no_day})
        assert "Enter how many places are drawn" in html
        assert "Enter the last day for answers: the ballot is drawn after it" in html
        assert 'href="#deadline-day"' in html
        assert await count(console.database, Event) == 0
        await priya.post(NEW, ballot)
    assert (await the_event(console.database, "Afternoon tea")).allocation == "ballot"


async def test_a_new_event_s_last_day_for_answers_is_still_to_come(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        html = await priya.post(NEW, {**TEA, "deadline-day": "5", "deadline-month": "5"})
        assert "The last day for answers must be still to come" in html
        await priya.post(NEW, TEA)
    assert (await the_event(console.database, "Afternoon tea")).rsvp_deadline is not None


async def test_both_at_once_have_places_of_their_own_and_a_map(console: Console, cast: Cast) -> None:
    both = {
        **TEA,
        "mode": "hybrid",
        "online_capacity": "25",
        "online_url": "https://meet.example/tea",
        "map_url": "maps.example/hall",
    }
    async with visitor(console, cast.priya) as priya:
        await priya.get(NEW)
        html = await priya.post(NEW, both)
        assert "Enter the whole link, beginning with https://" in html
        assert 'href="#map_url"' in html
        await priya.post(NEW, {**both, "map_url": "https://maps.example/hall"})
    event = await the_event(console.database, "Afternoon tea")
    assert (event.capacity, event.online_capacity) == (40, 25)
    assert event.map_url == "https://maps.example/hall"


async def test_how_places_are_given_out_is_fixed_once_somebody_has_answered(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/edit"
    day = {"deadline-day": "13", "deadline-month": "5", "deadline-year": "2025"}
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(path)
        html = await priya.post(path, {**shown_fields(html), "allocation": "ballot", **day})
    assert "How places are given out cannot change once somebody has answered" in html
