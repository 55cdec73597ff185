"""How Hearthline reaches its database, and the one way to open a transaction.

``async with database.write() as session`` is one transaction: it commits when the block ends and rolls back
when the block raises. ``async with database.read() as session`` is one consistent, read-only look. Nothing
else in the product commits, and no network call is made inside either.

SQLite gets one writer connection whose transactions begin IMMEDIATE: with the driver's defaults two writers
read the same row and one update is lost without an error. ``synchronous=FULL`` means that what was
acknowledged survives a power cut; ``secure_delete`` that what was erased cannot be read from the file.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from storage.sqlite_connection import connecting

Session = AsyncSession
"""What a use case is given: an open transaction."""

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)


class Database:
    """One service's database. Open it with `open_database`, close it with `close`."""

    def __init__(self, url: URL, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self.dialect = url.get_backend_name()
        self._writer = writer
        self._reader = reader

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """One transaction; commits at the end of the block, rolls back if the block raises."""
        async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """One consistent look at the data; on SQLite the connection refuses writes."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """The writer's bare connection, for migrations and maintenance."""
        async with self._writer.connect() as connection:
            yield connection

    async def migrate(self) -> None:
        """Bring the schema to the newest version. Safe to run from several processes at once."""
        from storage.migrations.run import upgrade

        await upgrade(self)

    async def ping(self) -> None:
        """Raise if the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


# A survey of a nation is tens of thousands of small documents: orjson reads them in a third of the time.
_COMMON: dict[str, Any] = {"hide_parameters": True, "json_deserializer": orjson.loads}


def open_database(url: str) -> Database:
    """A database from its address: ``sqlite:///path/file.db`` or ``postgresql://user@host/name``.

    Raises ``ValueError`` for any other kind.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(parsed.set(drivername="sqlite+aiosqlite"))
        case "postgresql":
            return _open_postgresql(parsed.set(drivername="postgresql+psycopg"))
        case other:
            raise ValueError(f"{other} is not supported; use sqlite:///FILE or postgresql://...")


def _open_sqlite(url: URL) -> Database:
    # One writer connection: SQLite has one write lock, and queueing for it here beats failing on it there.
    common = _COMMON | {"async_creator": connecting(url.database or "")}
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=120, **common)
    reader = create_async_engine(url, pool_size=4, max_overflow=4, **common)
    _begin_with(writer, "BEGIN IMMEDIATE", ())
    _begin_with(reader, "BEGIN", ("PRAGMA query_only = ON",))
    return Database(url, writer, reader)


def _begin_with(engine: AsyncEngine, begin: str, extra: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, *extra):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _open_postgresql(url: URL) -> Database:
    engine = create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, **_COMMON)
    _compile_no_queries(engine)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(url, engine, reader)


def _compile_no_queries(engine: AsyncEngine) -> None:
    """PostgreSQL compiles a query to machine code when it takes it for dear, which it takes ours for until it
    has counted its tables: a fifth of a second for a page that needs a tenth of one without."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True  # else the setting goes with the first transaction that is taken back
        cursor = connection.cursor()
        cursor.execute("SET jit = off")
        cursor.close()
        connection.autocommit = False
