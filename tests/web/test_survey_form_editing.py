"""Writing surveys in the console, by a coordinator who has never seen the file of one."""

import re
from collections.abc import Mapping

import orjson
import pytest
from playwright.async_api import Page

from surveys.catalogue import definition_named, standard_definitions
from surveys.editing import find_draft
from surveys.shaping import file_of
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, sign_in, visitor
from tests.web.conftest import Busy
from tests.web.test_accessible import judge

pytestmark = pytest.mark.one_database

LIST, DRAFT = "/survey-forms", "/survey-forms/pulse/draft"
TEA = {"text": "Tea or coffee?", "type": "single", "options": "Tea\n  Coffee \n\nNeither"}


async def fill(who: Visitor, path: str, fields: Mapping[str, object]) -> str:
    """Open a page and send its form."""
    await who.get(path)
    return await who.post(path, dict(fields))


async def test_a_coordinator_writes_a_survey_and_publishes_it(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        assert "Take in a file" in await priya.get(LIST)
        html = await fill(priya, f"{LIST}/new", {"title": "After the trip"})
        here = f"{LIST}/after-the-trip/draft"
        assert priya.path.startswith(here)
        assert "To put right before it can be published" in html
        assert "Add a question" in html
        head = {"title": "After the trip", "introduction": "Two questions.", "minutes": "1"}
        assert "The draft is saved." in await fill(priya, f"{here}/about", head)
        html = await fill(priya, f"{here}/question", TEA)
        assert "Tea · Coffee · Neither" in html
        await fill(priya, f"{here}/question", {"text": "Why?", "type": "text"})
        html = await fill(priya, f"{here}/questions/why/asked-of", {"after": "tea_or_coffee:2"})
        assert "Asked only after “Coffee” to “Tea or coffee?”" in html
        good_news = f"{here}/questions/tea_or_coffee/good-news"
        html = await fill(priya, good_news, {"good": ["1"], "theme": "چائے"})
        assert "Name the theme with letters from a to z" in html
        html = await fill(priya, good_news, {"good": ["1"], "theme": "What we drink"})
        assert "Good news: Tea. Theme: What we drink." in html
        assert "Of this survey so far: What we drink." in await priya.get(good_news)
        html = await fill(
            priya, f"{here}/asking", {"anonymous": "no", "occasion": "event", "outcome": "tea_or_coffee:2"}
        )
        assert "“Coffee” to “Tea or coffee?”" in html
        html = await fill(priya, f"{here}/words/ur", {"title": "سفر کے بعد", "q:tea_or_coffee:1": "چائے"})
        assert "5 of 7 texts are missing" in html
        html = await priya.get(f"{here}/preview?language=ur")
        assert "چائے" in html
        assert "Asked only of those who answered" in html
        html = await fill(priya, f"{here}/publish", {})
        assert "It is published." in html
        assert "After an event" in html
    async with console.database.read() as session:
        made = await definition_named(session, "after-the-trip")
    assert made is not None
    assert made.outcome is not None
    assert [one.id for one in made.asked({"tea_or_coffee": 1})] == ["tea_or_coffee"]


async def test_what_is_wrong_with_a_question_is_said_and_what_was_typed_stays(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"{DRAFT}/question"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        for fields, said in (
            ({}, "Enter the question"),
            (TEA | {"type": ""}, "Choose how carers answer"),
            (TEA | {"options": "Tea"}, "Enter 2 to 12 answers, one a line"),
            (TEA | {"options": "Tea\ntea"}, "Two answers read alike"),
            (TEA | {"options": f"Tea\n{'x' * 41}"}, "is cut off on a phone"),
            (TEA | {"text": "x" * 301}, "Use 300 characters or fewer"),
            ({"text": "How do you sleep?", "type": "text"}, "This speaks of somebody’s health or mood."),
        ):
            html = await priya.post(path, fields)
            assert priya.status == 422
            assert said in html
            assert fields.get("text", "")[:50] in html
        sleep = {"text": "How do you sleep?", "type": "text", "wellbeing": "yes"}
        assert "Always anonymous" in await priya.post(path, sleep)
        html = await fill(priya, f"{DRAFT}/asking", {"anonymous": "no", "occasion": "none", "outcome": ""})
        assert "which may only be asked anonymously" in html


async def test_the_second_of_two_who_change_a_draft_is_told_and_loses_nothing(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"{DRAFT}/questions/reach"
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(path)
        await dee.get(path)
        await dee.post(path, TEA | {"text": "Dee’s words?"})
        html = await priya.post(path, TEA | {"text": "Priya’s words?"})
        assert "Somebody else changed this draft" in html
        assert "Priya’s words?" in html
        html = await priya.post(path, TEA | {"text": "Priya’s words?"})
        assert "The draft is saved." in html
        assert "Priya’s words?" in html
        await priya.get(DRAFT)
        await dee.post(f"{DRAFT}/discard", {})
        await priya.get(DRAFT)
        assert priya.path == f"{LIST}/pulse"
        await priya.get(f"{LIST}/nonsense/draft")
        assert priya.status == 404


async def test_questions_are_moved_and_taken_out_unless_others_depend_on_them(
    console: Console, cast: Cast
) -> None:
    here = f"{LIST}/health-check/draft"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"{LIST}/health-check")
        await priya.post(f"{LIST}/health-check/begin", {})
        assert priya.path.startswith(here)
        html = await priya.post(f"{here}/questions/leaving/move", {"places": "down", "edited": "1"})
        assert "It stays where it is" in html
        html = await priya.get(f"{here}/questions/leaving/remove")
        assert "It cannot be taken out yet" in html
        assert f"{here}/questions/leaving_why/asked-of" in html
        html = await fill(priya, f"{here}/questions/support/remove", {})
        assert "The question is taken out." in html
        assert 'id="q-support"' not in html
        html = await priya.post(f"{here}/questions/team/move", {"places": "down", "edited": "1"})
        assert "Somebody else changed this draft meanwhile" in html


async def test_what_may_bring_names_is_published_only_after_a_second_thought(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        await fill(priya, f"{DRAFT}/question", {"text": "What is your name?", "type": "text"})
        html = await fill(priya, f"{DRAFT}/publish", {})
        assert "Tick that you have thought this over" in html
        assert "This may bring names" in html
        html = await priya.post(f"{DRAFT}/publish", {"thought_over": "yes"})
        assert "It is published." in html
        assert "Version 3" in html
        html = await priya.get(f"{LIST}/pulse?version=2&language=ar")
        assert "version 2 (standard)" in html
        await priya.get(f"{LIST}/pulse?version=7")
        assert priya.status == 404
        await priya.post(f"{LIST}/pulse/begin", {})
        html = await fill(priya, f"{DRAFT}/publish", {"thought_over": "yes"})
        assert "Nothing differs from the version that holds" in html


async def test_a_survey_is_taken_out_of_use_and_brought_back(
    console: Console, cast: Cast, busy: Busy
) -> None:
    path = f"{LIST}/working-together"
    async with visitor(console, cast.priya) as priya:
        html = await fill(priya, f"{path}/retire", {})
        assert "After the Working Together Group is out of use." in html
        assert "Out of use" in await priya.get(path)
        assert "is in use again" in await priya.post(f"{path}/back", {})
        assert "(open)" in await priya.get(f"{LIST}/pulse")


async def test_a_survey_is_taken_away_and_taken_in_as_a_file(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        away = orjson.loads(await priya.get(f"{LIST}/exit-interview/file"))
        assert away == standard_definitions()["exit-interview"].source
        away["title"]["en"] = ""
        for file, said in (
            (b"", "Choose the file of the survey"),
            (b"no survey", "This file is not a survey"),
            (b" " * 300_000, "The file is larger than 256 kB"),
        ):
            await priya.get(f"{LIST}/file")
            assert said in await priya.post(f"{LIST}/file", {}, file=file)
        await priya.get(f"{LIST}/file")
        html = await priya.post(f"{LIST}/file", {}, file=file_of(away))
        assert "The file is taken in as a draft." in html
        assert "Enter a title" in html
        await priya.get(f"{LIST}/file")
        html = await priya.post(f"{LIST}/file", {}, file=file_of(away))
        assert "There is a draft of exit-interview already" in html
    async with console.database.read() as session:
        draft = await find_draft(session, "exit-interview")
    assert draft is not None
    assert draft.source["title"]["ur"] == away["title"]["ur"]


@pytest.mark.browser
async def test_a_question_is_added_by_keyboard_and_pages_of_errors_pass(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, _ = shown
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}{DRAFT}/question")
    assert not await page.locator("#options").is_visible()
    await page.locator("#text").press_sequentially("Tea?")
    await page.locator("#type-3").check()
    await page.locator("#options").fill("Tea")
    await page.locator("form.hl-card button").press("Enter")
    await page.locator(".govuk-error-summary").wait_for()
    assert not await judge(page, "a question with an error")
    await page.get_by_role("link", name="Enter 2 to 12 answers").click()
    assert await page.evaluate("document.activeElement.id") == "options"
    await page.locator("#options").fill("Tea\nCoffee")
    await page.locator("form.hl-card button").press("Enter")
    await page.wait_for_url(re.compile("#q-tea$"))
