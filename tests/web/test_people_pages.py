"""Carers, messages, requests, who is not reached, accounts and the audit log in the console."""

import re

import pytest
from sqlalchemy import select

from care.check_ins import CheckInHow, note_check_in
from carers.linking import redeem
from storage.deliveries import Delivery
from storage.engine import Database
from storage.households import Carer
from storage.links import Stranger
from storage.staff import AuditEntry, StaffMember
from tests.support.cast import NOON, STRANGER_CHAT, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy, invitation_of

pytestmark = pytest.mark.one_database


async def actions(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all())


async def test_a_carer_is_found_by_name_household_or_how_they_stand(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "Sam Okafor" in await priya.get("/carers?q=oka+sam")
        assert "Amal Reed" not in priya.html
        assert "Amal Reed" in await priya.get("/carers?q=h1")
        html = await priya.get("/carers?contact=not_connected")
        assert "Lin Marsh" in html
        assert "Sam Okafor" not in html
        assert "No carer matches" in await priya.get("/carers?q=100%25")
        assert "Amal Reed" in await priya.get("/carers?page=99")


async def test_of_who_is_gone_the_page_says_so_and_offers_nothing(
    console: Console, cast: Cast, busy: Busy
) -> None:
    offers = ("Make a personal link", "From now on by", "Show a link to their page")
    async with console.database.write() as session:
        jo, sam = await session.get_one(Carer, cast.jo.id), await session.get_one(Carer, cast.sam.id)
        jo.left_on, sam.erased_at = console.now.date(), console.now
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/carers/{cast.jo.id}")
        assert "Left the household on Tue 6 May" in html
        assert not any(offer in html for offer in offers)
        assert "Erase what is held" in html
        html = await dee.get(f"/carers/{cast.sam.id}")
        assert "Erased Tue 6 May" in html
        assert not any(offer in html for offer in (*offers, "Erase what is held"))
        html = await dee.get(f"/carers/{cast.amal.id}")
        assert all(offer in html for offer in offers)


async def test_a_social_worker_sees_their_own_households_alone(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.tom) as tom:
        for path in ("/carers", f"/events/{busy.coffee}", "/not-reached", "/messages"):
            html = await tom.get(path)
            assert tom.status == 200
            assert "Okafor" not in html, path
            assert "Marsh" not in html, path
        assert "Amal Reed" in await tom.get(f"/events/{busy.coffee}")
        await tom.get(f"/carers/{cast.sam.id}")
        assert tom.status == 404
        await tom.get(f"/carers/{cast.amal.id}")
        assert tom.status == 200
        await tom.post(f"/carers/{cast.sam.id}/link")
        assert tom.status == 404
        attendance = await tom.get(f"/events/{busy.coffee}/attendance")
        assert "Okafor" not in attendance


async def test_a_social_worker_neither_answers_nor_ticks_for_others(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.read() as session:
        query = select(Delivery.invitation_id).where(
            Delivery.carer_id == cast.sam.id, Delivery.event_id == busy.coffee
        )
        sams = (await session.scalars(query)).first()
    assert sams is not None
    async with visitor(console, cast.tom) as tom:
        await tom.get(f"/events/{busy.coffee}/parties/{busy.amals}")
        await tom.post(f"/events/{busy.coffee}/parties/{sams}", {"choice": "not_going"})
        assert tom.status == 404
        await tom.get(f"/events/{busy.coffee}/attendance")
        sam = str(cast.sam.id)
        await tom.post(f"/events/{busy.coffee}/attendance", {f"c{sam}": "attended", f"was{sam}": "none"})
        assert "Nothing was changed." in tom.html
    assert (await invitation_of(database, sams)).state == "waitlisted"


async def test_a_personal_link_is_shown_once_and_works(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/carers/{cast.lin.id}/link"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/carers/{cast.lin.id}")
        hidden = priya.hidden(path)
        html = await priya.post(path, hidden)
        link = re.search(r"https://t\.me/riverside_bot\?start=([\w-]{22})", html)
        assert link is not None
        assert "<svg" in html
        again = await priya.post(path, hidden)  # the button pressed twice
        assert "shown once" in again
        assert "start=" not in again
    async with database.write() as session:
        await redeem(session, link[1], STRANGER_CHAT, console.now)
    async with database.read() as session:
        assert (await session.get_one(Carer, cast.lin.id)).chat_id == STRANGER_CHAT
    assert "link.give" in await actions(database)


async def test_a_lost_phone_is_disconnected_after_a_question(
    console: Console, database: Database, cast: Cast
) -> None:
    path = f"/carers/{cast.sam.id}/disconnect"
    async with visitor(console, cast.priya) as priya:
        assert "Disconnect Sam Okafor?" in await priya.get(path)
        assert "Sam Okafor is disconnected." in await priya.post(path)
    async with database.read() as session:
        assert (await session.get_one(Carer, cast.sam.id)).chat_id is None


async def test_who_is_not_reached_stands_under_their_social_worker_with_the_reason(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with database.write() as session:
        jo = await session.get_one(Carer, cast.jo.id)
        jo.unreachable_since, jo.unreachable_reason = console.now, "blocked"
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/not-reached")
    assert html.index("Tom Birch") < html.index("Jo Reed") < html.index("No social worker named")
    assert html.index("No social worker named") < html.index("Lin Marsh")
    assert "Blocked the bot" in html
    assert "Has not connected to the bot and gets no email" in html


async def test_a_delivery_in_doubt_can_be_sent_again(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "1 delivery in doubt" in await priya.get("/")
        await priya.get("/deliveries")
        assert "It is on its way again." in await priya.post(f"/deliveries/{busy.delivery}/resend")
    async with database.read() as session:
        assert (await session.get_one(Delivery, busy.delivery)).state == "queued"


async def test_a_stranger_s_request_is_seen_and_dismissed(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "1 request from people the bot does not know" in await priya.get("/")
        assert "Robin" in await priya.get("/requests")
        assert "Taken off the list." in await priya.post("/requests/dismiss", {"chat": "77"})
        assert "off the list already" in await priya.post("/requests/dismiss", {"chat": "77", "once": "y"})
        await priya.post("/requests/dismiss", {"chat": "nobody", "once": "z"})
        assert priya.status == 200
    async with database.read() as session:
        assert (await session.get_one(Stranger, 77)).dismissed_at is not None


async def test_an_administrator_adds_a_colleague_who_takes_up_their_households(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.ash) as ash:
        await ash.get("/staff/new")
        html = await ash.post("/staff/new", {"email": "nothing"})
        assert ash.status == 422
        assert "Enter the person" in html
        assert "Enter an email address" in html
        assert "Choose what the person may do" in html
        html = await ash.post("/staff/new", {"name": "Noor Vale", "role": "manager", "email": ""})
        token = re.search(r"/start ([\w-]{22})", html)
        assert token is not None
        assert "Noor Vale" in await ash.get("/staff")
    async with database.write() as session:
        await redeem(session, token[1], STRANGER_CHAT, console.now)
    async with database.read() as session:
        noor = (await session.scalars(select(StaffMember).where(StaffMember.name == "Noor Vale"))).one()
    assert (noor.role, noor.chat_id) == ("manager", STRANGER_CHAT)


async def test_whose_access_ends_is_out_at_once_and_nobody_ends_their_own(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.ash) as ash, visitor(console, cast.dee) as dee:
        path = f"/staff/{cast.dee.id}/end"
        await ash.get(path)
        assert "Dee Hall has no access any more." in await ash.post(path)
        await dee.get("/events")
        assert dee.path == "/"
        assert "Sign out" not in dee.html
        own = f"/staff/{cast.ash.id}/end"
        await ash.get(own)
        assert "You cannot end your own access" in await ash.post(own)
    async with database.read() as session:
        assert (await session.get_one(StaffMember, cast.dee.id)).chat_id is None


async def test_a_day_on_which_nothing_waits_says_so(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:  # else nobody has heard from the Reeds for long
        phone = CheckInHow.PHONE
        await note_check_in(session, cast.reeds.id, NOON.date(), phone, cast.tom, NOON, LONDON)
    async with visitor(console, cast.tom) as tom:
        html = await tom.get("/")
        assert "Nothing waits for you" in html
        assert "Nothing is planned" in html
        assert "Everybody in your households is reached" in await tom.get("/not-reached")
