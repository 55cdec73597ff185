"""The token appears in no line of the log, whoever wrote it and however."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiohttp.http_exceptions import LineTooLong

from bot.logs import set_up_logs
from tests.support.logs import everything_logged

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"
ODD = "1:odd"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with everything_logged((ODD,)) as stream:
        yield stream


@pytest.mark.parametrize("name", ["httpx", "aiohttp.client", "telegram.Bot", "telegram.ext", "bot.app"])
def test_a_librarys_line_loses_the_token(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger(name).warning("and one of an unusual form: %s", ODD)
    said = lines.getvalue()
    assert TOKEN not in said
    assert ODD not in said
    assert "https://api.telegram.org/bot[token]/getMe" in said


def test_a_traceback_loses_the_token(lines: io.StringIO) -> None:
    try:
        raise RuntimeError(f"Cannot connect to /bot{TOKEN}/getMe")
    except RuntimeError:
        logging.getLogger("asyncio").exception("a task failed")
        structlog.get_logger("bot").exception("a part failed", url=f"/bot{TOKEN}/")
    said = lines.getvalue()
    assert "RuntimeError" in said
    assert TOKEN not in said


@pytest.mark.parametrize("path", ["/c/", "/calendar/", "/sign-in/"])
def test_an_address_loses_its_key_where_the_web_server_quotes_it(lines: io.StringIO, path: str) -> None:
    key = "WzEsMSwiaG9tZSIsMCwyMDQwMF0.LoPz-q_3kzj5AhyvE"
    try:
        raise ValueError(f"Invalid char in url query: b'GET {path}{key}?answer=\xe9 HTTP/1.1'")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    structlog.get_logger("web").error("a carer's page failed", page="/c/{token}/held")
    assert key[:10] not in lines.getvalue()
    assert f"GET {path}[token]?answer" in lines.getvalue()
    assert "/c/{token}/held" in lines.getvalue()


def test_a_request_that_cannot_be_read_is_not_quoted(lines: io.StringIO) -> None:
    try:
        raise LineTooLong(b"hearthline=a-browsers-secret; another=", 8190)
    except LineTooLong:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "203.0.113.7")
    [line] = lines.getvalue().splitlines()
    assert "a-browsers-secret" not in line
    assert json.loads(line)["event"] == "A request could not be read: LineTooLong"


def test_a_traceback_on_a_terminal_does_not_quote_what_a_carer_wrote(lines: io.StringIO) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    set_up_logs("DEBUG", (), terminal)
    written = "SOMETHING PRIVATE".lower()
    try:
        raise RuntimeError(str(len(written)))
    except RuntimeError:
        structlog.get_logger("bot").exception("a part failed")
    assert "RuntimeError: 17" in terminal.getvalue()
    assert "something private" not in terminal.getvalue()


def test_our_own_lines_are_json_with_their_fields(lines: io.StringIO) -> None:
    structlog.get_logger("bot.app").info("running", address="http://127.0.0.1:8080")
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("running", "info", "bot.app")
    assert line["address"] == "http://127.0.0.1:8080"


def test_what_a_carer_wrote_is_dropped_should_somebody_log_it(lines: io.StringIO) -> None:
    structlog.get_logger("bot").info("handled", text="something private", payload="{}")
    assert "private" not in lines.getvalue()


def test_the_library_asks_for_updates_without_a_line_of_its_own_at_info(lines: io.StringIO) -> None:
    set_up_logs("INFO", (), lines)
    logging.getLogger("httpx").info("HTTP Request")
    assert lines.getvalue() == ""


@pytest.mark.parametrize("name", ["aiosqlite", "sqlalchemy", "psycopg", "telegram.Bot", "aiohttp.client"])
def test_a_librarys_statements_with_what_carers_wrote_are_not_logged_even_at_debug(
    lines: io.StringIO, name: str
) -> None:
    logging.getLogger(name).info("INSERT INTO needs VALUES ('no nuts, please')")
    logging.getLogger(name).debug("executing INSERT INTO needs VALUES ('no nuts, please')")
    assert "no nuts" not in lines.getvalue()
