"""Opening the files that the console gives, as whoever takes them away would."""

import csv
import io

from carers.spreadsheet_writing import BYTE_ORDER_MARK


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the console, by the names of its columns."""
    assert text.startswith(BYTE_ORDER_MARK), "Excel takes the file for another alphabet"
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))
