"""Statements compiled once for all the databases of a worker.

A process of the product opens one database and compiles each statement once; a worker opens thousands, and
spent a quarter of its time on compiling the same statements for each of them.
"""

from functools import partial
from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

import storage.engine

_compiled: LRUCache[Any, Any] = LRUCache(5000)


def share() -> None:
    """Let every database opened from now on find what the others have compiled."""
    for dialect in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):
        # A compiled statement is found by itself and by its dialect, of which each database has one.
        setattr(dialect, "__hash__", lambda one: hash(type(one)))  # noqa: B010
        setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))  # noqa: B010
    create = partial(create_async_engine, execution_options={"compiled_cache": _compiled})
    setattr(storage.engine, "create_async_engine", create)  # noqa: B010
