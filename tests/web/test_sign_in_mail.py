"""Asking for a sign-in link by email: everybody gets the same answer, and colleagues a mail."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Page
from sqlalchemy import select

from storage.deliveries import Delivery
from storage.engine import Database
from storage.staff import StaffMember
from storage.ways import note_mail
from tests.support.axe import violations
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, served, visitor
from web.asking_limit import AskingLimit, place_of
from web.staff.sign_in_mail import LOOKING_UP, MOST_FROM_ONE_PLACE, WITHIN

pytestmark = pytest.mark.one_database


@pytest.fixture
async def console(database: Database, cast: Cast) -> AsyncIterator[Console]:
    """A console of a service that sends email. Priya has an address; Tom had one and has left."""
    async with database.write() as session:
        await note_mail(session, on=True, now=NOON)
        (await session.get_one(StaffMember, cast.priya.id)).email = "Priya@example.org"
        tom = await session.get_one(StaffMember, cast.tom.id)
        tom.email, tom.left_on = "tom@example.org", NOON.date()
    async with served(database, mail_on=True) as running:
        yield running


async def looked_up() -> None:
    """Wait until every address that was asked for has been looked up."""
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == LOOKING_UP))


async def mails(console: Console) -> list[int | None]:
    """Whom a mail waits for."""
    await looked_up()
    async with console.database.read() as session:
        query = select(Delivery.staff_id).where(Delivery.kind == "sign_in_link").order_by(Delivery.id)
        return list(await session.scalars(query))


async def ask(one: Visitor, address: str) -> str:
    await one.get("/sign-in")
    return await one.post("/sign-in", {"email": address})


def as_anybody_sees_it(html: str) -> str:
    """The page without what differs from one showing to the next."""
    return re.sub(r'(nonce|value)="[^"]*"', "", html)


async def test_a_colleague_gets_a_mail_and_everybody_the_same_answer(console: Console, cast: Cast) -> None:
    async with visitor(console) as somebody:
        answers = set()
        for address in (" priya@EXAMPLE.org ", "tom@example.org", "nobody@example.org", "amal@example.org"):
            html = await ask(somebody, address)
            assert (somebody.status, somebody.path) == (200, "/sign-in/sent")
            answers.add(as_anybody_sees_it(html))
            console.now += timedelta(seconds=1)
        assert len(answers) == 1
        assert "If this address is that of a member of staff" in answers.pop()
        assert await mails(console) == [cast.priya.id]
        assert len(console.woken) == 1
        for _ in range(5):
            await ask(somebody, "priya@example.org")
            assert (somebody.status, somebody.path) == (200, "/sign-in/sent")
            await looked_up()
            console.now += timedelta(seconds=1)
        assert len(await mails(console)) == 3


async def test_the_answer_does_not_wait_for_the_address_to_be_looked_up(console: Console, cast: Cast) -> None:
    """So nobody learns from how long it takes who works for the service."""
    async with visitor(console) as somebody:
        await somebody.get("/sign-in")
        async with console.database.write():  # nobody else writes meanwhile
            await asyncio.wait_for(somebody.post("/sign-in", {"email": "priya@example.org"}), 10)
            assert somebody.path == "/sign-in/sent"
        assert await mails(console) == [cast.priya.id]


async def test_a_server_that_stops_looks_up_first_what_was_asked_for(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        await note_mail(session, on=True, now=NOON)
        (await session.get_one(StaffMember, cast.priya.id)).email = "priya@example.org"
    async with served(database, mail_on=True) as console, visitor(console) as priya:
        await ask(priya, "priya@example.org")
    assert await mails(console) == [cast.priya.id]


async def test_what_is_no_address_is_said_to_be_none(console: Console) -> None:
    async with visitor(console) as somebody:
        for typed, said in (
            ("", "Enter your work email address"),
            ("priya", "like name@example.org"),
            ("@example.org", "like name@example.org"),
            ("priya lane@example.org", "like name@example.org"),
            ("p" * 250 + "@example.org", "254 characters"),
        ):
            html = await ask(somebody, typed)
            assert somebody.status == 422, typed
            assert said in html
            assert 'href="#email"' in html
        assert await mails(console) == []


async def test_the_form_has_to_come_from_our_page(console: Console) -> None:
    async with visitor(console) as somebody, visitor(console) as other:
        await other.get("/sign-in")
        theirs = other.hidden("/sign-in")["csrf"]
        await somebody.get("/sign-in")
        sent = {**somebody.hidden("/sign-in"), "email": "priya@example.org"}
        for fields in ({**sent, "csrf": ""}, {**sent, "csrf": theirs}):
            html = await somebody.post("/sign-in", fields)
            assert somebody.status == 403
            assert 'value="priya@example.org"' in html
        await somebody.post("/sign-in", sent, Origin="https://elsewhere.example")
        assert somebody.status == 403
        await somebody.post("/sign-in", sent, **{"Sec-Fetch-Site": "cross-site"})  # type: ignore[arg-type]
        assert somebody.status == 403
        assert await mails(console) == []
        # The page that says so has a form that works.
        await somebody.post("/sign-in", {"email": "priya@example.org"})
        assert len(await mails(console)) == 1


async def test_one_place_asks_so_often_and_no_more(console: Console) -> None:
    async with visitor(console) as flood:
        await flood.get("/sign-in")
        sent = {**flood.hidden("/sign-in"), "email": "nobody@example.org"}
        for _ in range(MOST_FROM_ONE_PLACE):
            await flood.post("/sign-in", sent, follow=False)
            assert flood.status == 303
            await looked_up()
        made_up = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
        html = await flood.post("/sign-in", sent, **made_up)  # type: ignore[arg-type]
        assert flood.status == 429
        assert "ask the bot for one" in html
        console.now += WITHIN
        await flood.post("/sign-in", sent)
        assert flood.status == 200


async def test_without_email_there_is_nothing_to_ask(database: Database, cast: Cast) -> None:
    async with served(database) as console, visitor(console) as somebody:
        assert "email" not in await somebody.get("/")
        for path in ("/sign-in", "/sign-in/sent"):
            await somebody.get(path)
            assert 'name="email"' not in somebody.html
        await somebody.post("/sign-in", {"email": "priya@example.org"})
        assert somebody.status in (404, 405)


def test_a_place_is_the_network_of_whoever_asks() -> None:
    assert place_of("192.0.2.7") == place_of("::ffff:192.0.2.7")
    assert place_of("2001:db8::1") == place_of("2001:db8::ffff:2")
    assert place_of("2001:db8::1") != place_of("2001:db8:0:1::1")
    assert place_of(None) == place_of("a name") == ""


def test_places_are_counted_apart_and_forgotten() -> None:
    limit = AskingLimit(2, timedelta(minutes=15))
    assert [limit.allows("a", NOON) for _ in range(3)] == [True, True, False]
    assert limit.allows("b", NOON)
    assert limit.allows("a", NOON + timedelta(minutes=15))
    for number in range(30_000):
        assert limit.allows(str(number), NOON + timedelta(hours=number // 10_000))
    assert len(limit._asked) <= 10_001


@pytest.mark.browser
async def test_a_person_asks_with_a_real_browser(console: Console, page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 700})
    await page.goto(f"{console.address}/carers")
    assert await violations(page) == []
    await page.get_by_label("Your work email address").fill("priya@example.org")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Look in your email").wait_for()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
