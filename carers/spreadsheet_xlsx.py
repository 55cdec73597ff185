"""Reading an XLSX file's first sheet into rows of text."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.exceptions import InvalidFileException

from carers.spreadsheet import MOST_COLUMNS, MOST_ROWS, Line, Unreadable, tidy

_BROKEN = "{name} is not a readable Excel file. Save it again as .xlsx or .csv."
# What openpyxl raises for a file that is none; a broken XML inside it is a SyntaxError.
_BAD_FILE = (BadZipFile, InvalidFileException, SyntaxError, LookupError, ValueError, OSError)
MOST_UNPACKED = 400 * 1024 * 1024
"""Bytes of everything in the file, unpacked: a register of a hundred thousand carers has a tenth of it. A
megabyte of a file can hold thousands of megabytes of the same letter."""
_HALF_A_SECOND = timedelta(milliseconds=500)


def xlsx_rows(name: str, content: bytes) -> Iterator[Line]:
    """The rows of the first sheet, empty ones included. Raises `Unreadable`.

    The file is read twice side by side: once for values, once for formulas, because a formula that no
    spreadsheet has worked out yet has no value and would pass for an empty cell.
    """
    _check_size(name, content)
    values, formulas = _sheet(name, content, data_only=True), _sheet(name, content, data_only=False)
    # A cell far off brings with it all the empty ones before it: of those there is an end.
    most = {"max_row": MOST_ROWS + 1, "max_col": MOST_COLUMNS + 1}
    rows = zip(map(_bare, values.iter_rows(**most)), map(_bare, formulas.iter_rows(**most)), strict=False)
    try:
        for number, (cells, sources) in enumerate(rows, start=1):
            faults = {
                at: fault
                for at, (cell, source) in enumerate(zip(cells, sources, strict=False))
                if (fault := _fault(cell, source))
            }
            texts = ["" if at in faults else tidy(_plain(cell.value)) for at, cell in enumerate(cells)]
            yield Line(number, texts, faults)
    except _BAD_FILE as error:
        raise Unreadable(_BROKEN.format(name=name)) from error


def _bare(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row without the cells that are not in the file, behind its last."""
    width = len(cells)
    while width and cells[width - 1] is EMPTY_CELL:
        width -= 1
    return cells[:width]


def _check_size(name: str, content: bytes) -> None:
    """Raises `Unreadable` for a file that says it unpacks to too much; it yields no more than it says."""
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except _BAD_FILE as error:
        raise Unreadable(_BROKEN.format(name=name)) from error
    if size > MOST_UNPACKED:
        raise Unreadable(f"{name} unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB.")


def _sheet(name: str, content: bytes, data_only: bool) -> Any:
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
        sheet = workbook.worksheets[0]
    except _BAD_FILE as error:
        raise Unreadable(_BROKEN.format(name=name)) from error
    sheet.reset_dimensions()  # some programs write a wrong size into the file
    return sheet


def _fault(cell: Any, source: Any) -> str:
    if cell.value is None and source.value is not None and source.data_type == "f":
        return "holds a formula that was never worked out; open the file in a spreadsheet and save it"
    return f"holds the spreadsheet error {cell.value}" if cell.data_type == "e" else ""


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return _moment((value + _HALF_A_SECOND).replace(microsecond=0))
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
    return str(value)


def _moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")
