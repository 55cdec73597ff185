"""Reading whole numbers out of addresses and forms, which anybody can fill with anything."""

LARGEST_ID = 2**31 - 1
"""The largest key of a row that either database takes."""
LARGEST_BIG_ID = 2**63 - 1
"""That of a row in a table that never stops growing, as deliveries do."""


def whole_number(text: str, most: int = LARGEST_ID) -> int | None:
    """The number from 0 to ``most`` that the text writes in plain digits; None for any other text.

    However long it is: Python raises for thousands of digits.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        return None
    number = int(text)
    return number if number <= most else None
