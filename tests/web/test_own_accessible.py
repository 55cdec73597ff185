"""Carers' own pages for everybody: axe, 320 px, dark, right to left, by keyboard, without JavaScript."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import update

from carers.pages import Purpose
from carers.people import Language
from storage.engine import Database
from storage.surveys import Round, RoundState
from surveys import answering
from tests.support.cast import Cast
from tests.support.console import Console
from tests.web.conftest import Busy
from tests.web.own_links import link, mail_is_on, past_event, with_much
from tests.web.test_accessible import judge, judge_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
Shown = tuple[Console, Cast, Busy]


async def picture(page: Page, name: str) -> None:
    """Kept where ``HEARTHLINE_SCREENSHOTS`` names a folder."""
    if folder := os.environ.get("HEARTHLINE_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"own-{name}.png", full_page=True)


async def speaks(database: Database, cast: Cast, language: Language) -> None:
    async with database.write() as session:
        (await session.merge(cast.amal)).language = language


async def pages_of(console: Console, cast: Cast) -> dict[str, str]:
    """Every page that a link of Amal's opens, by what it is called here."""
    round = await with_much(console, cast)
    await mail_is_on(console.database, cast.amal)
    event = await past_event(console.database, cast.amal)
    home = link(console, cast.amal, Purpose.HOME)
    survey = link(console, cast.amal, Purpose.SURVEY, round.id)
    async with console.database.write() as session:
        closed = update(Round).where(Round.state == RoundState.CLOSED).returning(Round.id)
        shared = (await session.scalars(closed.values(shared_at=console.now))).one()
    tails = (
        *("/write", "/nominate", "/said", "/told", f"/told/{shared}", "/groups", "/settings"),
        *("/held", "/privacy", "/feed", "/leave", "/erase"),
    )
    return {
        "home": home,
        **{tail.removeprefix("/").replace("/", "-"): home + tail for tail in tails},
        "survey": survey,
        "survey-question": f"{survey}/q",
        "survey-none": link(console, cast.amal, Purpose.SURVEY, 999),
        "feedback": link(console, cast.amal, Purpose.FEEDBACK, event) + "?rating=4",
        "unsubscribe": link(console, cast.amal, Purpose.UNSUBSCRIBE, 1),
    }


async def test_every_page_passes_wide_narrow_and_in_the_dark(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    await page.emulate_media(reduced_motion="reduce")  # or axe judges a colour on its way to another
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    wrong: list[str] = []
    for name, address in (await pages_of(console, cast)).items():
        await page.goto(address)
        await page.locator("main h1").first.wait_for()
        await page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        wrong += await judge_everywhere(page, name)
        await picture(page, name)
    assert wrong == []
    assert errors == []


@pytest.mark.parametrize("language", [Language.URDU, Language.PUNJABI])
async def test_every_page_passes_in_another_language(shown: Shown, page: Page, language: Language) -> None:
    console, cast, _ = shown
    addresses = await pages_of(console, cast)
    await speaks(console.database, cast, language)
    await page.set_viewport_size({"width": 320, "height": 800})
    wrong: list[str] = []
    for name, address in addresses.items():
        await page.goto(address)
        await page.locator("main h1").first.wait_for()
        assert await page.locator("html").get_attribute("lang") == language.value
        wrong += await judge(page, f"{name} in {language.value}")
        await picture(page, f"{name}-{language.value}")
    assert wrong == []


async def test_a_whole_survey_with_the_keyboard_alone_and_without_javascript(
    shown: Shown, browser: Browser
) -> None:
    console, cast, _ = shown
    round = await with_much(console, cast)
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = await context.new_page()
    await page.goto(link(console, cast.amal, Purpose.SURVEY, round.id))
    await tab_to(page, "Start")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="The tea is warm.").wait_for()
    await tab_to(page, "Next")
    await page.keyboard.press("Enter")  # with nothing chosen
    await page.get_by_role("alert").get_by_text("This question needs an answer.").wait_for()
    await picture(page, "survey-wrong")
    await tab_to(page, "Never")
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="What do you take with it?").wait_for()
    await tab_to(page, "Milk")
    await page.keyboard.press("Space")
    await tab_to(page, "Lemon")
    await page.keyboard.press("Space")
    await picture(page, "survey-several")
    await tab_to(page, "Next")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Another cup?").wait_for()
    await tab_to(page, "Back")
    await page.keyboard.press("Enter")
    assert await page.get_by_label("Milk").is_checked()
    assert await page.get_by_label("Lemon").is_checked()
    await tab_to(page, "Next")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Another cup?").wait_for()
    await tab_to(page, "Skip")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="What would make it better?").wait_for()
    await picture(page, "survey-text")
    await tab_to(page, "What would make it better?")
    await page.keyboard.type("A quieter kettle")
    await tab_to(page, "Next")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="your answers").wait_for()
    await picture(page, "survey-review")
    await tab_to(page, "Send")
    await page.keyboard.press("Enter")
    await page.get_by_text("Your answers are in").wait_for()
    await picture(page, "survey-thanks")
    await context.close()
    async with console.database.read() as session:
        step = await answering.look(session, round.id, cast.amal.id, console.keys, console.now)
    assert step.outcome is answering.Outcome.ALREADY_SENT


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus. The page runs no script; the accessibility tree
    tells where the focus is."""
    for _ in range(40):
        for role in ("button", "link", "radio", "checkbox", "textbox"):
            found = page.get_by_role(role, name=name, exact=True)
            if await found.count() and await found.first.evaluate("one => one === document.activeElement"):
                return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


async def test_the_pages_after_something_went_wrong_or_right_pass_too(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    addresses = await pages_of(console, cast)
    await page.emulate_media(reduced_motion="reduce")
    wrong: list[str] = []

    async def look(name: str) -> None:
        nonlocal wrong
        wrong += await judge_everywhere(page, name)
        await picture(page, name)

    await page.goto(addresses["feedback"])
    await page.get_by_label("Would you like to add anything?").fill("long " * 300)
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("alert").get_by_role("link").click()
    assert await page.evaluate("document.activeElement.id") == "words"
    await look("feedback-too-long")
    await page.get_by_label("Would you like to add anything?").fill("A lovely morning.")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("You gave 4 of 5.").wait_for()
    await look("feedback-thanks")
    await page.goto(addresses["unsubscribe"])
    await page.get_by_role("button", name="Stop these messages").click()
    await page.get_by_role("button", name="Undo: send them again").wait_for()
    await look("unsubscribed")
    await page.goto(addresses["settings"])
    await page.get_by_label("Training").uncheck()
    await page.get_by_role("button", name="Save what I receive").click()
    await page.get_by_role("status").get_by_text("Saved.").wait_for()
    await look("settings-saved")
    await page.goto(addresses["leave"])
    await page.get_by_role("button", name="Stop all messages").click()
    await page.get_by_role("heading", name="You have stopped all messages.").wait_for()
    await look("left")
    await page.goto(addresses["home"])
    await look("home-stopped")
    await page.get_by_role("button", name="Send me messages again").click()
    await page.get_by_role("status").get_by_text("Welcome back.").wait_for()
    assert wrong == []
