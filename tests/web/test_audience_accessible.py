"""Putting an audience together in a browser, by keyboard, with nothing that axe finds wrong on any page."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.support.console import sign_in
from tests.web.test_accessible import Shown, judge_everywhere

pytestmark = pytest.mark.browser


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("HEARTHLINE_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"audience-{name}.png", full_page=True)


async def judged(page: Page, name: str) -> list[str]:
    await page.set_viewport_size({"width": 1280, "height": 800})
    await picture(page, name)
    wrong = await judge_everywhere(page, name)
    await picture(page, f"{name}-narrow")
    await page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


async def test_an_audience_is_made_by_keyboard_and_every_step_passes(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/audiences/new")
    wrong = await judged(page, "new")
    await page.get_by_label("Name").fill("Long with us")
    await page.get_by_label("What it is about").select_option("Years since approval")
    await page.get_by_role("button", name="Go on").press("Enter")
    assert await page.evaluate("document.activeElement.id") == "open"
    years = page.get_by_label("How many years")
    await years.fill("many")
    await years.press("Enter")
    await page.get_by_role("link", name="Years must be a whole number from 1 to 60").wait_for()
    wrong += await judged(page, "wrong")
    await years.fill("5")
    await years.press("Enter")
    await page.get_by_text("Carers who have been approved for 5 years or more.").wait_for()
    assert await page.get_by_label("Name").input_value() == "Long with us"
    await page.get_by_label("Are left out").check()
    await page.get_by_label("What it is about").select_option("Came to something")
    await page.get_by_role("button", name="Go on").click()
    wrong += await judged(page, "rule")
    await page.get_by_label("To what").select_option("Any event of the kind Social")
    await page.get_by_role("button", name="Save the audience").click()
    await page.get_by_text("The audience is saved.").wait_for()
    said = "Carers who have been approved for 5 years or more, but not carers who came to a social event in"
    assert said in await page.locator("main").inner_text()
    wrong += await judged(page, "saved")
    await page.goto(f"{console.address}/audiences")
    wrong += await judged(page, "list")
    await page.goto(f"{console.address}/audiences/{busy.audience}/edit")
    wrong += await judged(page, "edit")
    await page.goto(f"{console.address}/audiences/{busy.audience}/delete")
    wrong += await judged(page, "delete")
    await page.goto(f"{console.address}/events/new")
    await picture(page, "event-form")
    assert wrong == []
