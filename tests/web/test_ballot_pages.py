"""The ballot on the console: before the draw, every entry after it, drawing again to check."""

import math
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from events import lots
from events.ballot import draw_due, seed_fingerprint
from events.rsvp import Choice, answer
from storage.ballot import DrawEntry
from storage.engine import Database, open_database
from storage.events import Event
from storage.rsvp import Invitation, RsvpState
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy
from tests.web.crowds import Crowd, with_a_ballot
from tests.web.files import rows_of

CLOSED = NOON + timedelta(days=10, minutes=1)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """SQLite alone: what these pages read is tested on both where it is read."""
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def tickets(database: Database, cast: Cast) -> Crowd:
    """Six entries for 13 places in all, of which there are five."""
    return await with_a_ballot(database, cast, entries=6, places=5)


async def drawn(database: Database) -> None:
    async with database.write() as session:
        assert await draw_due(session, CLOSED, LONDON) == 1


async def seed_of(database: Database, tickets: Crowd) -> str:
    async with database.read() as session:
        return lots.seed_of((await session.get_one(Event, tickets.event)).ballot_seed or "", 1)


async def test_before_the_draw_it_says_how_many_entered_for_what_and_when(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    seed = await seed_of(database, tickets)
    async with database.read() as session:
        fingerprint = seed_fingerprint(await session.get_one(Event, tickets.event))
    async with visitor(console, cast.priya) as priya:
        for path in (f"/events/{tickets.event}", f"/events/{tickets.event}/ballot"):
            html = await priya.get(path)
            assert "<strong>6 households</strong> have entered" in html
            assert "5 places are to be drawn" in html
            assert "16 May, 12:00" in html
            assert fingerprint in html
            assert seed not in html
            assert "Draw now" not in html


async def test_staff_draw_once_answers_have_closed_and_the_clock_has_not(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    path = f"/events/{tickets.event}/ballot"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        assert "has not closed yet. Nothing was drawn." in await priya.post(path)
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        assert "Draw now" in await priya.get(path)
        await dee.get(path)
        assert "The ballot is drawn." in await priya.post(path)
        assert "by Priya Lane" in priya.html
        assert "drawn already" in await dee.post(path)
        assert "Draw now" not in dee.html
    async with database.read() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert "ballot.draw" in actions


async def test_the_draw_shows_every_entry_in_its_order_with_what_it_was_made_of(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    await drawn(database)
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{tickets.event}/ballot")
        assert await seed_of(database, tickets) in html
        table = html.split('id="entries"')[1]
        scores = [float(text) for text in re.findall(r'data-label="Score">([\d.]+)<', table)]
        assert len(scores) == 6
        assert scores == sorted(scores)
        assert "Amal Reed and Jo Reed" in table
        assert "Their turn was number 1 of 6." in table
        assert "All of their party still fitted" in table
        assert ("Too large for what was left" in table) or ("Nothing was left" in table)
        assert "How to explain the draw on the telephone" in html
        assert "In the draw" in await priya.get(f"/events/{tickets.event}")


async def test_a_draw_is_checked_against_its_record(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    await drawn(database)
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{tickets.event}/ballot")
        draw = re.search(r'name="draw" value="(\d+)"', html)
        assert draw
        check = f"/events/{tickets.event}/ballot?draw={draw[1]}&check=1"
        assert "every entry comes out in the same place" in await priya.get(check)
        async with database.write() as session:
            last = select(DrawEntry.invitation_id).where(DrawEntry.turn == 6).scalar_subquery()
            forged = update(DrawEntry).where(DrawEntry.invitation_id == last)
            await session.execute(forged.values(won=~DrawEntry.won))
        assert "it comes out differently" in await priya.get(check)
        await priya.get(f"/events/{tickets.event}/ballot?draw=999")
        assert priya.status == 404


async def test_the_draw_as_csv_can_be_done_again_by_hand(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    async with database.write() as session:
        cast.amal.first_name = "=1+1"
        await session.merge(cast.amal)
    await drawn(database)
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya:
        text = await priya.get(f"/events/{tickets.event}/ballot.csv")
    rows = rows_of(text)
    assert [row["Turn"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert any(row["Carers"].startswith("'=1+1") for row in rows)
    for row in rows:
        assert math.isclose(-math.log(float(row["Chance"])), float(row["Number"]))
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "ballot.read"))).one()
    assert entry.detail["rows"] == 6


async def test_a_social_worker_sees_their_own_household_s_entry_alone(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    await drawn(database)
    console.now = CLOSED
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(f"/events/{tickets.event}/ballot?check=1")
        assert "Amal Reed and Jo Reed" in html
        assert html.count('data-label="Score"') == 1
        text = await tom.get(f"/events/{tickets.event}/ballot.csv")
        assert "Draw now" not in html
        await tom.post(f"/events/{tickets.event}/ballot")
        assert tom.status == 403
    for carer in tickets.carers[1:]:
        assert f"{carer.first_name} {carer.last_name}" not in html
        assert carer.last_name not in text
    assert len(text.splitlines()) == 2


async def test_places_that_come_back_are_a_draw_of_their_own(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    await drawn(database)
    async with database.write() as session:
        offered = select(Invitation).where(
            Invitation.event_id == tickets.event, Invitation.state == RsvpState.OFFERED
        )
        for invitation in (await session.scalars(offered)).all():
            carer = tickets.carers[tickets.invitations.index(invitation.id)]
            await answer(session, invitation.id, carer, Choice.NOT_GOING, CLOSED, LONDON)
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{tickets.event}/ballot")
        assert "of places that came back" not in html
        second = re.search(r'href="([^"]*draw=\d+)">Draw 2', html)
        assert second
        assert "of places that came back" in await priya.get(second[1])


async def test_what_to_tell_follows_from_what_the_household_had_and_lost(
    console: Console, database: Database, cast: Cast, tickets: Crowd
) -> None:
    await drawn(database)
    async with database.write() as session:
        first = select(DrawEntry.invitation_id).where(DrawEntry.turn == 1).scalar_subquery()
        entry = update(DrawEntry).where(DrawEntry.invitation_id == first)
        await session.execute(entry.values(received=1, losses=2))
    console.now = CLOSED
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{tickets.event}/ballot")
    assert "They had places by ballot once in the twelve months before, and have lost twice since." in html
    assert "So their weight was 3/2." in html
    assert "They had no places by ballot in the twelve months before, and lost none." in html


async def test_an_event_without_a_ballot_says_so(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "There is no ballot" in await priya.get(f"/events/{busy.coffee}/ballot")
        assert 'href="/events/1/ballot"' not in await priya.get(f"/events/{busy.coffee}")
