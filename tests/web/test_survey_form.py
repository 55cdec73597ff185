"""A survey on the web: the same questions, sheet and place as in the chat, and nothing that gives it away."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from sqlalchemy import func, select

from carers.pages import Purpose, new_code
from storage.engine import Database
from storage.households import Carer, Language
from storage.surveys import Comment, Response, Round, SealedDraft
from storage.surveys_queries import participants_of
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.catalogue import standard_definitions
from surveys.closing import close_rounds
from surveys.definition import QuestionType
from tests.support.cast import NOON, Cast
from tests.support.console import SECRET_KEY, Console, Visitor, visitor
from tests.surveys.insider import all_words, on_disk
from tests.surveys.stories import CLOSES, answer, open_round, sent_sheets
from tests.web.own_links import link, own_page

WISH = "A quieter kettle, please"
FULL = {"warm": 4, "with": [1, 3], "again": 1, "wish": WISH}


@pytest.fixture
async def round(console: Console, cast: Cast) -> Round:
    return await open_round(console.database, console.keys)


class Form:
    """One carer's survey in a browser of their own."""

    def __init__(self, somebody: Visitor, console: Console, carer: Carer, round: Round) -> None:
        self.browser = somebody
        self.path = link(console, carer, Purpose.SURVEY, round.id).removeprefix(console.address)

    async def look(self, tail: str = "") -> str:
        return await self.browser.get(self.path + tail)

    async def press(self, do: str, **fields: Any) -> str:
        return await self.browser.post(f"{self.path}/q", {"do": do, **fields})

    async def fill(self) -> str:
        """From the introduction to the review."""
        await self.look()
        await self.look("/q")
        await self.press("next", value=4)
        await self.press("next", box=[1, 3])
        await self.press("next", value=1)
        return await self.press("next", words=WISH)


async def count(database: Database, table: type) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count()).select_from(table))).one()


async def stand(console: Console, round: Round, carer: Carer) -> Step:
    async with console.database.read() as session:
        return await answering.look(session, round.id, carer.id, console.keys, console.now)


async def position(console: Console, round: Round, carer: Carer) -> tuple[int, dict[str, Any]]:
    step = await stand(console, round, carer)
    assert step.sheet is not None
    return step.sheet.position, dict(step.sheet.answers)


@pytest.mark.parametrize("anonymous", [True, False])
async def test_from_the_introduction_to_the_thanks(console: Console, cast: Cast, anonymous: bool) -> None:
    round = await open_round(console.database, console.keys, anonymous=anonymous)
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        assert ("This survey is anonymous." in await amal.look()) is anonymous
        assert ("with your name" in browser.html) is not anonymous
        assert ("have taken part. When it closes" in browser.html) is anonymous
        review = await amal.fill()
        for said in ("Often", "Milk, Lemon", "Yes", WISH, "Send"):
            assert said in review
        assert "Your answers are in" in await amal.press("send")
        assert "You have sent your answers already" in await amal.look()
    answers = {"warm": 4, "with": [1, 3], "again": 1}
    if anonymous:
        sheets = await sent_sheets(console.database, console.keys, round)
        assert sheets == [answers | {"wish": WISH}]
        return
    async with console.database.read() as session:
        [response] = (await session.scalars(select(Response))).all()
        [comment] = (await session.scalars(select(Comment))).all()
    assert (response.answers, comment.text) == (answers, WISH)
    assert response.carer_id == comment.carer_id == cast.amal.id


async def test_a_carer_goes_back_skips_and_finds_the_sheet_where_it_was_left(
    console: Console, cast: Cast, round: Round
) -> None:
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.look("/q")
        assert 'value="skip"' not in browser.html  # it needs an answer
        await amal.press("next", value=2)
        assert "2 of 4" in browser.html
        assert "3 of 4" in await amal.press("skip")
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        assert "Go on where I stopped" in await amal.look()
        assert "3 of 4" in await amal.look("/q")
        await amal.press("back")
        assert "2 of 4" in browser.html
        assert "1 of 4" in await amal.press("back", box=[2])  # what was ticked is kept
        assert re.search(r'value="2" checked', browser.html)
    assert await position(console, round, cast.amal) == (0, {"warm": 2, "with": [2]})


async def test_nothing_filled_in_is_said_and_changes_nothing(
    console: Console, cast: Cast, round: Round
) -> None:
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.look("/q")
        assert "This question needs an answer." in await amal.press("next")
        assert browser.status == 422
        assert 'role="alert"' in browser.html
        await amal.look("/q")
        await amal.press("next", value=4)
        assert "choose “Skip”" in await amal.press("next")
        for wrong in ({"value": 1}, {"box": [1, 9]}, {"words": "tea"}, {"box": ["x"]}):
            await amal.look("/q")
            await amal.press("next", **wrong)
            assert browser.status == 422
    assert await position(console, round, cast.amal) == (1, {"warm": 4})


async def test_words_that_are_too_long_are_given_back_whole(
    console: Console, cast: Cast, round: Round
) -> None:
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await answer(console.database, console.keys, round, cast.amal, {"warm": 4}, send=False)
        await amal.look("/q")
        await amal.press("back")
        long = "kettle " * 200 + "end."
        for pressed in ("next", "back"):
            html = await amal.press(pressed, words=long)
            assert browser.status == 422
            assert long in html
            assert "It has 1404 now" in html
        assert WISH in await amal.press("next", words=WISH)


async def test_late_words_are_given_back_with_the_reason(console: Console, cast: Cast, round: Round) -> None:
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.look("/q")
        console.now = CLOSES
        html = await amal.press("next", words=WISH)
        assert browser.status == 409
        assert "This survey is not open" in html
        assert WISH in html
        assert "This survey is not open" in await amal.look()
        assert "This survey is not open" in await amal.look("/q")
    await close_rounds(console.database, CLOSES, console.keys)
    assert await count(console.database, Response) == 0


async def test_two_tabs_and_a_double_press_answer_the_question_that_they_show(
    console: Console, cast: Cast, round: Round
) -> None:
    async with visitor(console) as first, visitor(console) as second:
        one, two = (Form(browser, console, cast.amal, round) for browser in (first, second))
        await one.look("/q")
        await two.look("/q")
        await one.press("next", value=4)
        await one.press("next", box=[1])
        await two.press("next", value=5)  # still shows the first
        assert await position(console, round, cast.amal) == (1, {"warm": 5, "with": [1]})
        await one.press("next", value=1)
        await two.press("next", box=[2])
        stale = {"number": "3", "words": WISH}
        await one.press("next", **stale)
        await one.press("next", **stale)  # a double press
        assert await position(console, round, cast.amal) == (
            4,
            {"warm": 5, "with": [2], "again": 1, "wish": WISH},
        )
        await two.look("/q")
        await one.press("send")
        assert "You have sent your answers already" in await two.press("send")
        html = await two.press("next", number="3", words="Later words")
        assert second.status == 409
        assert "Later words" in html
    assert len(await sent_sheets(console.database, console.keys, round)) == 1


async def test_looking_ten_times_changes_nothing(console: Console, cast: Cast, round: Round) -> None:
    async with visitor(console) as scanner:
        amal = Form(scanner, console, cast.amal, round)
        for _ in range(10):
            await amal.look()
            await amal.look("/q")
            assert scanner.status == 200
    assert await count(console.database, SealedDraft) == 0
    assert console.woken == []


async def test_a_stranger_to_the_round_learns_no_more_than_that_it_is_not_open(
    console: Console, cast: Cast
) -> None:
    async with console.database.write() as session:
        (await session.merge(cast.okafors)).ended_on = (NOON - timedelta(days=1)).date()
    round = await open_round(console.database, console.keys)
    async with visitor(console) as browser:
        sam = Form(browser, console, cast.sam, round)
        await sam.look()
        assert browser.status == 404
        amal = Form(browser, console, cast.amal, round)
        await browser.get(amal.path)
        other = link(console, cast.amal, Purpose.SURVEY, round.id + 1)
        assert "This survey is not open" in await browser.get(other)


@pytest.mark.parametrize("anonymous", [True, False])
async def test_while_a_round_is_open_no_answer_can_be_read_in_the_database_or_a_log(
    console: Console,
    cast: Cast,
    anonymous: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    round = await open_round(console.database, console.keys, anonymous=anonymous)
    with caplog.at_level(logging.DEBUG if anonymous else logging.INFO):
        async with visitor(console) as browser:
            amal = Form(browser, console, cast.amal, round)
            await amal.fill()
            await amal.press("back")
            await amal.press("next", words="x" * 1001 + WISH)
            await amal.look("/q")
            await amal.press("next", words=WISH)
            await amal.press("send")
    kept = await all_words(console.database)
    if console.database.dialect == "sqlite":
        kept += on_disk(Path(str(console.database.url.database)))
    said = capfd.readouterr()
    # Of a named round the same search finds the words: it looks where they would be.
    assert (WISH.encode() in kept) is not anonymous
    token = amal.path.removeprefix("/c/")
    for text in (caplog.text, said.out, said.err):
        assert WISH not in text
        assert token not in text


async def test_an_error_of_ours_tells_no_log_what_was_written_or_by_whom(
    console: Console,
    cast: Cast,
    round: Round,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def fails(*given: Any) -> None:
        raise RuntimeError(f"cannot keep {given}")

    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        await amal.look("/q")
        monkeypatch.setattr(answering, "write", fails)
        with caplog.at_level(logging.DEBUG):
            html = await amal.press("next", words=WISH)
    assert browser.status == 500
    assert "Something went wrong on our side" in html
    said = capfd.readouterr()
    everything = caplog.text + said.out + said.err
    assert "a carer's page failed" in everything
    assert WISH not in everything
    assert amal.path.removeprefix("/c/") not in everything


async def test_the_page_is_stored_nowhere_and_asks_nobody_else(
    console: Console, cast: Cast, round: Round
) -> None:
    address = link(console, cast.amal, Purpose.SURVEY, round.id)
    async with visitor(console) as browser, browser.client.get(f"{address}/q") as reply:
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "noindex" in reply.headers["X-Robots-Tag"]
        assert "script-src" not in reply.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in reply.headers


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["en", "ur", "pa", "ar"])
@pytest.mark.parametrize("survey", sorted(standard_definitions()))
async def test_every_survey_that_comes_along_can_be_answered_in_every_language(
    console: Console, cast: Cast, survey: str, language: str
) -> None:
    definition = standard_definitions()[survey]
    round = await open_round(console.database, console.keys, definition=definition)
    async with console.database.write() as session:
        (await session.merge(cast.jo)).language = Language(language)
    fields: dict[QuestionType, dict[str, Any]] = {
        QuestionType.TEXT: {"words": WISH},
        QuestionType.SEVERAL: {"box": [1]},
    }
    async with visitor(console) as browser:
        jo = Form(browser, console, cast.jo, round)
        await jo.look("/q")
        for question in definition.questions:
            assert escape(question.text[language]) in browser.html
            await jo.press("next", **fields.get(question.type, {"value": 1}))
        assert 'value="send"' in browser.html
        await jo.press("send")
    assert (await stand(console, round, cast.jo)).outcome is Outcome.ALREADY_SENT


async def by_code(browser: Visitor, console: Console, carer: Carer, code: str) -> list[str]:
    """All that is seen by who opens a letter's code and answers, without what differs from visit to visit."""
    form = Form(browser, console, carer, Round(id=0))
    seen = [await browser.get(f"/c/{code.replace('-', '')}")]
    form.path = browser.path
    seen += [await form.look("/q"), await form.press("next", value=2), await form.press("back", number=1)]
    seen += [await form.press("next", value=1), await form.press("skip"), await form.press("skip")]
    seen += [await form.press("next", words="By post"), await form.look("/q"), await form.look()]
    seen += [await form.press("send"), await form.press("send"), await form.look(), await form.look("/q")]
    return [page.replace(form.path, "") for page in seen]


async def survey_code(console: Console, carer: Carer, round: Round) -> str:
    async with console.database.write() as session:
        one = await session.merge(carer)
        return await new_code(session, one, Purpose.SURVEY, round.id, SECRET_KEY, console.now)


async def test_a_letters_code_shows_the_same_whatever_the_carer_did(
    console: Console, cast: Cast, round: Round
) -> None:
    """Whoever printed it learns nothing: not what was answered, and not whether anything was."""
    code = await survey_code(console, cast.amal, round)
    async with visitor(console) as browser, visitor(console) as own:
        amal = Form(own, console, cast.amal, round)
        seen = [await by_code(browser, console, cast.amal, code)]
        await amal.fill()
        seen.append(await by_code(browser, console, cast.amal, code))
        assert (await position(console, round, cast.amal))[1] == FULL
        assert "Your answers are in" in await amal.press("send")
        seen.append(await by_code(browser, console, cast.amal, code))
        assert "You have sent your answers already" in await amal.look()
    assert seen[0] == seen[1] == seen[2]
    assert "1 of 4" in seen[0][1]
    assert "Your answers are in" in seen[0][10]
    assert "You have sent your answers already" in seen[0][12]


async def test_of_a_carer_at_most_one_sheet_counts_and_their_own_before_one_by_a_code(
    console: Console, cast: Cast, round: Round
) -> None:
    async def sent() -> list[dict[str, Any]]:
        return await sent_sheets(console.database, console.keys, round)

    async def took_part() -> int:
        async with console.database.read() as session:
            return await participants_of(session, round.id)

    code = await survey_code(console, cast.amal, round)
    by_post = {"warm": 1, "wish": "By post"}
    async with visitor(console) as browser, visitor(console) as own:
        for _ in range(2):
            await by_code(browser, console, cast.amal, code)
            assert await sent() == [by_post]
        assert await took_part() == 0  # the number of those who have would tell of the carer
        amal = Form(own, console, cast.amal, round)
        await amal.fill()
        await amal.press("send")
        assert await sent() == [FULL]
        await by_code(browser, console, cast.amal, code)
        assert await sent() == [FULL]
        assert await took_part() == 1


async def test_a_visit_by_code_goes_on_as_long_as_its_page_is_there_and_apart_from_all_others(
    console: Console, cast: Cast, round: Round
) -> None:
    code = await survey_code(console, cast.amal, round)
    async with visitor(console) as first, visitor(console) as second:
        visits = [Form(browser, console, cast.amal, round) for browser in (first, second)]
        for visit in visits:
            await visit.browser.get(f"/c/{code.replace('-', '')}")
            visit.path = visit.browser.path
        assert WISH in await visits[0].fill()
        assert WISH not in await visits[1].look("/q")
        assert WISH in await visits[0].look("/q")
        assert "Please answer in one go" in await visits[0].look()
        assert "Open surveys" not in await first.get(own_page(console, cast.amal, handed=True))
        assert "Open surveys" in await first.get(own_page(console, cast.amal, handed=False))


async def test_in_a_named_round_a_code_shows_nothing_that_was_begun_and_one_sheet_counts(
    console: Console, cast: Cast
) -> None:
    """Their social worker may have printed it, and may not read what they say."""
    round = await open_round(console.database, console.keys, anonymous=False)
    code = await survey_code(console, cast.amal, round)
    async with visitor(console) as browser, visitor(console) as printer:
        amal = Form(browser, console, cast.amal, round)
        assert WISH in await amal.fill()
        letter = Form(printer, console, cast.amal, round)
        await printer.get(f"/c/{code.replace('-', '')}")
        letter.path = printer.path
        assert "Please answer in one go" in printer.html
        assert "1 of 4" in await letter.look("/q")
        assert "2 of 4" in await letter.press("next", value=1)
        assert WISH in await amal.look("/q")
        await by_code(printer, console, cast.amal, code)
        assert "You have sent your answers already" in await amal.look()
    async with console.database.read() as session:
        assert len((await session.scalars(select(Response))).all()) == 1


async def test_a_question_that_depends_on_an_answer_is_asked_only_after_it(
    console: Console, cast: Cast
) -> None:
    health_check = standard_definitions()["health-check"]
    numbers = {question.id: number for number, question in enumerate(health_check.questions)}
    leaving, why = (health_check.questions[numbers[id]].text["en"] for id in ("leaving", "leaving_why"))
    round = await open_round(console.database, console.keys, definition=health_check)
    async with console.database.write() as session:
        who = (session, round.id, cast.amal.id)
        await answering.go_on(*who, numbers["leaving"] - 1, console.keys, console.now)
    async with visitor(console) as browser:
        amal = Form(browser, console, cast.amal, round)
        assert leaving in await amal.look("/q")
        assert "11 of 11" not in browser.html
        assert "of 11" in browser.html
        assert why in await amal.press("next", value=1)
        assert "of 12" in browser.html
        await amal.press("next", box=[1])
        assert why in await amal.press("back")
        assert "checked" in browser.html
        assert leaving in await amal.press("back")
        assert why not in await amal.press("next", value=2)
        assert leaving in await amal.press("back")
        assert why not in await amal.press("next", value=2)
        review = await amal.press("skip")
        assert leaving in review
        assert why not in review
        assert 'value="send"' in review
        await amal.press("send")
    [sheet] = await sent_sheets(console.database, console.keys, round)
    assert sheet == {"leaving": 2}
