"""The keys of a test's own rounds."""

from pathlib import Path

import pytest

from surveys.keys import RoundKeys


@pytest.fixture
def keys(tmp_path: Path) -> RoundKeys:
    return RoundKeys(tmp_path / "keys")
