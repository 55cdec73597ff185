"""Pages that change by themselves."""

import asyncio
import json
import time
from typing import Any

import pytest
from aiohttp_sse import EventSourceResponse
from playwright.async_api import Page, expect

from carers.sign_in import sign_out_everywhere
from events.rsvp import Choice, answer
from storage.engine import Database
from storage.rsvp import Invitation
from storage.staff import StaffMember
from tests.support.cast import Cast
from tests.support.console import LONDON, Console, Visitor, served, sign_in, visitor
from tests.web.conftest import Busy

Shown = tuple[Console, Cast, Busy]


async def amal_cannot_come(console: Console, cast: Cast, busy: Busy) -> None:
    async with console.database.write() as session:
        await answer(session, busy.amals, cast.amal, Choice.NOT_GOING, console.now, LONDON)


class Stream:
    """An open stream of server-sent events, read message by message."""

    def __init__(self, one: Visitor, path: str) -> None:
        self._answer = one.client.get(one.console.address + path)

    async def __aenter__(self) -> "Stream":
        self.response = await self._answer.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self.response.close()

    async def next(self) -> dict[str, Any] | None:
        """The next message; None when the stream has ended."""
        async for line in self.response.content:
            if line.startswith(b"data:"):
                message: dict[str, Any] = json.loads(line[5:])
                return message
        return None


async def test_a_stream_tells_what_is_there_and_then_what_changes(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya, Stream(priya, f"/events/{busy.coffee}/live") as stream:
        first = await asyncio.wait_for(stream.next(), 10)
        assert first is not None
        assert first["texts"][f"{busy.coffee}-going"] == "2"
        await amal_cannot_come(console, cast, busy)
        second = await asyncio.wait_for(stream.next(), 10)
        assert second is not None
        assert second["texts"][f"{busy.coffee}-not_going"] == "1"
        assert "Not going" in second["html"]
        assert "<form" not in second["html"]


async def test_a_social_worker_s_stream_names_their_own_carers_alone(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.tom) as tom, Stream(tom, f"/events/{busy.coffee}/live") as stream:
        first = await asyncio.wait_for(stream.next(), 10)
        assert first is not None
        assert "Amal Reed" in first["html"]
        assert "Okafor" not in first["html"]
        assert "A ramp" not in first["html"]


async def test_whoever_is_signed_out_sees_no_more_changes(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya, Stream(priya, "/live") as stream:
        assert await asyncio.wait_for(stream.next(), 10) is not None
        async with database.write() as session:
            priya_row = await session.get_one(StaffMember, cast.priya.id)
            await sign_out_everywhere(session, priya_row, cast.ash, console.now)
        assert await asyncio.wait_for(stream.next(), 10) is None


async def test_an_open_stream_does_not_hold_up_the_end(sqlite_url: str, shown: Shown) -> None:
    console, cast, busy = shown
    async with served(console.database, console.now) as second:
        one = visitor(second, cast.priya)
        priya = await one.__aenter__()
        stream = await Stream(priya, f"/events/{busy.coffee}/live").__aenter__()
        assert await asyncio.wait_for(stream.next(), 10) is not None
        began = time.perf_counter()
    assert time.perf_counter() - began < 1.5
    await stream.__aexit__()
    await one.__aexit__(None, None, None)


async def test_a_browser_that_went_on_before_the_stream_began_is_no_fault(
    console: Console,
    cast: Cast,
    busy: Busy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def gone(*_: object) -> None:
        raise ConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(EventSourceResponse, "prepare", gone)
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/events/{busy.coffee}/live")
        assert priya.status == 200
    assert not caplog.records


async def test_there_is_no_stream_of_an_event_that_is_not_there(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/12345/live")
        assert priya.status == 404


@pytest.mark.browser
async def test_the_count_changes_on_the_page_when_a_carer_taps(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/{busy.coffee}")
    going = page.locator(f'[data-live="{busy.coffee}-not_going"]')
    await page.get_by_text("Live", exact=True).wait_for()
    assert await going.inner_text() == "0"
    await page.evaluate("window.unreloaded = true")
    await page.locator("#group-going summary").click()
    await amal_cannot_come(console, cast, busy)
    await expect(going).to_have_text("1", timeout=10_000)
    assert await page.evaluate("window.unreloaded") is True
    # Sam, who waited, was offered the place at once, and the table says so.
    offered = page.locator("#group-offered")
    await offered.get_by_role("link", name="Sam Okafor", exact=True).wait_for()
    assert await page.locator("#group-going").get_attribute("open") is None, "what was folded stays folded"
    async with console.database.read() as session:
        assert (await session.get_one(Invitation, busy.amals)).state == "not_going"


@pytest.mark.browser
async def test_the_home_page_counts_along(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    await sign_in(page, console, cast.priya)
    place = f'[data-live="{busy.coffee}-invited"]'
    await page.get_by_text("Live", exact=True).wait_for()
    assert await page.locator(place).inner_text() == "1"
    async with console.database.write() as session:
        lins = await session.get_one(Invitation, 4)
        await answer(session, lins.id, cast.lin, Choice.NOT_GOING, console.now, LONDON)
    await expect(page.locator(place)).to_have_text("0", timeout=10_000)
