"""Signing in by a one-time link."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Browser
from sqlalchemy import update
from yarl import URL

from carers.sign_in import ABSOLUTE_LIMIT, IDLE_LIMIT, sign_out_everywhere
from storage.engine import Database
from storage.staff import StaffMember
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, sign_in, visitor
from web.browser_names import browser_name
from web.sessions import SIGNED_IN
from web.wanted import WANTED, local_path

pytestmark = pytest.mark.one_database

BROWSER = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


def cookies_of(person: Visitor) -> str:
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in person.client.cookie_jar)


async def test_somebody_unknown_is_told_how_to_sign_in_and_sees_nothing_else(console: Console) -> None:
    async with visitor(console) as stranger:
        assert "/console" in await stranger.get("/")
        await stranger.get("/no-such-page")
        assert stranger.status == 404
        assert "Events" not in stranger.html


async def test_looking_at_a_link_never_spends_it(console: Console, cast: Cast) -> None:
    link = await console.link_for(cast.priya)
    for _ in range(3):
        async with visitor(console) as preview:
            await preview.get(link)
            assert preview.status == 200
    async with visitor(console) as priya:
        assert "Sign in as Priya Lane" in await priya.get(link, **BROWSER)
        assert "Priya Lane" in await priya.post(link.removeprefix(console.address))
        assert priya.path == "/"


async def test_who_tries_links_at_random_waits_for_no_one_and_keeps_no_one_waiting(console: Console) -> None:
    async with visitor(console) as stranger, console.database.write() as session:
        await session.execute(update(StaffMember).values(channel=None))  # somebody writes
        async with asyncio.timeout(3):
            await stranger.get("/sign-in/guessed", **BROWSER)
    assert stranger.status == 410


async def test_a_link_signs_in_once(console: Console, cast: Cast) -> None:
    link = await console.link_for(cast.priya)
    path = link.removeprefix(console.address)
    async with visitor(console) as first, visitor(console) as second:
        await first.get(link)
        await second.get(link)
        await first.post(path)
        assert first.path == "/"
        assert "has been used" in await second.post(path)
        assert second.status == 410


async def test_who_is_in_and_presses_the_button_again_goes_on(console: Console, cast: Cast) -> None:
    link = await console.link_for(cast.priya)
    path = link.removeprefix(console.address)
    async with visitor(console) as priya:
        await priya.get(link, **BROWSER)
        form = priya.hidden(path)
        await priya.post(path, form)
        assert "Hello Priya" in await priya.post(path, form)
        other = await console.link_for(cast.tom)
        await priya.post(other.removeprefix(console.address), form)
        assert priya.status == 403


async def test_a_link_is_bound_to_the_browser_that_opened_it(console: Console, cast: Cast) -> None:
    link = await console.link_for(cast.priya)
    async with visitor(console) as priya, visitor(console) as thief:
        await priya.get(link, **BROWSER)
        assert "opened in another browser" in await thief.get(link, **BROWSER)
        await thief.post(link.removeprefix(console.address), priya.hidden(""))
        assert thief.status == 403
        await priya.post(link.removeprefix(console.address))
        assert priya.path == "/"


async def test_a_button_pressed_without_opening_the_link_signs_nobody_in(
    console: Console, cast: Cast
) -> None:
    link = await console.link_for(cast.priya)
    async with visitor(console) as stranger:
        await stranger.post(link.removeprefix(console.address), {"csrf": "made-up"})
        assert stranger.status == 403


async def test_a_link_is_good_for_fifteen_minutes(console: Console, cast: Cast) -> None:
    link = await console.link_for(cast.priya)
    async with visitor(console) as priya:
        await priya.get(link)
        console.now += timedelta(minutes=15)
        assert "too old" in await priya.post(link.removeprefix(console.address))


async def test_an_idle_browser_is_signed_out_and_a_used_one_is_not(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        console.now += IDLE_LIMIT - timedelta(minutes=1)
        assert "Sign out" in await priya.get("/")
        console.now += IDLE_LIMIT - timedelta(minutes=1)
        assert "Sign out" in await priya.get("/")
        console.now += IDLE_LIMIT
        assert "Sign out" not in await priya.get("/")


async def test_who_sends_a_form_after_that_is_told_that_it_is_not_saved(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new")
        console.now += IDLE_LIMIT
        html = await priya.post("/events/new", {"title": "Tea"})
        assert "is not saved" in html
        assert "is not saved" not in await priya.get("/")


async def test_no_browser_stays_signed_in_for_longer_than_a_day(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        for _ in range(3):
            console.now += ABSOLUTE_LIMIT / 4
            assert "Sign out" in await priya.get("/")
        console.now += ABSOLUTE_LIMIT / 4
        assert "Sign out" not in await priya.get("/")


async def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        kept = cookies_of(priya)
        await priya.get("/")
        await priya.post("/sign-out")
        assert "Sign out" not in priya.html
    async with visitor(console) as thief:
        assert "Sign out" not in await thief.get("/", Cookie=kept)


async def test_staff_who_left_or_were_signed_out_everywhere_are_out_at_once(
    console: Console, database: Database, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.tom) as tom:
        async with database.write() as session:
            await sign_out_everywhere(session, cast.priya, cast.ash, console.now)
            gone = await session.get_one(StaffMember, cast.tom.id)
            gone.left_on = console.now.date()
        assert "Sign out" not in await priya.get("/")
        assert "Sign out" not in await tom.get("/")


async def test_the_cookie_changes_with_every_sign_in(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        before = cookies_of(priya)
        link = await console.link_for(cast.priya)
        await priya.get(link)
        await priya.post(link.removeprefix(console.address))
        after = cookies_of(priya)
    assert after != before
    async with visitor(console) as thief:
        assert "Sign out" not in await thief.get("/", Cookie=before)
        assert "Sign out" in await thief.get("/", Cookie=after)


async def test_a_planted_cookie_is_worth_nothing_after_signing_in(console: Console, cast: Cast) -> None:
    """Whoever puts cookies of their own into somebody's browser is not in with them."""
    async with visitor(console) as thief, visitor(console) as priya:
        await thief.get("/")
        planted = {cookie.key: cookie.value for cookie in thief.client.cookie_jar}
        priya.client.cookie_jar.update_cookies(
            {**planted, SIGNED_IN: "planted-beforehand"}, URL(console.address)
        )
        link = await console.link_for(cast.priya)
        await priya.get(link, **BROWSER)
        assert "Sign out" in await priya.post(link.removeprefix(console.address))
        for kept in ("planted-beforehand", *planted.values()):
            assert "Sign out" not in await thief.get("/", Cookie=f"{SIGNED_IN}={kept}")


async def test_what_a_browser_wanted_to_see_it_sees_once_signed_in(console: Console, cast: Cast) -> None:
    async with visitor(console) as priya:
        html = await priya.get("/carers?q=reed&contact=")
        assert priya.path == "/"
        assert "the page that you asked for" in html
        link = await console.link_for(cast.priya)
        await priya.get(link)
        await priya.post(link.removeprefix(console.address))
        assert priya.path == "/carers?q=reed&contact="
        # That is done with: signing in once more leads home.
        await priya.post("/sign-out")
        link = await console.link_for(cast.priya)
        await priya.get(link)
        await priya.post(link.removeprefix(console.address))
        assert priya.path == "/"


async def test_who_lost_a_form_comes_back_to_its_page(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/new?blank=1")
        console.now += IDLE_LIMIT
        form = f"{console.address}/events/new?blank=1"
        assert "is not saved" in await priya.post("/events/new", {"title": "Tea"}, Referer=form)
        link = await console.link_for(cast.priya)
        await priya.get(link)
        await priya.post(link.removeprefix(console.address))
        assert priya.path == "/events/new?blank=1"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "events",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "/\tevil",
        "/events\n",
        "/ events",
        "/" + "a" * 600,
        "/é",
        "javascript:alert(1)",
    ],
)
def test_signing_in_leads_to_nothing_but_a_page_of_ours(path: str) -> None:
    assert local_path(path) == ""


async def test_a_cookie_that_leads_elsewhere_leads_home(console: Console, cast: Cast) -> None:
    async with visitor(console) as priya:
        for wanted in ("%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example"):
            priya.client.cookie_jar.update_cookies({WANTED: wanted}, URL(console.address))
            link = await console.link_for(cast.priya)
            await priya.get(link)
            await priya.post(link.removeprefix(console.address))
            assert priya.path == "/", wanted


async def test_streams_and_files_are_not_come_back_to(console: Console) -> None:
    async with visitor(console) as somebody:
        for path in ("/live", "/audit.csv"):
            await somebody.get(path, Accept="*/*")
            assert "the page that you asked for" not in somebody.html, path
        await somebody.get("/audit.csv")
        assert "the page that you asked for" not in somebody.html


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) CriOS/140.0 Safari/604.1",
            "Chrome on an iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.6 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130 Mobile",
            "Samsung Internet on Android",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
        ("<script>alert(1)</script> Windows", "A browser on Windows"),
    ],
)
def test_a_browser_has_a_name_that_people_know(said: str, name: str) -> None:
    assert browser_name(said) == name


@pytest.mark.browser
async def test_a_person_signs_in_with_a_real_browser(console: Console, cast: Cast, browser: Browser) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await sign_in(page, console, cast.priya)
    assert await page.get_by_role("button", name="Sign out").is_visible()
    other = await (await browser.new_context()).new_page()
    link = await console.link_for(cast.priya)
    await page.goto(link)
    await other.goto(link)
    assert await other.get_by_text("opened in another browser").is_visible()
