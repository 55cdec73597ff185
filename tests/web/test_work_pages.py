"""Long work in the console: asked for, left, found again; nobody sees another's."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.works import Works
from carers import works
from reports import write
from reports.pdf import NoPdf
from reports.report import Report
from storage.engine import Database
from storage.households import Household
from storage.register_drafts import RegisterDraft
from storage.staff import AuditEntry
from tests.support.cast import Cast
from tests.support.console import Console, Visitor, parts, visitor
from tests.web.test_live import Stream
from tests.web.test_register_pages import SOUTH, area_of, bring
from tests.web.test_report_pages import fetch
from web.parts import Progress
from web.staff.work_kinds import KINDS

pytestmark = pytest.mark.one_database
WRONG = SOUTH.replace(b"mainstream", b"palace")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and every register counts as large."""
    monkeypatch.setattr("web.staff.register.AT_ONCE", 10)
    monkeypatch.setattr("reports.kept.LARGE", 0)


async def work(console: Console) -> None:
    """Do all that was asked for."""
    hands = Works(parts(console), KINDS)
    while await hands.do_next():
        pass


async def looked_at(priya: Visitor, file: bytes = SOUTH) -> str:
    """Bring a file and have it looked at; the page of what was found."""
    await bring(priya, file)
    assert priya.status == 200
    page = priya.path
    await work(priya.console)
    await priya.get(page)
    found = re.search(r'id="go-on" href="([^"]+)"', priya.html)
    return found[1] if found else ""


async def test_a_large_file_is_looked_at_and_taken_in_while_one_is_elsewhere(
    console: Console, cast: Cast, database: Database, large: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, SOUTH)
        assert priya.path == "/asked-for/1"
        assert "You can leave this page" in html
        assert "It waits for its turn" in html
        assert "home page" in html
        await work(console)
        found = await looked_at(priya)
        html = await priya.get(found)
        assert "What register.csv would change" in html
        assert "North" in html
        html = await priya.post(re.search(r'"(/register/\d+)/take"', html)[1] + "/take")  # type: ignore[index]
        assert "Take in register.csv" in html
        assert await area_of(database, cast) == "North"
        await work(console)
        html = await priya.get(priya.path.partition("?")[0])
        assert "The register is taken in. Households: 0 new, 1 changed, 0 unchanged." in html
        assert await area_of(database, cast) == "South"
        html = await priya.get("/asked-for")
        assert html.count("Look at register.csv") == 2
        assert html.count("Take in register.csv") == 1


async def test_of_a_large_file_with_errors_nothing_is_kept_but_what_is_wrong_with_it(
    console: Console, cast: Cast, database: Database, large: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        found = await looked_at(priya, WRONG)
        assert "register.csv has 1 error" in priya.html
        html = await priya.get(found)
        assert "palace" in html
        assert "cannot be taken in as it is" in html
        async with database.read() as session:
            assert (await session.scalars(select(func.count()).select_from(RegisterDraft))).one() == 0
        console.now += timedelta(days=1, seconds=1)
    async with visitor(console, cast.priya) as priya:
        await priya.get(found)
        assert priya.status == 404


async def test_what_changed_since_the_look_is_not_taken_in(
    console: Console, cast: Cast, database: Database, large: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(await looked_at(priya))
        async with database.write() as session:
            (await session.get_one(Household, cast.okafors.id)).area = "West"
        await priya.post(re.search(r'"(/register/\d+)/take"', html)[1] + "/take")  # type: ignore[index]
        await work(console)
        html = await priya.get(priya.path)
        assert "The register changed since you looked. Nothing was taken in." in html
        assert await area_of(database, cast) == "West"


async def test_a_document_of_a_large_register_is_made_kept_for_a_day_and_noted(
    console: Console, cast: Cast, database: Database, large: None
) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        assert "have not been counted yet. The register is large" in await priya.get("/reports")
        assert "Headlines of" not in priya.html, "they would take as long"
        file = {"file": "figures.json"}
        await priya.post("/reports/make", file)
        page = priya.path
        assert "Report of 2025/26, internal, figures.json" in priya.html
        assert await priya.post("/reports/make", file | {"once": "another"})
        assert priya.path == page  # it is under way already
        await work(console)
        await priya.get(page)
        body, headers, _ = await fetch(priya, f"{page}/file")
        assert b'"figures"' in body
        assert 'filename="figures-2025-26-internal.json"' in headers["Content-Disposition"]
        for hers in (page, f"{page}/file", f"{page}/live"):
            assert (await fetch(dee, hers))[2] == 404
        assert "Report of" not in await dee.get("/asked-for")
        async with database.read() as session:
            noted = set(await session.scalars(select(AuditEntry.action)))
        assert {"work.ask", "report.read", "work.take_away"} <= noted


async def test_a_pdf_for_which_a_library_is_missing_is_said_to_be_none(
    console: Console, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_report: Report) -> bytes:
        raise NoPdf("cannot load library")

    monkeypatch.setattr(write, "pdf_is_here", lambda: True)
    monkeypatch.setitem(write.MAKERS, "report.pdf", fail)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/reports/report.pdf")
        assert (priya.status, "The Word document says the same" in html) == (404, True)
        monkeypatch.setattr("reports.kept.LARGE", 0)
        await priya.get("/reports")
        await priya.post("/reports/make", {"file": "report.pdf"})
        await work(console)
        assert "The Word document says the same" in await priya.get(priya.path)


async def test_the_page_shows_how_far_it_is_and_by_itself_how_it_ended(
    console: Console, cast: Cast, large: None
) -> None:
    async with visitor(console, cast.priya) as priya:
        await bring(priya, SOUTH)
        console.working[1] = Progress(30, 120, "Comparing with the register")
        html = await priya.get("/asked-for/1")
        assert '<progress class="hl-progress" aria-labelledby="stands" max="100" value="25">' in html
        async with Stream(priya, "/asked-for/1/live") as stream:
            first = await asyncio.wait_for(stream.next(), 10)
            assert first is not None
            assert first["say"] == "Comparing with the register: 20 per cent"
            del console.working[1]
            await work(console)
            last = first
            while "Done" not in last["html"]:
                told = await asyncio.wait_for(stream.next(), 10)
                assert told is not None
                last = told
            assert "Households: 0 new, 1 changed" in last["say"]
        async with console.database.read() as session:
            assert await works.unseen(session, cast.priya) == []


async def test_who_asked_stops_it(console: Console, cast: Cast, large: None) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await bring(priya, SOUTH)
        await dee.get("/asked-for")
        await dee.post("/asked-for/1/stop")
        assert dee.status == 404
        await priya.get("/asked-for/1")
        assert "It is stopped. Nothing was changed." in await priya.post("/asked-for/1/stop")
        await work(console)
        assert "You stopped it" in await priya.get("/asked-for/1")
        assert "It had ended already." in await priya.post("/asked-for/1/stop", {"once": "again"})
