"""Every page of broadcasts for everybody: axe, narrow, dark, by keyboard, and without JavaScript."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from broadcasts.drafts import Wording, start_draft
from broadcasts.launching import confirm, start_due
from storage.broadcasts import Broadcast
from storage.engine import Session
from tests.support.axe import violations
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, sign_in
from tests.support.delivery import POLICY
from tests.web.conftest import PIXEL, Busy
from tests.web.test_accessible import errors_of, look, to

pytestmark = pytest.mark.browser
Shown = tuple[Console, Cast, Busy]
SOON = 10_000  # milliseconds


@dataclass(frozen=True)
class Messages:
    """One of each, by number."""

    draft: int
    unfinished: int
    scheduled: int
    sending: int


async def one_of_each(console: Console, cast: Cast, busy: Busy) -> Messages:
    """Begin one, schedule another a minute later, and leave one unfinished."""

    async def make(session: Session, **texts: str) -> Broadcast:
        return await start_draft(session, Wording(texts, "all"), cast.priya, console.now)

    async with console.database.write() as session:
        sending = await make(session, en="The *hall* is closed.", ur="ہال *بند* ہے۔", ar="القاعة مغلقة")
        unfinished = await start_draft(session, Wording({"ur": "سلام"}, ""), cast.priya, console.now)
        await confirm(session, sending.id, 1, cast.priya, POLICY, LONDON, console.now)
    console.now += timedelta(seconds=61)
    async with console.database.write() as session:
        await start_due(session, console.now, LONDON)
        scheduled = await make(session, en="See you on Saturday!")
        await confirm(session, scheduled.id, 1, cast.priya, POLICY, LONDON, console.now)
    return Messages(busy.broadcast, unfinished.id, scheduled.id, sending.id)


def pages(messages: Messages) -> list[str]:
    one, going = f"/broadcasts/{messages.draft}", f"/broadcasts/{messages.sending}"
    return [
        "/broadcasts",
        "/broadcasts?state=cancelled",
        "/broadcasts/new",
        one,
        f"{one}?language=ur&q=re",
        f"{one}/edit",
        f"{one}/discard",
        f"/broadcasts/{messages.unfinished}",
        f"/broadcasts/{messages.scheduled}",
        going,
        f"{going}?language=ur",
        f"{going}/people",
        f"{going}/edit",
        f"{going}/cancel",
        f"{going}/recall",
        f"{going}/correct",
    ]


async def test_every_page_of_broadcasts_passes(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    messages = await one_of_each(console, cast, busy)
    errors = errors_of(page)
    await sign_in(page, console, cast.priya)
    wrong = [problem for path in pages(messages) for problem in await look(page, console, path)]
    assert wrong == []
    assert errors == []


async def test_a_form_with_errors_leads_to_its_fields_even_inside_what_was_closed(
    shown: Shown, page: Page
) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/new")
    await page.get_by_text("Urdu, Punjabi and Arabic").click()
    await page.get_by_label("In Urdu").fill("سلام {name}")
    await page.get_by_role("button", name="Continue").click()
    summary = page.get_by_role("alert")
    await summary.get_by_role("link", name="Take out the words in curly brackets").click()
    assert await page.evaluate("document.activeElement.id") == "text-ur"
    assert await page.evaluate("getComputedStyle(document.activeElement).direction") == "rtl"
    assert await violations(page) == []


async def test_a_message_is_written_and_cancelled_with_the_keyboard_alone(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/new")
    await to(page, "text-en")
    await page.keyboard.type("The hall is closed.")
    await to(page, "audience")
    await page.keyboard.type("Everyone")
    await to(page, "topic")
    await page.keyboard.press("Space")
    await to(page, "when")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Check before it goes out").wait_for()
    await page.get_by_role("button", name="Send 3 messages").focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("It goes out at").wait_for()
    cancel = page.get_by_role("button", name="Cancel: send nothing")
    await cancel.focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("Nothing was sent.").wait_for()
    await expect(cancel).to_be_hidden()


async def test_a_file_too_large_is_named_before_it_travels(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/new")
    field = page.get_by_label("A photo or a document")
    await page.evaluate("document.querySelector('#attachment').dataset.largest = '10'")
    await field.set_input_files({"name": "hall.png", "mimeType": "image/png", "buffer": PIXEL})
    await (
        page.get_by_text("Error: The file is too large")
        .or_(page.get_by_text("The file is too large: a photo may have 10 MB").first)
        .first.wait_for()
    )
    assert await field.evaluate("field => field.files.length") == 0
    assert await violations(page) == []


async def test_without_javascript_all_but_the_live_counts_works(shown: Shown, browser: Browser) -> None:
    console, cast, _ = shown
    context = await browser.new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/new")
    await page.get_by_label("In English").fill("See the picture.")
    await page.get_by_label("A photo or a document").set_input_files(
        {"name": "hall.png", "mimeType": "image/png", "buffer": PIXEL}
    )
    await page.get_by_label("For", exact=True).select_option("all")
    await page.get_by_label("Service news").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("img", name="The photo hall.png").wait_for()
    await page.get_by_role("button", name="Send 3 messages").click()
    await page.get_by_text("12:01:00").wait_for()
    await page.get_by_role("button", name="Take it back and change it").click()
    await page.get_by_text("It is a draft again.").wait_for()


async def test_the_seconds_count_down_and_the_page_goes_on_by_itself(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    messages = await one_of_each(console, cast, busy)
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/broadcasts/{messages.scheduled}")
    await page.get_by_text("Live", exact=True).wait_for()
    timer = page.get_by_role("timer")
    await expect(timer).to_have_text(", in 58 seconds", timeout=SOON)
    cancel = page.get_by_role("button", name="Cancel: send nothing")
    await cancel.focus()
    console.now = NOON + timedelta(minutes=3)
    async with console.database.write() as session:
        await start_due(session, console.now, LONDON)
    await expect(page.get_by_text("0 of 4 sent")).to_be_visible(timeout=SOON)
    await expect(cancel).to_be_hidden()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert await page.evaluate("document.activeElement.id") == "top"  # not lost with the button
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("button", name="Go on sending").wait_for()
