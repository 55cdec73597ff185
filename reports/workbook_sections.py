"""A sheet of the workbook for each section: its sentences, its tables, and its charts as Excel draws them.

A chart of a workbook is drawn from cells, so the numbers of each stand beside it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from reports.parts import Chart, Drawing, Point, Section, Table
from reports.pictures import told
from reports.survival import Curve, Step

_HIGH = 22
"""Rows that a chart takes."""

_COLOUR = "#2F5D50"
_DASHES = ("solid", "dash", "round_dot", "dash_dot")
_ENDS = ("Share", "Low", "High")

Row = Sequence[str | float | None]


class SectionSheet:
    """Writes one section downwards into a sheet of its own."""

    def __init__(self, book: Any, section: Section) -> None:
        self._book, self._name = book, section.title
        self._sheet = book.add_worksheet(section.title)
        self._bold = book.add_format({"bold": True})
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._share = book.add_format({"num_format": "0.0%"})
        self._row = 0

    def write(self, section: Section) -> None:
        self._sheet.set_column(0, 0, 36)
        self._sheet.set_column(1, 8, 26)
        self._line(section.title, self._bold)
        for sentence in (*section.opening, *section.sentences, *section.national, *section.notes):
            self._line(sentence)
        for comment in section.comments:
            self._line("What the service says", self._bold)
            self._line(comment.text)
        for table in section.tables:
            self._table(table)
        for drawing in section.charts:
            self._draw(drawing)

    def _line(self, words: str, form: Any = None) -> None:
        self._sheet.write_string(self._row, 0, words, form)
        self._row += 1

    def _table(self, table: Table) -> None:
        self._row += 1
        self._line(table.caption, self._bold)
        self._rows(table.header, table.rows)

    def _rows(self, header: Sequence[str], rows: Sequence[Row], form: Any = None) -> tuple[int, int]:
        """``form``: of the columns after the first. Returns the first and the last row under the header."""
        self._sheet.write_row(self._row, 0, header, self._head)
        first = self._row + 1
        for number, (name, *cells) in enumerate(rows, first):
            self._sheet.write(number, 0, name)
            self._sheet.write_row(number, 1, cells, form)
        self._row = first + len(rows)
        return first, self._row - 1

    def _draw(self, drawing: Drawing) -> None:
        self._row += 1
        self._line(drawing.title, self._bold)
        begin = self._row
        chart = self._bars(drawing) if isinstance(drawing, Chart) else self._curve(drawing)
        chart.set_title({"name": drawing.title, "name_font": {"size": 12}})
        chart.set_size({"width": 640, "height": 400})
        self._sheet.insert_chart(begin, 6, chart, {"description": told(drawing)})
        self._row = max(self._row, begin + _HIGH)

    def _bars(self, chart: Chart) -> Any:
        form = self._share if chart.share else None
        header = ["", "Value", "Low", "High", "Below", "Above"]
        first, last = self._rows(header, [_bar(point) for point in chart.points], form)
        series = {
            "name": chart.title,
            "categories": [self._name, first, 0, last, 0],
            "values": [self._name, first, 1, last, 1],
            "fill": {"color": _COLOUR},
        }
        if chart.share:
            below, above = (f"={quoted(self._name)}!${c}${first + 1}:${c}${last + 1}" for c in "EF")
            series["y_error_bars"] = {"type": "custom", "minus_values": below, "plus_values": above}
        drawn = self._book.add_chart({"type": "bar"})
        drawn.add_series(series)
        drawn.set_legend({"none": True})
        drawn.set_y_axis({"reverse": True})
        drawn.set_x_axis({"num_format": "0%" if chart.share else "0", "min": 0})
        return drawn

    def _curve(self, curve: Curve) -> Any:
        drawn = self._book.add_chart({"type": "scatter", "subtype": "straight"})
        for number, line in enumerate(curve.lines):
            first, last = self._rows([line.label, *_ENDS], list(_corners(line.steps)), self._share)
            for column, end in enumerate(_ENDS, 1):
                series = {
                    "name": f"{line.label}, {end.lower()}",
                    "categories": [self._name, first, 0, last, 0],
                    "values": [self._name, first, column, last, column],
                    "line": {
                        "width": 2.25 if column == 1 else 0.75,
                        "dash_type": _DASHES[number % len(_DASHES)],
                    },
                    "marker": {"type": "none"},
                }
                drawn.add_series(series)
            self._rows([curve.unit.capitalize(), "Households under watch"], line.at_risk)
        drawn.set_x_axis({"name": curve.unit.capitalize(), "min": 0})
        drawn.set_y_axis({"num_format": "0%", "min": 0, "max": 1})
        drawn.set_legend({"position": "bottom"})
        return drawn


def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it."""
    return "'" + sheet.replace("'", "''") + "'"


def _bar(point: Point) -> Row:
    """The number, its interval, and how far that reaches to either side, which is what Excel draws by."""
    if point.value is None:
        return point.label, point.text
    if point.interval is None:
        return point.label, point.value
    low, high = point.interval
    return point.label, point.value, low, high, point.value - low, high - point.value


def _corners(steps: Sequence[Step]) -> Iterator[Row]:
    """Along to each step and then down to it, for Excel draws straight lines."""
    for step, later in pairwise(steps):
        yield step.at, step.share, step.low, step.high
        yield later.at, step.share, step.low, step.high
    yield steps[-1].at, steps[-1].share, steps[-1].low, steps[-1].high
