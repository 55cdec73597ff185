"""`hearthline check` about email, and `hearthline mail`."""

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.checks import Finding, check_all
from bot.cli import hearthline, main
from bot.cli_mail import TRY_AGAIN
from bot.settings import Settings
from sandbox.server import TOKEN
from tests.support.mail_server import PostOffice, mail_server
from tests.support.service import free_port

pytestmark = pytest.mark.one_database


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    for name in list(os.environ):
        if name.startswith("HEARTHLINE_") and not name.startswith("HEARTHLINE_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HEARTHLINE_DATA_DIR", str(tmp_path / "data"))
    return CliRunner()


def settings_with(tmp_path: Path, **others: Any) -> Settings:
    given: dict[str, Any] = {
        "telegram_token": TOKEN,
        "telegram_api_url": f"http://127.0.0.1:{free_port()}",
        "data_dir": tmp_path,
    }
    return Settings(**{**given, **others})


async def about_mail(post: PostOffice, tmp_path: Path, **others: str) -> list[Finding]:
    settings = settings_with(tmp_path, **{"smtp_url": post.url, **others})
    return [one for one in await check_all(lambda: settings) if "mail" in one.text]


async def test_check_says_that_mail_is_taken_and_that_links_lead_nowhere(
    runner: CliRunner, tmp_path: Path
) -> None:
    async with mail_server() as post:
        well, warned = await about_mail(post, tmp_path, mail_from="fostering@rowdale.example")
        assert (well.ok, well.label) == (True, "ok   ")
        assert "takes mail from fostering@rowdale.example" in well.text
        assert (warned.ok, warned.label) == (True, "note ")
        assert "HEARTHLINE_PUBLIC_URL is not set" in warned.text
        assert post.connections == 1
        assert not post.arrived
        (well,) = await about_mail(post, tmp_path, public_url="https://rowdale.example", receive="polling")
        assert well.ok


async def test_check_says_what_is_wrong_with_the_mail_server_and_never_the_password(
    runner: CliRunner, tmp_path: Path
) -> None:
    async with mail_server(login=True) as post:
        wrong = f"smtp://hearthline:hunter2@127.0.0.1:{post.port}?starttls=no"
        found = await about_mail(post, tmp_path, smtp_url=wrong)
    assert [one.ok for one in found] == [False, True]
    assert "does not take the user and password" in found[0].text
    assert not any("hunter2" in one.text for one in found)


async def test_check_says_nothing_of_mail_that_is_off(runner: CliRunner, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    assert not [one for one in await check_all(lambda: settings) if "mail" in one.text]


@pytest.fixture
def one_mail(tmp_path: Path) -> Path:
    path = tmp_path / "one.eml"
    path.write_bytes(b"From: a@b.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n")
    return path


def test_mails_are_read_from_files_and_from_a_pipe(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, one_mail: Path
) -> None:
    monkeypatch.setenv("HEARTHLINE_SMTP_URL", "smtp://mail.example")
    for arguments, given in (([str(one_mail)], b""), (["-"], one_mail.read_bytes())):
        outcome = runner.invoke(hearthline, ["mail", *arguments], input=given)
        assert outcome.exit_code == 0, outcome.output
        assert outcome.stdout.split() == ["1", "not", "for", "us"], outcome.output


def test_a_file_that_is_not_there_is_said(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEARTHLINE_SMTP_URL", "smtp://mail.example")
    outcome = runner.invoke(hearthline, ["mail", str(tmp_path / "nowhere")])
    assert outcome.exit_code == 1
    assert "cannot be read" in outcome.output


def test_without_a_mail_server_there_is_no_mail_to_read(
    runner: CliRunner, capsys: pytest.CaptureFixture[str], one_mail: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mail", str(one_mail)])
    assert ended.value.code == 1
    assert "HEARTHLINE_SMTP_URL is not set" in capsys.readouterr().err


def test_a_pipe_is_told_to_try_again_where_the_database_is_away(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, one_mail: Path
) -> None:
    monkeypatch.setenv("HEARTHLINE_SMTP_URL", "smtp://mail.example")
    monkeypatch.setenv("HEARTHLINE_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/x")
    outcome = runner.invoke(hearthline, ["mail", "-"], input=one_mail.read_bytes())
    assert outcome.exit_code == TRY_AGAIN
    assert "not now" in outcome.output
