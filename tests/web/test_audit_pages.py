"""The audit log in the console: searched in plain words, wrong dates put right, taken away as a file."""

from datetime import timedelta

import pytest

from carers.audit import record
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.files import rows_of

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
async def deeds(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        await record(session, NOON, cast.priya, "event.cancel", "event:coffee-05", told=2)
        await record(session, NOON + timedelta(days=1), cast.dee, "carer.unlink", f"carer:{cast.amal.ref}")
        await record(session, NOON + timedelta(days=2), None, "data.export", "=carers", rows=4)


async def test_an_entry_reads_as_a_sentence_and_leads_to_the_carer(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/audit")
        assert "Ended a carer&#39;s connection to the bot" in html
        assert f'<a class="govuk-link" href="/carers/{cast.amal.id}">Amal Reed</a>' in html
        assert "told: 2" in html
        assert "command line" in html


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("who=dee", "Ended a carer", "<td>Cancelled"),
        ("did=cancelled+event", "told: 2", "Amal Reed</a>"),
        ("whom=amal", "Amal Reed</a>", "told: 2"),
        ("since-day=8&since-month=5&since-year=2025", "rows: 4", "Amal Reed</a>"),
        ("until-day=6&until-month=5&until-year=2025", "told: 2", "Amal Reed</a>"),
        ("did=flew+away", "No entry matches", "told: 2"),
    ],
)
async def test_it_is_searched_by_who_what_whom_and_when(
    console: Console, cast: Cast, query: str, seen: str, unseen: str
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/audit?{query}")
        assert seen in html
        assert unseen not in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since-day=31&since-month=2&since-year=2025", "The first day must be a real date"),
        ("until-day=5", "The last day must include a month"),
        (
            "since-day=8&since-month=5&since-year=2025&until-day=7&until-month=5&until-year=2025",
            "The last day must not be before the first day",
        ),
        (f"whom={'x' * 300}", "Use 200 characters or fewer"),
    ],
)
async def test_a_wrong_search_says_what_would_be_right_and_keeps_what_was_typed(
    console: Console, cast: Cast, query: str, said: str
) -> None:
    async with visitor(console, cast.dee) as dee:
        html = await dee.get(f"/audit?who=dee&{query}")
        assert said in html
        assert 'value="dee"' in html
        await dee.get(f"/audit.csv?who=dee&{query}")
        assert dee.path.startswith("/audit?")


async def test_the_file_holds_what_was_searched_for_and_no_name_of_a_carer(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.dee) as dee:
        rows = rows_of(await dee.get("/audit.csv?whom=amal"))
        assert [(row["Who"], row["Code"], row["To whom or what"]) for row in rows] == [
            ("Dee Hall", "carer.unlink", "carer:C1")
        ]
        everything = await dee.get("/audit.csv")
        assert "Amal" not in everything
        assert ",'=carers," in everything  # no spreadsheet takes it for a formula
        rows = rows_of(everything)
        assert rows[0]["Code"] == "audit.export"
        assert rows[0]["Detail"] == "rows: 1; file: csv; filters: whom"
        assert f"rows: {len(rows)}" in await dee.get("/audit?did=audit+export")


async def test_who_looked_a_carer_up_leads_to_what_staff_did(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.dee) as dee, visitor(console, cast.priya) as priya:
        for page, link in (("/carers/1", "/audit?whom=C1"), ("/households/1", "/audit?whom=H1")):
            assert link in await dee.get(page)
            assert link not in await priya.get(page)
        assert "Ended a carer" in await dee.get("/audit?whom=H1")


async def test_pages_of_the_log_keep_the_search(console: Console, cast: Cast) -> None:
    async with console.database.write() as session:
        for _ in range(60):
            await record(session, NOON, cast.priya, "letters.print", "", letters=1)
    async with visitor(console, cast.dee) as dee:
        html = await dee.get("/audit?did=printed+letters")
        assert "60 entries" in html
        assert "did=printed+letters&amp;page=2" in html.replace("&amp;amp;", "&amp;")
        assert "Page 2 of 2" in await dee.get("/audit?did=printed+letters&page=9")


async def test_who_may_not_read_it_gets_neither_page_nor_file(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        for path in ("/audit", "/audit.csv"):
            await priya.get(path)
            assert priya.status == 403
