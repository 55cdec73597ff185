"""A social worker's main tasks, for their own households alone, in a real Chromium.

| main task | gone through here by |
|---|---|
| see from home what needs one | a household is rung ... |
| ring a household that was not seen, note it, take it back | a household is rung ... |
| see who was not reached, and give them a link | a carer who was not reached ... |
| answer an invitation for a carer who phoned | an answer by telephone ... |
| be shown nobody of another's households | somebody else's household ... |
"""

import re

import pytest
from playwright.async_api import expect

from storage.households import Carer, Household
from tests.journeys.desk import Desk, goes_to, problem, told, types_date

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


async def test_a_household_that_was_not_seen_is_rung(desk: Desk) -> None:
    async with desk.console.database.write() as session:
        (await session.get_one(Household, desk.cast.marshes.id)).social_worker_id = desk.cast.tom.id
    page = await desk.sits_down(desk.cast.tom)
    await page.get_by_role("link", name="1 household not seen for two quarters").click()
    await page.get_by_role("button", name=re.compile("We spoke")).click()
    await page.get_by_label("On a visit").check()
    await page.get_by_label("Day", exact=True).focus()
    await types_date(page, 7, 5, 2025)
    await page.get_by_role("button", name="Note it").click()
    await problem(page, "The day must be today or before")
    await types_date(page, 5, 5, 2025)
    await page.keyboard.press("Enter")
    await told(page, "Lin Marsh")
    await expect(page.get_by_text("We have heard from everybody in your households.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("row").filter(has_text="Lin Marsh")).to_be_visible()


async def test_a_carer_who_was_not_reached_gets_a_link(desk: Desk) -> None:
    async with desk.console.database.write() as session:
        (await session.get_one(Carer, desk.cast.jo.id)).chat_id = None
    page = await desk.sits_down(desk.cast.tom)
    await page.get_by_role("link", name="1 carer not reached").click()
    await page.get_by_role("link", name="Jo Reed").click()
    await page.get_by_role("button", name="Make a personal link").click()
    await expect(page.get_by_label("The link")).to_have_value(re.compile("t.me/riverside_bot"))


async def test_an_answer_by_telephone_is_noted(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.tom)
    await page.get_by_role("link", name="Coffee afternoon").click()
    await page.get_by_role("link", name=re.compile("Answer for them.*Jo Reed")).click()
    await page.get_by_role("button", name="Note the answer").click()
    await problem(page, "Choose")
    await page.get_by_label("Not going").check()
    await page.get_by_role("button", name="Note the answer").click()
    await told(page, "Jo Reed")


async def test_somebody_elses_household_is_not_there(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.tom)
    await page.get_by_label("Search the console").fill("okafor")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing was found of your own households")).to_be_visible()
    await goes_to(page, "Carers")
    await expect(page.get_by_role("link", name="Amal Reed")).to_be_visible()
    await expect(page.get_by_text("Okafor")).to_have_count(0)
    await page.goto(f"{desk.console.address}/households/{desk.cast.okafors.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    await page.get_by_role("link", name="Go to the home page").click()
    await expect(page.get_by_role("heading", name="Hello Tom")).to_be_visible()
