"""A form that was opened before somebody else's change tells so, keeps what was typed, and undoes nothing."""

import re

import pytest

from carers.channels import Channel
from storage.engine import Database
from storage.households import Carer
from storage.rsvp import RsvpState
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, visitor
from tests.web.conftest import Busy, invitation_of
from tests.web.crowds import with_a_waiting_list
from tests.web.test_waiting_pages import order

pytestmark = pytest.mark.one_database

FAMILY = {"choice": "going", "adults": "2", "children_5_10": "1"}


async def test_who_notes_an_answer_late_is_told_what_was_noted_meanwhile(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.picnic}/parties/{busy.reeds}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(path)
        await dee.get(path)
        await dee.post(path, {"choice": "not_going", "adults": "1"})
        html = await priya.post(path, {**FAMILY, "needs": "A ramp"})
        assert priya.status == 422
        assert "Their answer changed while you had this open" in html
        assert "not going" in html
        assert "A ramp" in html
        assert (await invitation_of(database, busy.reeds)).state is RsvpState.NOT_GOING
        await priya.post(path, {**FAMILY, "needs": "A ramp"})  # now that it was seen
    party = await invitation_of(database, busy.reeds)
    assert (party.state, party.adults, party.needs) == (RsvpState.GOING, 2, "A ramp")


async def test_a_place_in_a_list_that_has_moved_is_chosen_again(
    console: Console, database: Database, cast: Cast
) -> None:
    crowd = await with_a_waiting_list(database, cast, waiting=3)
    page = f"/events/{crowd.event}"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        _, first, second = crowd.invitations
        await priya.get(f"{page}/parties/{first}/move")
        await dee.get(f"{page}/parties/{second}/move")
        await dee.post(f"{page}/parties/{second}/move", {"to": "1", "reason": "A long drive"})
        stands = order(await dee.get(page))
        html = await priya.post(f"{page}/parties/{first}/move", {"to": "2", "reason": "A word of mine"})
        assert "Nobody was moved yet" in html
        assert "A word of mine" in html
        assert order(await dee.get(page)) == stands


async def test_a_way_that_a_colleague_has_changed_stays(
    console: Console, database: Database, cast: Cast
) -> None:
    way = f"/carers/{cast.lin.id}/way"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(f"/carers/{cast.lin.id}")
        await dee.get(f"/carers/{cast.lin.id}")
        await dee.post(way, {"way": "letter"})
        assert "the way was changed meanwhile" in await priya.post(way, {"way": "app"})
    async with database.read() as session:
        assert (await session.get_one(Carer, cast.lin.id)).channel is Channel.LETTER


async def test_a_form_that_was_wrong_first_still_says_what_its_sender_had_seen(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"/groups/{busy.circle}/edit"

    def typed(one: Visitor, **fields: str) -> dict[str, str]:
        return {**dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', one.html)), **fields}

    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(path)
        await dee.get(path)
        await dee.post(path, typed(dee, name="Evening circle", about="Tea", who="open"))
        await priya.post(path, typed(priya, name="", about="Mine", who="staff"))
        html = await priya.post(path, typed(priya, name="Night circle", about="Mine", who="staff"))
        assert "Somebody else changed this group while you had it open" in html
        assert "Evening circle" in html
