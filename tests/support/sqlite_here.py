"""SQLite in the thread of the test that uses it.

The product gives each connection a thread, so that no statement holds up the event loop, and a journey there
and back costs as much as a small statement. Most tests are of rules, not of threads, and are spared it: a
statement is done at once, its result is awaited as ever, and meanwhile whoever else is ready goes on. What is
tried at the same moment from several sides has its threads.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from storage import sqlite_connection
from storage.sqlite_connection import LOCK_SECONDS, SqliteConnection

_LOOK_EVERY = 0.001
"""Seconds between two tries to get a lock that somebody else has."""

_threads = True


def use_threads(yes: bool) -> None:
    """Whether connections opened from now on have a thread each, as in the product."""
    global _threads
    _threads = yes


def share() -> None:
    """Let tests choose; until one does, all is as in the product."""
    setattr(sqlite_connection, "SqliteConnection", _connection)  # noqa: B010


def _connection(connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> SqliteConnection:
    made = SqliteConnection(connector, iter_chunk_size=iter_chunk_size)
    if not _threads:
        made._tx = _Here()  # type: ignore[assignment] # what the driver does with it
        made._thread = _Nobody()  # type: ignore[assignment]
    return made


class _Nobody:
    """The thread that is not there."""

    daemon = True

    def start(self) -> None:
        """There is nothing to start."""

    def join(self) -> None:
        """There is nothing to wait for."""


class _Here:
    """The queue of the driver's thread, which does each thing as it comes."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = item
        if future is None:
            work()
        else:
            self._do(future, work, LOCK_SECONDS / _LOOK_EVERY)

    def _do(self, future: asyncio.Future[Any], work: Callable[[], Any], tries: float) -> None:
        loop = future.get_loop()
        try:
            result = work()
            if isinstance(result, sqlite3.Connection):
                result.execute("PRAGMA busy_timeout = 0")  # to wait here would be to wait for ourselves
        except BaseException as error:  # noqa: BLE001 - it is raised where the statement is awaited
            busy = isinstance(error, sqlite3.Error) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            if busy and tries > 0:
                loop.call_later(_LOOK_EVERY, self._do, future, work, tries - 1)
            else:
                loop.call_soon(_tell, future, partial(future.set_exception, error))
        else:
            loop.call_soon(_tell, future, partial(future.set_result, result))


def _tell(future: asyncio.Future[Any], how: Callable[[], None]) -> None:
    if not future.done():  # whoever waited may have been cancelled
        how()
