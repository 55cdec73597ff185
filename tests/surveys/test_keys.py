"""Keys are made durable, kept private, and really gone once destroyed."""

import stat
from pathlib import Path

import pytest

from surveys.keys import KEY_BYTES, KeyMissing, RoundKeys


def test_a_key_is_made_once_and_found_again(keys: RoundKeys) -> None:
    key = keys.make("tea-2025-05")
    assert len(key) == KEY_BYTES
    assert keys.make("tea-2025-05") == key == keys.get("tea-2025-05")
    assert keys.make("tea-2025-06") != key


def test_nobody_else_may_read_it(keys: RoundKeys) -> None:
    keys.make("tea")
    assert stat.S_IMODE((keys.folder / "tea.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700


def test_a_destroyed_key_is_overwritten_before_it_is_removed(keys: RoundKeys, tmp_path: Path) -> None:
    key = keys.make("tea")
    other_name = tmp_path / "the same file"
    other_name.hardlink_to(keys.folder / "tea.key")
    keys.destroy("tea")
    keys.destroy("tea")
    assert keys.find("tea") is None
    assert list(keys.folder.iterdir()) == []
    assert other_name.read_bytes() != key
    with pytest.raises(KeyMissing):
        keys.get("tea")


@pytest.mark.parametrize("ref", ["../tea", "", "a/b", "Tea", ".tea", "a" * 65])
def test_no_name_leads_out_of_the_folder(keys: RoundKeys, ref: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        keys.find(ref)
