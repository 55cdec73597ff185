"""Attendance in the console: walk-ins, everybody else, the list for the door and the poster."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from events.planning import cancel_event
from storage.attendance import Attendance
from storage.events import Event, Mode
from storage.households import Carer
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database

AT_COFFEE = NOON + timedelta(days=9, minutes=30)


async def noted(console: Console, event_id: int) -> dict[int, tuple[str, str]]:
    """State and source by carer."""
    async with console.database.read() as session:
        rows = await session.scalars(select(Attendance).where(Attendance.event_id == event_id))
        return {row.carer_id: (row.state.value, row.source) for row in rows}


async def search(one: Visitor, event: int, words: str) -> str:
    return await one.get(f"/events/{event}/attendance?q={words}")


async def test_who_walked_in_is_found_and_noted_invited_or_not(
    console: Console, cast: Cast, busy: Busy
) -> None:
    console.now = AT_COFFEE
    path = f"/events/{busy.coffee}/attendance"
    async with visitor(console, cast.priya) as priya:
        html = await search(priya, busy.coffee, "lin+marsh")
        assert "Lin Marsh" in html
        html = await priya.post(f"{path}/walk-in")
        assert "Lin Marsh is noted as there." in html
        assert "Noted as there</td>" in html
        await priya.post(f"{path}/walk-in", {"carer": cast.lin.id, "q": ""})
        assert "was noted as there already" in priya.html
        assert "No current carer matches “zebedee”" in await search(priya, busy.coffee, "zebedee")
        for wrong in ("", "x", "-1", "999999", "9" * 30, "1.0"):
            await priya.get(path)
            await priya.post(f"{path}/walk-in", {"carer": wrong})
            assert priya.status == 404
    assert await noted(console, busy.coffee) == {cast.lin.id: ("attended", "walk_in")}


async def test_those_who_are_coming_head_the_list(console: Console, cast: Cast, busy: Busy) -> None:
    async with console.database.write() as session:
        (await session.get_one(Carer, cast.amal.id)).first_name = "Zoe"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{busy.coffee}/attendance")
    assert "0 of 3 carers noted as there; 2 said that they are coming." in html
    assert html.index("Jo Reed") < html.index("Zoe Reed") < html.index("Sam Okafor")


async def test_a_social_worker_notes_walk_ins_of_their_own_households_only(
    console: Console, cast: Cast, busy: Busy
) -> None:
    console.now = AT_COFFEE
    async with visitor(console, cast.tom) as tom:
        assert "Sam Okafor" not in await search(tom, busy.picnic, "sam")
        assert "No carer of your own households matches" in tom.html
        await tom.post(f"/events/{busy.picnic}/attendance/walk-in", {"carer": cast.sam.id})
        assert tom.status == 404
        await search(tom, busy.picnic, "jo")
        await tom.post(f"/events/{busy.picnic}/attendance/walk-in")
        assert "Jo Reed is noted as there." in tom.html
    assert set(await noted(console, busy.picnic)) == {cast.jo.id}


async def test_everybody_else_did_not_come_saves_the_ticks_first_and_can_be_taken_back(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/attendance"
    ticks: dict[str, Any] = {f"c{cast.amal.id}": "attended", f"was{cast.amal.id}": "none", "rest": "yes"}
    async with visitor(console, cast.priya) as priya:
        assert "everyone else" not in await priya.get(path)  # the event has not begun
        await priya.post(path, ticks | {f"c{cast.amal.id}": "none"})
        assert await noted(console, busy.coffee) == {}
        console.now = AT_COFFEE
    async with visitor(console, cast.priya) as priya:
        assert "Save, and everyone else did not come" in await priya.get(path)
        html = await priya.post(path, ticks)
        assert "Saved: 1 change. 1 carer noted as not there." in html
        after = {cast.amal.id: ("attended", "console"), cast.jo.id: ("no_show", "rest:console")}
        assert await noted(console, busy.coffee) == after
        html = await priya.post(f"{path}/rest/undo")
        assert "1 note taken back." in html
        assert "Undo" not in html
    assert set(await noted(console, busy.coffee)) == {cast.amal.id}
    async with console.database.read() as session:
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions[-3:] == ["attendance.tick", "attendance.rest", "attendance.undo_rest"]


async def test_the_list_for_the_door_has_who_is_expected_and_no_needs(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{busy.coffee}/attendance/door")
        assert html.index("Amal Reed") < html.index("Jo Reed") < html.index("Sam Okafor")
        assert "Lin Marsh" not in html
        assert "ramp" not in html
        assert "2 carers expected; 1 more may come." in html
        household = await priya.get(f"/events/{busy.picnic}/attendance/door")
        assert "Amal Reed and Jo Reed" in household
        assert "1 party expected" in household
    async with visitor(console, cast.tom) as tom:
        assert "Okafor" not in await tom.get(f"/events/{busy.coffee}/attendance/door")


async def test_the_poster_is_a_page_to_print_and_a_file(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.coffee}/poster"
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(path)
        assert f'src="{path}.svg"' in html
        async with tom.client.get(f"{console.address}{path}.svg") as answer:
            svg, headers = await answer.text(), answer.headers
    assert headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    root = ElementTree.fromstring(svg)  # noqa: S314 - the console drew it
    said = " ".join(one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Coffee afternoon Thursday 15 May 2025 12:00 pm to 2:00 pm The Mill" in said
    assert "To check in, point your phone's camera at this code" in said
    assert "کیمرا" in said
    assert "ਕੈਮਰਾ" in said
    assert "كاميرا" in said


@pytest.mark.parametrize("why", ["cancelled", "online", "over"])
async def test_where_a_poster_is_of_no_use_the_page_says_why(
    console: Console, cast: Cast, busy: Busy, why: str
) -> None:
    async with console.database.write() as session:
        event = await session.get_one(Event, busy.coffee)
        match why:
            case "cancelled":
                await cancel_event(session, event.id, "", None, NOON)
            case "online":
                event.mode = Mode.ONLINE
            case "over":
                console.now = event.ends_at
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{busy.coffee}/poster")
        assert f"The event is {why}" in html
        assert "<img" not in html
        await priya.get(f"/events/{busy.coffee}/poster.svg")
        assert priya.status == 404
