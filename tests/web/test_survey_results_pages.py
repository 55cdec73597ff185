"""The results of a survey in the console: drawn, in a workbook, on one page, shared; and who said what."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page
from sqlalchemy import select

from broadcasts.drafts import text_problems
from broadcasts.markup import to_plain
from carers.pages import Purpose
from carers.topics import Topic
from storage.actions import ActionState, ServiceAction
from storage.broadcasts import Broadcast
from storage.engine import Database
from storage.households import Carer, Language
from storage.staff import AuditEntry
from storage.surveys import Round
from surveys.catalogue import standard_definitions
from surveys.reading import with_blocks
from surveys.sharing import share
from surveys.views import Results, results
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, sign_in, visitor
from tests.surveys.closed_rounds import closed_round, health_sheets
from tests.web.conftest import Busy
from tests.web.own_links import link
from web.staff.survey_charts import Answer, Chart, axis_of, chart_of
from web.staff.survey_findings import outcome_share, overview_of

pytestmark = pytest.mark.one_database

SHORT = "health-check-short"
WHAT = "=1+1 and more breaks"
LAST_YEAR = NOON - timedelta(days=365)


async def a_round(database: Database, people: int = 60) -> int:
    """A health check of this year, with one of the year before to compare it with, and six comments."""
    comments = [("help", f"{WHAT} {number}") for number in range(6)]
    tables = {"household": {name: _segment(30) for name in ("mainstream", "others")}}
    async with database.write() as session:
        await closed_round(session, SHORT, health_sheets(people), closed_at=LAST_YEAR)
        sheets = health_sheets(people, better=4)
        return await closed_round(session, SHORT, sheets, comments=comments, segment_tables=tables, asked=100)


def _segment(people: int) -> dict[str, object]:
    return {"people": people, "favourable": {"support": None, "valued": 21}}


async def found(database: Database, round_id: int) -> Results:
    async with database.read() as session:
        shown = await results(session, round_id)
    assert isinstance(shown, Results)
    return shown


async def deeds(database: Database) -> list[str]:
    async with database.read() as session:
        query = select(AuditEntry.action).where(AuditEntry.action.startswith("round."))
        return list((await session.scalars(query.order_by(AuditEntry.id))).all())


async def test_each_question_is_drawn_with_its_numbers_and_what_has_changed(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await a_round(database)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{number}")
    assert "Response rate: 60 %" in html
    assert "42 of 60; 95 % interval 57 to 80 %" in html  # valued by the service
    assert html.count('role="img"') >= 6
    assert "40 points up" in html
    assert "no clear change" in html
    assert "21 of 30" in html
    assert "held back" in html
    assert f"/actions/new?round={number}&amp;question=matching" in html
    assert "that does not make one the cause" in html.lower()
    assert "=1+1 and more breaks 3" in html


async def test_results_begin_with_all_shares_the_lowest_first_and_how_many_think_of_leaving(
    database: Database,
) -> None:
    shown = await found(database, await a_round(database))
    rows = overview_of(shown).work
    assert [row.share.value for row in rows] == sorted(row.share.value for row in rows)
    assert {row.text for row in rows} == {
        item.question.text["en"] for item in shown.items if item.favourable is not None
    }
    assert [shown.items[row.place - 1].question.text["en"] for row in rows] == [row.text for row in rows]
    assert next(row.answers for row in rows if row.text.startswith("How likely")) == "9 or 10"
    assert re.fullmatch(r"\d+ of 60 carers \(\d+ %\)", outcome_share(shown))


def test_answers_that_are_held_back_are_named_together() -> None:
    answers = [Answer(str(value), None if value < 4 else 9) for value in range(6)]
    chart = Chart([*answers, Answer("No answer", None)], (), None, "")
    assert chart.held == "0 to 3, No answer"
    assert [one.label for one in chart.shown] == ["4", "5"]


async def test_a_bar_lies_about_one_line_and_is_as_wide_as_the_people_in_it(database: Database) -> None:
    shown = await found(database, await a_round(database))
    axis = axis_of(shown.items)
    item = next(one for one in shown.items if one.question.id == "matching")
    chart = chart_of(item, axis)
    assert item.favourable is not None
    left = [piece for piece in chart.pieces if piece.left < axis.centre - 1e-9]
    right = [piece for piece in chart.pieces if piece not in left]
    assert sum(piece.width for piece in right) == pytest.approx(axis.wide(item.favourable.value))
    assert min(piece.left for piece in right) == pytest.approx(axis.centre)
    assert max(piece.left + piece.width for piece in left) == pytest.approx(axis.centre)
    assert all(piece.left >= 0 and piece.left + piece.width <= 100 + 1e-9 for piece in chart.pieces)


async def test_what_is_held_back_is_one_rest_that_shows_no_number_of_its_own(database: Database) -> None:
    sheets = [{"valued": 5 if one < 30 else 1 if one < 50 else 2 if one < 53 else 3} for one in range(60)]
    async with database.write() as session:
        number = await closed_round(session, SHORT, sheets)
    shown = await found(database, number)
    item = next(one for one in shown.items if one.question.id == "valued")
    assert any(bar.count is None for bar in item.bars)
    chart = chart_of(item, axis_of(shown.items))
    held = [piece for piece in chart.pieces if piece.look == "held"]
    assert len(held) == 1
    assert held[0].words == ""
    assert "held back" in chart.told


@pytest.mark.parametrize("people", [0, 4])
async def test_too_few_are_told_that_their_answers_went_unread(
    console: Console, database: Database, cast: Cast, people: int
) -> None:
    async with database.write() as session:
        number = await closed_round(session, "pulse", [{"weeks": 4}] * people)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/surveys/{number}")
        assert "The answers were deleted unread." in html
        assert "<table" not in html
        for page in ("summary", "results.xlsx", "answers", "answers.xlsx"):
            await dee.get(f"/surveys/{number}/{page}")
            assert dee.status == 404, page


async def test_the_workbook_holds_what_the_page_holds_and_no_formula(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await a_round(database)
    async with visitor(console, cast.dee) as dee:
        sheets = await workbook(dee, f"/surveys/{number}/results.xlsx")
    assert list(sheets) == ["Read me", "Answers", "Segments", "What goes with it", "Change", "Comments"]
    shown = await found(database, number)
    counts = {bar.count for item in shown.items for bar in item.bars} | {
        item.no_answer for item in shown.items
    }
    told = {row[2] for row in sheets["Answers"][1:]}
    assert counts - {None} <= told
    assert "held back" in told
    assert {row[1] for row in sheets["Segments"][1:]} == {"Mainstream", "Others"}
    assert [row[1][:6] for row in sheets["Comments"][1:]] == ["'=1+1 "] * 6
    assert len(sheets["What goes with it"]) - 1 == len(shown.drivers) > 0
    assert await deeds(database) == ["round.export"]


async def workbook(visitor: Visitor, path: str) -> dict[str, list[list[Any]]]:
    """The cells of a file that is taken away, by sheet; none of them is a formula."""
    async with visitor.client.get(visitor.console.address + path) as answer:
        content = await answer.read()
    book = load_workbook(BytesIO(content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


async def test_a_summary_is_shared_found_by_carers_and_taken_back(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await a_round(database)
    page = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    async with visitor(console, cast.dee) as dee, visitor(console) as amal:
        assert "Carers do not see this yet" in await dee.get(f"/surveys/{number}/summary")
        assert "No results have been shared yet." in await amal.get(f"{page}/told")
        await amal.get(f"{page}/told/{number}")
        assert amal.status == 404
        html = await dee.get(f"/surveys/{number}/share")
        assert "90% gave a good answer" in html
        assert "Carers can see it now" in await dee.post(f"/surveys/{number}/share")
        assert "Carer Health Check" in await amal.get(f"{page}/told")
        html = await amal.get(f"{page}/told/{number}")
        assert "40 points more than last time." in html
        assert "giving up" not in html  # what goes with leaving, and how many think of it, are for staff
        assert "more breaks" not in html
        await dee.get(f"/surveys/{number}/unshare")
        assert "Carers do not see it any more." in await dee.post(f"/surveys/{number}/unshare")
        await amal.get(f"{page}/told/{number}")
        assert amal.status == 404
    assert await deeds(database) == ["round.share", "round.unshare"]


async def test_writing_to_carers_makes_a_draft_in_every_language_once_it_is_shared(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await a_round(database)
    async with database.write() as session:
        action = ServiceAction(
            said="More *breaks*", did="We found <two> homes.", translations={}, state=ActionState.DONE,
            round_id=number, created_at=NOON, changed_at=NOON, published_at=NOON,
        )  # fmt: skip
        session.add(action)
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/surveys/{number}/summary")
        assert "Share it with carers first" in await priya.post(f"/surveys/{number}/tell")
        await priya.get(f"/surveys/{number}/share")
        await priya.post(f"/surveys/{number}/share")
        assert "Nobody gets it until you send it." in await priya.post(f"/surveys/{number}/tell")
    async with database.read() as session:
        draft = (await session.scalars(select(Broadcast))).one()
    assert (set(draft.texts), draft.audience, draft.topic) == ({"en", "ur", "pa", "ar"}, "all", Topic.SURVEYS)
    assert text_problems(draft.texts, has_attachment=False) == {}
    said = to_plain(draft.texts["en"])
    assert said.startswith("What you told us: Foster Carer Health Check")
    assert "We found <two> homes." in said
    assert not re.search("[\u200e\u200f\u2066-\u2069]|&lt;|<b>", draft.texts["ur"])


async def test_named_answers_are_read_by_those_who_may_and_each_reading_is_noted(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    page = f"/surveys/{busy.closed}/answers"
    async with visitor(console, cast.dee) as dee, visitor(console, cast.ash) as ash:
        html = await dee.get(page)
        assert "Amal Reed" in html
        assert f'href="/carers/{cast.amal.id}"' in html
        await ash.get(page)
        assert ash.status == 403
        rows = (await workbook(dee, f"{page}.xlsx"))["Answers"]
    assert rows[1][:2] == ["Lin Marsh", "H3"]
    assert (await deeds(database))[-2:] == ["round.read_answers", "round.export_answers"]


async def test_who_came_to_an_event_is_chosen_anew_for_a_message(
    console: Console, database: Database, cast: Cast
) -> None:
    number = await a_round(database)
    async with database.write() as session:
        (await session.get_one(Round, number)).audience = "event:5"
        await share(session, number, cast.priya, NOON)
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/surveys/{number}/summary")
        assert "Change the message" in await priya.post(f"/surveys/{number}/tell")


@pytest.mark.browser
async def test_the_fullest_summary_prints_on_one_sheet_of_a4(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, _ = shown
    definition = with_blocks(standard_definitions()["health-check"], {"wellbeing"})
    sheets = []
    for one in range(100):
        sheet = {
            question.id: 5 if place % 2 or one % 3 else 1
            for place, question in enumerate(definition.questions)
            if question.type == "scale"
        }
        sheets.append(
            sheet | {question.id: 8 for question in definition.questions if question.type == "0-10"}
        )
    async with console.database.write() as session:
        number = await closed_round(session, "health-check", sheets)
        (await session.get_one(Round, number)).definition = dict(definition.source)
        for _ in range(5):
            session.add(
                ServiceAction(
                    said="What carers said about it. " * 14, did="What is being done about it now. " * 12,
                    state=ActionState.DONE, round_id=number, created_at=NOON, changed_at=NOON,
                    published_at=NOON,
                )
            )  # fmt: skip
        await share(session, number, cast.priya, NOON)
    await sign_in(page, console, cast.priya)
    await page.goto(f"{console.address}/surveys/{number}/summary")
    printed = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


async def test_carers_read_it_in_their_language(console: Console, database: Database, cast: Cast) -> None:
    number = await a_round(database)
    async with database.write() as session:
        await share(session, number, cast.priya, NOON)
        (await session.get_one(Carer, cast.amal.id)).language = Language.URDU
    page = link(console, cast.amal, Purpose.HOME).removeprefix(console.address)
    async with visitor(console) as amal:
        html = await amal.get(f"{page}/told/{number}")
    assert 'dir="rtl"' in html
    assert standard_definitions()[SHORT].questions[0].text["ur"] in html
