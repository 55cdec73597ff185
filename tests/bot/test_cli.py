"""The command line: quick to help, plain about what is wrong, and careful with what is there."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.checks import check_all
from bot.cli import COMMANDS, hearthline, main
from sandbox.server import TOKEN, Sandbox
from storage.engine import Database
from surveys.keys import RoundKeys
from tests.support.service import settings_for
from tests.surveys.stories import open_round


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    for name in list(os.environ):
        if name.startswith("HEARTHLINE_") and not name.startswith("HEARTHLINE_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HEARTHLINE_DATA_DIR", str(tmp_path / "data"))
    return CliRunner()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(runner: CliRunner, command: str) -> None:
    outcome = runner.invoke(hearthline, [command, "--help"])
    assert outcome.exit_code == 0, outcome.output
    assert "Usage:" in outcome.output


def test_help_loads_neither_the_library_nor_the_database() -> None:
    code = (
        "import sys; from bot.cli import hearthline\n"
        "try: hearthline(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('telegram', 'sqlalchemy', 'aiohttp', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    assert all(name in done.stdout for name in COMMANDS)


def test_a_wrong_setting_stops_any_command_with_a_sentence_and_status_1(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEARTHLINE_WEEKLY_CAP", "many")
    with pytest.raises(SystemExit) as ended:
        main(["purge", "--dry-run"])
    assert ended.value.code == 1
    assert "HEARTHLINE_WEEKLY_CAP is 'many'." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x", "HEARTHLINE_DATABASE_URL cannot be used"),
        (
            "DATABASE_URL",
            "postgresql://u:hunter2@127.0.0.1:port/x",
            "HEARTHLINE_DATABASE_URL is set, but wrong",
        ),
        ("DATA_DIR", "/dev/null/data", "HEARTHLINE_DATA_DIR is '/dev/null/data', which cannot be made"),
    ],
)
def test_where_there_is_no_database_a_sentence_says_so(
    runner: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    with pytest.raises(SystemExit) as ended:
        main(["purge", "--dry-run"])
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert said in shown
    assert "hunter2" not in shown


def test_the_service_does_not_start_without_the_duty_number(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEARTHLINE_TELEGRAM_TOKEN", TOKEN)
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 1
    assert "HEARTHLINE_DUTY_PHONE is not set" in capsys.readouterr().err


def test_purge_says_what_it_would_delete(runner: CliRunner) -> None:
    outcome = runner.invoke(hearthline, ["purge", "--dry-run"])
    assert outcome.exit_code == 0, outcome.output
    assert "messages between carers and the service (90 days)" in outcome.output
    assert "Nothing was deleted." in outcome.output


def test_a_backup_is_restored_once_and_never_over_data(runner: CliRunner, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.backup")
    assert runner.invoke(hearthline, ["backup", copy]).exit_code == 0
    again = runner.invoke(hearthline, ["backup", copy])
    assert again.exit_code == 1
    assert "never replaces a file" in again.output
    assert runner.invoke(hearthline, ["restore", copy]).exit_code == 0


async def findings(sandbox: Sandbox, tmp_path: Path, **others: object) -> dict[str, bool]:
    database = str(others.pop("database_url", f"sqlite:///{tmp_path / 'check.db'}"))
    settings = settings_for(sandbox, database, tmp_path, "polling", **others)
    return {finding.text: finding.ok for finding in await check_all(lambda: settings)}


def one(found: dict[str, bool], words: str) -> bool:
    [said] = [text for text in found if words in text]
    return found[said]


async def test_check_says_that_all_is_well(runner: CliRunner, sandbox: Sandbox, tmp_path: Path) -> None:
    found = await findings(sandbox, tmp_path)
    assert all(found.values()), found
    assert one(found, "@hearthline_bot")
    assert one(found, "sqlite database answers")


async def test_check_explains_a_bad_token(runner: CliRunner, sandbox: Sandbox, tmp_path: Path) -> None:
    found = await findings(sandbox, tmp_path, telegram_token="123456789:of-another-bot")
    assert not one(found, "HEARTHLINE_TELEGRAM_TOKEN")
    assert not any("of-another-bot" in text for text in found)


async def test_check_explains_a_server_that_cannot_be_reached(
    runner: CliRunner, sandbox: Sandbox, tmp_path: Path
) -> None:
    await sandbox.go_offline()
    assert not one(await findings(sandbox, tmp_path), "cannot be reached")


async def test_check_explains_an_unset_duty_phone(
    runner: CliRunner, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert not one(await findings(sandbox, tmp_path, duty_phone=None), "HEARTHLINE_DUTY_PHONE is not set")


async def test_check_explains_a_database_that_cannot_be_used(
    runner: CliRunner, sandbox: Sandbox, tmp_path: Path
) -> None:
    threads = set(threading.enumerate())
    found = await findings(sandbox, tmp_path, database_url="sqlite:////nowhere/at/all.db")
    assert not one(found, "cannot be used")
    assert not [left for left in set(threading.enumerate()) - threads if "_connection_worker" in left.name], (
        "a thread of the database outlives the attempt, and perhaps the event loop that it reports to"
    )


@pytest.mark.one_database
async def test_check_names_an_open_survey_whose_key_did_not_come_with_the_database(
    runner: CliRunner, sandbox: Sandbox, database: Database, database_url: str, tmp_path: Path
) -> None:
    await open_round(database, RoundKeys(tmp_path / "where it was"))
    found = await findings(sandbox, tmp_path, database_url=database_url)
    assert not one(found, "The key of the survey “About tea” is missing")


async def test_check_notices_a_name_that_is_no_setting(
    runner: CliRunner, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTHLINE_DUTY_FONE", "1")
    assert not one(await findings(sandbox, tmp_path), "HEARTHLINE_DUTY_FONE")


async def test_somebody_is_added_to_the_staff_with_a_link_to_connect(
    runner: CliRunner, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTHLINE_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("HEARTHLINE_TELEGRAM_API_URL", sandbox.url)
    arguments = ["staff", "add", "--name", "Priya Lane", "--role", "coordinator"]
    outcome = await asyncio.to_thread(runner.invoke, hearthline, arguments)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.startswith("https://t.me/hearthline_bot?start=")
