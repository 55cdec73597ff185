"""The report as a Word document, for those who paste a paragraph into another report."""

from io import BytesIO
from typing import Any

from reports.definitions import DEFINITIONS
from reports.outline import Table, outline
from reports.report import Report
from reports.words import TITLES, long_date


def to_docx(report: Report) -> bytes:
    """Raises ``ModuleNotFoundError`` where python-docx is not installed."""
    from docx import Document

    document = Document()
    document.core_properties.title = f"{report.service}: fostering in {report.year}"
    document.core_properties.author = report.service
    document.add_heading(f"{report.service}: fostering in {report.year}", 0)
    version = (
        "Public version: numbers that could point at fewer than five people are left out."
        if report.public
        else "Internal version: it holds small numbers and is not for publication."
    )
    document.add_paragraph(f"Data of {long_date(report.data_date)}. {version}")
    for note in report.notes:
        document.add_paragraph(note)
    for section in outline(report):
        document.add_heading(section.title, 1)
        for sentence in section.sentences:
            document.add_paragraph(sentence, style="List Bullet")
        for note in section.notes:
            document.add_paragraph(note)
        for table in section.tables:
            _add_table(document, table)
    document.add_heading("What the figures mean", 1)
    for figure_id, definition in DEFINITIONS.items():
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{TITLES[figure_id]}: ").bold = True
        paragraph.add_run(definition)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _add_table(document: Any, table: Table) -> None:
    document.add_paragraph(table.caption, style="Caption")
    grid = document.add_table(rows=1, cols=len(table.header), style="Light List")
    for place, text in zip(grid.rows[0].cells, table.header, strict=True):
        place.text = text
    for row in table.rows:
        for place, text in zip(grid.add_row().cells, row, strict=True):
            place.text = text
