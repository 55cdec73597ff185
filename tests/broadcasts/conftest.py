"""The stage is set on both databases."""

import pytest

from storage.engine import Database
from tests.broadcasts.stage import Stage, set_stage


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)
