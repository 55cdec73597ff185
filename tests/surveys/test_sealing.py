"""What is sealed says nothing: not by its length, not by its owner, not in another's place."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.drafts import sheet_size
from surveys.sealing import Unreadable, owner_of, seal, unseal
from tests.surveys.stories import tea

KEY, OTHER = secrets.token_bytes(32), secrets.token_bytes(32)


@given(st.text(max_size=1000).filter(lambda text: "\ud800" not in text), st.integers(1, 5))
def test_every_sheet_is_as_long_as_every_other(text: str, value: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    content = {"at": 3, "answers": {"warm": value, "wish": text}, "segments": {}}
    size = sheet_size(tea())
    sealed = seal(KEY, "sheet", content, size)
    assert len(sealed) == len(seal(KEY, "sheet", {}, size))
    assert unseal(KEY, "sheet", sealed) == content


def test_the_same_content_never_looks_the_same() -> None:
    assert seal(KEY, "sheet", {}, 64) != seal(KEY, "sheet", {}, 64)


def test_another_key_another_purpose_and_a_changed_byte_do_not_open_it() -> None:
    sealed = seal(KEY, "sheet of one", {"a": 1}, 64)
    for key, purpose, content in [
        (OTHER, "sheet of one", sealed),
        (KEY, "sheet of another", sealed),
        (KEY, "sheet of one", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (KEY, "sheet of one", b""),
    ]:
        with pytest.raises(Unreadable):
            unseal(key, purpose, content)


def test_what_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        seal(KEY, "sheet", "x" * 65, 64)


def test_an_owner_is_the_same_under_one_key_and_another_under_the_next() -> None:
    assert owner_of(KEY, 7) == owner_of(KEY, 7)
    assert len({owner_of(KEY, 7), owner_of(KEY, 8), owner_of(OTHER, 7)}) == 3
