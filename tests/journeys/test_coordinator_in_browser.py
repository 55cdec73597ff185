"""A coordinator's main tasks, each gone through in a real Chromium as a person goes through it.

| main task | gone through here by |
|---|---|
| plan an event from a template, see it in the calendar | an event is planned ... |
| invite, and watch the answers come in | an event is planned ... |
| move the waiting list with a reason, and undo it | who waits is moved ... |
| print the list for the door, take attendance | attendance is taken at the door ... |
| write a message to many: its bubble, whom it reaches, cancel | a message is written ... |
| ... approval, progress, pause, correct, take back | `test_broadcast_in_browser.py` |
| answer a message of a carer | a carer is answered ... |
| make an audience, start a survey round | an audience is made ... |
| shortlist a nomination | a nomination is shortlisted ... |
| search for anything, take a table away | anything is found ... |
"""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect
from yarl import URL

from carers.pages import Purpose
from storage.rsvp_queries import invitations_of_event
from tests.journeys.desk import Desk, goes_to, problem, told, types_date
from tests.web.test_recognition_pages import a_forum

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


async def test_an_event_is_planned_from_a_template_and_its_answers_come_in(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await goes_to(page, "Events")
    await page.get_by_role("button", name="Make an event").click()
    await page.get_by_role("link", name="Coffee Afternoon").click()
    await expect(page.get_by_label("Title")).to_have_value("Coffee Afternoon")
    await page.get_by_role("button", name="Make the event").click()
    await problem(page, "Enter the date")
    await types_date(page, 31, 6, 2025)
    await page.get_by_label("No, it takes place once").check()
    await page.get_by_role("button", name="Make the event").click()
    await problem(page, "a real date")
    await types_date(page, 12, 6, 2025)
    await page.get_by_label("Place", exact=True).fill("Riverside Hall")
    await page.get_by_label("Not yet").check()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Coffee Afternoon")

    await goes_to(page, "Events", "Calendar")
    await page.get_by_role("link", name="Month after").click()
    day = page.get_by_role("cell").filter(has_text="Thursday 12 June")
    await day.get_by_role("link", name="Coffee Afternoon").click()
    await page.get_by_role("button", name="Send the invitations").click()
    await expect(page.get_by_text("They are told: 3 on Telegram.")).to_be_visible()
    await page.get_by_role("button", name="Send the invitations").click()
    await told(page, "4 carers")
    await page.get_by_text("Live", exact=True).wait_for()

    event = int(URL(page.url).name)
    async with desk.console.database.read() as session:
        [sams] = [
            row for row in await invitations_of_event(session, event) if row.carer_id == desk.cast.sam.id
        ]
    link = desk.console.pages.link(
        desk.cast.sam.id, desk.cast.sam.page_number, Purpose.INVITATION, sams.id, desk.console.now
    )
    telephone = await desk.opens(telephone=True)
    await telephone.goto(link)
    await telephone.get_by_role("button", name="Going", exact=True).tap()
    await expect(telephone.get_by_role("heading", level=2).first).to_contain_text("You are going")
    await expect(page.get_by_role("link", name="1 Going")).to_be_visible()  # nobody reloaded it


async def test_who_waits_is_moved_with_a_reason_and_back(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await page.get_by_role("link", name="Coffee afternoon").click()
    await page.get_by_text("No answer yet (1)").click()
    await page.get_by_role("link", name=re.compile("Answer for them.*Lin Marsh")).click()
    await page.get_by_label("Going", exact=True).check()
    await page.get_by_role("button", name="Note the answer").click()
    await told(page, "Lin Marsh")
    await page.get_by_role("link", name="Move Lin Marsh").click()
    await page.get_by_label("New place").select_option("1")
    await page.get_by_role("button", name="Move them").click()
    await problem(page, "Enter a reason")
    await page.keyboard.type("They have waited since the winter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await told(page, "Lin Marsh: now number 1 of 2 on the waiting list.")
    await page.get_by_role("button", name="Undo").click()
    await told(page, "Lin Marsh: now number 2 of 2 on the waiting list.")


async def test_attendance_is_taken_at_the_door_with_a_telephone(desk: Desk) -> None:
    desk.console.now += timedelta(days=9)
    page = await desk.takes_telephone(desk.cast.priya)
    await page.get_by_role("link", name="Coffee afternoon").first.tap()
    await page.get_by_role("link", name="List for the door").tap()
    await page.wait_for_url("**/door")
    await page.evaluate("window.print = () => { window.printed = true }")
    await page.get_by_role("button", name="Print").tap()
    assert await page.evaluate("window.printed")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("rowheader", name="Amal Reed")).to_be_visible()
    await expect(page.get_by_role("button", name="Print")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.get_by_role("link", name="Attendance").tap()

    await page.wait_for_url("**/attendance")
    await page.get_by_role("group", name="Did Amal Reed come?").get_by_label("Came", exact=True).tap()
    await page.get_by_role("group", name="Did Sam Okafor come?").get_by_label("Did not come").tap()
    await page.get_by_role("button", name="Save attendance").tap()
    await told(page, "2")
    await page.get_by_label("Name, carer or household number").fill("nobody of this name")
    await page.get_by_role("main").get_by_role("button", name="Search").tap()
    await expect(page.get_by_text("Nobody")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_message_is_written_seen_and_stopped(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await goes_to(page, "Broadcasts")
    await page.get_by_role("button", name="Write a message").click()
    await page.get_by_role("button", name="Continue").click()
    await problem(page, "Write the message in English")
    await page.keyboard.type("Dear {first_name}, the *hall* is closed.")
    await page.get_by_label("For", exact=True).select_option("all")
    await page.get_by_label("Service news").check()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_text("Dear [first name], the hall is closed.")).to_be_visible()
    await expect(page.get_by_text("3 of 4 carers get it.")).to_be_visible()
    await page.get_by_role("button", name="Send 3 messages").click()
    await page.get_by_role("button", name="Cancel: send nothing").click()
    await expect(page.get_by_text("Nothing was sent.")).to_be_visible()


async def test_a_carer_is_answered(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await page.get_by_role("link", name="1 conversation with carers to answer").click()
    await page.get_by_role("link", name="Amal Reed").click()
    await page.get_by_role("button", name="Send to Amal Reed").click()
    await problem(page, "Write an answer")
    await page.keyboard.type("I will ring you at two.")
    await page.get_by_role("button", name="Send to Amal Reed").click()
    await told(page, "Amal Reed")
    await expect(page.get_by_role("blockquote").filter(has_text="I will ring you at two.")).to_be_visible()
    await goes_to(page, "Home")
    await expect(page.get_by_text("conversation with carers to answer")).to_have_count(0)


async def test_an_audience_is_made_and_asked(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await goes_to(page, "Broadcasts", "Audiences")
    await page.get_by_role("button", name="Make an audience").click()
    await page.get_by_role("button", name="Save the audience").click()
    await problem(page, "Enter a name")
    await page.keyboard.type("Evening people")
    await page.get_by_label("What it is about").select_option("Group")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("Evening support group").check()
    await page.get_by_role("button", name="Add this rule").click()
    await expect(page.get_by_text("1 carer in 1 household today")).to_be_visible()
    await page.get_by_role("button", name="Save the audience").click()
    await told(page, "The audience is saved.")

    await goes_to(page, "Surveys")
    await page.get_by_role("button", name="Start a round").click()
    await page.get_by_label("Quick pulse").check()
    await page.get_by_label("Whom to ask").select_option("Evening people (1 carer)")
    await page.get_by_label("With names").check()
    await page.get_by_role("group", name="Last day for answers").get_by_label("Day").fill("1")
    await page.get_by_role("button", name="Continue").click()
    await problem(page, "The last day must be after")
    await types_date(page, 20, 5, 2025)
    await page.get_by_role("button", name="Continue").click()
    await problem(page, "Some of these carers were asked the same lately")
    await page.get_by_label("Foster Carer Health Check", exact=True).check()
    await page.get_by_label("Whom to ask").select_option("Everyone (4 carers)")
    await page.get_by_label("Anonymous").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name=re.compile("4 carers")).click()
    await told(page, "The round opens within a minute")


async def test_a_nomination_is_shortlisted(desk: Desk) -> None:
    await a_forum(desk.console.database)
    page = await desk.sits_down(desk.cast.priya)
    await page.get_by_role("link", name="1 new nomination to look at").click()
    await page.get_by_role("link", name="Lin Marsh").click()
    await page.get_by_role("button", name="This is who is meant").click()
    await problem(page, "Choose who is meant")
    await page.get_by_label("Lin Marsh, household H3").check()
    await page.get_by_role("button", name="This is who is meant").click()
    await told(page, "It is noted who is meant.")
    await page.get_by_role("button", name="Put it on the list").click()
    await problem(page, "Enter what is read out")
    await page.keyboard.type("For thirty years of open doors.")
    await page.get_by_role("button", name="Put it on the list").click()
    await told(page, "It is on the list for Forum.")
    await page.get_by_role("link", name="Its list").click()
    await expect(page.get_by_text("For thirty years of open doors.")).to_be_visible()


async def test_anything_is_found_and_a_table_is_taken_away(desk: Desk) -> None:
    page = await desk.sits_down(desk.cast.priya)
    await page.keyboard.press("/")
    await page.keyboard.type("coffee")
    await page.keyboard.press("Enter")
    await page.get_by_role("main").get_by_role("link", name="Coffee afternoon").click()
    await page.get_by_role("heading", name="Coffee afternoon").wait_for()
    await page.keyboard.press("/")
    await page.keyboard.type("zzz")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_contain_text("Nothing")
    await goes_to(page, "Carers")
    await page.get_by_label("Name, carer or household number").fill("reed")
    await page.get_by_role("main").get_by_role("button", name="Search").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download this list as CSV").click()
    rows = (await (await download.value).path()).read_text("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Amal Reed", "Jo Reed"]
