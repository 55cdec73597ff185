"""What a form did, taken back from the page that it led to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from carers.channels import Channel
from events.rsvp import Choice, answer
from storage.engine import Database
from storage.households import Carer, GroupLeaver, GroupMember
from storage.rsvp import RsvpState
from storage.staff import WebSession
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy, invitation_of
from tests.web.test_attendance_pages import noted
from web.staff.views import TOO_LATE

pytestmark = pytest.mark.one_database


async def members(database: Database) -> set[int]:
    async with database.read() as session:
        return set(await session.scalars(select(GroupMember.carer_id)))


async def test_what_the_register_makes_of_a_group_is_as_it_was_after_an_undo(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    """An import takes out whom the register put in, and puts nobody in who left: a slip must not change who
    those are."""
    page = f"/groups/{busy.circle}"
    async with database.write() as session:
        (await session.get_one(GroupMember, (busy.circle, cast.amal.id))).from_register = True
        session.add(GroupLeaver(group_id=busy.circle, carer_id=cast.jo.id))

    async def noted() -> tuple[set[int], set[int]]:
        async with database.read() as session:
            mine = select(GroupMember.carer_id).where(GroupMember.from_register)
            left = select(GroupLeaver.carer_id)
            return set(await session.scalars(mine)), set(await session.scalars(left))

    before = await noted()
    async with visitor(console, cast.priya) as priya:
        for deed, whom in (("add", [cast.jo.id, cast.sam.id]), ("take-out", [cast.amal.id])):
            await priya.get(page)
            await priya.post(f"{page}/{deed}", {"carer": whom})
            await priya.undo()
            assert await noted() == before, deed


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


async def test_nothing_that_was_done_since_is_undone_with_it(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    """Priya changes something, somebody else changes it once more, and then she presses Undo."""
    picnic, way = f"/events/{busy.picnic}/parties/{busy.reeds}", f"/carers/{cast.lin.id}/way"
    async with visitor(console, cast.priya) as priya:
        await priya.get(picnic)
        await priya.post(picnic, {"choice": "maybe", "adults": "2"})
        async with database.write() as session:
            await answer(session, busy.reeds, cast.amal, Choice.NOT_GOING, NOON, LONDON)
        assert "Their answer changed while you had this open" in await priya.undo()
        assert (await invitation_of(database, busy.reeds)).state is RsvpState.NOT_GOING

        await priya.get(f"/carers/{cast.lin.id}")
        await priya.post(way, {"way": "letter"})
        async with database.write() as session:
            (await session.get_one(Carer, cast.lin.id)).channel = Channel.EMAIL
        assert "the way was changed meanwhile" in await priya.undo()


async def test_ticks_of_a_colleague_outlive_the_undo_of_ones_own(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    page = f"/events/{busy.coffee}/attendance"
    console.now += timedelta(days=9)
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await dee.get(page)
        await priya.get(page)
        await priya.post(page, {f"c{cast.amal.id}": "attended", f"c{cast.jo.id}": "attended"})
        mine = priya.html
        await dee.get(page)
        await dee.post(page, {f"c{cast.jo.id}": "no_show"})
        priya.html = mine
        assert "Saved: 1 change." in await priya.undo()
        assert await noted(console, busy.coffee) == {cast.jo.id: ("no_show", "console")}
        await priya.get(page)
        await priya.post(page, {"rest": "yes"})
        await dee.get(page)
        await dee.post(page, {f"c{cast.amal.id}": "attended", "rest": "yes"})
        assert "There was nobody left to note." in dee.html
        await dee.undo()
    states = await noted(console, busy.coffee)
    assert states[cast.amal.id] == ("no_show", "console"), "the tick is taken back"
