"""An administrator's main tasks, and the ways into the console, in a real Chromium.

| main task | gone through here by |
|---|---|
| add a colleague, change them, end their access, bring them back | a colleague comes ... |
| sign somebody out everywhere | who is signed out ... |
| change a setting, say so twice where it is grave, take it back | a setting is changed ... |
| sign in by a link in the email, come to the page that was wanted | a link in the email ... |
| sign in within Telegram, on a telephone | `tests/web/test_mini_app.py` |
| bring a copy of the database back | no page: `hearthline restore`, `tests/bot/test_copies.py` |
"""

import re

import pytest
from playwright.async_api import expect

from carers.sign_in import SignInWay, create_link
from storage.staff import StaffMember
from tests.journeys.desk import Desk, goes_to, problem, told

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


async def test_a_colleague_comes_changes_leaves_and_is_brought_back(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.ash)
    await goes_to(page, "Service", "Staff")
    await page.get_by_role("button", name="Add someone").click()
    await page.get_by_label("Name").fill("Robin Vale")
    await page.get_by_label("Work email").fill("robin at work")
    await page.get_by_role("button", name="Add and show the link").click()
    await problem(page, "Choose what the person may do")
    await problem(page, "Enter an email address")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("robin@riverside.example")
    await page.get_by_role("radio", name="Coordinator").check()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Robin Vale")

    await goes_to(page, "Service", "Staff")
    await page.get_by_role("link", name="Robin Vale").click()
    await page.get_by_role("button", name="Change").click()
    await page.get_by_role("radio", name="Manager").check()
    await page.get_by_role("button", name="Save").click()
    await told(page, "Robin Vale")
    await page.get_by_role("link", name="End access of Robin Vale").click()
    await page.get_by_role("button", name="End access").click()
    await told(page, "Robin Vale")
    await page.get_by_label("Show").select_option("Who has left")
    await page.get_by_role("main").get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Robin Vale").click()
    await page.get_by_role("button", name="Bring back").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bring Robin Vale back?")
    await page.get_by_role("button", name="Bring back").click()
    await expect(page.get_by_label("The link")).to_have_value(re.compile("t.me/riverside_bot"))


async def test_who_is_signed_out_is_out_with_the_next_click(desk: Desk) -> None:
    tom = await desk.sits_down(desk.cast.tom)
    page = await desk.sits_down(desk.cast.ash)
    await goes_to(page, "Service", "Staff")
    await page.get_by_role("link", name="Tom Birch").click()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await told(page, "Tom Birch")
    await goes_to(tom, "Carers")
    await expect(tom.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_a_setting_is_changed_asked_about_and_taken_back(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.ash)
    await goes_to(page, "Service")
    await page.get_by_role("link", name="Change Quiet hours").click()
    await page.get_by_label("From").fill("25:00")
    await page.get_by_role("button", name="Continue").click()
    await problem(page, "time")
    await page.get_by_label("From").fill("")
    await page.get_by_label("Until").fill("")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Yes, change it").click()
    await told(page, "Quiet hours")
    await page.get_by_role("button", name="Undo").click()
    await told(page, "21:00")


async def test_a_link_in_the_email_leads_to_the_page_that_was_wanted(desk: Desk) -> None:
    async with desk.console.database.write() as session:
        (await session.get_one(StaffMember, desk.cast.ash.id)).email = "ash@riverside.example"
    page = await desk.opens(telephone=True)
    await page.goto(f"{desk.console.address}/audit?who=Priya")
    await page.get_by_label("Your work email address").fill("ash")
    await page.keyboard.press("Enter")
    await problem(page, "email")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("ash@riverside.example")
    await page.get_by_role("button", name="Send me a link").tap()
    await page.get_by_role("heading", name="Look in your email").wait_for()
    # What the engine does when it composes the mail: the link is made there and then.
    async with desk.console.database.write() as session:
        ash = await session.get_one(StaffMember, desk.cast.ash.id)
        token = await create_link(session, ash, desk.console.now, way=SignInWay.EMAIL)
    await page.goto(f"{desk.console.address}/sign-in/{token}")
    await page.get_by_role("button", name="Sign in as Ash Moor").tap()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    await expect(page.get_by_label("Who", exact=True)).to_have_value("Priya")
    await page.goto(f"{desk.console.address}/sign-in/{token}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in as Ash Moor")
