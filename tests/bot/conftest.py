"""A sandbox and a running service for the tests on the wire, by polling and by webhook."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import Hearthline
from bot.settings import Settings
from sandbox.server import Sandbox
from tests.support.service import MODES, clock_from, sandbox_from, service, settings_for


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Noon of the cast's Tuesday, going on in real time."""
    return clock_from()


@pytest.fixture
async def sandbox(clock: Callable[[], datetime]) -> AsyncIterator[Sandbox]:
    async with sandbox_from(clock) as opened:
        yield opened


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """The test runs once by polling and once by webhook."""
    return str(request.param)


@pytest.fixture
def settings(sandbox: Sandbox, sqlite_url: str, tmp_path: Path, mode: str) -> Settings:
    return settings_for(sandbox, sqlite_url, tmp_path, mode)


@pytest.fixture
def start(clock: Callable[[], datetime]) -> Callable[[Settings], AbstractAsyncContextManager[Hearthline]]:
    """Starts a service with these settings and this test's clock."""
    return partial(_start, clock)


def _start(clock: Callable[[], datetime], settings: Settings) -> Any:
    return service(settings, clock)


@pytest.fixture
async def hearthline(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[Hearthline]:
    """A running service on SQLite that talks to the sandbox."""
    async with service(settings, clock) as app:
        yield app
