"""Fixtures that every test may ask for, and two rules that hold for all of them.

No test reaches past this machine: the interpreter itself refuses. And the machine's own time zone is one that
no service uses, thirteen hours from London in winter, so that code which leans on it shows.
"""

import gc
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.async_api import Browser, Page

from storage.engine import Database, open_database
from tests.support import certificates, compiled, postgres, scratch, sqlite_here
from tests.support.browser import Chromium
from tests.support.stock import Fill, Stock
from tools.machine_for_tests import browser as chromium_path

os.environ["TZ"] = "Pacific/Auckland"
time.tzset()

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

certificates.share()
compiled.share()
sqlite_here.share()


class OutsideNetwork(Exception):
    """A test tried to leave this machine. Not an OSError: the product must not take it for an outage."""


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost"):
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise OutsideNetwork(f"to {address}")
    elif event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        raise OutsideNetwork(f"looking up {arguments[0]}")


sys.addaudithook(_stay_here)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses its temporary folder
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        scratch.use_memory()
        postgres.begin_run()


def pytest_sessionstart(session: pytest.Session) -> None:
    """In a fresh checkout the first to load a module compiles it for all: each worker begins elsewhere."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or [Path(argument).name for argument in session.config.args] != ["tests"]:
        return
    root = session.config.rootpath
    modules = sorted(
        ".".join(path.relative_to(root).with_suffix("").parts) for path in root.glob("tests/**/test_*.py")
    )
    first = len(modules) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for name in (*modules[first:], *modules[:first]):
        with suppress(Exception):  # what is wrong with it is told when its tests are collected
            import_module(name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Chats and pages whose every statement is tried on both databases below them run on SQLite alone."""

    def spared(item: pytest.Item) -> bool:
        return bool(item.get_closest_marker("one_database") and item.get_closest_marker("postgresql"))

    config.hook.pytest_deselected(items=[item for item in items if spared(item)])
    items[:] = [item for item in items if not spared(item)]
    if hasattr(config, "workerinput"):
        items[:] = _long_ones_spread(items)


_LONG = (
    "tests/bot/test_answers_together",
    "tests/broadcasts/test_broadcast_machine",
    "tests/crash/",
    "tests/events/test_rsvp_machine",
    "tests/journeys/",
    "tests/web/test_accessible",
    "tests/web/test_broadcast_accessible",
)


def _long_ones_spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Long tests at even distances before the last quarter: some wait much while others reckon, and none of
    them is what a run ends with."""
    long = [item for item in items if item.nodeid.startswith(_LONG)]
    others = [item for item in items if not item.nodeid.startswith(_LONG)]
    distance = max(1, len(others) * 3 // 4 // max(1, len(long)))
    for number, item in enumerate(long):
        others.insert(number * (distance + 1), item)
    return others


_AT_ONCE = (
    "tests/bot/",
    "tests/crash/",
    "tests/demo/",
    "tests/journeys/",
    "tests/storage/",
    "race",
    "at_once",
    "together",
    "same_moment",
)
"""In the names of tests of what happens at the same moment, and of the running service."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    sqlite_here.use_threads(any(part in item.nodeid for part in _AT_ONCE))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it a thousand times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.end_run()


def _lacking(what: str) -> None:
    """Skip, naming what is missing; on CI fail, because there a skip would pass for a proof."""
    if os.environ.get("CI") == "true":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server's maintenance database. Make databases of your own with `postgres.new_database`."""
    try:
        return postgres.server_url()
    except Exception as error:
        _lacking(f"no PostgreSQL: {error!r}; set {postgres.GIVEN} to the address of one")
        raise


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """The databases that this worker's tests are given copies of."""
    made = Stock(tmp_path_factory.mktemp("stock"))
    yield made
    made.close()


@pytest.fixture
def filled_by() -> Fill | None:
    """What has filled this test's database before it begins; a folder's tests may say more."""
    return None


@pytest.fixture
def sqlite_url(stock: Stock, filled_by: Fill | None, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own, empty unless its folder says otherwise."""
    return stock.copy_file(filled_by, tmp_path / "hearthline.db")


@pytest.fixture
def postgresql_url(stock: Stock, filled_by: Fill | None, postgres_url: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own, empty unless its folder says otherwise."""
    with stock.copy_database(filled_by, postgres_url) as url:
        yield url


_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of this test's own; the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=_BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table, on SQLite and on PostgreSQL."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path / 'hearthline.db'}"
        else:
            server = request.getfixturevalue("postgres_url")
            yield stack.enter_context(postgres.new_database(server))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated, empty database of this test's own, on SQLite and on PostgreSQL."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Chromium]:
    path = chromium_path()
    if path is None:
        _lacking(
            "no Chromium: on Debian, apt-get install chromium; or set HEARTHLINE_TEST_CHROMIUM to its path"
        )
    assert path is not None
    chromium = Chromium(path)
    yield chromium
    chromium.close()


@pytest.fixture
def browser(_chromium: Chromium) -> Iterator[Browser]:
    """A real Chromium that reaches loopback only, without a page from an earlier test."""
    yield _chromium.browser()
    _chromium.clear()


@pytest.fixture
async def page(browser: Browser) -> Page:
    """A page of British English in London, in a context of its own."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/London")
    return await context.new_page()
