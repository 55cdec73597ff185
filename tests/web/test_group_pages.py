"""Groups in the console and on a carer's page."""

import re

import pytest
from sqlalchemy import select

from carers.pages import Purpose
from storage.engine import Database
from storage.events import Event
from storage.households import Group, GroupLeaver, GroupMember
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.conftest import Busy
from tests.web.own_links import link

pytestmark = pytest.mark.one_database
EVENING = {"name": "Evening  support group", "about": "Every first Tuesday.", "who": "open"}


async def members(database: Database) -> list[tuple[int, int]]:
    async with database.read() as session:
        rows = await session.scalars(select(GroupMember))
        return sorted((row.group_id, row.carer_id) for row in rows)


async def made(priya: Visitor, **fields: str) -> str:
    """The path of a group that was made by the form."""
    await priya.get("/groups/new")
    html = await priya.post("/groups/new", {**EVENING, **fields})
    assert "The group is made." in html, html
    return priya.path.partition("?")[0]


async def test_a_group_is_made_filled_and_emptied(console: Console, cast: Cast, database: Database) -> None:
    async with visitor(console, cast.priya) as priya:
        page = await made(priya)
        html = await priya.get(f"{page}?q=reed")
        assert "Amal Reed" in html
        assert "Jo Reed" in html
        html = await priya.post(f"{page}/add", {"carer": [cast.amal.id, cast.jo.id]})
        assert "2 carers put in." in html
        html = await priya.post(f"{page}/take-out", {"carer": cast.jo.id})
        assert "1 carer taken out." in html
        assert await members(database) == [(1, cast.amal.id)]
        assert "Left this group, or was taken out" in await priya.get(f"{page}?q=jo")
        html = await priya.get("/groups")
        assert "Open to join" in html
        assert "Evening support group" in html
        await priya.get(page)
        assert "tick somebody first" in await priya.post(f"{page}/take-out", {"carer": "x"})


async def test_a_form_that_is_wrong_keeps_what_was_typed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await made(priya)
        await priya.get("/groups/new")
        html = await priya.post("/groups/new", {**EVENING, "name": "", "about": "x" * 501, "who": ""})
        assert priya.status == 422
        for said in ("Enter a name", "Use 500 characters or fewer", "Say who fills the group"):
            assert said in html
        html = await priya.post("/groups/new", {**EVENING, "name": "evening support GROUP"})
        assert 'href="#name"' in html
        assert "There is a group or an audience of this name already" in html
        assert 'value="evening support GROUP"' in html


async def test_the_second_of_two_who_change_a_group_is_told(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        edit = f"{await made(priya)}/edit"
        await priya.get(edit)
        await dee.get(edit)
        was = re.findall(r'name="(was-\w+)" value="([^"]*)"', priya.html)
        await dee.post(edit, {**dict(was), **EVENING, "name": "Tuesday group"})
        assert "The group is saved." in dee.html
        html = await priya.post(edit, {**dict(was), **EVENING, "about": "Cake."})
        assert "Somebody else changed this group" in html
        assert "Tuesday group" in html
        assert "Cake." in html
        again = dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', html))
        assert "The group is saved." in await priya.post(edit, {**again, **EVENING})


async def test_a_group_in_use_says_by_what_and_stays(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        (await session.get_one(Event, busy.draft)).audience = "Evening support group"
    page = f"/groups/{busy.circle}"
    async with visitor(console, cast.priya) as priya:
        assert f'Event: <a class="govuk-link" href="/events/{busy.draft}">Alpaca walk</a>' in await priya.get(
            page
        )
        assert "is in use" in await priya.get(f"{page}/delete")
        await priya.post(f"{page}/delete")
        assert "Nothing was deleted." in priya.html
        async with database.write() as session:
            (await session.get_one(Event, busy.draft)).audience = "all"
        await priya.get(f"{page}/delete")
        assert "Evening support group is deleted." in await priya.post(f"{page}/delete")
        await priya.get(page)
        assert priya.status == 404


async def test_a_social_worker_sees_their_own_carers_and_changes_nothing(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        session.add(GroupMember(group_id=busy.circle, carer_id=cast.sam.id))
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(f"/groups/{busy.circle}?q=sam")
        assert "Amal Reed" in html
        assert "Sam Okafor" not in html
        assert "Put in" not in html
        tom.html = ""
        await tom.post(f"/groups/{busy.circle}/add", {"carer": cast.jo.id})
        assert tom.status == 403


async def test_the_group_in_place_of_children_is_suggested_and_explained(
    console: Console, cast: Cast
) -> None:
    name = "households-with-birth-children-8-16"
    async with visitor(console, cast.priya) as priya:
        assert f"/groups/new?name={name}" in await priya.get("/groups")
        page = await made(priya, name=name, who="staff")
        assert "in place of any data about a child" in await priya.get(page)
        assert f"/groups/new?name={name}" not in await priya.get("/groups")


async def test_a_carer_joins_and_leaves_on_their_page(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        session.add_all([Group(name="Walkers", is_open=True, about="On Sundays."), Group(name="Managers")])
    path = link(console, cast.sam, Purpose.HOME).removeprefix(console.address) + "/groups"
    async with visitor(console) as sam:
        html = await sam.get(path)
        assert "You are in no group yet." in html
        assert "On Sundays." in html
        assert "Managers" not in html
        html = await sam.post(path, {"what": "join", "group": busy.circle})
        assert "You have joined the group." in html
        assert (busy.circle, cast.sam.id) in await members(database)
        await sam.get(path)
        assert "You have left the group." in await sam.post(path, {"what": "leave", "group": busy.circle})
        assert (busy.circle, cast.sam.id) not in await members(database)


async def test_what_is_not_open_is_left_only_when_one_is_sure(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        (await session.get_one(Group, busy.circle)).is_open = False
    path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address) + "/groups"
    async with visitor(console) as amal:
        await amal.get(path)
        html = await amal.post(path, {"what": "leave", "group": busy.circle})
        assert "Leave Evening support group?" in html
        assert await members(database) == [(busy.circle, cast.amal.id)]
        await amal.post(path, {"what": "leave", "group": busy.circle, "sure": "yes"})
        assert "You have left the group." in amal.html
        assert await members(database) == []
        html = await amal.post(path, {"what": "join", "group": busy.circle})
        assert "This group is no longer open to join." in html
    async with database.read() as session:
        assert len((await session.scalars(select(GroupLeaver))).all()) == 1


@pytest.mark.parametrize(
    "fields",
    [{}, {"what": "join"}, {"what": "join", "group": "99999999999"}, {"what": "leave", "group": "77"}],
)
async def test_a_made_up_form_changes_no_group(
    console: Console, cast: Cast, busy: Busy, database: Database, fields: dict[str, str]
) -> None:
    before = await members(database)
    path = link(console, cast.amal, Purpose.HOME).removeprefix(console.address) + "/groups"
    async with visitor(console) as amal:
        await amal.get(path)
        amal.html = ""
        await amal.post(path, fields)
        assert amal.status == 422
    assert await members(database) == before
