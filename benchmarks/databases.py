"""Databases for benchmarks: filled once, copied for each run."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import psycopg

from storage.engine import Database, open_database
from tests.support import postgres

Fill = Callable[[Database], Awaitable[None]]


class Sqlite:
    """A file with the newest schema and what ``fill`` put into it; each `copy` is for one run."""

    def __init__(self, fill: Fill) -> None:
        self._fill = fill

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="hearthline-bench-"))
        asyncio.run(filled(f"sqlite:///{self._folder}/filled.db", self._fill))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)

    @contextmanager
    def copy(self) -> Iterator[tuple[str, str]]:
        """The address of a copy, and a data folder; both are gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            shutil.copy(self._folder / "filled.db", folder)
            yield f"sqlite:///{folder}/filled.db", folder


class Postgresql:
    """The same on a server that is started for the block, as durable as it comes."""

    def __init__(self, fill: Fill) -> None:
        self._fill = fill

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            postgres.begin_run()
            stack.callback(postgres.end_run)
            self._server = postgres.server_url()
            _make_durable(self._server)
            self._filled = stack.enter_context(postgres.new_database(self._server))
            asyncio.run(filled(self._filled, self._fill))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def copy(self) -> Iterator[tuple[str, str]]:
        """As `Sqlite.copy`."""
        template = postgres.name_of(self._filled)
        with tempfile.TemporaryDirectory() as folder, postgres.new_database(self._server, template) as url:
            yield url, folder


async def filled(url: str, fill: Fill) -> None:
    """Bring a database to the newest schema and fill it."""
    database = open_database(url)
    await database.migrate()
    await fill(database)
    await database.close()


def _make_durable(server: str) -> None:
    """The server of the tests skips what survives a power cut; what is measured here must not."""
    with psycopg.connect(server, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = on")
        connection.execute("SELECT pg_reload_conf()")
