"""An insider with the whole database after the close and every backup from before it.

While the rounds were open they took a copy after every single answer: of SQLite the file and its write-ahead
log, of PostgreSQL every row of every table with its place (``ctid``) and transaction (``xmin``). They know in
which order people took part, better than any nightly backup could tell. They have everything but the keys.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage.engine import Database
from storage.tables import metadata

Row = dict[str, Any]


async def every_row(database: Database, tables: Sequence[str]) -> dict[str, list[Row]]:
    """Each table's rows in the order in which they lie on disk, with where and when they were written."""
    extra = "" if database.dialect == "sqlite" else ", xmin::text::bigint AS xmin"
    found = {}
    async with database.read() as session:
        for table in tables:
            place = _place_in(table) if database.dialect == "sqlite" else "ctid"
            rows = await session.execute(
                text(f"SELECT {place} AS place{extra}, * FROM {table} ORDER BY {place}")
            )
            found[table] = [dict(row._mapping) for row in rows]
    return found


def _place_in(table: str) -> str:
    """What SQLite lays the rows out by: the first column of the key where a table has no ``rowid``."""
    there = metadata.tables[table]
    return "rowid" if there.dialect_options["sqlite"]["with_rowid"] else next(iter(there.primary_key)).name


async def all_words(database: Database) -> bytes:
    """Everything that the database holds, as one heap of bytes."""
    heap = []
    for rows in (await every_row(database, [table.name for table in metadata.sorted_tables])).values():
        heap += [repr(row).encode() for row in rows]
    return b"\n".join(heap)


def on_disk(path: Path) -> bytes:
    """The file and its write-ahead log, byte by byte: also what was deleted and not yet overwritten."""
    return b"".join(part.read_bytes() for part in (path, Path(f"{path}-wal")) if part.exists())


def orders_of(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, list[Row]]:
    """The rows as they lie, and sorted by each column in both directions."""
    orders = {"as they lie": list(rows), "as they lie, backwards": list(reversed(rows))}
    for column in columns:
        if rows and column in rows[0]:
            orders[column] = sorted(rows, key=lambda row: str(row[column]))
            orders[f"{column} backwards"] = list(reversed(orders[column]))
    return orders
