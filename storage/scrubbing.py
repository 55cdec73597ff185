"""Taking off the disk what an erasure has taken out of the rows: the database keeps old states of them for a
while, SQLite in its write-ahead log, PostgreSQL as dead rows."""

from typing import Any

from sqlalchemy import delete, text

from storage.base import Base
from storage.engine import Database, Session
from storage.leases import Fact

_PATIENCE = 500
"""Milliseconds to wait for readers of SQLite, until the next try."""


async def take_off_the_disk(database: Database) -> bool:
    """Write the log of SQLite back and empty it, or vacuum PostgreSQL's tables; safe at any time.

    False where a reader still holds on to an old state of SQLite's: it is to be tried again. PostgreSQL's own
    write-ahead log is overwritten in its turn, and an archive of it is a backup.
    """
    async with database.connection() as connection:
        if database.dialect == "sqlite":
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            [(wait,)] = await (await driver.execute("PRAGMA busy_timeout")).fetchall()
            await driver.execute(f"PRAGMA busy_timeout = {_PATIENCE}")  # everybody who writes waits meanwhile
            try:
                [(busy, *_)] = await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).fetchall()
            finally:
                await driver.execute(f"PRAGMA busy_timeout = {wait}")
            return not busy
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        await alone.execute(text(f"VACUUM (SKIP_LOCKED) {tables}"))
        return True


async def forget_fact(session: Session, found: Fact) -> None:
    """Delete a fact unless it was written anew since it was read."""
    await session.execute(delete(Fact).where(Fact.name == found.name, Fact.updated_at == found.updated_at))
