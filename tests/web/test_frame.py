"""What stands around every page: a title of its own, one heading, landmarks, controls of a good size."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.support.cast import Cast
from tests.support.console import Console, sign_in, visitor
from tests.web.conftest import Busy
from tests.web.machine import Machine, filled, machine, pages
from tests.web.test_roles import ids_of

LANDMARKS = (
    "<main ",
    "<header",
    "<footer",
    'role="search"',
    "<nav ",
    "Skip to main content",
    '<html lang="en-GB"',
)
ENHANCEMENTS = ("data-copy", "data-print", "data-slash", "data-deed", "data-live-sign")
"""What is hidden until a script shows it, and may be: without a script nothing is missing."""

SAME = ("/staff/{staff}/back",)
"""Shows the page of an account that needs no bringing back."""

IN_TEXT = """() => {
    const controls = document.querySelectorAll("button, select, input:not([type=hidden]), summary, a[href]");
    const alone = one => getComputedStyle(one).display !== "inline";
    const shown = [...controls].filter(one => one.checkVisibility() && alone(one));
    const spot = one => (one.labels?.[0] ?? one).getBoundingClientRect();
    const small = shown.filter(one => !one.closest(".govuk-skip-link, .govuk-visually-hidden, .hl-flyer"))
        .filter(one => Math.max(one.getBoundingClientRect().height, spot(one).height) < 24);
    return small.map(one => one.outerHTML.slice(0, 120));
}"""
"""Controls that stand by themselves and are lower than 24 pixels; links in a sentence are as it is."""


@pytest.fixture
async def there(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Machine]:
    async with machine(sqlite_url, tmp_path) as made:
        yield made


async def test_every_page_has_a_title_of_its_own_one_heading_and_its_landmarks(there: Machine) -> None:
    ids, titles, wrong = ids_of(there.busy, there.cast), Counter[str](), []
    for route in pages():
        one = there.visitors[there.who(route.action)]
        html, asked = await one.get(filled(route.path, ids)), filled(route.path, ids)
        # A file, a document of its own, or an address that leads on to another page.
        if one.kind != "text/html" or "hl-main" not in html or one.path != asked or route.path in SAME:
            continue
        titles[re.findall(r"<title>(.*?)</title>", html)[0]] += 1
        wrong += [(route.path, mark) for mark in LANDMARKS if mark not in html]
        wrong += [(route.path, "headings")] if html.count("<h1") != 1 else []
        wrong += [(route.path, "order")] if re.search(r'tabindex="[1-9]', html) else []
        wrong += [
            (route.path, tag)
            for tag in re.findall(r"<[a-z]+[^>]*\shidden(?:\s[^>]*)?>", html)
            if not any(mark in tag for mark in ENHANCEMENTS)
        ]
    assert len(titles) > 90
    assert not wrong, "\n".join(map(str, wrong))
    twice = [title for title, times in titles.items() if times > 1]
    assert not twice, "\n".join(twice)


async def test_a_page_that_is_not_there_keeps_the_way_on(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/nowhere")
        assert priya.status == 404
        assert 'role="search"' in html
        assert 'href="/events"' in html
    async with visitor(console) as stranger:
        html = await stranger.get("/nowhere")
        assert stranger.status == 404
        assert 'role="search"' not in html


@pytest.mark.browser
async def test_controls_are_large_enough_for_a_thumb(shown: tuple[Console, Cast, Busy], page: Page) -> None:
    console, cast, busy = shown
    await page.set_viewport_size({"width": 320, "height": 800})
    await sign_in(page, console, cast.priya)
    event, household = f"/events/{busy.coffee}", f"/households/{cast.reeds.id}"
    small = []
    for path in (
        "/",
        event,
        f"{event}/attendance",
        "/events/new",
        household,
        f"/groups/{busy.circle}?q=reed",
        f"/messages/{busy.thread}",
        "/search?q=reed",
        "/carers",
        "/letters",
    ):
        await page.goto(console.address + path)
        small += [(path, one) for one in await page.evaluate(IN_TEXT)]
    assert not small, "\n".join(map(str, small))


@pytest.mark.browser
async def test_the_menu_opens_and_closes_on_a_telephone_without_a_script(
    shown: tuple[Console, Cast, Busy], browser: Browser
) -> None:
    console, cast, _ = shown
    context = await browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, console, cast.priya)
    link = page.get_by_role("navigation", name="Console").get_by_role("link", name="Messages")
    assert not await link.is_visible()
    await page.get_by_role("button", name="Menu").press("Enter")
    assert await link.is_visible()
    await page.keyboard.press("Escape")
    assert not await link.is_visible()
    await page.get_by_role("button", name="Menu").click()
    await link.click()
    await page.get_by_role("heading", level=1, name="Messages").wait_for()
    await page.set_viewport_size({"width": 1280, "height": 800})
    assert await link.is_visible()
    assert not await page.get_by_role("button", name="Menu").is_visible()
    await context.close()


@pytest.mark.browser
async def test_what_a_form_did_is_in_sight_and_undone_by_keyboard(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, busy = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/groups/{busy.circle}")
    await page.get_by_label("Amal Reed").check()
    await page.get_by_role("button", name="Take out").press("Enter")
    await page.get_by_text("1 carer taken out.").wait_for()
    assert await page.evaluate("document.activeElement.id") == "done"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("1 carer put in.").wait_for()
    assert await page.get_by_label("Amal Reed").is_visible()


@pytest.mark.browser
async def test_a_table_is_short_on_a_telephone_and_a_table_on_paper(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, busy = shown
    await page.set_viewport_size({"width": 700, "height": 900})  # about what A4 has between its margins
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/{busy.coffee}")
    dashes = "of => of.filter(one => one.textContent.trim() === '–').map(one => one.checkVisibility())"
    found = await page.locator(".hl-table td").evaluate_all(dashes)
    assert found
    assert not any(found)
    cell = page.locator(".hl-door tbody td").first
    display = "one => getComputedStyle(one).display"
    await page.goto(f"{console.address}/events/{busy.coffee}/attendance/door")
    assert await cell.evaluate(display) == "inline-block"
    await page.emulate_media(media="print")
    assert await cell.evaluate(display) == "table-cell"
