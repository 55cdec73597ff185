"""The chats of the cast."""

from pathlib import Path

import pytest

from storage.engine import Database
from tests.handlers.chats import Chats


@pytest.fixture
def chats(database: Database, tmp_path: Path) -> Chats:
    return Chats(database, tmp_path / "keys")
