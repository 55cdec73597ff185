"""Charts as PNG, for documents that cannot hold SVG; matplotlib is loaded when the first is drawn."""

from io import BytesIO
from typing import Any

from reports.charts import in_short, shortened
from reports.curve_charts import DASHES, ages_of, described, has_bands, step_at
from reports.parts import Chart, Drawing
from reports.survival import Curve, Line

_BAR, _MARK = "#2f5d50", "#a8540f"
_INK = "#1b1b1b"
"""Of intervals: seen on a bar in black and white too."""

_COLOURS = (_BAR, _MARK, "#1d4f91", _INK)
_MARKERS = ("o", "s", "^", "D")
_DOTS = 160
"""To the inch: sharp on paper, and some 40 kB a picture."""


def png(drawing: Drawing) -> bytes:
    """The chart, 6.5 inches wide. Raises ``ModuleNotFoundError`` where matplotlib is not installed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained", dpi=_DOTS)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if isinstance(drawing, Chart):
        figure.set_size_inches(6.5, 0.5 + 0.32 * len(drawing.points))
        _bars(axes, drawing)
    else:
        figure.set_size_inches(6.5, 3.6 + 0.22 * len(drawing.lines))
        _curves(axes, drawing)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def told(drawing: Drawing) -> str:
    """What the picture shows, for somebody who does not see it."""
    if isinstance(drawing, Curve):
        return f"{drawing.title}. {described(drawing)}"
    return f"{drawing.title}. " + "; ".join(f"{point.label}: {point.text}" for point in drawing.points) + "."


def _literal(text: str) -> str:
    """Between two of these signs matplotlib reads a formula."""
    return text.replace("$", r"\$")


def _bars(axes: Any, chart: Chart) -> None:
    places = range(len(chart.points))
    values = [point.value or 0.0 for point in chart.points]
    axes.barh(places, values, color=_BAR, alpha=0.5, height=0.62)
    for place, point, value in zip(places, chart.points, values, strict=True):
        end = value
        if chart.share and point.interval is not None:
            low, high = point.interval
            axes.errorbar(
                value, place, xerr=[[max(value - low, 0)], [max(high - value, 0)]], color=_INK, capsize=4
            )
            end = max(high, value)
        axes.annotate(
            in_short(point), (end, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_yticks(places, [_literal(shortened(point.label)) for point in chart.points], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.3)
    axes.set_xlim(left=0)
    axes.tick_params(axis="x", labelsize=8)
    if chart.share:
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")


def _curves(axes: Any, curve: Curve) -> None:
    for number, line in enumerate(curve.lines):
        colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
        ages = [step.at for step in line.steps]
        axes.plot(
            ages,
            [step.share for step in line.steps],
            drawstyle="steps-post",
            color=colour,
            linewidth=1.6,
            dashes=_dashes(number),
            marker=marker,
            markevery=[],  # in the key alone: on the curve the ages are marked, not the steps
            label=line.label,
        )
        axes.plot(*_marked(line), marker, color=colour)
        if has_bands(curve):
            low, high = [step.low for step in line.steps], [step.high for step in line.steps]
            axes.fill_between(ages, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ages_told = ages_of(curve)
    axes.set_xticks(ages_told, [_under(curve, age) for age in ages_told])
    axes.tick_params(labelsize=8)
    watched = "households under watch" + (", in the order of the names" if len(curve.lines) > 1 else "")
    axes.set_xlabel(f"{curve.unit.capitalize()}; under them, {watched}", fontsize=8)
    axes.legend(loc="lower left", fontsize=8, frameon=False, handlelength=5)


def _dashes(number: int) -> tuple[float, ...]:
    pattern = DASHES[number % len(DASHES)]
    return tuple(float(length) / 2 for length in pattern.split()) or (1, 0)


def _marked(line: Line) -> tuple[list[float], list[float]]:
    found = [(age, step_at(line, age)) for age, _ in line.at_risk if age > 0]
    shown = [(age, step.share) for age, step in found if step is not None]
    return [age for age, _ in shown], [share for _, share in shown]


def _under(curve: Curve, age: float) -> str:
    """The age, and under it the households of each line that were under watch at it."""
    watched = [f"{dict(line.at_risk).get(age, 0):,}" for line in curve.lines]
    return "\n".join([f"{age:g}", *watched])
