"""What a form did, taken back from the page that it led to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.households import GroupMember
from storage.staff import WebSession
from tests.support.cast import Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy
from web.staff.views import TOO_LATE

pytestmark = pytest.mark.one_database


async def members(database: Database) -> set[int]:
    async with database.read() as session:
        return set(await session.scalars(select(GroupMember.carer_id)))


async def test_what_a_form_did_is_taken_back_once_and_for_ten_minutes(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    page = f"/groups/{busy.circle}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.priya) as other:
        await priya.get(page)
        assert not priya.can_undo
        await priya.post(f"{page}/add", {"carer": [cast.jo.id, cast.sam.id, cast.amal.id]})
        assert await members(database) == {cast.amal.id, cast.jo.id, cast.sam.id}
        offered, where = priya.html, priya.path
        await priya.get(where)  # the same page in another tab
        await other.get(where)
        assert not other.can_undo, "another browser has nothing to take back"
        html = await priya.undo()
        assert "2 carers taken out." in html, "Amal was in it before"
        assert await members(database) == {cast.amal.id}

        priya.html = offered
        assert TOO_LATE in await priya.undo()
        await priya.get(where)
        assert not priya.can_undo
        await priya.get(page)
        await priya.post(f"{page}/add", {"carer": cast.jo.id})
        offered, where = priya.html, priya.path
        console.now += timedelta(minutes=10)
        await priya.get(where)
        assert "1 carer put in." in priya.html
        assert not priya.can_undo
        priya.html = offered
        assert TOO_LATE in await priya.undo()
        assert await members(database) == {cast.amal.id, cast.jo.id}


async def test_a_session_of_an_older_version_is_read(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console, cast.priya) as priya:
        async with database.write() as session:
            browser = (await session.scalars(select(WebSession))).one()
            browser.data = {"forms": [["old", "/", "It was done."]]}
        html = await priya.get("/?done=old")
        assert "It was done." in html
        assert not priya.can_undo
