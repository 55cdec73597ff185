"""The commands as staff type them, each in a process state of its own: settings, database and files."""

import asyncio
import csv
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import hearthline
from bot.settings import load
from bot.username import UnknownName, known_username
from carers.linking import Linked, redeem
from sandbox.server import Sandbox
from storage.audit_queries import AuditSearch, audit_entries
from storage.engine import Database, open_database
from storage.leases_queries import set_fact
from tests.data_files.files import AMAL, COFFEE, JO, LEFT, PROGRAMME_COLUMNS, SAM, csv_of
from tests.support.cast import NOON

TOKEN = "123456:test-token"


@pytest.fixture
def folder(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in; the settings point at this test's database and at no Telegram."""
    for name, value in {
        "DATABASE_URL": sqlite_url,
        "DATA_DIR": str(tmp_path),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": "http://127.0.0.1:9",
        "SERVICE_NAME": "Riverside <Fostering>",
        "DUTY_PHONE": "01709 000000",
    }.items():
        monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hearthline, [str(argument) for argument in arguments])


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def remember_the_bot(url: str, bot: str = "123456") -> None:
    async def remember() -> None:
        database = open_database(url)
        async with database.write() as session:
            await set_fact(session, "bot_username", {"username": "hearth_bot", "bot": bot}, NOON)
        await database.close()

    asyncio.run(remember())


def test_import_then_export_then_import_changes_nothing(folder: Path) -> None:
    register = written(folder, "register.csv", csv_of([AMAL, JO, SAM, LEFT]))
    result = run("import", register)
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "Households: 3 new, 0 changed, 0 unchanged",
            "Carers: 4 new, 0 changed, 0 unchanged",
            "social worker Tom Birch is made",
            "group Evening is made",
            "group Baby carers is made",
            "Done.",
        ],
    )
    out = folder / "carers.xlsx"
    assert run("export", "carers", "--out", out).stdout == f"4 rows written to {out}.\n"
    assert "Carers: 0 new, 0 changed, 4 unchanged" in run("import", out).stdout


def test_a_dry_run_lists_what_would_change(folder: Path) -> None:
    register = written(folder, "register.csv", csv_of([SAM]))
    result = run("import", register, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Household H2 is new: family_and_friends, approved 2021-01-15",
        "Carer C3 is new: Sam Okafor, household H2",
        "Households: 1 new, 0 changed, 0 unchanged",
        "Carers: 1 new, 0 changed, 0 unchanged",
        "group Evening is made",
        "Nothing was changed: this was a dry run.",
    ]
    assert "Households: 1 new" in run("import", register).stdout


def test_errors_go_to_the_error_stream_with_status_1(folder: Path) -> None:
    content = csv_of([SAM | {"household_type": "tent", "email": "x", "language": "la"}])
    result = run("import", written(folder, "register.csv", content))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Warning: row 2, email: 'x' does not look like an email address",
        "Error: row 2, household_type: 'tent' must be one of mainstream, family_and_friends, short_break, "
        "second_home, parent_and_child, transition, staying_put, supported_lodgings",
        "Error: row 2, language: 'la' must be one of en, ur, pa, ar",
        "Error: 2 errors; nothing was changed.",
    ]


@pytest.mark.parametrize("command", ["import", "programme", "attendance"])
def test_a_file_that_is_not_there_or_no_file_gets_a_plain_sentence(folder: Path, command: str) -> None:
    missing = run(command, folder / "none.csv")
    assert (missing.exit_code, missing.stderr) == (1, f"Error: There is no file {folder / 'none.csv'}.\n")
    no_file = run(command, folder)
    assert (no_file.exit_code, no_file.stderr) == (1, f"Error: {folder} is a folder, not a file.\n")


def test_the_programme_and_attendance_are_taken(folder: Path) -> None:
    run("import", written(folder, "register.csv", csv_of([AMAL, JO])))
    programme = csv_of(
        [COFFEE | {"starts_at": "2024-06-24 13:00", "ends_at": "2024-06-24 15:00"}], PROGRAMME_COLUMNS
    )
    assert "Events: 1 new" in run("programme", written(folder, "p.csv", programme)).stdout
    attendance = b"event_ref,carer_ref,state\ncoffee-06,C1,attended\n"
    assert "Attendance: 1 new" in run("attendance", written(folder, "a.csv", attendance)).stdout
    run("export", "attendance", "--out", folder / "out.csv")
    assert rows_of(folder / "out.csv") == [
        {"event_ref": "coffee-06", "household_ref": "H1", "carer_ref": "C1", "state": "attended"}
    ]


@pytest.mark.parametrize("table", ["households", "carers", "events", "rsvps", "attendance", "deliveries"])
def test_every_table_can_be_written_even_while_it_is_empty(folder: Path, table: str) -> None:
    for ending in ("csv", "xlsx"):
        assert run("export", table, "--out", folder / f"out.{ending}").exit_code == 0
        assert (folder / f"out.{ending}").stat().st_size > 0


def test_an_export_is_for_its_owner_alone_and_in_the_audit_log(folder: Path, sqlite_url: str) -> None:
    run("import", written(folder, "register.csv", csv_of([SAM])))
    out = folder / "carers.csv"
    run("export", "carers", "--out", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir() if file.name.startswith(".carers")] == []

    async def audited() -> list[tuple[str, str, str]]:
        database = open_database(sqlite_url)
        async with database.read() as session:
            entries = await audit_entries(session, AuditSearch(), offset=0, count=10)
        await database.close()
        return [(entry.actor, entry.action, entry.subject) for entry in entries]

    assert asyncio.run(audited()) == [
        ("command line", "data.export", "carers"),
        ("command line", "register.import", ""),
    ]


@pytest.mark.parametrize(
    ("out", "said"),
    [("out.pdf", "must end in .csv or .xlsx"), ("nowhere/out.csv", "There is no folder")],
)
def test_a_place_that_cannot_be_written_is_told_before_any_work(folder: Path, out: str, said: str) -> None:
    result = run("export", "carers", "--out", folder / out)
    assert result.exit_code == 1
    assert said in result.stderr


def test_every_unconnected_carer_gets_a_link_that_works(folder: Path, sqlite_url: str) -> None:
    remember_the_bot(sqlite_url)
    run("import", written(folder, "register.csv", csv_of([AMAL, JO, LEFT])))
    out = folder / "links.csv"
    result = run("invite-links", "--out", out)
    assert (result.exit_code, result.stdout) == (0, f"2 links written to {out}.\n")
    rows = rows_of(out)
    assert list(rows[0]) == ["carer_ref", "household_ref", "first_name", "last_name", "link"]
    assert [row["carer_ref"] for row in rows] == ["C1", "C2"]
    found = re.fullmatch(r"https://t\.me/hearth_bot\?start=([\w-]{22})", rows[0]["link"])
    assert found

    async def connect() -> None:
        database = open_database(sqlite_url)
        async with database.write() as session:
            outcome = await redeem(session, found[1], 101, NOON)
            assert isinstance(outcome, Linked)
            assert outcome.carer is not None
            assert outcome.carer.ref == "C1"
        await database.close()

    asyncio.run(connect())
    run("invite-links", "--out", out)
    assert [row["carer_ref"] for row in rows_of(out)] == ["C2"]


def test_letters_have_a_page_and_a_code_for_each_carer_and_load_nothing(
    folder: Path, sqlite_url: str
) -> None:
    remember_the_bot(sqlite_url)
    content = csv_of([AMAL | {"first_name": "Amal <b>"}, JO])
    run("import", written(folder, "register.csv", content))
    letters = folder / "letters.html"
    assert run("invite-links", "--out", folder / "links.csv", "--letters", letters).exit_code == 0
    page = letters.read_text(encoding="utf-8")
    assert page.count("<article>") == page.count("<svg") == 2
    assert "Dear Amal &lt;b&gt; Reed" in page
    assert "Riverside &lt;Fostering&gt;" in page
    assert "01709 000000" in page
    assert all(row["link"] in page for row in rows_of(folder / "links.csv"))
    assert not re.search(r"(src|href)=|url\(|@import|<script", page)


def test_links_need_the_bots_name_and_say_so(folder: Path, sqlite_url: str) -> None:
    result = run("invite-links", "--out", folder / "links.csv")
    assert result.exit_code == 1
    assert "The links need the bot's name, and it is not known yet" in result.stderr
    remember_the_bot(sqlite_url, bot="99")
    assert run("invite-links", "--out", folder / "links.csv").exit_code == 1
    assert not (folder / "links.csv").exists()


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(token=TOKEN, username="riverside_bot")
    await sandbox.start()
    yield sandbox
    await sandbox.close()


async def test_the_bots_name_is_asked_once_and_then_known_without_telegram(
    database: Database, telegram: Sandbox
) -> None:
    there = load(telegram_token=TOKEN, telegram_api_url=telegram.url)
    assert await known_username(there, database, NOON) == "riverside_bot"
    await telegram.close()
    assert await known_username(there, database, NOON) == "riverside_bot"
    with pytest.raises(UnknownName):
        await known_username(load(telegram_token="7:other", telegram_api_url=telegram.url), database, NOON)


def test_series_and_the_terms_that_they_keep_to_are_brought_by_commands(folder: Path) -> None:
    terms = written(folder, "terms.csv", b"name,starts_on,ends_on\nAutumn,2099-09-01,2099-10-23\n")
    columns = "title,kind,rhythm,mode,rsvp_by,audience,first_on,starts,ends"
    club = "Youth Club,youth_club,weekly-term-time,in_person,household,all,2099-09-03,17:30,19:30"
    series = written(folder, "series.csv", f"{columns}\n{club}\n".encode())
    early = run("series", series)
    assert (early.exit_code, early.stderr.splitlines()[0]) == (
        1,
        "Error: row 2, rhythm: needs term dates: bring them first, with hearthline terms",
    )
    assert run("terms", terms).stdout.splitlines() == ["Terms: 1 new, 0 changed, 0 unchanged", "Done."]
    assert run("series", series, "--dry-run").stdout.splitlines()[0] == "Series: youth-club is new"
    assert run("series", series).stdout.splitlines()[0] == "Series: 1 new, 0 changed, 0 unchanged"
