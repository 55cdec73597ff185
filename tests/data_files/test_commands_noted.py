"""What the command line does is in the audit log: every command that takes data in, away or changes it."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, hearthline
from storage.audit_queries import AuditSearch, audit_entries
from storage.engine import open_database
from storage.leases_queries import set_fact
from tests.data_files.files import AMAL, COFFEE, JO, PROGRAMME_COLUMNS, SAM, csv_of
from tests.support.cast import NOON

NOTED = {
    "import": "register.import",
    "programme": "programme.import",
    "series": "series.import",
    "terms": "terms.set",
    "attendance": "attendance.import",
    "export": "data.export",
    "invite-links": "link.export",
    "staff": "staff.add",
    "report": "report.read",
    "backup": "data.backup",
}
UNNOTED = {
    "demo": "an invented service",
    "sandbox": "no data of a service",
    "run": "what staff do while it runs is noted as theirs",
    "check": "reads no data of a person",
    "mail": "carers' own answers, and mails that came back",
    "restore": "brings the log of the copy back with everything else",
    "purge": "keeps a table of its own of what it deleted and when",
}
SERIES = (
    b"title,kind,rhythm,mode,rsvp_by,audience,first_on,starts,ends\n"
    b"Youth club,youth_club,weekly,in_person,household,all,2099-09-03,17:30,19:30\n"
)


def test_every_command_is_noted_or_says_why_not() -> None:
    assert set(NOTED) | set(UNNOTED) == set(COMMANDS)


def test_what_a_command_does_is_noted_without_a_name_or_a_contact(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DATABASE_URL": sqlite_url,
        "DATA_DIR": str(tmp_path),
        "TELEGRAM_TOKEN": "123456:test-token",
        "DUTY_PHONE": "01709 000000",
    }.items():
        monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    for name, content in {
        "register.csv": csv_of([AMAL, JO, SAM]),
        "programme.csv": csv_of([COFFEE], PROGRAMME_COLUMNS),
        "attendance.csv": b"event_ref,carer_ref,state\n" + f"{COFFEE['event_ref']},C1,attended\n".encode(),
        "terms.csv": b"name,starts_on,ends_on\nSummer,2025-06-02,2025-07-18\n",
        "series.csv": SERIES,
    }.items():
        (tmp_path / name).write_bytes(content)
    for command in (
        "import register.csv",
        "programme programme.csv",
        "attendance attendance.csv",
        "terms terms.csv",
        "series series.csv",
        "export carers --out carers.csv",
        "invite-links --out links.csv --letters letters.html",
        "staff add --name Kim --role manager",
        "report --year 2022/23 --out report",
        "backup copy.db",
    ):
        arguments = [str(tmp_path / one) if "." in one or one == "report" else one for one in command.split()]
        arguments[0] = command.split()[0]
        asyncio.run(_known_bot(sqlite_url))
        result = CliRunner().invoke(hearthline, arguments)
        assert result.exit_code == 0, (command, result.output)
        noted, told = asyncio.run(_noted(sqlite_url))
        assert NOTED[arguments[0]] in noted, (command, noted)
        assert not any(word in told for word in ("Amal", "Okafor", "@", "07700"))


async def _known_bot(url: str) -> None:
    database = open_database(url)
    async with database.write() as session:
        await set_fact(session, "bot_username", {"username": "hearth_bot", "bot": "123456"}, NOON)
    await database.close()


async def _noted(url: str) -> tuple[list[str], str]:
    """The codes of the latest entries, and everything that stands in the log."""
    database = open_database(url)
    async with database.read() as session:
        entries = await audit_entries(session, AuditSearch(), offset=0, count=1000)
    await database.close()
    return [entry.action for entry in entries[:2]], " ".join(f"{one.subject} {one.detail}" for one in entries)
