"""Charts as SVG that a screen reader can read, that print in black and white and that need no stylesheet.

Every colour is the text's own (``currentColor``), so a chart reads in light and dark alike; the classes are
there for a page that wants its own colours. Nothing in it is an inline style or a script.
"""

from typing import NamedTuple

from markupsafe import Markup

from reports.curve_charts import curve_svg
from reports.frames import area, framed, line, text
from reports.parts import Chart, Drawing, Point

_WIDTH, _ROW = 640, 34
_LETTER = 7.6
"""The width of a letter at the size of the text, near enough to leave room for words."""

_LONGEST = 28


def svg(drawing: Drawing, name: str) -> Markup:
    """The chart as an SVG element; ``name`` makes its ids unique on the page."""
    return _bars(drawing, name) if isinstance(drawing, Chart) else curve_svg(drawing, name)


def _bars(chart: Chart, name: str) -> Markup:
    left = 16 + _LETTER * max(len(shortened(point.label)) for point in chart.points)
    right = _WIDTH - 12 - _LETTER * max(len(in_short(point)) for point in chart.points)
    scale = _Scale(left, right, _top(chart))
    rows = Markup("").join(
        _bar(point, number * _ROW + 8, scale, share=chart.share) for number, point in enumerate(chart.points)
    )
    told = "; ".join(f"{point.label}: {point.text}" for point in chart.points)
    return framed(name, chart.title, told, (_WIDTH, _ROW * len(chart.points) + 12), rows)


def _top(chart: Chart) -> float:
    """The value at the right end of the scale."""
    values = [point.value or 0.0 for point in chart.points]
    values += [point.interval[1] for point in chart.points if chart.share and point.interval]
    return max(values, default=0.0) or 1.0


class _Scale(NamedTuple):
    """Where bars begin, where the longest ends, and the value that it stands for."""

    left: float
    right: float
    top: float

    def at(self, value: float) -> float:
        return self.left + (self.right - self.left) * value / self.top


def _bar(point: Point, y: float, scale: _Scale, *, share: bool) -> Markup:
    parts = [text(scale.left - 8, y + 17, shortened(point.label), "label", anchor="end")]
    if point.value is not None:
        bar = f"M{scale.left:.1f} {y}H{scale.at(point.value):.1f}v22H{scale.left:.1f}Z"
        parts.append(area(bar, "bar", opacity=0.45))
    if share and point.interval is not None:
        low, high = map(scale.at, point.interval)
        ends = f"M{low:.1f} {y + 6}V{y + 16}M{low:.1f} {y + 11}H{high:.1f}M{high:.1f} {y + 6}V{y + 16}"
        parts.append(line(ends, "interval", width=2))
    parts.append(text(scale.right + 8, y + 17, in_short(point), "value"))
    return Markup("").join(parts)


def in_short(point: Point) -> str:
    """``36% (9 of 25)``: what the bar stands for, without the interval that is drawn."""
    return point.text.split(";")[0] + (")" if ";" in point.text else "")


def shortened(label: str) -> str:
    """A label that leaves room for the bars; the whole of it is in the chart's description."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1].rstrip()}…"
