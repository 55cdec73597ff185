"""Reading the spreadsheets that staff bring: CSV and XLSX into one model of rows, columns and text.

Row numbers are those that a spreadsheet shows: the header is row 1 and empty rows count. Every cell becomes
trimmed text; dates become ISO, yes and no are ``yes`` and ``no``, a whole number has no decimals.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import PurePath

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_NEUTRALISED = re.compile(r"'(?='*(?:\s*[=+\-@＝＋－＠]|[\t\r\n]))")
_DANGEROUS = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Signs that nobody sees and that make another reference of one, or turn what stands beside a name round. The
joiners of Urdu and of emojis are none of them."""

MOST_ROWS = 150_000
MOST_COLUMNS = 128
"""More of either is no file that a service has: it was made to keep the program busy."""


class Unreadable(Exception):
    """The file cannot be read at all; the message is a plain sentence for the person who brought it."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about a file: an error or a warning, at a row and a column where it has them."""

    message: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (f"row {self.row}" if self.row else None, self.column) if part is not None
        )
        return f"{place}: {self.message}" if place else self.message


@dataclass(slots=True)
class Notes:
    """What a file gave cause to say. Errors stop everything, warnings nothing."""

    errors: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def error(self, message: str, row: int | None = None, column: str | None = None) -> None:
        self.errors.append(Note(message, row, column))

    def warn(self, message: str, row: int | None = None, column: str | None = None) -> None:
        self.warnings.append(Note(message, row, column))


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in the file. ``faults``: what is wrong with the cell at an index."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the spreadsheet, and its cells by column. A missing cell is empty."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that could be read. ``columns`` are the known ones that it has."""

    columns: frozenset[str]
    rows: tuple[Row, ...]


def read_sheet(
    name: str, content: bytes, known: Sequence[str], required: Iterable[str], notes: Notes
) -> Sheet:
    """Read a file by its name's ending: ``.csv`` or ``.xlsx``.

    ``known`` are the columns that mean something, ``required`` those that must be there. Notes what is wrong
    with the header or with a cell. Raises `Unreadable` when there is nothing to go on with.
    """
    rows = list(islice(_rows(name, content, notes), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"{name} has more than {MOST_ROWS:,} rows.")
    header_at = next((at for at, line in enumerate(rows) if any(line.cells)), None)
    if header_at is None:
        raise Unreadable(f"{name} is empty.")
    header = rows[header_at]
    if any(header.cells[MOST_COLUMNS:]):
        raise Unreadable(f"{name} has more than {MOST_COLUMNS} columns.")
    names = [_column_name(cell) for cell in header.cells]
    _check_header(header, names, known, required, notes)
    wanted = {column: at for at, column in reversed(list(enumerate(names))) if column in known}
    body = [line for line in rows[header_at + 1 :] if any(line.cells) or line.faults]
    for line in body:
        _check_line(line, wanted, len(names), notes)
    return Sheet(
        frozenset(wanted),
        tuple(
            Row(
                line.number, {column: line.cells[at] for column, at in wanted.items() if at < len(line.cells)}
            )
            for line in body
        ),
    )


def _rows(name: str, content: bytes, notes: Notes) -> Iterator[Line]:
    if not content.strip():
        raise Unreadable(f"{name} is empty.")
    if content.startswith(_OLD_EXCEL):
        raise Unreadable(
            f"{name} is an old Excel file or protected by a password. Save it as .xlsx or .csv without one."
        )
    match PurePath(name).suffix.lower():
        case ".csv" if content.startswith(_ZIP):
            raise Unreadable(f"{name} is named .csv but is an Excel file. Name it .xlsx, or save it as CSV.")
        case ".csv":
            return _csv_rows(name, content, notes)
        case ".xlsx":
            from carers.spreadsheet_xlsx import xlsx_rows  # openpyxl is slow to import

            return xlsx_rows(name, content)
    raise Unreadable(f"{name} is neither .csv nor .xlsx. Save it as one of these.")


def _csv_rows(name: str, content: bytes, notes: Notes) -> Iterator[Line]:
    text = _decode(name, content, notes).replace("\0", "")
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield Line(number, [tidy(cell) for cell in cells])
    except csv.Error as error:
        raise Unreadable(f"{name} is not a well-formed CSV after row {number}: {error}.") from error


def _decode(name: str, content: bytes, notes: Notes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not text in UTF-8. Save it as CSV UTF-8 or as .xlsx.") from error
    notes.warn("The file is not UTF-8. It was read as Windows-1252; check names with accents.")
    return text


def tidy(cell: str) -> str:
    """A cell as it is meant: trimmed, without signs that nobody sees, without the guard of `neutralised`."""
    if not cell:
        return cell
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if not cell.isprintable():
        cell = UNSEEN.sub("", cell)
        cell = "".join(sign for sign in cell if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return (
        _NEUTRALISED.sub("", cell.strip(), count=1).strip() if cell.lstrip().startswith("'") else cell.strip()
    )


def neutralised(text: str) -> str:
    """A text that no spreadsheet takes for a formula. `tidy` gives the text back."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def _column_name(cell: str) -> str:
    return re.sub(r"[\s\-]+", "_", cell.strip().casefold())


def _check_header(
    header: Line, names: list[str], known: Sequence[str], required: Iterable[str], notes: Notes
) -> None:
    for at, column in enumerate(names):
        if column and column in names[:at]:
            notes.error("this column is there twice", header.number, column)
        elif column and column not in known:
            said = f"this column is not known and was left out{_meant(column, known, names)}"
            notes.warn(said, header.number, header.cells[at])
    for column in required:
        if column not in names:
            notes.error("this column is missing", header.number, column)


def _meant(column: str, known: Sequence[str], names: Sequence[str]) -> str:
    """What a column that is spelt wrong was probably meant to be, if that is not there already."""
    like = get_close_matches(column, [one for one in known if one not in names], n=1, cutoff=0.8)
    return f"; did you mean {like[0]}?" if like else ""


def _check_line(line: Line, wanted: dict[str, int], width: int, notes: Notes) -> None:
    for column, at in wanted.items():
        if at in line.faults:
            notes.error(line.faults[at], line.number, column)
    if any(line.cells[width:]):
        notes.error(
            f"has {len(line.cells)} cells where the header has {width}; a text with a comma needs quotes",
            line.number,
        )
