"""Writing a table as CSV or XLSX: no spreadsheet takes a text for a formula, and `read_sheet` reads it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from carers.spreadsheet import Unreadable, neutralised

Cell = str | int | date | bool | None
"""Text, a number, a local calendar date, yes or no, or nothing. Times are text: see `local_time`."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is written: a header and rows of as many cells."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def write_sheet(name: str, table: Table) -> bytes:
    """The file's content, in the format that its name ends in. Raises `Unreadable` for any other ending."""
    match PurePath(name).suffix.lower():
        case ".csv":
            return to_csv(table)
        case ".xlsx":
            return to_xlsx(table)
    raise Unreadable(f"{name} must end in .csv or .xlsx.")


def to_csv(table: Table) -> bytes:
    """UTF-8 without a byte order mark, commas, one line feed a row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode()


def to_xlsx(table: Table) -> bytes:
    """One sheet with a frozen header; dates are real dates, numbers real numbers."""
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.columns) - 1, 18)
        sheet.write_row(0, 0, table.columns, bold)
        for at, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, date) and cell.year >= 1901:
                    sheet.write_datetime(at, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a calendar date
                elif isinstance(cell, int) and not isinstance(cell, bool):
                    sheet.write_number(at, column, cell)
                elif text := _text(cell):
                    sheet.write_string(at, column, text)
    return content.getvalue()


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int():
            return str(cell)
        case date():
            return cell.isoformat()
    return neutralised(cell)


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """``2025-05-24 10:00`` in the zone; with its offset where the clocks go back and the time comes twice."""
    if moment is None:
        return ""
    local = moment.astimezone(zone).replace(microsecond=0)
    shown = local if local.fold else local.replace(tzinfo=None)
    return shown.isoformat(" ", "seconds" if local.second else "minutes")


def exact_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """``2025-05-24T10:00:05+01:00``: a point in time, for records."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
