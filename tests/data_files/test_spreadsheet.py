import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from carers.spreadsheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    UNSEEN,
    Notes,
    Sheet,
    Unreadable,
    neutralised,
    read_sheet,
    tidy,
)
from carers.spreadsheet_writing import Cell, Table, to_csv, to_xlsx, write_sheet
from tests.data_files.files import xlsx_of

KNOWN = ("ref", "name", "note")


def read(content: bytes, name: str = "file.csv", notes: Notes | None = None) -> Sheet:
    return read_sheet(name, content, KNOWN, ("ref",), notes or Notes())


def rows(sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, row.cells) for row in sheet.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_is_read_however_a_spreadsheet_saved_it(encoding: str, delimiter: str, ending: str) -> None:
    text = ending.join(delimiter.join(cells) for cells in (("ref", "name"), ("1", "Zoë"), ("2", '"a,b;c"')))
    notes = Notes()
    sheet = read(text.encode(encoding), notes=notes)
    assert rows(sheet) == [(2, {"ref": "1", "name": "Zoë"}), (3, {"ref": "2", "name": "a,b;c"})]
    assert notes == Notes()


def test_windows_1252_is_read_with_a_warning() -> None:
    notes = Notes()
    assert rows(read("ref,name\n1,Zoë".encode("cp1252"), notes=notes)) == [(2, {"ref": "1", "name": "Zoë"})]
    assert [str(note) for note in notes.warnings] == [
        "The file is not UTF-8. It was read as Windows-1252; check names with accents."
    ]


def test_empty_rows_count_and_short_rows_have_empty_cells() -> None:
    sheet = read(b"\nref,name,note\n\n1\n,,\n2,b\n")
    assert [(row.number, row["ref"], row["name"]) for row in sheet.rows] == [(4, "1", ""), (6, "2", "b")]


def test_columns_are_found_however_they_are_written() -> None:
    assert rows(read(b" Ref ,NAME\n1,a\n")) == [(2, {"ref": "1", "name": "a"})]


def test_a_column_that_is_there_twice_or_missing_is_an_error() -> None:
    notes = Notes()
    read(b"name,name\n1,a\n", notes=notes)
    assert [str(note) for note in notes.errors] == [
        "row 1, name: this column is there twice",
        "row 1, ref: this column is missing",
    ]


def test_a_comma_without_quotes_is_an_error_at_its_row() -> None:
    notes = Notes()
    read(b"ref,name\n1,Reed, Amal\n2,b,\n", notes=notes)
    assert [str(note) for note in notes.errors] == [
        "row 2: has 3 cells where the header has 2; a text with a comma needs quotes"
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("f.csv", b"", "f.csv is empty."),
        ("f.csv", b"\n , \n", "f.csv is empty."),
        ("f.xlsx", b"", "f.xlsx is empty."),
        ("f.xlsx", b"not a workbook", "f.xlsx is not a readable Excel file. Save it again as .xlsx or .csv."),
        ("f.ods", b"ref", "f.ods is neither .csv nor .xlsx. Save it as one of these."),
        ("f", b"ref", "f is neither .csv nor .xlsx. Save it as one of these."),
        ("f.csv", b"ref\x81\n", "f.csv is not text in UTF-8. Save it as CSV UTF-8 or as .xlsx."),
        (
            "f.csv",
            b"PK\x03\x04...",
            "f.csv is named .csv but is an Excel file. Name it .xlsx, or save it as CSV.",
        ),
        (
            "f.xlsx",
            b"\xd0\xcf\x11\xe0...",
            "f.xlsx is an old Excel file or protected by a password. Save it as .xlsx or .csv without one.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_plain_sentence(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(content, name)
    assert str(unreadable.value) == said


def test_quotes_that_never_end_get_a_plain_sentence() -> None:
    with pytest.raises(Unreadable, match=r"is not a well-formed CSV after row 1"):
        read(b'ref\n"1\n')


def test_an_excel_file_without_its_parts_gets_a_plain_sentence() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types")
    with pytest.raises(Unreadable, match="not a readable Excel file"):
        read(content.getvalue(), "f.xlsx")


def test_excel_rows_keep_their_numbers() -> None:
    sheet = read(xlsx_of([["ref", "name"], [], ["1", "a"], [None, None], [2, None]]), "f.xlsx")
    assert rows(sheet) == [(3, {"ref": "1", "name": "a"}), (5, {"ref": "2"})]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (True, "yes"),
        (12.0, "12"),
        (1.5, "1.5"),
        (date(2025, 5, 24), "2025-05-24"),
        (datetime(2025, 5, 24), "2025-05-24"),
        (datetime(2025, 5, 24, 10, 0), "2025-05-24 10:00"),
        (datetime(2025, 5, 24, 9, 59, 59, 999_990), "2025-05-24 10:00"),
        ("  a \n b ", "a \n b"),
    ],
)
def test_an_excel_cell_becomes_the_text_that_is_meant(cell: Any, text: str) -> None:
    assert rows(read(xlsx_of([["ref", "note"], ["1", cell]]), "f.xlsx"))[0][1]["note"] == text


def test_a_formula_that_was_never_worked_out_and_a_spreadsheets_error_are_errors_at_their_cells() -> None:
    notes = Notes()
    read(xlsx_of([["ref", "name"], ["1", "=A2&A2"], ["2", "#REF!"]]), "f.xlsx", notes)
    assert [(note.row, note.column) for note in notes.errors] == [(2, "name"), (3, "name")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "'=1", "''+1", "＝1"])
def test_no_spreadsheet_takes_a_text_for_a_formula_and_it_is_read_back(text: str) -> None:
    assert neutralised(text).startswith("'")
    assert tidy(neutralised(text)) == text.strip()


@pytest.mark.parametrize("text", ["", "Amal", "O'Neil", "'tis", "a=b", "12"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert neutralised(text) == text
    assert tidy(text) == text


def test_control_characters_are_dropped() -> None:
    assert tidy("A\0m\x1bal\u200d") == "Amal\u200d"


def test_signs_that_nobody_sees_are_dropped_and_the_joiners_of_urdu_stay() -> None:
    assert tidy("\u200bC\u00ad1\u202e\ufeff") == "C1"
    assert tidy("می\u200cروم") == "می\u200cروم"


def packed(sheet: bytes, **besides: bytes) -> bytes:
    """A file of Excel's whose first sheet is made by hand."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_of([["ref"]]))) as usual,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in usual.namelist():
            made.writestr(part, sheet if part == "xl/worksheets/sheet1.xml" else usual.read(part))
        for part, said in besides.items():
            made.writestr(part, said)
    return content.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>ref</t></is></c></row>{}</sheetData></worksheet>'
)


def test_a_file_that_unpacks_to_hundreds_of_megabytes_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("carers.spreadsheet_xlsx.MOST_UNPACKED", 1024 * 1024)
    with pytest.raises(Unreadable, match="unpacks to more than 1 MB"):
        read(packed(SHEET.format("").encode(), bomb=bytes(1024 * 1024)), "f.xlsx")


def test_one_cell_at_the_end_of_the_world_does_not_bring_a_million_empty_rows() -> None:
    far = SHEET.format('<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>').encode()
    with pytest.raises(Unreadable, match=f"more than {MOST_ROWS:,} rows"):
        read(packed(far), "f.xlsx")
    wide = SHEET.format('<row r="2"><c r="XFD2"><v>1</v></c></row>').encode()
    assert rows(read(packed(wide), "f.xlsx")) == []


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(Unreadable, match=f"more than {MOST_COLUMNS} columns"):
        read(b"ref" + b",x" * MOST_COLUMNS + b"\n1\n")


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc"))).map(lambda text: UNSEEN.sub("", text).strip())


@given(st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any)))
def test_whatever_is_written_is_read_back(cells: list[tuple[str, str, str]]) -> None:
    table = Table(KNOWN, [(one, another, note) for one, another, note in cells])
    expected = [dict(zip(KNOWN, row, strict=True)) for row in cells]
    assert [row.cells for row in read(to_csv(table)).rows] == expected


@given(st.lists(st.tuples(CELLS, CELLS).filter(all), min_size=1, max_size=3))
def test_whatever_is_written_to_excel_is_read_back(cells: list[tuple[str, str]]) -> None:
    table = Table(("ref", "name"), cells)
    assert [(row["ref"], row["name"]) for row in read(to_xlsx(table), "f.xlsx").rows] == cells


def test_csv_is_plain_utf_8_without_a_mark() -> None:
    cells: list[list[Cell]] = [["Zoë", None, True], [7, date(2025, 5, 24), "a,b"]]
    content = to_csv(Table(("a", "b", "c"), cells))
    assert content == 'a,b,c\nZoë,,yes\n7,2025-05-24,"a,b"\n'.encode()


def test_excel_gets_real_dates_and_numbers_and_texts_that_are_no_formulas() -> None:
    content = to_xlsx(Table(("a", "b", "c"), [[7, date(2025, 5, 24), "=1+1"]]))
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = next(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in cells] == [7, datetime(2025, 5, 24), "'=1+1"]
    assert cells[2].data_type == "s"


def test_any_other_ending_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"must end in \.csv or \.xlsx"):
        write_sheet("out.pdf", Table((), ()))
