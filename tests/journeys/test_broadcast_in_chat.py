"""A coordinator writes to everybody on her phone: with the real service, over real HTTP, in a real Chromium.

With HEARTHLINE_SCREENSHOTS set to a folder it leaves a picture of every step.
"""

import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from carers.linking import new_link
from storage.households import Carer
from storage.staff import StaffMember
from tests.journeys.test_whole_way import MovedClock
from tests.support.cast import Cast, gather
from tests.support.service import sandbox_from, service, settings_for

PHONE: ViewportSize = {"width": 390, "height": 844}
SOON = 20_000  # milliseconds
A_MINUTE = timedelta(seconds=61)


class Chat:
    """One person's chat on the page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name

    async def say(self, text: str) -> None:
        await self.page.get_by_label(f"Message from {self.name}").fill(text)
        await self.page.keyboard.press("Enter")

    def message(self, words: str) -> Locator:
        return self.page.locator(".message", has_text=words).last

    async def sees(self, words: str) -> Locator:
        found = self.message(words)
        await expect(found).to_be_visible(timeout=SOON)
        return found

    async def tap(self, label: str) -> None:
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    async def shot(self, name: str) -> None:
        folder = os.environ.get("HEARTHLINE_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - one folder, once
            await self.page.wait_for_timeout(300)
            await self.page.screenshot(path=f"{folder}/broadcast-{name}.png")


async def open_chat(browser: Browser, url: str, name: str, size: ViewportSize) -> Chat:
    page = await browser.new_page(viewport=size, locale="en-GB", timezone_id="Europe/London")
    await page.goto(url)
    await page.get_by_text(name).first.click()
    return Chat(page, name)


def _people(cast: Cast) -> list[tuple[str, Carer | StaffMember]]:
    """Who has the app, by name."""
    carers = [(f"{one.first_name} {one.last_name}", one) for one in (cast.amal, cast.jo, cast.sam, cast.lin)]
    return [*((one.name, one) for one in (cast.priya, cast.dee)), *carers]


@pytest.mark.browser
@pytest.mark.timeout(180)
@pytest.mark.parametrize("size", [PHONE], ids=["phone"])
async def test_a_message_is_written_watched_and_taken_back(
    browser: Browser, sqlite_url: str, tmp_path: Path, size: ViewportSize, request: pytest.FixtureRequest
) -> None:
    clock = MovedClock()
    width = request.node.callspec.id
    async with sandbox_from(clock) as sandbox:
        settings = settings_for(sandbox, sqlite_url, tmp_path, "polling", approval_above=3)
        async with service(settings, clock, often=True) as app:
            async with app.database.write() as session:
                cast = await gather(session, clock(), linked=False)
                tokens = [(name, await new_link(session, one, clock())) for name, one in _people(cast)]
            for name, token in tokens:
                user = sandbox.add_user(*name.split())
                user.start(token)
                await sandbox.wait_for(partial(user.find, "connected"), timeout=SOON / 1000)

            priya = await open_chat(browser, sandbox.url, "Priya Lane", size)
            await priya.say("/broadcast")
            await priya.sees("What should it say?")
            await priya.shot(f"{width}-1-asked")
            await priya.say(
                "Dear {first_name}, the office is *closed* on Monday. Ring 01709 000000 if it is urgent."
            )
            await priya.sees("Dear Priya, the office is closed on Monday.")
            await priya.sees("Who gets it?")
            await priya.shot(f"{width}-2-audience")
            await priya.tap("Everyone · 4")
            await priya.sees("What is it about?")
            await priya.shot(f"{width}-3-topic")
            await priya.tap("Service news")
            await priya.sees("Ready to ask for approval")
            await priya.shot(f"{width}-4-summary")
            await priya.tap("Send later…")
            await priya.sees("When should it go out?")
            await priya.shot(f"{width}-5-when")
            await priya.tap("Back")
            await priya.tap("Ask for approval")
            await priya.sees("Waits for a colleague’s approval")
            await priya.shot(f"{width}-6-waits")

            dee = await open_chat(browser, sandbox.url, "Dee Hall", size)
            await dee.sees("Priya Lane asks for your approval")
            await dee.shot(f"{width}-7-approval")
            await dee.tap("Approve")
            await dee.sees("Goes out at 12:0")
            await dee.shot(f"{width}-8-approved")

            await priya.sees("Dee Hall approved your message")
            clock.move_to(clock() + A_MINUTE)
            await priya.sees("Your message has gone out")
            status = priya.page.locator(".message", has_text="Sent: 4").filter(has_text="Everyone")
            await expect(status).to_be_visible(timeout=SOON)
            await priya.shot(f"{width}-9-sent")

            amal = await open_chat(browser, sandbox.url, "Amal Reed", size)
            await amal.sees("Dear Amal, the office is closed on Monday.")
            await amal.shot(f"{width}-10-carer")

            await status.get_by_role("button", name="Take it back", exact=True).click()
            await priya.sees("less than 48 hours old")
            await priya.shot(f"{width}-11-sure")
            await priya.tap("Take it back")
            await expect(amal.message("the office is closed")).to_have_count(0, timeout=SOON)
            await expect(priya.message("↩️ Taken back: 4")).to_be_visible(timeout=SOON)
            await priya.shot(f"{width}-12-recalled")
            assert re.search("4 messages will be taken back", await priya.page.inner_text("body"))
