"""Writing one sheet as XLSX, row by row, so that its size costs time but no memory.

Of the format there is only what a table needs: a frozen bold header, texts, numbers, dates and times. The
library that makes our other workbooks keeps a sheet in memory, two hundred megabytes for a carer each in the
country, or in files that a crash would leave behind, and takes eight times as long.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

XlsxCell = str | int | float | date | datetime | None
"""Text, a number, a date from 1901 on, a naive local time, or nothing."""

MOST_LETTERS = 32_767
"""Of a text in one cell: what a spreadsheet takes."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOLD, _DAY, _TIME = 1, 2, 3
"""The formats of a cell, as the style sheet numbers them."""

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no way to write; it is left out."""

_SECONDS = 86_400
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - where spreadsheets begin to count, by no clock


class XlsxFile:
    """A file that is being written. Nobody can open it before `close`."""

    def __init__(self, out: IO[bytes], columns: Sequence[str]) -> None:
        self._packed = ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1)
        for name, part in _PARTS.items():
            self._packed.writestr(name, _HEAD + part)
        self._letters = [_letters(at) for at in range(len(columns))]
        self._rows = 0
        self._sheet = self._packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f'</sheetView></sheetViews><cols><col min="1" max="{max(1, len(columns))}" width="18"'
            ' customWidth="1"/></cols><sheetData>'.encode()
        )
        self._sheet.write(self._row(columns, _BOLD).encode())

    def add(self, rows: Iterable[Sequence[XlsxCell]]) -> None:
        """Write these rows, of as many cells as there are columns, after those that are there."""
        self._sheet.write("".join(map(self._row, rows)).encode())

    def close(self) -> None:
        """Finish the file; what it was written into stays open."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._packed.close()

    def _row(self, cells: Sequence[XlsxCell], style: int = 0) -> str:
        self._rows += 1
        number = self._rows
        written = (
            f'<c r="{letters}{number}"{_content(cell, style)}</c>'
            for letters, cell in zip(self._letters, cells, strict=True)
            if cell is not None and cell != ""
        )
        return f'<row r="{number}">{"".join(written)}</row>'


def _letters(at: int) -> str:
    """The column's name: A for 0, AA for 26."""
    before, letter = divmod(at, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + letter)


def _content(cell: XlsxCell, style: int) -> str:
    """The rest of a cell, after its place."""
    match cell:
        case str():
            text = escape(_UNWRITABLE.sub("", cell[:MOST_LETTERS]))
            return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
        case datetime():
            return f' s="{_TIME}"><v>{(cell - _FIRST_DAY).total_seconds() / _SECONDS!r}</v>'
        case date():
            return f' s="{_DAY}"><v>{cell.toordinal() - _FIRST_DAY.toordinal()}</v>'
    return f"><v>{cell!r}</v>"
