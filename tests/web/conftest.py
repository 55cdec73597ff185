"""A cast and a served console for the tests of the web."""

from collections.abc import AsyncIterator

import pytest

from storage.engine import Database
from tests.support.cast import Cast, gather
from tests.support.console import Console, served


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


@pytest.fixture
async def console(database: Database, cast: Cast) -> AsyncIterator[Console]:
    """A console at noon, with the cast in its database."""
    async with served(database) as running:
        yield running
