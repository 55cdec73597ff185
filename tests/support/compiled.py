"""Statements compiled once for all the databases of a worker, templates once for all the workers of a run.

A process of the product opens one database, has one set of templates, and compiles each once; a worker opens
thousands, and spent a quarter of its time on compiling the same for each of them.
"""

import hashlib
import marshal
import os
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

import storage.engine
from tests.support.postgres import FOLDER

_statements: LRUCache[Any, Any] = LRUCache(5000)
_templates: dict[str, CodeType] = {}
_compile: Any = Environment.compile


def share() -> None:
    """Let what is opened from now on find what others have compiled."""
    for dialect in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):
        # A compiled statement is found by itself and by its dialect, of which each database has one.
        setattr(dialect, "__hash__", lambda one: hash(type(one)))  # noqa: B010
        setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))  # noqa: B010
    create = partial(create_async_engine, execution_options={"compiled_cache": _statements})
    setattr(storage.engine, "create_async_engine", create)  # noqa: B010
    setattr(Environment, "compile", _template)  # noqa: B010


def _template(environment: Environment, source: Any, *where: Any, **options: Any) -> Any:
    """A template's code, which is the same wherever what it is read by is the same."""
    if not isinstance(source, str) or options:
        return _compile(environment, source, *where, **options)
    reading = (
        environment.autoescape,
        environment.trim_blocks,
        environment.lstrip_blocks,
        sorted(environment.extensions),
        sorted(environment.filters),
        sorted(environment.tests),
    )
    digest = hashlib.sha256(repr((source, where, reading)).encode()).hexdigest()
    if digest not in _templates:
        kept = Path(os.environ[FOLDER]) / f"{digest}.template"
        if kept.exists():
            _templates[digest] = marshal.loads(kept.read_bytes())  # noqa: S302 - our own, of this run
        else:
            _templates[digest] = _compile(environment, source, *where)
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(marshal.dumps(_templates[digest]))
            part.replace(kept)  # so that nobody reads the half of it
    return _templates[digest]
