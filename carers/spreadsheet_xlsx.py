"""Reading an XLSX file's first sheet into rows of text."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from carers.spreadsheet import Line, Unreadable, tidy

_BROKEN = "{name} is not a readable Excel file. Save it again as .xlsx or .csv."
# What openpyxl raises for a file that is none; a broken XML inside it is a SyntaxError.
_BAD_FILE = (BadZipFile, InvalidFileException, SyntaxError, LookupError, ValueError, OSError)
_HALF_A_SECOND = timedelta(milliseconds=500)


def xlsx_rows(name: str, content: bytes) -> Iterator[Line]:
    """The rows of the first sheet, empty ones included. Raises `Unreadable`.

    The file is read twice side by side: once for values, once for formulas, because a formula that no
    spreadsheet has worked out yet has no value and would pass for an empty cell.
    """
    values, formulas = _sheet(name, content, data_only=True), _sheet(name, content, data_only=False)
    rows = zip(values.iter_rows(), formulas.iter_rows(), strict=False)
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
