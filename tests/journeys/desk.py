"""A console on a busy day, and people who sit down at it with a real browser of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from storage.engine import open_database
from storage.staff import StaffMember
from tests.support.cast import Cast
from tests.support.console import Console, served, sign_in
from tests.support.stock import Stock
from tests.web.conftest import Busy, busy_day

PATIENCE = 20_000
"""Milliseconds: ample for a page on a machine that has other work; nothing waits for them in vain."""


@dataclass
class Desk:
    """Everything that one journey needs. ``pages``: those of the people who have sat down, in their order."""

    console: Console
    cast: Cast
    busy: Busy
    browser: Browser
    pages: list[Page] = field(default_factory=list)

    async def sits_down(self, staff: StaffMember) -> Page:
        """This person, signed in, before the home page on the screen of an office."""
        return await self._home_of(await self.opens(), staff)

    async def takes_telephone(self, staff: StaffMember) -> Page:
        """This person, signed in, with a telephone in the hand."""
        return await self._home_of(await self.opens(telephone=True), staff)

    async def opens(self, *, telephone: bool = False) -> Page:
        """A browser in which nobody is signed in."""
        wide = {"width": 390, "height": 780} if telephone else {"width": 1280, "height": 860}
        context = await self.browser.new_context(
            viewport={"width": wide["width"], "height": wide["height"]},
            has_touch=telephone,
            is_mobile=telephone,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        self.pages.append(page)
        return page

    async def _home_of(self, page: Page, staff: StaffMember) -> Page:
        await sign_in(page, self.console, staff)
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Hello {staff.name.split()[0]}")
        return page


@asynccontextmanager
async def desk_with(browser: Browser, stock: Stock, folder: Path) -> AsyncIterator[Desk]:
    """A busy console on SQLite: what a person sees is the same on both databases."""
    expect.set_options(timeout=PATIENCE)
    database = open_database(stock.copy_file(busy_day, folder / "desk.db"))
    cast, busy = stock.told("sqlite", busy_day)
    async with served(database, mail_on=True) as console:
        yield Desk(console, cast, busy, browser)
    await database.close()


async def goes_to(page: Page, section: str, name: str = "") -> None:
    """By the menu to a section, and by the row below it to one of its pages."""
    await page.get_by_role("navigation", name="Console").get_by_role("link", name=section, exact=True).click()
    if name:
        pages = page.get_by_role("navigation", name=f"Pages of {section}")
        await pages.get_by_role("link", name=name, exact=True).click()


async def problem(page: Page, words: str) -> None:
    """The page says at its top what is wrong, and its words lead to the field, as a person would go there."""
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    await summary.get_by_role("link", name=words).click()
    await expect(page.locator("input:focus, select:focus, textarea:focus")).to_have_count(1)


async def told(page: Page, words: str) -> None:
    """The page says that it is done."""
    await expect(page.locator("#done-words")).to_contain_text(words)


async def types_date(page: Page, day: int, month: int, year: int) -> None:
    """Go on from the field for the day, as the keyboard goes."""
    for number in (day, month, year):
        await page.keyboard.press("ControlOrMeta+a")
        await page.keyboard.type(str(number))
        await page.keyboard.press("Tab")
