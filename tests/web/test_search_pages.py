"""The search of the console: one field on every page, for all that a role may see."""

import re
from datetime import date, timedelta

import pytest
from playwright.async_api import Page

from carers.finding import KINDS
from storage.engine import Database
from storage.events import Event
from storage.households import Carer, Household
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, sign_in, visitor
from tests.web.conftest import Busy
from web.staff import routes
from web.staff.places import PLACES
from web.staff.search import TITLES


def found(html: str, kind: str) -> list[str]:
    """The links under the heading of a kind."""
    part = re.search(rf'<section class="hl-hits" aria-labelledby="{kind}">(.*?)</section>', html, re.DOTALL)
    lines = re.findall(r"<li><a [^>]*>(.*?)</a>", part[1]) if part else []
    return [line.replace("&#39;", "'") for line in lines]


async def look_for(one: Visitor, words: str, kind: str = "") -> str:
    return await one.get(f"/search?q={words}&in={kind}")


@pytest.fixture
async def names(database: Database, cast: Cast) -> None:
    """Names as people have them."""
    async with database.write() as session:
        sam, lin = await session.get_one(Carer, cast.sam.id), await session.get_one(Carer, cast.lin.id)
        sam.first_name, sam.last_name, sam.phone = "Zoë", "O’Dell-Şahin", "07700 900123"
        lin.email, lin.phone = "Lin.Marsh@post.example", "+33 6 12 34 56 78"
        home = await session.get_one(Household, cast.reeds.id)
        home.constellation = "Élan"


@pytest.mark.usefixtures("names")
async def test_people_are_found_however_their_name_is_typed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        for words in (
            "zoe",
            "ZOË",
            "zoé o'dell",
            "sahin",
            "dell-sa",
            "o’dell  ZO",
            "C3",
            "c3 zoe",
            "H2 Dell",
        ):
            assert found(await look_for(priya, words), "carers") == ["Zoë O’Dell-Şahin"], words
        for words in ("07700 900123", "07700900123", "%2B44 7700 900123", "0044(0)7700-900123", "900123"):
            assert found(await look_for(priya, words), "carers") == ["Zoë O’Dell-Şahin"], words
        for words in ("lin.marsh@post.example", "marsh@POST", "%2B33612345678", "lin.marsh"):
            assert found(await look_for(priya, words), "carers") == ["Lin Marsh"], words
        html = await look_for(priya, "reed")
        assert found(html, "carers") == ["Amal Reed", "Jo Reed"]
        assert f'household <a class="govuk-link" href="/households/{cast.reeds.id}">H1</a>' in html
        assert found(await look_for(priya, "h1"), "households") == ["Amal Reed and Jo Reed"]
        assert found(await look_for(priya, "elan"), "constellations") == ["Élan"]
        for words in (
            "reed zoe",
            "post.example.org",
            "%25",
            "__",
            "*",
            "[a-z]",
            "(.)",
            "%5C",
            "07700 900124",
        ):
            assert not found(await look_for(priya, words), "carers"), words


@pytest.mark.one_database
async def test_whoever_has_left_is_found_last_and_who_was_erased_is_not(
    console: Console, cast: Cast, database: Database
) -> None:
    async with database.write() as session:
        amal, jo = await session.get_one(Carer, cast.amal.id), await session.get_one(Carer, cast.jo.id)
        amal.left_on, amal.ref, jo.ref = date(2025, 5, 1), "K1", "K2"
        (await session.get_one(Carer, cast.sam.id)).erased_at = console.now
    async with visitor(console, cast.priya) as priya:
        html = await look_for(priya, "k1")
        assert found(html, "carers") == ["Amal Reed"]
        assert "Left" in html
        assert found(await look_for(priya, "reed"), "carers") == ["Jo Reed", "Amal Reed"]
        assert not found(await look_for(priya, "c3"), "carers")


async def test_each_kind_of_thing_is_found_and_opens(console: Console, cast: Cast, busy: Busy) -> None:
    wanted = {
        "events": ("coffee", "Coffee afternoon", f"/events/{busy.coffee}"),
        "series": ("youth", "Youth club", f"/events/series/{busy.series}"),
        "templates": ("youth", "Youth club", "/events/start"),
        "broadcasts": ("HALL is", "Without English words yet", f"/broadcasts/{busy.broadcast}"),
        "audiences": ("north", "The North", f"/audiences/{busy.audience}"),
        "groups": ("evening", "Evening support group", f"/groups/{busy.circle}"),
        "surveys": ("health", "", f"/surveys/{busy.planned}"),
        "forms": ("health", "", "/survey-forms/health-check"),
        "actions": ("breakfasts", "Breakfasts begin too early", f"/actions/{busy.action}"),
        "pages": ("quiet hours", "Settings", "/settings"),
    }
    async with visitor(console, cast.priya) as priya:
        for kind, (words, text, href) in wanted.items():
            html = await look_for(priya, words)
            if kind not in ("broadcasts", "surveys", "forms"):
                assert text in found(html, kind), kind
            assert f'href="{href}"' in html, kind
    async with visitor(console, cast.ash) as ash:
        assert found(await look_for(ash, "birch"), "staff") == ["Tom Birch"]
        assert f'href="/staff/{cast.tom.id}"' in ash.html


@pytest.mark.one_database
async def test_what_carers_wrote_is_not_searched(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.priya) as priya:
        for words in ("ring me", "always there", "ramp"):  # a message, a nomination, a need
            assert "Nothing was found" in await look_for(priya, words), words


@pytest.mark.one_database
async def test_each_role_finds_what_it_may_see(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.tom) as tom:
        html = await look_for(tom, "re")
        assert found(html, "carers") == ["Amal Reed", "Jo Reed"]
        for words in ("okafor", "h2", "c3", "07700 900"):
            html = await look_for(tom, words)
            assert not found(html, "carers"), words
            assert not found(html, "households"), words
        for words, kind in (
            ("health", "surveys"),
            ("hall", "broadcasts"),
            ("north", "audiences"),
            ("ash", "staff"),
        ):
            assert not found(await look_for(tom, words), kind), kind
            assert not found(await look_for(tom, words, kind), kind), kind
        assert not found(await look_for(tom, "audit"), "pages")
        assert found(await look_for(tom, "coffee"), "events")
    async with visitor(console) as stranger:
        assert "Coffee" not in await look_for(stranger, "coffee")
        assert stranger.path.startswith("/?") or stranger.path == "/"


async def test_events_to_come_stand_before_those_past_and_long_lists_have_pages(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    async with database.write() as session:
        pattern = await session.get_one(Event, busy.coffee)
        same = {
            "kind": "social",
            "ends_at": pattern.ends_at,
            "mode": pattern.mode,
            "rsvp_by": pattern.rsvp_by,
            "created_at": console.now,
            "updated_at": console.now,
        }
        for number in range(60):
            starts = console.now + timedelta(days=number - 40)
            row = Event(
                ref=f"W{number}",
                title=f"Walk {number:02}",
                **{**same, "starts_at": starts, "ends_at": starts},
            )
            session.add(row)
    async with visitor(console, cast.priya) as priya:
        html = await look_for(priya, "walk")
        assert found(html, "events") == [f"Walk {number}" for number in (40, 41, 42, 43, 44, 45)]
        assert "All 61 events" in html  # with the alpacas
        html = await look_for(priya, "walk", "events")
        assert len(found(html, "events")) == 50
        html = await priya.get("/search?q=walk&in=events&page=2")
        assert found(html, "events")[-1] == "Walk 00"
        assert found(await look_for(priya, "w7"), "events") == ["Walk 07"]


@pytest.mark.one_database
async def test_odd_words_are_answered_plainly(console: Console, cast: Cast) -> None:
    odd = ("", "a", " ", "%00", "x" * 300, "%F0%9F%8F%A1", "'; --", "%5C", "a%20b", "^-]", "(((", "a)(")
    async with visitor(console, cast.priya) as priya:
        for words in odd:
            html = await look_for(priya, words)
            assert priya.status == 200, words
            assert "Type at" in html or "Nothing was found" in html or "hl-hits" in html, words
        assert (await look_for(priya, "reed", "nothing")).count("hl-hits") > 1


def test_every_page_that_is_offered_exists_under_its_right() -> None:
    there = {route.path: route.action for route in routes() if route.method == "GET"}
    assert {place.href: place.action for place in PLACES} == {
        place.href: there.get(place.href) for place in PLACES
    }
    assert {*KINDS, "forms", "pages"} == set(TITLES)


async def test_the_field_is_reached_by_one_key_from_every_page(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/groups")
    await page.keyboard.press("/")
    await page.keyboard.type("reed")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Search for “reed”").wait_for()
    field = page.get_by_role("searchbox", name="Search the console")
    assert await field.input_value() == "reed"
    await page.get_by_role("button", name="Turn it off").click()
    await page.keyboard.press("/")
    assert not await field.evaluate("field => field === document.activeElement")
