"""A manager's main tasks, in a real Chromium.

| main task | gone through here by |
|---|---|
| read the report of a year, take it away | a report is read ... |
| approve a large message of somebody else | `test_broadcast_in_browser.py` |
| read a survey's results, share them with carers | results are read ... |
| see in the audit log who did what | the audit log says ... |
| erase what is held about a carer | a carer is erased ... |
"""

import pytest
from playwright.async_api import expect

from tests.journeys.desk import Desk, goes_to, problem, told

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


async def test_a_report_is_read_and_taken_away(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.dee)
    await goes_to(page, "Reports")
    await page.get_by_label("Version").select_option("Public")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("heading", name="Headlines of 2025/26")).to_be_visible()
    await page.get_by_text("What these figures mean: Headlines").click()
    await expect(page.get_by_text("of all households approved at any time in it.").first).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Data for other programs of 2025/26").click()
    assert '"figures"' in (await (await download.value).path()).read_text()


async def test_results_are_read_and_shared(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.dee)
    await goes_to(page, "Surveys")
    await page.get_by_label("State").select_option("Closed")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_role("link", name="Foster Carer Health Check (short)").click()
    await expect(page.get_by_text("Response rate: 100 %")).to_be_visible()
    await page.get_by_role("button", name="One-page summary, to share").click()
    await page.get_by_role("button", name="Share with carers").click()
    await expect(page.get_by_text("Nobody is written to")).to_be_visible()
    await page.get_by_role("button", name="Share with carers").click()
    await told(page, "Carers can see it now")


async def test_the_audit_log_says_who_did_what(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.dee)
    await goes_to(page, "Service", "Audit log")
    await page.get_by_label("Who", exact=True).fill("Tom")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(page.get_by_role("row").last).to_contain_text("Noted that somebody spoke to a household")


async def test_a_carer_is_erased(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.dee)
    await page.get_by_label("Search the console").fill("marsh")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Lin Marsh").click()
    await page.get_by_role("link", name="Erase what is held about Lin Marsh").click()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("Type the carer’s number to confirm").fill("C3")
    await page.get_by_role("button", name="Erase for good").click()
    await problem(page, "C4")
    await page.get_by_label("Type the carer’s number to confirm").fill("C4")
    await page.keyboard.press("Enter")
    await told(page, "C4")
    await page.get_by_label("Search the console").fill("marsh")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing was found")).to_be_visible()
