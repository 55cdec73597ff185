"""Databases made once a worker and copied for each test: migrated ones, and ones with people in them.

To fill a busy day takes longer than most tests of it; to copy its file, a millisecond.
"""

import asyncio
import pickle
import shutil
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.engine import Database, open_database
from tests.support import postgres

Fill = Callable[[Database], Awaitable[Any]]
"""Puts a test's people into an empty database. What it returns is pickled: each test has one of its own."""


@dataclass(frozen=True)
class _Made:
    """A database to copy: its file, or its name on the server; and what was told of who is in it."""

    where: str
    told: bytes


class Stock:
    """What a worker has made so far; files lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, Fill | None], _Made] = {}
        self._databases = ExitStack()

    def copy_file(self, fill: Fill | None, to: Path) -> str:
        """The address of an SQLite database of one's own."""
        if ("sqlite", fill) not in self._made:
            path = self._folder / (f"{fill.__module__}.{fill.__qualname__}.db" if fill else "empty.db")
            if fill is not None:
                self.copy_file(None, path)
            self._make("sqlite", fill, f"sqlite:///{path}", str(path))
        return f"sqlite:///{shutil.copyfile(self._made['sqlite', fill].where, to)}"

    @contextmanager
    def copy_database(self, fill: Fill | None, server: str) -> Iterator[str]:
        """The address of a PostgreSQL database of one's own."""
        if ("postgresql", fill) not in self._made:
            copied = self.copy_database(None, server) if fill is not None else postgres.new_database(server)
            url = self._databases.enter_context(copied)
            self._make("postgresql", fill, url, postgres.name_of(url))
        with postgres.new_database(server, self._made["postgresql", fill].where) as url:
            yield url

    def told(self, dialect: str, fill: Fill) -> Any:
        """What ``fill`` returned, as new. A copy has been taken before."""
        return pickle.loads(self._made[dialect, fill].told)  # noqa: S301 - our own, of this process

    def close(self) -> None:
        self._databases.close()

    def _make(self, dialect: str, fill: Fill | None, url: str, where: str) -> None:
        with ThreadPoolExecutor(1) as thread:  # whichever loop this one runs stays as it is
            told = thread.submit(asyncio.run, _filled(url, fill)).result()
        self._made[dialect, fill] = _Made(where, pickle.dumps(told))


async def _filled(url: str, fill: Fill | None) -> Any:
    database = open_database(url)
    try:
        return await fill(database) if fill is not None else await database.migrate()
    finally:
        await database.close()
