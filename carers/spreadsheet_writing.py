"""Writing a table as CSV or XLSX: no spreadsheet takes a text for a formula, and `read_sheet` reads it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import IO, Protocol
from zoneinfo import ZoneInfo

from carers.spreadsheet import Unreadable, neutralised
from carers.xlsx_writing import XlsxCell, XlsxFile

Cell = str | int | float | date | datetime | bool | None
"""Text, a number, a local calendar date, a time (aware), yes or no, or nothing."""

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Table:
    """What is written: a header and rows of as many cells."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class SheetFile(Protocol):
    """A file that rows are written into one batch after another; it is whole after `close`."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> None: ...

    def close(self) -> None: ...


class CsvSheet:
    """UTF-8, commas, one line feed a row. Times are local ones of ``zone``.

    ``marked``: with a byte order mark, without which Excel takes the file for another alphabet.
    """

    def __init__(self, out: IO[bytes], columns: Sequence[str], zone: ZoneInfo, *, marked: bool) -> None:
        self._out, self._zone = out, zone
        if marked:
            out.write(BYTE_ORDER_MARK.encode())
        self._write([columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._write([_text(cell, self._zone) for cell in row] for row in rows)

    def close(self) -> None:
        pass

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._out.write(text.getvalue().encode(errors="replace"))


class XlsxSheet:
    """One sheet with a frozen header; numbers are real numbers, dates and times (local ones of ``zone``) real
    dates and times."""

    def __init__(self, out: IO[bytes], columns: Sequence[str], zone: ZoneInfo) -> None:
        self._file, self._zone = XlsxFile(out, columns), zone

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._file.add([_typed(cell, self._zone) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()


def write_sheet(name: str, table: Table) -> bytes:
    """The file's content, in the format that its name ends in. Raises `Unreadable` for any other ending."""
    match PurePath(name).suffix.lower():
        case ".csv":
            return to_csv(table)
        case ".xlsx":
            return to_xlsx(table)
    raise Unreadable(f"{name} must end in .csv or .xlsx.")


def to_csv(table: Table) -> bytes:
    """UTF-8 without a byte order mark; a time in it is UTC."""
    content = io.BytesIO()
    CsvSheet(content, table.columns, _UTC, marked=False).add(table.rows)
    return content.getvalue()


def to_xlsx(table: Table) -> bytes:
    """One sheet with a frozen header; a time in it is UTC."""
    content = io.BytesIO()
    sheet = XlsxSheet(content, table.columns, _UTC)
    sheet.add(table.rows)
    sheet.close()
    return content.getvalue()


_UTC = ZoneInfo("UTC")


def _text(cell: Cell, zone: ZoneInfo) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() | float():
            return str(cell)
        case datetime():
            return local_time(cell, zone)
        case date():
            return cell.isoformat()
    return neutralised(cell)


def _typed(cell: Cell, zone: ZoneInfo) -> XlsxCell:
    """A real number, date or time where a spreadsheet has one for it; else text."""
    match cell:
        case bool():
            return _text(cell, zone)
        case int() | float():
            return cell
        case datetime():
            local = cell.astimezone(zone).replace(microsecond=0)
            return _text(cell, zone) if local.fold or local.year < _FIRST else local.replace(tzinfo=None)
        case date():
            return _text(cell, zone) if cell.year < _FIRST else cell
    return _text(cell, zone)


_FIRST = 1901
"""The first whole year that a spreadsheet has dates for."""


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
