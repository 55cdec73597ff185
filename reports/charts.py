"""Charts as SVG that a screen reader can read, that print in black and white and that need no stylesheet.

Every colour is the text's own (``currentColor``), so a chart reads in light and dark alike; the classes are
there for a page that wants its own colours. Nothing in it is an inline style or a script.
"""

from typing import NamedTuple

from markupsafe import Markup

from reports.curve_charts import curve_svg
from reports.frames import area, framed, line, text
from reports.parts import Chart, Drawing, Point

_WIDTH, _ROW = 360, 48
"""No wider, so that on a telephone's screen the words can still be read: they stand above the bar."""

_LONGEST = 32
"""Letters of a label that leave room beside it for what the bar stands for."""


def svg(drawing: Drawing, name: str) -> Markup:
    """The chart as an SVG element; ``name`` makes its ids unique on the page."""
    return _bars(drawing, name) if isinstance(drawing, Chart) else curve_svg(drawing, name)


def _bars(chart: Chart, name: str) -> Markup:
    scale = _Scale(1, _WIDTH - 2, _top(chart))
    rows = Markup("").join(
        _bar(point, number * _ROW, scale, share=chart.share) for number, point in enumerate(chart.points)
    )
    told = "; ".join(f"{point.label}: {point.text}" for point in chart.points)
    return framed(name, chart.title, told, (_WIDTH, _ROW * len(chart.points)), rows, "hl-chart hl-bars")


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
    parts = [
        text(0, y + 16, shortened(point.label), "label", size=15),
        text(_WIDTH, y + 16, in_short(point), "value", anchor="end", size=15),
    ]
    if point.value is not None:
        bar = f"M{scale.left:.1f} {y + 22}H{scale.at(point.value):.1f}v18H{scale.left:.1f}Z"
        parts.append(area(bar, "bar", opacity=0.45))
    if share and point.interval is not None:
        low, high = map(scale.at, point.interval)
        ends = f"M{low:.1f} {y + 26}V{y + 36}M{low:.1f} {y + 31}H{high:.1f}M{high:.1f} {y + 26}V{y + 36}"
        parts.append(line(ends, "interval", width=2))
    return Markup("").join(parts)


def in_short(point: Point) -> str:
    """``36% (9 of 25)``: what the bar stands for, without the interval that is drawn."""
    return point.text.split(";")[0] + (")" if ";" in point.text else "")


def shortened(label: str) -> str:
    """A label that leaves room for the bars; the whole of it is in the chart's description."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1].rstrip()}…"
