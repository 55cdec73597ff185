"""SQLite's connection, with one journey to its thread for each statement.

SQLite blocks, so its driver works in a thread of its own, and each journey there and back costs as much as a
small statement. The driver makes four of them: for a cursor, to execute, to fetch, to close. Here a statement
brings its first rows back with it, which nearly always are all there are.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic, sleep
from typing import Any, cast

import aiosqlite

AT_ONCE = 500
"""Rows that come back with their statement. Whoever reads more fetches them, so that a stream stays one."""
LOCK_SECONDS = 30
"""How long a connection waits for another process to be done with the file."""


class SqliteCursor:
    """What SQLAlchemy's adapter needs of a cursor."""

    arraysize = 1

    def __init__(self, connection: "SqliteConnection") -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self._ended = True

    @property
    def description(self) -> Any:
        return self._cursor.description if self._cursor is not None else None

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount if self._cursor is not None else -1

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid if self._cursor is not None else None

    async def __aenter__(self) -> "SqliteCursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "SqliteCursor":
        self._cursor, rows = await self._connection.in_thread(_execute, sql, parameters)
        self._rows.extend(rows)
        self._ended = len(rows) < AT_ONCE
        return self

    async def executemany(self, sql: str, parameters: Sequence[Any]) -> "SqliteCursor":
        self._cursor, _ = await self._connection.in_thread(_execute_many, sql, parameters)
        return self

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or self.arraysize
        if len(self._rows) < wanted and not self._ended:
            more = await self._fetch(lambda cursor: cursor.fetchmany(max(wanted, AT_ONCE)))
            self._ended = len(more) < max(wanted, AT_ONCE)
            self._rows.extend(more)
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        rows = list(self._rows)
        self._rows.clear()
        if not self._ended:
            rows += await self._fetch(lambda cursor: cursor.fetchall())
            self._ended = True
        return rows

    async def close(self) -> None:
        """Give back what a statement that was not read to its end still holds."""
        self._rows.clear()
        if not self._ended:
            self._ended = True
            await self._fetch(_close)

    async def _fetch(self, fetch: Callable[[sqlite3.Cursor], list[Any]]) -> list[Any]:
        cursor = self._cursor
        assert cursor is not None  # noqa: S101 - only a statement has more rows
        return cast(list[Any], await self._connection.in_thread(lambda _: fetch(cursor)))


class SqliteConnection(aiosqlite.Connection):
    """The driver's connection with cursors of our own."""

    async def in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do this with SQLite's own connection, in its thread."""
        return await self._execute(work, self._conn, *arguments)  # type: ignore[no-untyped-call] # the driver's

    def cursor(self) -> Any:
        return SqliteCursor(self)


def connecting(path: str) -> Callable[[], Awaitable[SqliteConnection]]:
    """What makes connections to this file."""

    async def connect() -> SqliteConnection:
        connection = SqliteConnection(lambda: _opened(path), iter_chunk_size=AT_ONCE)
        connection._thread.daemon = True  # as SQLAlchemy has it: a process that ends waits for none
        try:
            await connection
        except sqlite3.Error:
            # The driver has told its thread to end, which reports back: while there is a loop to hear it.
            await asyncio.to_thread(connection._thread.join)
            raise
        return connection

    return connect


def _opened(path: str) -> sqlite3.Connection:
    """A connection to a file that has a write-ahead log.

    Where two processes open a new file at once, one of them may be refused the change to it at once, however
    long it is ready to wait for a lock: it tries again. Raises ``sqlite3.OperationalError`` once
    it has waited for ``LOCK_SECONDS``.
    """
    connection = sqlite3.connect(path, timeout=0)
    until = monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
            return connection
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                connection.close()
                raise
            sleep(0.02)  # in the connection's own thread


def _execute(connection: sqlite3.Connection, sql: str, parameters: Any) -> tuple[sqlite3.Cursor, list[Any]]:
    cursor = connection.execute(sql, parameters)
    return cursor, cursor.fetchmany(AT_ONCE) if cursor.description else []


def _execute_many(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]
) -> tuple[sqlite3.Cursor, list[Any]]:
    return connection.executemany(sql, parameters), []


def _close(cursor: sqlite3.Cursor) -> list[Any]:
    cursor.close()
    return []
