"""The reports in the console: headlines of a year, and its documents to take away."""

import json
import re
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.async_api import Page
from sqlalchemy import select

from reports import write
from storage.engine import Database, Session
from storage.households import Household, HouseholdType
from storage.staff import AuditEntry
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, sign_in, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database


@pytest.fixture
async def left(database: Database, cast: Cast) -> None:
    """Two households left in 2024/25 and one in 2023/24, of the six that there were."""
    async with database.write() as session:
        add_leavers(session)


def add_leavers(session: Session) -> None:
    days = (date(2023, 9, 1), date(2024, 9, 1), date(2025, 3, 31))
    session.add_all(
        Household(ref=f"L{number}", type=HouseholdType.MAINSTREAM, approved_on=date(2020, 5, 1), ended_on=day)
        for number, day in enumerate(days)
    )


async def fetch(one: Visitor, path: str) -> tuple[bytes, dict[str, str], int]:
    async with one.client.get(one.console.address + path) as answer:
        return await answer.read(), dict(answer.headers), answer.status


async def test_a_figure_stands_beside_what_it_is_made_of_and_what_it_means(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = re.sub(r"\s+", " ", await priya.get("/reports?year=2024/25"))
        assert priya.status == 200
        assert "Headlines of 2024/25" in html
        row = html[html.index("Leaving rate") :]
        cells = re.findall(r'data-label="([^"]+)">(.*?)</td>', row)[:3]
        assert cells == [
            ("Value", "<strong>40%</strong>"),
            ("Made of", "2 of 5"),
            ("95% interval", "12% to 77%"),
        ]
        assert "of all households approved at any time in it" in row
        assert ">+1 on 1<" in html  # one more than the year before


async def test_the_latest_year_comes_first_and_the_choice_has_those_with_data(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/reports")
        assert re.findall(r'<option value="(20[^"]+)"', html) == ["2025/26", "2024/25", "2023/24"]
        assert "Headlines of 2025/26 so far" in html
        assert "2025/26 is still running" in html
        for asked in ("year=2010/11", "year=2026/27", "year=x", "version=secret"):
            await dee.get(f"/reports?{asked}")
            assert dee.status == 404, asked
        html = await dee.get("/reports?year=2010/11")
        assert "There is no report of “2010/11”." in html
        assert "The record begins with 2023/24, and the latest year is 2025/26." in html


async def test_the_whole_report_is_on_its_page_and_its_contents_lead_to_every_part(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/reports?year=2024/25")
    contents = re.findall(r'href="#([\w-]+)"', html[html.index('aria-label="Contents"') :])
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(contents) <= set(ids)
    assert {"headlines", "leaving", "retention", "told_us", "method"} <= set(contents)
    assert "2 households left in 2024/25." in html
    assert "In England in 2022/23, 5,125 of 40,130" in html
    assert " style=" not in html, "the page's policy refuses it"


async def test_every_chart_is_named_and_described_and_has_its_numbers_in_a_table(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/reports?year=2024/25")
    for part in html.split('<section class="hl-card hl-section"')[1:]:
        for chart in re.findall(r"<svg role.*?</svg>", part, re.DOTALL):
            names = re.search(r'aria-labelledby="(\S+) (\S+)"', chart)
            assert names
            assert f'<title id="{names[1]}">' in chart
            assert re.search(rf'<desc id="{names[2]}">[^<]+</desc>', chart)
            assert "Table: " in part
    assert "Table: Households that left" in html


async def test_carers_not_seen_are_told_from_households_not_heard_from(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/reports")
    assert '<a class="govuk-link" href="/not-seen">Not seen</a>' in html
    assert "it counts carers, and only who came to events" in html


async def test_a_year_that_still_runs_is_compared_with_the_same_days(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/reports")
    assert "Change on the same days of the year before" in html
    assert "is still running: its figures are those up to 6 May 2025." in html


async def test_the_public_version_holds_small_numbers_back(console: Console, cast: Cast, left: None) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/reports?year=2024/25&version=public")
        assert "not shown" in html
        assert "<strong>40%</strong>" not in html
        body, _, _ = await fetch(priya, "/reports/figures.json?year=2024/25&version=public")
        rates = [one for one in json.loads(body)["figures"] if one["id"] == "deregistration_rate"]
        assert all(one["suppressed"] and one["numerator"] is None for one in rates)


async def test_the_four_documents_are_made_and_can_be_read(
    console: Console, cast: Cast, left: None, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get("/reports?year=2024/25")
        links = re.findall(r'href="(/reports/(?:report|figures)\.[^"]+)"', priya.html)
        assert len(links) == len(write.makers_there_are()) >= 4
        of_all = [link for link in links if ".pdf" not in link]  # that takes seconds, and has its own test
        page, word, book, data = [await fetch(priya, link.replace("&amp;", "&")) for link in of_all]
    assert [one[2] for one in (page, word, book, data)] == [200] * 4
    assert b"Riverside Fostering: fostering in 2024/25" in page[0]
    assert page[1]["Content-Disposition"].startswith("inline")
    assert Document(BytesIO(word[0])).paragraphs[0].text == "Riverside Fostering: fostering in 2024/25"
    assert word[1]["Content-Disposition"] == 'attachment; filename="report-2024-25-internal.docx"'
    assert {"About", "Figures", "Definitions"} <= set(load_workbook(BytesIO(book[0])).sheetnames)
    figures = json.loads(data[0])
    assert (figures["year"], figures["public"]) == ("2024/25", False)
    assert data[1]["Content-Type"] == "application/json; charset=utf-8"


async def test_nothing_runs_in_a_report_and_no_browser_keeps_it(
    console: Console, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        _, headers, _ = await fetch(priya, "/reports/report.html")
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (await fetch(priya, "/reports/secrets.txt"))[2] == 404


async def test_everything_that_is_taken_away_is_in_the_audit_log(
    console: Console, database: Database, cast: Cast, left: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        await fetch(priya, "/reports/report.xlsx?year=2023/24&version=public")
        await fetch(priya, "/reports/report.xlsx?year=1999/00")
        await priya.get("/reports")
    async with database.read() as session:
        entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "report.read")))
    (entry,) = entries
    assert (entry.actor, entry.subject) == ("Priya Lane", "report:2023/24")
    assert entry.detail == {"file": "report.xlsx", "version": "public"}


async def test_a_social_worker_has_no_reports(console: Console, cast: Cast, left: None) -> None:
    async with visitor(console, cast.tom) as tom:
        await tom.get("/")
        assert 'href="/reports"' not in tom.html
        for path in ("/reports", "/reports/figures.json"):
            assert (await fetch(tom, path))[2] == 403


async def test_an_empty_register_is_said_to_be_empty(
    console: Console, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_session: Session) -> None:
        return None

    monkeypatch.setattr("reports.headlines.record_begins", nothing)
    async with visitor(console, cast.priya) as priya:
        assert "the register is empty" in await priya.get("/reports")
        assert (await fetch(priya, "/reports/report.html"))[2] == 404


async def test_a_document_that_cannot_be_made_here_is_not_offered(
    console: Console, cast: Cast, left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "find_spec", lambda _name: None)
    async with visitor(console, cast.priya) as priya:
        assert "report.docx" not in await priya.get("/reports")
        assert (await fetch(priya, "/reports/report.docx"))[2] == 404


@pytest.mark.browser
async def test_a_browser_opens_the_report_and_saves_the_workbook(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, _ = shown
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await sign_in(page, console, cast.priya)
    await page.get_by_role("link", name="Reports").click()
    await page.get_by_text("What these figures mean: Headlines").click()
    await page.get_by_text("of all households approved at any time in it").first.wait_for()
    await page.get_by_label("Version").select_option("Public")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_text("This is the public version").wait_for()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Excel workbook").click()
    assert (await download.value).suggested_filename == "report-2025-26-public.xlsx"
    await page.get_by_role("link", name="Web page").click()
    await page.get_by_role("heading", name="Riverside Fostering: fostering in 2025/26").wait_for()
    assert await page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # its style is applied
    assert errors == []
