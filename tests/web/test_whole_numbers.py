"""Numbers in addresses and forms, which anybody can fill with anything."""

import pytest

from web.whole_numbers import LARGEST_ID, whole_number

NONE = ("", "-1", "+1", "1.0", " 1", "1_0", "٣", "²", str(LARGEST_ID + 1))


@pytest.mark.parametrize("text", [*NONE, pytest.param("9" * 5000, id="thousands of digits")])
def test_what_is_no_number_that_can_be_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_plain_digits_are_read() -> None:
    assert [whole_number(text) for text in ("0", "007", str(LARGEST_ID))] == [0, 7, LARGEST_ID]
