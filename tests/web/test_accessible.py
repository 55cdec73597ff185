"""Every page for everybody: nothing that axe finds wrong, no sideways scroll, by keyboard, in the dark."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.support.axe import violations
from tests.support.cast import NOON, Cast
from tests.support.console import Console, sign_in
from tests.web.conftest import SERIES_ON, Busy
from tests.web.crowds import with_a_ballot

pytestmark = pytest.mark.browser
Shown = tuple[Console, Cast, Busy]
WIDE: ViewportSize = {"width": 1280, "height": 800}


def coordinators_pages(cast: Cast, busy: Busy) -> list[str]:
    event, carer, series = (
        f"/events/{busy.coffee}",
        f"/carers/{cast.amal.id}",
        f"/events/series/{busy.series}",
    )
    household = f"/households/{cast.reeds.id}"
    return [
        "/",
        "/events",
        "/events/calendar",
        "/events/new",
        event,
        f"/events/{busy.picnic}",
        f"{event}/edit",
        f"{event}/template",
        "/events/start",
        f"/events/start/{busy.template}/delete",
        "/events/series",
        series,
        f"{series}/edit",
        f"{series}/end",
        f"{series}/days/{SERIES_ON}/skip",
        "/events/terms",
        "/events/rules",
        "/events/rules/trip",
        f"{event}/cancel",
        f"{event}/attendance",
        f"{event}/attendance/door",
        f"{event}/poster",
        f"{event}/parties/{busy.amals}",
        f"/events/{busy.picnic}/parties/{busy.reeds}",
        f"{event}/parties/{busy.sams}/move",
        "/events/fairness",
        f"/events/{busy.draft}/invite",
        "/households",
        "/households/new",
        household,
        f"{household}/edit",
        f"{household}/end",
        f"{household}/carers/{cast.amal.id}/leave",
        f"{household}/carers/{cast.amal.id}/move?q=okafor",
        "/constellations",
        "/carers",
        carer,
        f"{carer}/disconnect",
        "/register",
        f"/register/{busy.register}",
        f"/register/looks/{busy.work}",
        "/asked-for",
        f"/asked-for/{busy.work}",
        "/groups",
        "/groups/new",
        f"/groups/{busy.circle}?q=reed",
        f"/groups/{busy.circle}/edit",
        f"{household}/check-ins/new",
        "/not-seen",
        "/reach",
        "/not-reached",
        "/messages",
        f"/messages/{busy.thread}",
        f"/messages/{busy.thread}/redact/{busy.message}",
        "/surveys",
        "/surveys/new",
        f"/surveys/{busy.round}",
        f"/surveys/{busy.closed}",
        f"/surveys/{busy.closed}/summary",
        f"/surveys/{busy.closed}/share",
        f"/surveys/{busy.closed}/answers",
        f"/surveys/{busy.planned}",
        "/surveys/standing",
        "/surveys/standing/exit",
        f"{household}/panels/new",
        "/survey-forms",
        "/survey-forms/new",
        "/survey-forms/file",
        "/survey-forms/health-check?language=ur",
        "/survey-forms/health-check/retire",
        "/survey-forms/pulse/draft",
        "/survey-forms/pulse/draft/preview?language=ar",
        "/survey-forms/pulse/draft/about",
        "/survey-forms/pulse/draft/asking",
        "/survey-forms/pulse/draft/words/ur",
        "/survey-forms/pulse/draft/question",
        "/survey-forms/pulse/draft/questions/reach/good-news",
        "/survey-forms/pulse/draft/questions/reach/asked-of",
        "/survey-forms/pulse/draft/questions/reach/remove",
        "/survey-forms/pulse/draft/publish",
        "/actions",
        "/actions/new",
        f"/actions/{busy.action}",
        f"/actions/{busy.action}/edit",
        "/nominations",
        f"/nominations/{busy.nomination}",
        "/reports",
        "/reports/comments/leaving",
        "/reports/report.html",
        "/requests",
        "/deliveries",
    ]


def administrators_pages(cast: Cast) -> list[str]:
    erase = f"/carers/{cast.amal.id}/erase"
    log = ("/audit", "/audit?whom=reed", "/audit?since-day=x")
    dee = f"/staff/{cast.dee.id}"
    people = ("/staff", "/staff/new", "/staff/roles", dee, f"{dee}/edit", f"{dee}/end", "/account")
    settings = ("/settings", "/settings/duty_phone", "/settings/quiet_hours", "/settings/danger_words_ur")
    return [*people, *log, *settings, "/erasures", erase, f"{erase}/sure", "/retention"]


def errors_of(page: Page) -> list[str]:
    """Where whatever the page's scripts or its policy complain of is going to stand."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    return errors


async def look(page: Page, console: Console, path: str) -> list[str]:
    """What is wrong with a page, in the light, in the dark and on a telephone."""
    await page.set_viewport_size(WIDE)
    await page.goto(console.address + path)
    await page.locator("main").wait_for()
    return await judge_everywhere(page, path)


async def judge(page: Page, path: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds wrong with the open page, and whether it has to be scrolled sideways."""
    wrong = []
    if rules != []:
        findings = await violations(page, rules)
        wrong = [f"{path}: {one['id']} {[node['target'] for node in one['nodes']]}" for one in findings]
    if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append(f"{path}: wider than the window")
    return wrong


@pytest.mark.parametrize("third", range(3))
async def test_every_page_passes(shown: Shown, page: Page, third: int) -> None:
    """All of axe's rules in the light, of colours in the dark, and no sideways scroll at any width."""
    console, cast, busy = shown
    errors = errors_of(page)
    link = (await console.link_for(cast.priya)).removeprefix(console.address)
    before = ("/", link) if third == 0 else ()
    wrong = [problem for path in before for problem in await look(page, console, path)]
    await sign_in(page, console, cast.priya)
    for path in coordinators_pages(cast, busy)[third::3]:
        wrong += await look(page, console, path)
    await page.context.clear_cookies()
    await sign_in(page, console, cast.ash)
    for path in administrators_pages(cast)[third::3]:
        wrong += await look(page, console, path)
    assert wrong == []
    assert errors == []  # nothing that the page's own policy would have refused


async def test_a_page_with_errors_and_one_that_is_shown_once_pass_too(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/new")
    await page.get_by_role("button", name="Make the event").click()
    summary = page.get_by_role("alert")
    await summary.get_by_role("link", name="Enter a title").click()
    assert await page.evaluate("document.activeElement.id") == "title"
    assert await violations(page) == []
    await page.goto(f"{console.address}/carers/{cast.lin.id}")
    await page.get_by_role("button", name="Make a personal link").click()
    await page.get_by_role("heading", name="Personal link for Lin Marsh").wait_for()
    assert await violations(page) == []


async def test_a_ballot_and_the_spread_of_places_pass_too(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    tickets = await with_a_ballot(console.database, cast, entries=6, places=5)
    event = f"{console.address}/events/{tickets.event}"
    await sign_in(page, console, cast.priya)
    await page.goto(event)
    wrong = await judge_everywhere(page, "before the draw")
    console.now = NOON + timedelta(days=10, minutes=1)
    await sign_in(page, console, cast.priya)
    await page.goto(f"{event}/ballot")
    await page.get_by_role("button", name="Draw now").press("Enter")
    await page.get_by_text("The ballot is drawn.").wait_for()
    await page.get_by_role("button", name="Check this draw").press("Enter")
    await page.get_by_text("Drawn again from the record: every entry").wait_for()
    await page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    wrong += await judge_everywhere(page, "drawn and checked")
    console.now = NOON + timedelta(days=13)  # coffee and picnic are over
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/fairness")
    await page.get_by_text("The same as a table").click()
    assert await page.get_by_role("img", name="Households by the number of places").is_visible()
    wrong += await judge_everywhere(page, "fairness")
    assert wrong == []


async def judge_everywhere(page: Page, name: str) -> list[str]:
    """The open page by all rules, its colours in the dark, and how wide it is on a telephone."""
    await page.set_viewport_size(WIDE)
    wrong = await judge(page, name)
    await page.emulate_media(color_scheme="dark")
    wrong += await judge(page, f"{name}, in the dark", ["color-contrast"])
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 320, "height": 800})
    return wrong + await judge(page, f"{name}, narrow", [])


async def test_an_event_is_made_and_cancelled_with_the_keyboard_alone(shown: Shown, page: Page) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/new")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    await page.keyboard.press("Enter")
    await to(page, "title")
    await page.keyboard.type("Pancakes")
    await to(page, "on-day")
    for text in ("12", "6", "2025", "10:00", "11am"):
        await page.keyboard.type(text)
        await page.keyboard.press("Tab")
    await to(page, "venue")
    await page.keyboard.type("The Mill")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Pancakes").wait_for()
    assert await page.get_by_role("status").filter(has_text="The event is made.").is_visible()
    await page.get_by_role("link", name="Cancel the event").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Cancel Pancakes?").wait_for()
    await to(page, "reason")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("The event is cancelled.").first.wait_for()


async def to(page: Page, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(40):
        if await page.evaluate("document.activeElement.id") == field:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {field}")


async def test_everything_but_the_live_counts_works_without_javascript(
    shown: Shown, browser: Browser
) -> None:
    console, cast, busy = shown
    context = await browser.new_context(locale="en-GB", java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/{busy.coffee}/parties/{busy.amals}")
    assert "Riverside Fostering" in await page.title()
    await page.get_by_label("Not going").check()
    await page.get_by_role("button", name="Note the answer").click()
    await page.get_by_text("Amal Reed: not going. If they use this app, they are told.").wait_for()
    await page.get_by_role("link", name="Home").click()
    await page.get_by_role("heading", name="Hello Priya").wait_for()
    assert "Riverside Fostering" in await page.title()


async def test_the_dates_of_a_series_pass_and_are_left_out_by_keyboard(shown: Shown, page: Page) -> None:
    console, cast, busy = shown
    await page.set_viewport_size({"width": 320, "height": 800})
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/events/new?template=own:{busy.template}")
    for field, text in {"on-day": "19", "on-month": "6", "on-year": "2025", "venue": "The Mill"}.items():
        await page.locator(f"#{field}").fill(text)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Check the dates").wait_for()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await to(page, "skip-2025-06-26")
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Save the series").click()
    await page.get_by_role("status").filter(has_text="The series is in the programme.").wait_for()
    assert await page.get_by_role("button", name="Bring back Thursday 26 June 2025").is_visible()
