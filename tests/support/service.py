"""The whole service inside a test, talking to a sandbox over HTTP, with a clock of the test's own."""

import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import bot.app
from bot.app import Hearthline, running
from bot.jobs import Job, due_work
from bot.settings import Settings
from sandbox.server import TOKEN, Sandbox
from tests.support.cast import NOON

MODES = ("polling", "webhook")
OFTEN, SELDOM = 0.5, 30.0
"""Seconds."""


def clock_from(start: datetime = NOON) -> Callable[[], datetime]:
    """A clock that reads ``start`` now and goes on from there."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def settings_for(sandbox: Sandbox, database_url: str, folder: Path, mode: str, **others: Any) -> Settings:
    """Settings of a service that talks to this sandbox, by polling or by a webhook."""
    port = free_port()
    given: dict[str, Any] = {
        "telegram_token": TOKEN,
        "telegram_api_url": sandbox.url,
        "database_url": database_url,
        "data_dir": folder,
        "listen": f"127.0.0.1:{port}",
        "duty_phone": "01709 000000",
        "service_name": "Fostering Rowdale",
        "public_url": f"http://127.0.0.1:{port}" if mode == "webhook" else None,
    }
    return Settings(**{**given, **others})


@asynccontextmanager
async def sandbox_from(clock: Callable[[], datetime]) -> AsyncIterator[Sandbox]:
    """A sandbox that serves, with this clock and without limits on sending."""
    sandbox = Sandbox(now=clock, webhook_retry_seconds=0.1)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


@asynccontextmanager
async def service(
    settings: Settings, clock: Callable[[], datetime], *, often: bool = False
) -> AsyncIterator[Hearthline]:
    """The service, running, once Telegram knows how to reach it.

    ``often``: it looks twice a second for what it would look for every few seconds. A test that sets its
    clock ahead would wait for the next look otherwise; what it looks for each minute stays as it is.
    """
    with patch.object(bot.app, "due_work", _looking_often if often else due_work):
        async with running(settings, clock) as app:
            yield app


def _looking_often(*given: Any) -> list[Job]:
    jobs = due_work(*given)
    return [replace(job, seconds=OFTEN) if job.seconds < SELDOM else job for job in jobs]
