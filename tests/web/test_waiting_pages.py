"""The waiting list on the page of an event, and moving a party in it."""

import re

import pytest
from sqlalchemy import select

from events.line import Moved, move_in_line
from events.pulse import event_pulse
from events.rsvp import Choice, answer
from storage.engine import Database
from storage.rsvp import Invitation
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy
from tests.web.crowds import Crowd, with_a_waiting_list

pytestmark = pytest.mark.one_database


@pytest.fixture
async def crowd(database: Database, cast: Cast) -> Crowd:
    return await with_a_waiting_list(database, cast, waiting=3)


def order(html: str) -> list[str]:
    """The names on the waiting list in the order of the page."""
    group = html.split('id="group-waitlisted"')[1].split("</details>")[0]
    return re.findall(r'<a class="govuk-link" href="/carers/\d+"[^>]*>([^<]*)</a>', group)


async def test_the_list_stands_in_its_order_with_sizes_and_since_when(
    console: Console, cast: Cast, crowd: Crowd
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{crowd.event}")
    assert order(html) == [f"{carer.first_name} {carer.last_name}" for carer in crowd.carers]
    group = html.split('id="group-waitlisted"')[1].split("</details>")[0]
    assert group.count("Never") == 3
    assert "1 adult, 3 children" in group
    assert "12:07" in group or "12:06" in group


async def test_a_party_is_moved_with_a_reason_that_the_audit_log_keeps(
    console: Console, database: Database, cast: Cast, crowd: Crowd
) -> None:
    path = f"/events/{crowd.event}/parties/{crowd.invitations[2]}/move"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(path)
        assert "They are number 3 of 3" in html
        assert "Whoever is passed moves by one place" in html
        html = await priya.post(path, {"to": "1", "reason": "Missed the last two for a hospital visit"})
        assert "now number 1 of 3 on the waiting list. 2 others move back by one place." in html
        first, second, third = (f"{one.first_name} {one.last_name}" for one in crowd.carers)
        assert order(html) == [third, first, second]
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "rsvp.move"))).one()
    assert entry.actor == "Priya Lane"
    assert entry.detail["reason"] == "Missed the last two for a hospital visit"


async def test_a_move_without_a_reason_keeps_the_place_that_was_chosen(
    console: Console, cast: Cast, crowd: Crowd
) -> None:
    path = f"/events/{crowd.event}/parties/{crowd.invitations[1]}/move"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        html = await priya.post(path, {"to": "3", "reason": " "})
        assert priya.status == 422
        assert 'href="#reason"' in html
        assert re.search(r'<option value="3" selected', html)
        assert "Choose a new place" in await priya.post(path, {"to": "4", "reason": "Fair"})
        html = await priya.post(path, {"to": "2", "reason": "Fair"})
    assert "had that place already" in html


async def test_who_no_longer_waits_cannot_be_moved(
    console: Console, database: Database, cast: Cast, crowd: Crowd
) -> None:
    path = f"/events/{crowd.event}/parties/{crowd.invitations[0]}/move"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        async with database.write() as session:
            await answer(session, crowd.invitations[0], crowd.carers[0], Choice.NOT_GOING, NOON, LONDON)
        assert "no longer wait. Nothing was changed." in await priya.post(path, {"to": "2", "reason": "Fair"})
        assert "not wait for a place any more" in await priya.get(path)


async def test_social_workers_see_their_place_in_the_list_and_move_nobody(
    console: Console, database: Database, cast: Cast, crowd: Crowd
) -> None:
    async with database.write() as session:
        invitation = await session.get_one(Invitation, crowd.invitations[1])
        invitation.household_id, invitation.party = cast.reeds.id, f"h{cast.reeds.id}x"
    async with visitor(console, cast.tom) as tom:
        html = await tom.get(f"/events/{crowd.event}")
        assert order(html) == ["Amal Reed", "Jo Reed"]
        assert "/move" not in html
        await tom.get(f"/events/{crowd.event}/parties/{crowd.invitations[1]}/move")
        assert tom.status == 403


async def test_an_offer_says_until_when_it_holds(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        await answer(session, busy.amals, cast.amal, Choice.NOT_GOING, NOON, LONDON)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{busy.coffee}")
    group = html.split('id="group-offered"')[1].split("</details>")[0]
    assert "Sam Okafor" in group
    assert "Held until" in group
    assert "May, 12:00" in group


async def test_a_move_is_seen_by_those_who_have_the_page_open(
    database: Database, cast: Cast, crowd: Crowd
) -> None:
    async with database.write() as session:
        before = await event_pulse(session, crowd.event)
        moved = await move_in_line(session, crowd.invitations[2], 1, "Fair", cast.priya, NOON)
        assert moved is Moved.MOVED
        assert await event_pulse(session, crowd.event) != before


async def test_who_was_passed_over_for_size_is_said(
    console: Console, database: Database, cast: Cast, crowd: Crowd
) -> None:
    async with database.write() as session:
        await answer(session, crowd.reeds, cast.amal, Choice.NOT_GOING, NOON, LONDON)  # two places
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(f"/events/{crowd.event}")
    first, second, third = (f"{one.first_name} {one.last_name}" for one in crowd.carers)
    assert order(html) == [first, third]
    group = html.split('id="group-waitlisted"')[1].split("</details>")[0]
    assert re.search(r"1 time\s.*too large for what was free", group)
    assert second in html.split('id="group-offered"')[1].split("</details>")[0]
