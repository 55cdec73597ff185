"""Answers on a page, on each database: what a page writes is what a tap in the chat writes."""

import asyncio

from carers.pages import Purpose, new_code
from storage.engine import Database
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_queries import invitations_of_event
from tests.events.acts import HOUSEHOLD, invited_event
from tests.support.cast import Cast
from tests.support.console import SECRET_KEY, Console, Visitor, visitor
from tests.web.own_links import link
from tests.web.rows import all_rows

BANDS = {"children_0_4": "0", "children_5_10": "0", "children_11_15": "0", "children_16_up": "0"}


async def parties(database: Database, event_id: int) -> dict[int, Invitation]:
    async with database.read() as session:
        return {row.household_id: row for row in await invitations_of_event(session, event_id)}


async def send(somebody: Visitor, page: str, fields: dict[str, str]) -> str:
    somebody.html = ""
    return await somebody.post(page, fields)


async def test_a_family_answers_by_the_code_of_a_letter_and_changes_its_mind(
    console: Console, cast: Cast
) -> None:
    async with console.database.write() as session:
        event = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD, capacity=5)
        amal = await session.merge(cast.amal)
        about = {row.household_id: row.id for row in await invitations_of_event(session, event.id)}
        invitation = about[cast.reeds.id]
        code = await new_code(session, amal, Purpose.INVITATION, invitation, SECRET_KEY, console.now)
    async with visitor(console) as reader:
        await send(reader, "/c", {"code": code.lower()})
        assert "Can your family come?" in reader.html
        page = reader.path
        await send(reader, page, {"answer": "going", "adults": "2", **BANDS, "children_5_10": "2"})
        assert "You are going." in reader.html
        await send(reader, f"{page}/needs", {"needs": "A high chair"})
        await send(reader, f"{page}/party", {"adults": "1", **BANDS})
        await send(reader, f"{page}/calendar", {})
        assert "BEGIN:VCALENDAR" in reader.html
    party = (await parties(console.database, event.id))[cast.reeds.id]
    assert (party.state, party.people, party.needs) == (RsvpState.GOING, 1, "A high chair")
    assert party.answered_by_id == cast.amal.id


async def test_the_last_place_is_sold_once_to_those_who_press_at_the_same_moment(
    console: Console, cast: Cast
) -> None:
    async with console.database.write() as session:
        event = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD, capacity=2)
        about = {row.household_id: row.id for row in await invitations_of_event(session, event.id)}
    people = [cast.amal, cast.jo, cast.sam, cast.lin]
    pages = [link(console, one, Purpose.INVITATION, about[one.household_id]) for one in people]

    async def press(page: str) -> None:
        async with visitor(console) as one:
            await send(one, page, {"answer": "going", "adults": "2", **BANDS})
            assert one.status == 200

    await asyncio.gather(*map(press, pages))
    found = (await parties(console.database, event.id)).values()
    assert sorted(party.state for party in found) == ["going", "waitlisted", "waitlisted"]


async def test_looking_writes_nothing(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        event = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD, capacity=2)
        about = {row.household_id: row.id for row in await invitations_of_event(session, event.id)}
    page = link(console, cast.amal, Purpose.INVITATION, about[cast.reeds.id])
    before = await all_rows(console.database)
    async with visitor(console) as scanner:
        for path in (page, f"{page}?answer=going", f"{page}/party", f"{page}/join") * 10:
            await scanner.get(path)
            assert scanner.status in (200, 404)
    assert await all_rows(console.database) == before
