"""The register in the console: a file is looked at, then taken in or put away; one is taken away."""

import asyncio
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from openpyxl import load_workbook
from sqlalchemy import func, select

from carers.register_drafts import count_register_drafts, forget_register_drafts
from storage.engine import Database
from storage.households import Household
from storage.register_drafts import RegisterDraft
from storage.staff import AuditEntry
from tests.data_files.files import csv_of, xlsx_of
from tests.support.cast import NOON, Cast
from tests.support.console import Console, Visitor, visitor
from web.staff.register import LARGEST

pytestmark = pytest.mark.one_database
REGISTER = "/register"
ROW = {"household_ref": "H2", "household_type": "mainstream", "approved_on": "2019-06-01", "carer_ref": "C3"}
COLUMNS = [*ROW, "area"]
SOUTH = csv_of([ROW | {"area": "South"}], COLUMNS)


async def bring(person: Visitor, content: bytes | None, name: str = "register.csv") -> str:
    """Send a file with the form of the page."""
    await person.get(REGISTER)
    data = FormData()
    for field, value in person.hidden(REGISTER).items():
        data.add_field(field, value)
    data.add_field("file", content or b"", filename=name if content is not None else "")
    url = person.console.address + REGISTER
    async with person.client.post(url, data=data, headers={"Accept": "text/html"}) as answer:
        return await person._read(answer)


def waits_at(html: str) -> str:
    """The address of the file that a page offers to take in or to put away."""
    found = re.search(r'action="(/register/\d+)/away"', html)
    assert found is not None
    return found[1]


async def area_of(database: Database, cast: Cast) -> str | None:
    async with database.read() as session:
        return (await session.get_one(Household, cast.okafors.id)).area


async def count(database: Database, table: Any) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count()).select_from(table))).one()


async def test_a_file_is_shown_before_it_is_taken_in(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, SOUTH)
        page = waits_at(html)
        assert "What register.csv would change" in html
        assert "Households: 0 new, 1 changed, 0 unchanged" in html
        assert "North" in html
        assert "South" in html
        assert await area_of(database, cast) == "North"
        assert "register.csv" in await priya.get(REGISTER)
        assert "Priya Lane brought this file" in await priya.get(page)
        assert "What register.csv would change" in await priya.post(page)
        assert priya.status == 200
        assert await area_of(database, cast) == "North"
        html = await priya.post(f"{page}/take")
        assert "The register is taken in. Households: 0 new, 1 changed, 0 unchanged." in html
        assert await area_of(database, cast) == "South"
        assert await count(database, RegisterDraft) == 0
        await priya.get(page)
        assert priya.status == 404
        async with database.read() as session:
            done = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
        assert [one for one in done if one.startswith("register.")] == ["register.upload", "register.import"]


async def test_looking_at_a_file_that_waits_asks_for_no_turn_to_write(
    console: Console, cast: Cast, database: Database
) -> None:
    """A browser that fetches ahead would stop everybody else for as long as a register takes."""
    async with visitor(console, cast.priya) as priya:
        page = waits_at(await bring(priya, SOUTH))
        async with database.write() as session, asyncio.timeout(5):
            await session.connection()
            assert "Nothing of it has been taken in" in await priya.get(page)
            assert "register.csv" in await priya.get(REGISTER)


async def test_what_is_wrong_is_listed_with_row_and_column_and_nothing_is_kept(
    console: Console, cast: Cast, database: Database
) -> None:
    wrong = csv_of([ROW | {"approved_on": "01/06/2019", "household_type": "tent"}], COLUMNS)
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, wrong)
        assert priya.status == 422
        assert '<a href="#errors">The file has 2 errors</a>' in html
        assert "must be one of mainstream" in html
        assert "&#39;01/06/2019&#39; must be 2019-06-01" in html
    assert await count(database, RegisterDraft) == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("", None, "Choose the file of the register"),
        ("register.pdf", b"%PDF", "neither .csv nor .xlsx"),
        ("register.csv", b" \n", "is empty"),
        ("register.xlsx", b"PK\x03\x04 nonsense", "is not a readable Excel file"),
        ("register.csv", b"x" * (LARGEST + 1), "larger than 20 MB"),
    ],
)
async def test_what_is_no_register_is_refused_in_words(
    console: Console, cast: Cast, name: str, content: bytes | None, said: str
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, content, name)
        assert priya.status == 422
        assert said in html


async def test_what_changed_since_it_was_shown_is_shown_anew_and_not_taken_in(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console, cast.priya) as priya:
        page = waits_at(await bring(priya, SOUTH))
        await priya.get(page)
        await priya.post(page)
        async with database.write() as session:
            (await session.get_one(Household, cast.okafors.id)).area = "East"
        html = await priya.post(f"{page}/take")
        assert priya.status == 422
        assert "The register changed since you looked. Nothing was taken in." in html
        assert await area_of(database, cast) == "East"
        await priya.post(f"{page}/take")
        assert await area_of(database, cast) == "South"


async def test_a_file_is_put_away_and_one_that_says_nothing_new_cannot_be_taken_in(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, csv_of([ROW | {"area": "North"}], COLUMNS))
        assert "There is nothing to take in." in html
        assert "Take it in" not in html
        page = waits_at(html)
        await priya.get(page)
        assert "The file is deleted." in await priya.post(f"{page}/away")
        assert await count(database, RegisterDraft) == 0
        await priya.post("/register/1/take", {"shown": "x"})
        assert "That file is not here any more. Nothing was changed." in priya.html


async def test_a_file_that_waits_for_a_day_is_forgotten(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        for hours in (30, 2):
            draft = RegisterDraft(
                name="r.csv",
                content=b"x",
                uploaded_at=NOON - timedelta(hours=hours),
                uploaded_by_id=cast.priya.id,
            )
            session.add(draft)
        await session.flush()
        assert await count_register_drafts(session, NOON) == 1
        assert await forget_register_drafts(session, NOON) == 1
        assert await count_register_drafts(session, NOON) == 0
    assert await count(database, RegisterDraft) == 1


async def test_an_approval_that_would_end_is_told_apart(console: Console, cast: Cast) -> None:
    content = csv_of(
        [ROW | {"ended_on": "2025-05-01", "end_route": "resignation"}], [*ROW, "ended_on", "end_route"]
    )
    async with visitor(console, cast.dee) as dee:
        html = await bring(dee, content)
        assert "Approvals that have ended" in html
        assert "H2, on 2025-05-01" in html


async def downloaded(person: Visitor, path: str) -> tuple[int, str, bytes]:
    async with person.client.get(person.console.address + path) as answer:
        return answer.status, answer.headers.get("Content-Disposition", ""), await answer.read()


async def test_the_register_is_taken_away_and_brought_back_as_it_is(
    console: Console, cast: Cast, database: Database
) -> None:
    async with visitor(console, cast.priya) as priya:
        status, called, content = await downloaded(priya, "/register/export/carers.xlsx")
        assert (status, called) == (200, f'attachment; filename="carers-{NOON.date()}.xlsx"')
        assert load_workbook(io.BytesIO(content)).worksheets[0].max_row == 5
        html = await bring(priya, content, "carers.xlsx")
        assert "There is nothing to take in." in html
        for path in ("/register/export/households.csv", "/register/empty.csv", "/register/empty.xlsx"):
            assert (await downloaded(priya, path))[0] == 200
        for path in ("/register/export/staff.csv", "/register/export/carers.pdf", "/register/empty.pdf"):
            assert (await downloaded(priya, path))[0] == 404
    async with database.read() as session:
        exports = select(AuditEntry).where(AuditEntry.action == "data.export").order_by(AuditEntry.id)
        noted = [(one.actor, one.subject) for one in await session.scalars(exports)]
    assert noted == [("Priya Lane", "carers"), ("Priya Lane", "households")]


async def test_a_social_worker_neither_brings_nor_takes_away(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.tom) as tom:
        for path in (REGISTER, "/register/export/carers.csv"):
            await tom.get(path)
            assert tom.status == 403
    async with ClientSession() as stranger:
        url = console.address + "/register/export/carers.csv"
        async with stranger.get(url, allow_redirects=False) as answer:
            assert answer.status == 303


async def test_names_in_a_file_are_shown_as_words_and_never_run(console: Console, cast: Cast) -> None:
    rows = [["household_ref", "household_type", "approved_on", "carer_ref", "first_name"]]
    rows.append(["H7", "mainstream", "2020-01-01", "C7", "<script>alert(1)</script>"])
    async with visitor(console, cast.priya) as priya:
        html = await bring(priya, xlsx_of(rows), "<b>.xlsx")
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert "<b>.xlsx" not in html
