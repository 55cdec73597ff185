"""The report as a workbook: a sheet for each section with its tables and charts, and every figure in a row of
its own, for those who go on calculating."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from reports.figures import Figure
from reports.method import METHOD
from reports.outline import headline_table, meanings, outline
from reports.report import Report
from reports.words import STANDS_WITH, TITLES, label, long_date, version_of
from reports.workbook_sections import SectionSheet

HEADER = (
    "id",
    "figure",
    "period",
    "household_type",
    "group",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "note",
    "definition",
    "data_date",
)


def to_xlsx(report: Report) -> bytes:
    import xlsxwriter  # two megabytes, and a report is made once in a while

    content = BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": f"{report.service}: fostering in {report.year}"})
    bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    _about(book.add_worksheet("About"), report, bold)
    _figures(book.add_worksheet("Figures"), report, bold, share)
    _terms(book.add_worksheet("Definitions"), [*meanings(report), *METHOD])
    for section in outline(report):
        SectionSheet(book, section).write(section)
    book.close()
    return content.getvalue()


def _about(sheet: Any, report: Report, bold: Any) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write(0, 0, f"{report.service}: fostering in {report.year}", bold)
    version = version_of(public=report.public)
    national = [one.sentence for one in report.national]
    about = [f"Data of {long_date(report.data_date)}", version, STANDS_WITH, *report.notes, *national]
    sheet.write_column(1, 0, about)
    headlines = headline_table(report)
    sheet.set_column(1, 3, 20)
    for number, row in enumerate((headlines.header, *headlines.rows), len(about) + 2):
        sheet.write_row(number, 0, row, bold if row is headlines.header else None)


def _terms(sheet: Any, terms: Iterable[tuple[str, str]]) -> None:
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 120)
    for row, term in enumerate(terms):
        sheet.write_row(row, 0, term)


def _figures(sheet: Any, report: Report, bold: Any, share: Any) -> None:
    sheet.write_row(0, 0, HEADER, bold)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(report.figures), len(HEADER) - 1)
    for column, width in enumerate((26, 34, 10, 20, 24, 11, 11, 9, 9, 9, 30, 60, 12)):
        sheet.set_column(column, column, width)
    for row, figure in enumerate(report.figures, 1):
        sheet.write_row(row, 0, _row(figure))
        if not figure.is_count:
            for column, value in zip(
                (7, 8, 9), (figure.value, *(figure.interval or (None, None))), strict=True
            ):
                sheet.write(row, column, value, share)


def _row(figure: Figure) -> list[Any]:
    others = [label(value) for name, value in figure.group.items() if name != "household_type"]
    low, high = figure.interval or (None, None)
    return [
        figure.id,
        TITLES[figure.id],
        figure.period,
        label(figure.group.get("household_type", "")),
        ", ".join(others),
        figure.numerator,
        figure.denominator,
        figure.value,
        low,
        high,
        "not shown" if figure.suppressed else figure.note,
        figure.definition,
        figure.data_date.isoformat(),
    ]
