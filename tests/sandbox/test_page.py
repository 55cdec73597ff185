"""The chat page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Route, expect

from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import PlainBot, keyboard
from tests.support.axe import violations

pytestmark = pytest.mark.browser

ANSWERS = keyboard([("Going", "g"), ("Can't go", "n")])


@pytest.fixture
async def jo(sandbox: Sandbox) -> User:
    user = sandbox.add_user("Jo", "Reed", note="same household")
    user.start()
    return user


async def _open(page: Page, sandbox: Sandbox, *users: User) -> None:
    await page.goto(f"{sandbox.url}/#people={','.join(str(user.id) for user in users)}")
    await expect(page.locator("#live-text")).to_have_text("Live")


async def test_a_person_is_picked_talks_and_taps(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    await bot("sendMessage", chat_id=amal.id, text="Coffee on Tuesday?", reply_markup=ANSWERS)
    await page.goto(sandbox.url)
    await expect(page.get_by_text("messages go nowhere")).to_be_visible()
    await page.get_by_label("Find a person").first.fill("reed")
    await page.get_by_role("button", name="Amal Reed, 1 unread").click()
    await expect(page.get_by_text("Coffee on Tuesday?").last).to_be_visible()
    await sandbox.wait_for(lambda: amal.unread == 0)

    await page.get_by_role("textbox", name="Message from Amal Reed").fill("Is there cake?")
    await page.keyboard.press("Enter")
    await sandbox.wait_for(lambda: any(m.text == "Is there cake?" for m in amal.messages))

    going = page.get_by_role("button", name="Going")
    await going.click()
    await expect(going).to_have_attribute("aria-busy", "true")
    [tap] = sandbox.state.taps.values()
    await bot("answerCallbackQuery", callback_query_id=tap.id, text="Noted")
    await expect(page.locator(".toast")).to_have_text("Noted")
    await expect(going).not_to_have_attribute("aria-busy", "true")
    await bot(
        "editMessageText", chat_id=amal.id, message_id=2, text="You are <b>going</b>", parse_mode="HTML"
    )
    await expect(page.locator("strong", has_text="going")).to_be_visible()
    await expect(page.get_by_text("edited")).to_be_visible()
    await expect(going).to_have_count(0)


async def test_an_alert_waits_for_ok(page: Page, sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    await bot("sendMessage", chat_id=amal.id, text="?", reply_markup=ANSWERS)
    await _open(page, sandbox, amal)
    await page.get_by_role("button", name="Can't go").press("Enter")
    await sandbox.wait_for(lambda: sandbox.state.taps)
    [tap] = sandbox.state.taps.values()
    await bot("answerCallbackQuery", callback_query_id=tap.id, text="It has begun.", show_alert=True)
    alert = page.get_by_role("alertdialog")
    await expect(alert).to_contain_text("It has begun.")
    await expect(alert.get_by_role("button", name="OK")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(alert).to_have_count(0)


async def test_several_people_stand_side_by_side_and_stay_after_a_reload(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User, jo: User
) -> None:
    await page.set_viewport_size({"width": 1400, "height": 800})
    await _open(page, sandbox, amal)
    await page.get_by_role("button", name="Open Jo Reed beside the others").click()
    columns = page.locator(".column")
    await expect(columns).to_have_count(2)
    await page.reload()
    await expect(columns).to_have_count(2)
    for user in (amal, jo):
        await bot("sendMessage", chat_id=user.id, text=f"Hello {user.first_name}")
        await expect(page.locator(f'[data-user="{user.id}"] .words').last).to_have_text(
            f"Hello {user.first_name}"
        )
    await page.get_by_role("button", name="Close the chat of Amal Reed").click()
    await expect(columns).to_have_count(1)


async def test_what_arrives_while_a_chat_is_being_read_is_shown(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    await page.set_viewport_size({"width": 1400, "height": 800})

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        await bot("sendMessage", chat_id=amal.id, text="Meanwhile")
        await expect(page.locator("#people")).to_contain_text("Meanwhile")
        await route.fulfill(response=answer)

    await page.route("**/sandbox/users/*/messages*", slowly, times=1)
    await _open(page, sandbox, amal)
    await expect(page.locator(f'[data-user="{amal.id}"] .words').last).to_have_text("Meanwhile")


async def test_a_deep_link_asks_who_opens_it_and_starts_with_its_code(
    page: Page, sandbox: Sandbox, stranger: User
) -> None:
    await page.goto(sandbox.deep_link("abc-1"))
    await page.get_by_role("dialog").get_by_role("button", name="Robin").click()
    await page.get_by_role("button", name="Start", exact=True).click()
    await sandbox.wait_for(lambda: stranger.started)
    assert stranger.messages[0].text == "/start abc-1"
    await expect(page.get_by_role("textbox", name="Message from Robin")).to_be_visible()


async def test_a_deep_link_may_name_the_person(page: Page, sandbox: Sandbox, stranger: User) -> None:
    await page.goto(sandbox.deep_link("abc-1", stranger))
    await page.get_by_role("button", name="Start", exact=True).click()
    await sandbox.wait_for(lambda: stranger.started)
    assert stranger.messages[0].text == "/start abc-1"


async def test_a_link_of_the_bot_in_a_message_stays_on_the_page(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    await bot("sendMessage", chat_id=amal.id, text="https://t.me/hearthline_bot?start=in-here")
    await _open(page, sandbox, amal)
    await page.get_by_role("link", name=re.compile("start=in-here")).click()
    await page.get_by_role("button", name="Start", exact=True).click()
    await sandbox.wait_for(lambda: any(m.text == "/start in-here" for m in amal.messages))


async def test_the_commands_of_the_bot_are_a_menu(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    await bot("setMyCommands", commands=[{"command": "events", "description": "What is coming up"}])
    await _open(page, sandbox, amal)
    await page.get_by_role("button", name="The bot's commands").click()
    await page.get_by_role("menuitem", name="/events").click()
    await sandbox.wait_for(lambda: amal.messages[-1].text == "/events")


async def test_a_document_can_be_downloaded(page: Page, sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    kept = amal.send_document("coffee.ics", b"BEGIN:VCALENDAR").file
    assert kept is not None
    await bot("sendDocument", chat_id=amal.id, document=kept.file_id, caption="For your calendar")
    await _open(page, sandbox, amal)
    async with page.expect_download() as waiting:
        await page.locator(".theirs .document").click()
    download = await waiting.value
    assert download.suggested_filename == "coffee.ics"
    assert (await download.path()).read_bytes() == b"BEGIN:VCALENDAR"


async def test_blocking_and_unblocking(page: Page, sandbox: Sandbox, amal: User) -> None:
    await _open(page, sandbox, amal)
    await page.get_by_role("button", name="More for Amal Reed").click()
    await page.get_by_role("menuitem", name="Block the bot").click()
    await page.get_by_role("button", name="Unblock the bot").click()
    await expect(page.get_by_role("textbox", name="Message from Amal Reed")).to_be_visible()
    assert not amal.blocked


async def test_hostile_text_stays_text(page: Page, sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    await bot("sendMessage", chat_id=amal.id, text="<img src=x onerror=alert(1)>")
    amal.say("<script>document.title='owned'</script>")
    await _open(page, sandbox, amal)
    await expect(page.locator(".words").last).to_have_text("<script>document.title='owned'</script>")
    assert await page.locator(".words img, .words script").count() == 0


async def test_right_to_left_text_finds_its_direction(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    await bot("sendMessage", chat_id=amal.id, text="جی ہاں، ضرور")
    await _open(page, sandbox, amal)
    words = page.locator(".words").last
    assert await words.evaluate("element => element.matches(':dir(rtl)')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_and_fits_a_small_phone(
    page: Page, sandbox: Sandbox, bot: PlainBot, amal: User, jo: User, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    text = "<b>Coffee</b> <a href='https://example.org'>more</a> /help <code>x</code>"
    await bot("sendMessage", chat_id=amal.id, text=text, parse_mode="HTML", reply_markup=ANSWERS)
    await bot("sendMessage", chat_id=jo.id, text="x" * 300)
    amal.send_document("a-rather-long-name-for-a-file-of-the-household.pdf", b"x")
    amal.send_photo(caption="Pots")
    await page.set_viewport_size({"width": 1200, "height": 800})
    await _open(page, sandbox, amal, jo)
    await expect(page.locator(".column")).to_have_count(2)
    assert await violations(page) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    await expect(page.locator(".column")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    assert await violations(page) == []
    await page.get_by_role("button", name="Amal Reed", exact=True).click()
    await expect(page.locator(".document-name")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    assert await violations(page) == []
    await page.get_by_role("button", name="Back to the people").click()
    await page.get_by_role("button", name="Jo Reed", exact=True).click()
    await expect(page.locator(".words").last).to_have_text("x" * 300)
    assert await page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")


async def test_a_lost_connection_is_told_and_what_was_missed_appears(
    page: Page, sandbox: Sandbox, amal: User
) -> None:
    await _open(page, sandbox, amal)
    await page.context.set_offline(True)
    sandbox.control.close()
    await expect(page.locator("#live-text")).to_have_text("Reconnecting…")
    amal.say("said meanwhile")
    await page.context.set_offline(False)
    await expect(page.locator(".words").last).to_have_text("said meanwhile", timeout=15_000)
