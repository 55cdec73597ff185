"""The stages are set on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.engine import Database, open_database
from tests.broadcasts.outages import Wire, on_the_wire
from tests.broadcasts.stage import Stage, set_stage


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def wire(database: Database, tmp_path: Path) -> AsyncIterator[Wire]:
    """The engine on the wire, on both databases."""
    async with on_the_wire(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def file_wire(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """The engine on the wire, on SQLite alone: for what takes many turns and is no matter of the database."""
    database = open_database(sqlite_url)
    async with on_the_wire(database, tmp_path) as opened:
        yield opened
    await database.close()
