"""The inbox with the cast in it."""

import pytest

from storage.engine import Database
from tests.care.desks import Inbox, opened


@pytest.fixture
async def inbox(database: Database) -> Inbox:
    return await opened(database)
