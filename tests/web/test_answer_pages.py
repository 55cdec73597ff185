"""Answering for a carer who phoned."""

import re

import pytest
from sqlalchemy import select

from events.planning import plan_of
from events.rsvp import Choice, answer, set_needs
from storage.engine import Database
from storage.events import Event
from storage.rsvp import RsvpState
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy, invitation_of
from tests.web.crowds import Crowd, with_a_ballot, with_a_waiting_list

pytestmark = pytest.mark.one_database

FAMILY = {"choice": "going", "adults": "2", "children_5_10": "1"}


async def test_a_family_s_numbers_and_needs_are_noted_by_who_took_the_call(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.picnic}/parties/{busy.reeds}"
    async with visitor(console, cast.dee) as dee, visitor(console, cast.priya) as priya:
        await dee.get(path)
        html = await dee.post(path, {**FAMILY, "needs": "No nuts, please"})
        assert "Amal Reed and Jo Reed: " in html
        assert "No nuts" not in html
        assert "answered by phone, noted by Dee Hall" in html
        assert "2 adults, 1 child" in html
        assert "No nuts" not in await dee.get(path)
        assert "No nuts, please" in await priya.get(path)
    party = await invitation_of(database, busy.reeds)
    assert (party.adults, party.children_5_10, party.needs) == (2, 1, "No nuts, please")
    async with database.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "rsvp.answer_for")
        entry = (await session.scalars(query)).one()
    assert entry.actor == "Dee Hall"
    assert "nuts" not in str(entry.detail)


async def test_who_may_not_see_needs_leaves_those_that_are_noted(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        await set_needs(session, busy.reeds, cast.amal, "A ramp", NOON)
    path = f"/events/{busy.picnic}/parties/{busy.reeds}"
    async with visitor(console, cast.tom) as tom, visitor(console, cast.priya) as priya:
        assert "stays, unless you write something new" in await tom.get(path)
        await tom.post(path, {**FAMILY, "needs": ""})
        assert (await invitation_of(database, busy.reeds)).needs == "A ramp"
        await priya.get(path)
        await priya.post(path, {**FAMILY, "needs": ""})
    assert (await invitation_of(database, busy.reeds)).needs is None


async def test_a_mistake_keeps_what_was_said(console: Console, cast: Cast, busy: Busy) -> None:
    path = f"/events/{busy.picnic}/parties/{busy.reeds}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(
            path, {"choice": "going", "adults": "0", "children_0_4": "many", "needs": "Halal food"}
        )
    assert priya.status == 422
    assert "Adults must be a whole number from 1 to 20" in html
    assert "Children aged 0 to 4 must be a whole number" in html
    assert 'value="many"' in html
    assert "Halal food" in html
    assert re.search(r'value="going" checked', html)


async def test_a_party_that_does_not_fit_keeps_its_places_and_the_form_says_so(
    console: Console, database: Database, cast: Cast
) -> None:
    crowd = await with_a_waiting_list(database, cast, waiting=1)
    path = f"/events/{crowd.event}/parties/{crowd.reeds}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(path, {**FAMILY, "children_5_10": "7", "needs": "A ramp"})
        assert priya.status == 422
        assert "There is no room for this party" in html
        assert 'value="7"' in html
        waiting = f"/events/{crowd.event}/parties/{crowd.invitations[0]}"
        await priya.get(waiting)
        html = await priya.post(waiting, {"choice": "maybe", "adults": "1"})
        assert "maybe. If they use this app, they are told." in html
    party = await invitation_of(database, crowd.reeds)
    assert (party.state, party.people, party.needs) == (RsvpState.GOING, 2, None)


async def test_a_carer_s_own_answer_later_is_theirs_again(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/parties/{busy.amals}"
    async with visitor(console, cast.tom) as tom:
        await tom.get(path)
        assert "noted by Tom Birch" in await tom.post(path, {"choice": "not_going"})
        async with database.write() as session:
            later = NOON.replace(hour=13)
            await answer(session, busy.amals, cast.amal, Choice.MAYBE, later, LONDON)
        assert "noted by" not in await tom.get(f"/events/{busy.coffee}")


@pytest.fixture
async def tickets(database: Database, cast: Cast) -> Crowd:
    return await with_a_ballot(database, cast, entries=3)


async def test_a_caller_is_put_in_the_draw(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{tickets.event}")
        path = re.search(
            rf'href="(/events/{tickets.event}/parties/\d+)">Answer for them<span[^>]*>: Sam Okafor', html
        )
        assert path
        html = await priya.get(path[1])
        assert "Put them in the draw" in html
        assert 'value="maybe"' not in html
        html = await priya.post(path[1], {"choice": "going", "adults": "1"})
        assert "Sam Okafor: in the draw. If they use this app, they are told." in html


async def test_nothing_is_noted_once_the_event_is_over_or_called_off(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.coffee}/parties/{busy.amals}"
    async with database.read() as session:
        over = plan_of(await session.get_one(Event, busy.coffee)).ends_at
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        await priya.post(f"/events/{busy.coffee}/cancel", {"reason": ""})
        assert "is not open" in await priya.get(path)
        picnic = f"/events/{busy.picnic}/parties/{busy.reeds}"
        await priya.get(picnic)
        console.now = over.replace(month=7)
    async with visitor(console, cast.priya) as priya:
        assert "is not open" in await priya.get(picnic)
