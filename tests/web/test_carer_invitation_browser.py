"""The pages of an invitation in a real Chromium: as axe finds them, by keyboard, in the dark, in Urdu."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request

from broadcasts.drafts import keep_attachment
from carers.pages import Purpose
from storage.engine import Database
from storage.households import Language
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event
from tests.support.axe import violations
from tests.support.cast import NOON, Cast
from tests.support.console import Console
from tests.web.carer_states import STATES, WAITING, states
from tests.web.conftest import PIXEL
from tests.web.own_links import link

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

LOOKED_AT = (
    "invited",
    "invited-full-in-person",
    "going-family",
    "going-online-soon",
    "asked-again",
    "offered",
)
"""Between them they hold every part that a page of an invitation can have."""

SHOWN = ("invited-320", "answer-320", "going-family-320", "urdu-320")
"""Kept as pictures where HEARTHLINE_SCREENSHOTS names a folder."""
TARGETS = ".button, .linklike, summary, .more a"


async def seen(page: Page, name: str) -> list[str]:
    """What is wrong with the open page on a telephone and on a desk, in the light and in the dark."""
    wrong, found = [], []
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 640})
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"scrolls sideways at {width}")
        await keep(page, f"{name}-{width}")
        found += await violations(page) if width == 320 else []
    await page.emulate_media(color_scheme="dark")
    await keep(page, f"{name}-dark")
    found += await violations(page)
    await page.emulate_media(color_scheme="light")
    wrong += [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    return [f"{name}: {one}" for one in wrong]


async def keep(page: Page, name: str) -> None:
    folder = os.environ.get("HEARTHLINE_SCREENSHOTS")
    if folder and name in SHOWN:
        await page.screenshot(path=Path(folder) / f"carer-{name}.png", full_page=True)


async def test_nothing_is_wrong_with_any_page(console: Console, cast: Cast, page: Page) -> None:
    links = await states(console, cast, *STATES, WAITING)
    pages = {name: links[name] for name in LOOKED_AT} | {
        "answer": links["invited-family"] + "?answer=going",
        "party": links["going-family"] + "/party",
        "needs": links["going-family"] + "/needs",
        "join": links["going-online"] + "/join",
        "full": links["going"] + "?said=full",
        "code": f"{console.address}/c",
        "shut": f"{console.address}/c/nothing.here",
    }
    wrong = []
    for name, address in pages.items():
        await page.goto(address)
        wrong += await seen(page, name)
    await page.set_viewport_size({"width": 320, "height": 640})
    for name, address in links.items():
        await page.goto(address)
        if await page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{name}: scrolls sideways")
        heights = await page.locator(TARGETS).evaluate_all("all => all.map(one => one.clientHeight)")
        wrong += [f"{name}: a target of {height} px" for height in heights if 0 < height < 48]
    assert wrong == []


async def test_no_page_scrolls_sideways_where_letters_are_twice_as_big(
    console: Console, cast: Cast, page: Page
) -> None:
    links = await states(console, cast, *LOOKED_AT, "invited-family")
    home = link(console, cast.amal, Purpose.HOME)
    await page.set_viewport_size({"width": 320, "height": 640})
    for address in (*links.values(), links["invited-family"] + "?answer=going", home, f"{home}/settings"):
        await page.goto(address)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, address


async def test_a_family_answers_with_the_keyboard_alone(
    console: Console, cast: Cast, page: Page, database: Database
) -> None:
    async with console.database.write() as session:
        event = await invited_event(session, cast, title="Picnic", rsvp_by=HOUSEHOLD, capacity=6)
        about = (await invitation_of(session, event, cast.amal)).id
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(link(console, cast.amal, Purpose.INVITATION, about))
    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the main part"
    await page.keyboard.press("Enter")
    await press(page, "Going")
    await page.get_by_role("heading", name="Who is coming?").wait_for()
    assert await page.title() == "Going? Picnic – Riverside Fostering"
    await reach(page, "#adults")
    await page.keyboard.type("2")
    await reach(page, "#children_5_10")
    await page.keyboard.press("ArrowDown")
    await press(page, "Send my answer")
    await page.get_by_role("heading", name="You are going.").wait_for()
    assert await page.get_by_text("Coming: 2 adults, 1 child aged 5–10").is_visible()
    assert await page.get_by_role("status").inner_text() == "Thank you for telling us."
    assert page.url.endswith("#answer")
    await press(page, "Access or food needs")
    await page.get_by_role("heading", name="Access or food needs").wait_for()
    await reach(page, "#needs")
    await page.keyboard.type("No nuts, please")
    await press(page, "Send")
    await page.get_by_text("The organiser will see what you need.").wait_for()
    await press(page, "Change my answer")
    await press(page, "Can't go")
    await page.get_by_role("heading", name="You said that you can't come.").wait_for()


async def focused(page: Page) -> str:
    return str(await page.evaluate("(document.activeElement.textContent || '').trim()"))


async def press(page: Page, label: str) -> None:
    """Press Tab until the thing with this label has the focus, which shows, and then Enter."""
    for _ in range(40):
        if await focused(page) == label:
            ring = "getComputedStyle(document.activeElement).outlineStyle"
            assert await page.evaluate(ring) == "solid"
            await page.keyboard.press("Enter")
            await page.wait_for_load_state()
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {label}")


async def reach(page: Page, field: str) -> None:
    for _ in range(40):
        if await page.evaluate(f"document.activeElement.matches('{field}')"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {field}")


async def test_nobody_else_is_asked_for_anything_and_no_script_is_needed(
    console: Console, cast: Cast, browser: Browser
) -> None:
    async with console.database.write() as session:
        photo = await keep_attachment(session, filename="hall.png", mime="image/png", content=PIXEL, now=NOON)
        event = await invited_event(
            session, cast, title="Tea", description="See https://example.org", flyer_id=photo
        )
        about = (await invitation_of(session, event, cast.amal)).id
    context = await browser.new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.goto(link(console, cast.amal, Purpose.INVITATION, about))
    await page.get_by_role("img", name="The picture of this event").scroll_into_view_if_needed()
    await page.get_by_role("button", name="Maybe").click()
    await page.get_by_role("heading", name="You said maybe.").wait_for()
    await page.get_by_role("button", name="Going").click()
    await page.get_by_role("heading", name="You are going.").wait_for()
    assert {request.url.split("/")[2] for request in asked} == {console.address.split("/")[2]}
    assert any(request.url.endswith("/flyer") for request in asked)
    assert not [request for request in asked if request.resource_type == "script"]
    kept = await context.storage_state()
    assert (kept["cookies"], kept["origins"]) == ([], [])
    await context.close()


async def test_an_urdu_page_runs_from_the_right(console: Console, cast: Cast, page: Page) -> None:
    links = await states(console, cast, "going-family", "invited-family")
    async with console.database.write() as session:
        (await session.merge(cast.amal)).language = Language.URDU
    wrong = []
    for name, address in (
        ("urdu", links["going-family"]),
        ("urdu-answer", links["invited-family"] + "?answer=going"),
    ):
        await page.goto(address)
        wrong += await seen(page, name)
    assert wrong == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    mark = await page.locator(".mark").bounding_box()
    assert mark is not None
    assert mark["x"] > 200
    number = page.get_by_role("link", name="01632 960000")
    assert await number.evaluate("one => getComputedStyle(one.querySelector('bdi')).direction") == "ltr"
