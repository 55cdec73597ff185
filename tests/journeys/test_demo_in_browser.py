"""What a visitor does with the demo in the first minute, in a real Chromium.

With HEARTHLINE_SCREENSHOTS set to a folder it leaves the pictures that the README shows.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.demo import Doors, demo_running

WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 780}
SOON = 20_000  # milliseconds: ample for a change to show by itself


async def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of what is seen of the page, or of the whole of it."""
    folder = os.environ.get("HEARTHLINE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - one folder, once
        await page.screenshot(path=f"{folder}/demo-{name}.png", full_page=whole)


async def open_console(browser: Browser, doors: Doors) -> Page:
    page = await browser.new_page(viewport=WIDE, locale="en-GB", timezone_id="Europe/London")
    await page.goto(doors.coordinator)
    await page.get_by_role("button", name=re.compile("Sign in as")).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    return page


async def open_chat(browser: Browser, doors: Doors, name: str) -> Page:
    page = await browser.new_page(viewport=PHONE, locale="en-GB", timezone_id="Europe/London")
    await page.goto(doors.chats)
    await page.get_by_text(name).first.click()
    return page


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_a_tap_shows_on_the_console_and_a_cancellation_in_the_chat(
    browser: Browser, tmp_path: Path
) -> None:
    async with demo_running(None, tmp_path) as doors:
        chat = await open_chat(browser, doors, "Tomas Crossley")
        asked = chat.locator(".message").filter(has=chat.get_by_role("button", name="Going", exact=True)).last
        await expect(asked).to_be_visible(timeout=60_000)
        title = await asked.locator(".words strong, .words b").first.inner_text()
        card = chat.locator(f"[data-id='{await asked.get_attribute('data-id')}']")
        await shot(chat, "invitation")

        console = await open_console(browser, doors)
        await shot(console, "home")
        await console.get_by_role("link", name="Events", exact=True).click()
        await console.get_by_role("link", name=title).first.click()
        going = console.locator("[data-live$='-going']").first
        before = int(await going.inner_text())
        await shot(console, "event")

        await card.get_by_role("button", name="Going", exact=True).click()
        await expect(card.get_by_role("button", name="✅ Going")).to_be_visible(timeout=SOON)
        await shot(chat, "answered")
        # No reload: the page counts by itself. Others may answer meanwhile, so it is one more or a few.
        await expect(going).to_have_text(
            re.compile("|".join(str(before + n) for n in range(1, 40))), timeout=SOON
        )
        await shot(console, "event-counted")

        await console.get_by_role("link", name="Cancel the event").click()
        await console.get_by_label("Why").fill("The hall has no heating.")
        await shot(console, "cancel")
        await console.get_by_role("button", name=re.compile("Cancel the event")).click()
        told = chat.locator(".message", has_text="We are sorry").last
        await expect(told).to_contain_text("The hall has no heating.", timeout=SOON)
        await shot(chat, "cancelled")
        await look_around(console)


async def look_around(console: Page) -> None:
    """Where a coordinator's day goes on from home: the month, who was not seen, the report and the search."""
    menu = console.get_by_role("navigation", name="Console")
    await menu.get_by_role("link", name="Events", exact=True).click()
    await console.get_by_role("link", name="Calendar", exact=True).click()
    await expect(console.get_by_role("table", name=re.compile("Events of"))).to_be_visible()
    await shot(console, "calendar", whole=True)
    await menu.get_by_role("link", name="Carers", exact=True).click()
    await console.get_by_role("link", name="Not seen", exact=True).click()
    await expect(console.get_by_role("heading", level=1)).to_have_text("Not seen")
    await shot(console, "not-seen")
    await menu.get_by_role("link", name="Reports", exact=True).click()
    await console.get_by_role("link", name="How long households stay", exact=True).click()
    await expect(console.get_by_role("img", name="How long households stay, by type")).to_be_visible()
    await shot(console, "report")
    await console.keyboard.press("/")
    await console.keyboard.type("support")
    await console.keyboard.press("Enter")
    await expect(console.get_by_role("heading", level=1)).to_contain_text("support")
    await shot(console, "search")


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_a_carer_without_the_app_answers_from_their_mail(browser: Browser, tmp_path: Path) -> None:
    async with demo_running(None, tmp_path) as doors:
        mail = await browser.new_page(viewport=WIDE, locale="en-GB", timezone_id="Europe/London")
        await mail.goto(doors.mail)
        # Whose mail came first is left to the visitor: nobody else answers it.
        await mail.get_by_role("button", name="Invitation:").last.click(timeout=60_000)
        answers = mail.frame_locator("iframe")
        await expect(answers.get_by_role("link", name="Going", exact=True)).to_be_visible(timeout=SOON)
        await shot(mail, "mail")

        async with mail.context.expect_page() as opening:
            await answers.get_by_role("link", name="Going", exact=True).click()
        page = await opening.value
        await page.set_viewport_size(PHONE)
        await shot(page, "page")
        await page.get_by_role("button", name="Send my answer").click()
        await expect(page.get_by_role("heading", level=2).first).to_contain_text("You are going")
        await shot(page, "page-answered")
