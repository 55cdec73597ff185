"""A message to many, from the first word to its recall: a real Chromium, real HTTP, time moved by hand."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.app import Hearthline
from carers.sign_in import create_link
from sandbox.server import Sandbox
from sandbox.users import User
from storage.households import Carer, Household, HouseholdType
from storage.staff import StaffMember
from tests.journeys.test_whole_way import MovedClock
from tests.support.cast import NOON, Cast, gather
from tests.support.service import sandbox_from, service, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
CROWD = 12
SOON = 20_000  # milliseconds: ample for a change to show by itself
A_MINUTE = timedelta(seconds=61)


@dataclass
class Office:
    """One service with its sandbox, the cast, and a crowd of carers who have started the bot."""

    app: Hearthline
    sandbox: Sandbox
    clock: MovedClock
    cast: Cast
    browser: Browser
    crowd: list[User]
    pages: list[Page] = field(default_factory=list)

    async def sits_down(self, staff: StaffMember) -> Page:
        """This person signs in at a browser of their own."""
        async with self.app.database.write() as session:
            token = await create_link(session, staff, self.clock())
        context = await self.browser.new_context(locale="en-GB", timezone_id="Europe/London")
        page = await context.new_page()
        self.pages.append(page)
        await page.goto(f"{self.app.address}/sign-in/{token}")
        await page.get_by_role("button", name=f"Sign in as {staff.name}").click()
        await page.get_by_role("heading", name=f"Hello {staff.name.split()[0]}").wait_for()
        return page

    def a_minute_passes(self) -> None:
        self.clock.move_to(self.clock() + A_MINUTE)
        self.app.engine.wake()

    def got(self, words: str) -> list[int]:
        """How many messages with these words each of the crowd has."""
        return [sum(words in message.text for message in user.received) for user in self.crowd]

    async def everybody_has(self, words: str) -> None:
        await self.sandbox.wait_for(lambda: all(self.got(words)), timeout=30)


@asynccontextmanager
async def office(browser: Browser, url: str, folder: Path, **settings: Any) -> AsyncIterator[Office]:
    clock = MovedClock()
    async with sandbox_from(clock) as sandbox:
        given = settings_for(sandbox, url, folder, "polling", **settings)
        async with service(given, clock, often=True) as app:
            crowd = sandbox.add_crowd(CROWD)
            async with app.database.write() as session:
                cast = await gather(session, clock(), linked=False)
                for number, user in enumerate(crowd):
                    home = Household(
                        ref=f"X{number}",
                        type=HouseholdType.MAINSTREAM,
                        approved_on=NOON.date(),
                        area="North",
                    )
                    session.add(home)
                    await session.flush()
                    carer = Carer(
                        ref=f"X{number}",
                        household_id=home.id,
                        main_carer=True,
                        first_name=f"Robin{number}",
                        last_name="Vale",
                        birth_year=1970,
                        chat_id=user.id,
                        linked_at=clock(),
                        language="ur" if number == 0 else "en",
                    )
                    session.add(carer)
            yield Office(app, sandbox, clock, cast, browser, crowd)


async def write(page: Page, words: str, urdu: str = "") -> None:
    """Compose a message to everyone and go on to the page that shows it."""
    await page.get_by_role("link", name="Broadcasts", exact=True).first.click()
    await page.get_by_role("button", name="Write a message").click()
    await page.get_by_label("In English").fill(words)
    if urdu:
        await page.get_by_text("Urdu, Punjabi and Arabic").click()
        await page.get_by_label("In Urdu").fill(urdu)
    await page.get_by_label("For", exact=True).select_option("all")
    await page.get_by_label("Service news").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("heading", name="Whom it reaches").wait_for()


async def test_written_confirmed_watched_corrected_and_taken_back(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with office(browser, sqlite_url, tmp_path) as one:
        page = await one.sits_down(one.cast.priya)
        await write(page, "Dear {first_name}, the *hall* is closed.", "ہال بند ہے")
        await expect(page.get_by_text("12 of 16 carers get it.")).to_be_visible()
        await expect(page.get_by_text("Has not connected to the bot")).to_be_visible()
        await page.get_by_label("See it as one carer does").fill("robin0")
        await page.get_by_role("button", name="Find").click()
        await page.get_by_role("link", name="Robin0 Vale").click()
        await expect(page.get_by_text("As Robin0 Vale gets it, in Urdu")).to_be_visible()
        await page.get_by_role("button", name="Send 12 messages").click()
        await expect(page.get_by_text("It goes out at")).to_be_visible()
        await page.get_by_text("Live", exact=True).wait_for()
        assert not any(one.got("hall"))

        one.a_minute_passes()
        await expect(page.get_by_text("12 of 16 sent")).to_be_visible(timeout=SOON)
        await expect(page.get_by_role("heading", name="Sent", exact=True)).to_be_visible(timeout=SOON)
        await one.everybody_has("")
        assert one.got("the hall is closed.") == [0, *[1] * 11]
        assert one.got("ہال بند ہے") == [1, *[0] * 11]
        assert one.crowd[3].find("Dear Robin3, the hall is closed.")

        await page.get_by_role("link", name="Carer by carer").click()
        await page.get_by_label("Show").select_option("Left out")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("link", name="Amal Reed")).to_be_visible()
        await expect(page.get_by_role("link", name="Robin3 Vale")).to_have_count(0)
        async with page.expect_download() as download:
            await page.get_by_role("link", name=re.compile("Download .* as CSV")).click()
        text = (await (await download.value).path()).read_text()
        assert text.count(",Left out,") == text.count("\n") - 1 == 4  # what the page shows, and no more

        await page.get_by_role("link", name="The message").click()
        await page.get_by_role("link", name="Correct the words").click()
        await page.get_by_label("In English").fill("Dear {first_name}, the hall is *open*.")
        await page.get_by_role("button", name="Look at it first").click()
        await page.get_by_role("button", name="Correct 12 messages").click()
        await expect(page.get_by_text("12 messages are being corrected.")).to_be_visible()
        await one.sandbox.wait_for(lambda: one.got("the hall is open.") == [0, *[1] * 11], timeout=30)
        assert not any(one.got("closed"))  # the same messages, with other words

        await page.get_by_role("link", name="Take the message back").click()
        await page.get_by_role("button", name="Take it back").click()
        await expect(page.get_by_text("12 messages are being deleted.")).to_be_visible()
        await one.sandbox.wait_for(lambda: not any(one.got("")), timeout=30)
        await expect(page.get_by_role("link", name=re.compile("12 Taken back"))).to_be_visible(timeout=SOON)


async def test_cancelled_within_the_minute_nobody_gets_it(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with office(browser, sqlite_url, tmp_path) as one:
        page = await one.sits_down(one.cast.priya)
        await write(page, "Sent too early")
        await page.get_by_role("button", name="Send 12 messages").click()
        await page.get_by_role("button", name="Cancel: send nothing").click()
        await expect(page.get_by_text("Nothing was sent.")).to_be_visible()
        await write(page, "Sent on time")
        await page.get_by_role("button", name="Send 12 messages").click()
        await expect(page.get_by_text("It goes out at")).to_be_visible()
        one.a_minute_passes()
        await one.everybody_has("Sent on time")
        assert not any(one.got("Sent too early"))


async def test_a_second_person_approves_and_the_first_sees_it_go(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with office(browser, sqlite_url, tmp_path, approval_above=5) as one:
        priya, dee = await one.sits_down(one.cast.priya), await one.sits_down(one.cast.dee)
        await write(priya, "A large message")
        await priya.get_by_role("button", name="Ask for approval for 12 messages").click()
        await expect(priya.get_by_text("Somebody who neither wrote it nor asked")).to_be_visible()
        await dee.reload()
        await dee.get_by_role("link", name="1 message to carers waits for your approval").click()
        await expect(dee.get_by_text("Priya Lane asks for your approval")).to_be_visible()
        await dee.get_by_role("button", name="Approve 12 messages").click()
        await expect(dee.get_by_text("You approved it.")).to_be_visible()
        await priya.reload()
        await expect(priya.get_by_text("It goes out at")).to_be_visible()
        one.a_minute_passes()
        await expect(priya.get_by_text("12 of 16 sent")).to_be_visible(timeout=SOON)
        await one.everybody_has("A large message")
        assert one.got("A large message") == [1] * CROWD


async def test_paused_and_gone_on_with_nobody_is_left_out_or_told_twice(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with office(browser, sqlite_url, tmp_path, send_rate=2) as one:
        page = await one.sits_down(one.cast.priya)
        await write(page, "Slow news")
        await page.get_by_role("button", name="Send 12 messages").click()
        await expect(page.get_by_text("It goes out at")).to_be_visible()
        await page.get_by_text("Live", exact=True).wait_for()
        one.a_minute_passes()
        await expect(page.get_by_text(re.compile(r"^[1-9] of 16$"))).to_be_visible(timeout=SOON)
        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_text("It is paused.")).to_be_visible()
        assert sum(one.got("Slow news")) < CROWD
        await page.get_by_role("button", name="Go on sending").click()
        await expect(page.get_by_text("12 of 16 sent")).to_be_visible(timeout=2 * SOON)
        await one.everybody_has("Slow news")
        assert one.got("Slow news") == [1] * CROWD
