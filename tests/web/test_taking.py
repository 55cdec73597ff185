"""Taking tables away: every list of the console as CSV and as XLSX, found by its own table of routes."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.works import Works
from carers.audit_words import deed_in_words
from carers.spreadsheet_writing import BYTE_ORDER_MARK, CsvSheet, XlsxSheet
from tests.support.console import Visitor, parts
from tests.web.files import rows_of
from tests.web.machine import Machine, add, do, filled, machine, put, twins
from tests.web.test_own_households import OTHERS
from tests.web.test_roles import ids_of
from web import staff
from web.staff import routes, taking
from web.staff.views import Look, Route
from web.staff.work_kinds import KINDS

pytestmark = pytest.mark.one_database

TABLE = re.compile(r'<table class="govuk-table hl-table[^>]*>.*?</table>', re.DOTALL)
FILE = re.compile(r'href="([^"?]+\.(?:csv|xlsx))[?"]')
TEMPLATES = Path(staff.__file__).parents[1] / "templates" / "staff"

WITHOUT = {
    "home.html": "a glance; each of its lists is whole on a page of its own",
    "own_account.html": "one's own browsers",
    "works.html": "what one has asked for lately, each with its own result",
    "register.html": "the columns of the file that is brought; beside it lies an empty one",
    "register_notes.html": "what is wrong in a file, before it is taken in",
    "register_preview.html": "what a file would change, before it does",
    "series_dates.html": "the dates of a series before it is made, to be ticked",
    "terms_outside.html": "shown once, to be decided on at once",
    "report_macros.html": "the whole report is beside it as a workbook",
    "survey_results.html": "all results are beside it as a workbook",
}
"""Pages whose table is no list to take away, each with its reason."""

EMPTY = {
    "/deliveries/set-aside.csv",
    "/events/{event}/waiting.csv",
    "/events/{event}/ballot.csv",
    "/broadcasts/{broadcast}/report.csv",
}
"""Files of lists on which nothing stands here; those of the last two have tests of their own."""

NOT_AS_SHOWN = {"/letters", "/reach", "/events/{event}/attendance/door"}
"""Files whose rows are not those of the page's table: it puts several into one, or has lines to write on."""

LONG = (
    "/carers",
    "/households",
    "/constellations",
    "/groups/{group}/carers",
    "/audiences/{audience}/carers",
    "/events",
    "/events/past",
    "/events/{event}/parties",
    "/broadcasts",
    "/messages",
    "/nominations",
    "/not-reached",
    "/register/export/carers",
    "/register/export/households",
)
"""Files of lists that are read as they are written."""

BATCHES = (
    "web.staff.taking.AT_A_GLANCE",
    "web.staff.taking.AT_ONCE",
    "web.staff.event_tables.AT_ONCE",
    "web.staff.not_reached.AT_ONCE",
    "web.staff.people_tables.CONSTELLATIONS_AT_ONCE",
    "carers.register_export.AT_ONCE",
)

TITLES = (
    ("events", "title"),
    ("event_templates", "name"),
    ("groups", "name"),
    ("audiences", "name"),
    ("strangers", "name"),
    ("terms", "name"),
    ("nominations", "words"),
    ("service_actions", "said"),
    ("rounds", "title"),
)
"""What people name or word, by table and column."""

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)")


@pytest.fixture
async def there(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Machine]:
    """Something is on every list."""
    async with machine(sqlite_url, tmp_path) as made:
        do(
            made,
            add("strangers", chat_id=9, name="Nobody", first_seen_at=NOON, last_seen_at=NOON),
            add("check_ins", id=90, household_id=1, how="phone", made_on="2025-05-01", noted_at=NOON),
            add("terms", name="Summer", starts_on="2025-04-20", ends_on="2025-07-20"),
            put("carers", "id = 2", erasure_asked_at=NOON),
            put("carers", "id = 3", unreachable_since=NOON, unreachable_reason="blocked"),
            put("households", "id = 1", constellation="Oak", constellation_role="hub"),
            put("events", LAST, starts_at="2025-05-05 10:00:00", ends_at="2025-05-05 12:00:00"),
            put("carers", "id = 4", channel="letter"),
            put("deliveries", "id = 4", state="queued", channel="letter"),
        )
        yield made


NOON = "2025-05-06 11:00:00"
LAST = "id = (SELECT max(id) FROM events)"


def files() -> list[Route]:
    """The files of the console that are made in two formats, each by its first."""
    first = {f"{path.removesuffix('xlsx')}csv": path for path in twins()}
    by_path = {route.path: route for route in routes()}
    assert all(by_path[one].action is by_path[two].action for one, two in first.items())
    return [route for route in routes() if route.path in first]


async def fetched(visitor: Visitor, path: str) -> bytes:
    async with visitor.client.get(f"{visitor.console.address}{path}") as answer:
        assert answer.status == 200, path
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer.headers["Content-Disposition"])
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return await answer.read()


def sheet_of(content: bytes) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content))
    assert book.active is not None
    return list(book.active.values)


def test_every_page_with_a_table_offers_it_as_a_file() -> None:
    pages = {file.name: file.read_text(encoding="utf-8") for file in TEMPLATES.glob("*.html")}
    offers = {name for name, page in pages.items() if "hl.take_away(" in page or name in WITHOUT}
    within = {part for name in offers for part in re.findall(r'include "staff/([\w.]+)"', pages[name])}
    tables = {name for name, page in pages.items() if "govuk-table hl-table" in page}
    assert tables - offers - within == set()
    assert set(WITHOUT) & {name for name in tables if "hl.take_away(" in pages[name]} == set()


async def test_every_file_opens_in_both_formats_with_the_rows_of_its_list(there: Machine) -> None:
    ids, empty = ids_of(there.busy, there.cast), []
    for route in files():
        visitor, path = there.visitors[there.who(route.action)], filled(route.path, ids)
        before = there.log()[-1][0]
        text = (await fetched(visitor, path)).decode()
        sheet = sheet_of(await fetched(visitor, path[:-3] + "xlsx"))
        rows = rows_of(text)
        assert list(rows[0] if rows else _header(text)) == list(sheet[0]), route.path
        empty += [] if rows else [route.path]
        itself = route.path == "/audit.csv" or route.path.endswith("}/timeline.csv")  # tells of the first
        assert len(rows) == len(sheet) - 1 - itself, route.path
        noted = [entry for entry in there.log(before) if '"file"' in entry[3]]
        assert [re.search(r'"file": ?"(\w+)"', entry[3])[1] for entry in noted] == ["csv", "xlsx"], route.path  # type: ignore[index]
        assert all(deed_in_words(entry[1]).startswith("Took away") for entry in noted), route.path
        assert f'"rows": {len(rows)}' in noted[0][3], route.path
        html = await visitor.get(path[:-4])
        tables = TABLE.findall(html) if visitor.status == 200 else []
        if len(tables) == 1 and 'aria-label="Pages' not in html and route.path[:-4] not in NOT_AS_SHOWN:
            assert len(rows) == tables[0].count("<tr") - 1, route.path
        if visitor.status == 200 and visitor.kind == "text/html" and rows:
            assert {f"{path[:-4]}.csv", f"{path[:-4]}.xlsx"} <= set(FILE.findall(html)), route.path
    assert set(empty) <= EMPTY, empty


def _header(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))


async def test_a_social_worker_takes_away_their_own_households_alone(there: Machine) -> None:
    do(there, put("carers", "id > 2", email="other@marker.example", phone="07700 900999"))
    tom, ids, tried = there.visitors["tom"], ids_of(there.busy, there.cast), 0
    for route in files():
        path = filled(route.path, ids)
        await tom.get(path)
        if tom.status == 403:
            continue
        tried += 1
        cells = [str(cell) for row in sheet_of(await fetched(tom, path[:-3] + "xlsx")) for cell in row]
        told = [cell for cell in cells if any(other in cell for other in OTHERS) or cell in ("H2", "H3")]
        assert not told, (route.path, told)
    assert tried > 15
    for path in ("/households/2/timeline.csv", "/households/2/carers.xlsx", "/households/3/panels.csv"):
        await tom.get(path)
        assert tom.status == 404, path


async def test_no_file_holds_a_formula(there: Machine) -> None:
    for number, sign in enumerate(FORMULAS, start=1):
        do(
            there,
            put("carers", f"id = {number}", first_name=sign, ref=f"{sign}{number}"),
            put("households", f"id = {number}", ref=f"{sign}{number}", area=sign, constellation=sign),
            put("staff", f"id = {number}", name=sign),
        )
    for table, column in TITLES:
        do(there, f"UPDATE {table} SET {column} = char(9) || '=1+1' || rowid")
    ids, seen = ids_of(there.busy, there.cast), 0
    for route in files():
        path = filled(route.path, ids)
        for row in csv.reader(io.StringIO(await there.visitors[there.who(route.action)].get(path))):
            wrong = [cell for cell in row if re.match(r"\s*[=+@\t]|\s*-(?!\d+$)", cell)]
            assert not wrong, (route.path, wrong)
            seen += sum(cell.startswith("'") for cell in row)
    assert seen > 40


async def test_a_file_has_what_was_searched_for_on_every_page_and_no_word_of_it_is_noted(
    there: Machine,
) -> None:
    priya, before = there.visitors["priya"], there.log()[-1][0]
    rows = rows_of(await priya.get("/carers.csv?q=reed&page=7&contact="))
    assert {row["Household"] for row in rows} == {"H1"}
    assert len(rows) == 2
    [(_, action, subject, detail)] = there.log(before)
    assert (action, subject) == ("data.export", "carers")
    assert '"filters": ["q"]' in detail
    assert "reed" not in detail.lower()


async def test_a_list_longer_than_a_batch_is_whole_and_in_order_and_as_long_as_was_said_before(
    there: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(there, put("households", "id > 1", constellation="Elm"))
    write, said = taking.write, dict[tuple[str, str], tuple[int, int]]()

    async def watched(file: IO[bytes], sheet: taking.Sheet, ending: str, look: Look) -> int:
        rows = await write(file, sheet, ending, look)
        if isinstance(sheet.rows, AsyncIterator):
            said[sheet.name, sheet.about] = (sheet.number, rows)
        return rows

    monkeypatch.setattr(taking, "write", watched)
    ids, priya = ids_of(there.busy, there.cast), there.visitors["priya"]
    paths = [f"{filled(path, ids)}.csv" for path in LONG]
    whole = [await priya.get(path) for path in paths]
    for batch in BATCHES:
        monkeypatch.setattr(batch, 1)
    assert [await priya.get(path) for path in paths] == whole
    assert len(said) == len(LONG)
    assert all(number == rows for number, rows in said.values()), said
    assert sum(rows > 2 for _, rows in said.values()) > 4


LONDON = ZoneInfo("Europe/London")


def test_dates_times_and_numbers_are_real_ones_in_excel_and_local_in_both() -> None:
    summer = datetime(2025, 5, 24, 9, 0, tzinfo=UTC)
    twice = datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    row = (summer, twice, date(2025, 5, 24), date(1899, 1, 1), 7, 0.5, True, None, "007", "a\x07b")
    out = io.BytesIO()
    sheet = XlsxSheet(out, [str(number) for number in range(len(row))], LONDON)
    sheet.add([row])
    sheet.close()
    assert sheet_of(out.getvalue())[1] == (
        datetime(2025, 5, 24, 10, 0),
        "2025-10-26 01:30+00:00",
        datetime(2025, 5, 24),
        "1899-01-01",
        7,
        0.5,
        "yes",
        None,
        "007",
        "ab",
    )
    text = io.BytesIO()
    CsvSheet(text, ["a"], LONDON, marked=True).add([row])
    assert (
        text.getvalue()
        .decode()
        .splitlines()[1]
        .startswith("2025-05-24 10:00,2025-10-26 01:30+00:00,2025-05-24,1899-01-01,7,0.5,yes,,007,")
    )


async def test_a_list_too_long_to_wait_for_is_written_as_work_that_one_can_leave(
    there: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    priya, before = there.visitors["priya"], there.log()[-1][0]
    short = await priya.get("/carers.csv?q=reed")
    monkeypatch.setattr(taking, "AT_A_GLANCE", 1)
    monkeypatch.setattr(taking, "MOST_TO_WAIT_FOR", 1)
    monkeypatch.setattr(taking, "write", None)  # and not begun before
    asked = set()
    for _ in range(2):  # pressed again, it is the same work
        assert "You can leave this page" in await priya.get("/carers.csv?q=reed")
        asked.add(priya.path)
    [work] = asked
    assert there.console.woken
    while await Works(parts(there.console), KINDS).do_next():
        pass
    html = await priya.get(work)
    assert "Carers as CSV" in html
    assert "It has 2 rows" in html
    assert await priya.get(f"{work}/file") == short
    assert priya.kind == "text/csv"
    taken = [entry for entry in there.log(before) if entry[1] == "data.export"]
    assert [entry[2:] for entry in taken] == [taken[0][2:]] * 2
    [(params,)] = there.rows("SELECT params FROM works WHERE kind = 'table'")
    assert "reed" not in params, "whom somebody looked for is kept no longer than it takes"
