"""Curves of how many stay, as SVG: steps with their 95 % band, and under the axis the numbers at risk.

The lines are told apart by their dashes, by a marker at each age that the table has, and by the label at the
end: in colour, in black and white and for whoever sees no colours alike.
"""

from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap

from markupsafe import Markup

from reports import frames
from reports.frames import framed, text
from reports.survival import Curve, Line, Step
from reports.words import percent

WIDTH, PLOT_HEIGHT = 640, 260
LEFT, RIGHT, TOP = 52, 150, 14
_ROW, _LINE = 20, 15
_LONGEST = 22
"""Letters of a label beside the end of its line; a longer one goes on below."""

_BESIDE = 0.05
"""Lines that end within this part of the axis of one another end beside one another."""

DASHES = ("", "9 5", "3 4", "12 4 3 4")
"""A pattern for each line; a fifth would begin anew."""

_BANDS = 2
"""More bands than this lie over one another and show nothing."""


def curve_svg(curve: Curve, name: str) -> Markup:
    """The curve as an SVG element; ``name`` makes its ids unique on the page."""
    ages = ages_of(curve)
    plot = _Plot(max(ages, default=1.0) or 1.0)
    bands = [_band(plot, line) for line in curve.lines] if has_bands(curve) else []
    drawn = [
        _axes(plot, ages, curve.unit),
        *bands,
        *(_line(plot, line, number) for number, line in enumerate(curve.lines)),
        _names(plot, curve.lines),
        _numbers_at_risk(plot, curve.lines),
    ]
    height = TOP + PLOT_HEIGHT + 70 + 2 * _ROW * len(curve.lines)
    return framed(name, curve.title, described(curve), (WIDTH, height), Markup("").join(drawn))


def ages_of(curve: Curve) -> list[float]:
    """The ages at which the numbers at risk are told, in years."""
    return sorted({age for line in curve.lines for age, _ in line.at_risk})


def has_bands(curve: Curve) -> bool:
    """Whether the bands can be told apart; if not, the table has the intervals."""
    return len(curve.lines) <= _BANDS


def described(curve: Curve) -> str:
    """What the drawing shows, for somebody who does not see it: each line where the table has a number."""
    told = []
    for line in curve.lines:
        shares = [
            f"{percent(step.share)} at {age:g}"
            for age, step in ((age, step_at(line, age)) for age, _ in line.at_risk)
            if step is not None and age > 0
        ]
        told.append(f"{line.label}: {', '.join(shares) or 'too few watched'}")
    return f"Share still approved, by {curve.unit}. {'; '.join(told)}."


def step_at(line: Line, age: float) -> Step | None:
    """Where the curve stands at this age; None beyond its end."""
    if not line.steps or age > line.steps[-1].at + 0.01:
        return None
    return [step for step in line.steps if step.at <= age + 1e-9][-1]


class _Plot:
    """Where an age and a share lie on the drawing."""

    def __init__(self, oldest: float) -> None:
        self.oldest = oldest

    def x(self, age: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(age / self.oldest, 1.0)

    def y(self, share: float) -> float:
        return TOP + PLOT_HEIGHT * (1 - share)

    def steps(self, points: Sequence[tuple[float, float]]) -> str:
        """A path that goes along to each point and then up or down to it."""
        first, *rest = points
        path = f"{self.x(first[0]):.1f} {self.y(first[1]):.1f}"
        return path + "".join(f"H{self.x(age):.1f}V{self.y(share):.1f}" for age, share in rest)


def _axes(plot: _Plot, ages: Sequence[float], unit: str) -> Markup:
    parts = []
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        grid = f"M{LEFT} {plot.y(share):.1f}H{WIDTH - RIGHT}"
        parts.append(frames.line(grid, "grid", opacity=0.2 if share else 0.7))
        parts.append(text(LEFT - 8, plot.y(share) + 5, percent(share), "label", anchor="end", size=13))
    base = plot.y(0)
    for age in ages:
        parts.append(frames.line(f"M{plot.x(age):.1f} {base:.1f}v5", "axis"))
        parts.append(text(plot.x(age), base + 19, f"{age:g}", "label", anchor="middle", size=13))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(text(middle, base + 38, unit.capitalize(), "label", anchor="middle", size=13))
    return Markup("").join(parts)


def _band(plot: _Plot, line: Line) -> Markup:
    """Along the upper edge and back along the lower."""
    there = plot.steps([(step.at, step.high) for step in line.steps])
    back = ""
    for step, later in reversed(list(pairwise(line.steps))):
        back += f"L{plot.x(later.at):.1f} {plot.y(step.low):.1f}H{plot.x(step.at):.1f}"
    return frames.area(f"M{there}{back}Z", "band", opacity=0.13)


def _line(plot: _Plot, line: Line, number: int) -> Markup:
    path = plot.steps([(step.at, step.share) for step in line.steps])
    parts = [_stroke(f"M{path}", number)]
    for age, _ in line.at_risk:
        step = step_at(line, age)
        if step is not None and age > 0:
            parts.append(_marker(plot.x(age), plot.y(step.share), number))
    return Markup("").join(parts)


def _stroke(path: str, number: int) -> Markup:
    return frames.line(path, f"line line-{number + 1}", width=2.5, dashes=DASHES[number % len(DASHES)])


def _marker(x: float, y: float, number: int) -> Markup:
    """A circle, a square, a triangle or a diamond."""
    shapes = (
        f"M{x - 5:.1f} {y:.1f}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z",
        f"M{x - 5:.1f} {y - 5:.1f}h10v10h-10Z",
        f"M{x:.1f} {y - 6:.1f}l6.5 11h-13Z",
        f"M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5 -6.5Z",
    )
    return frames.area(shapes[number % len(shapes)], f"marker marker-{number + 1}")


def _names(plot: _Plot, lines: Sequence[Line]) -> Markup:
    """Each line's name at its end, the names moved apart where lines end beside one another.

    A line that ends while another goes on is named under the axis alone: its name would lie on the other.
    """
    longest = max((line.steps[-1].at for line in lines), default=0.0)
    ends = [line for line in lines if line.steps[-1].at >= longest - plot.oldest * _BESIDE]
    ends.sort(key=lambda line: plot.y(line.steps[-1].share))
    names = [wrap(line.label, _LONGEST) for line in ends]
    parts = []
    for line, words, y in zip(ends, names, _places(plot, ends, names), strict=True):
        for number, row in enumerate(words):
            parts.append(text(plot.x(line.steps[-1].at) + 10, y + _LINE * number, row, "label", size=13))
    return Markup("").join(parts)


def _places(plot: _Plot, ends: Sequence[Line], names: Sequence[list[str]]) -> list[float]:
    """Where each name begins, from the top: below the one before, and none below the axis."""
    places, free = [], 0.0
    for line, words in zip(ends, names, strict=True):
        places.append(max(plot.y(line.steps[-1].share) + 4, free))
        free = places[-1] + _LINE * len(words)
    lowest = plot.y(0)
    for number in range(len(places) - 1, -1, -1):
        places[number] = min(places[number], lowest - _LINE * (len(names[number]) - 1))
        lowest = places[number] - _LINE
    return places


def _numbers_at_risk(plot: _Plot, lines: Sequence[Line]) -> Markup:
    """Under the axis, for each line as it is drawn."""
    y = TOP + PLOT_HEIGHT + 62.0
    parts = [text(0, y, "Households under watch", "label", size=13)]
    for number, line in enumerate(lines):
        y += _ROW
        parts += [_stroke(f"M0 {y - 5:.1f}h26", number), _marker(13, y - 5, number)]
        parts.append(text(34, y, line.label, "label", size=13))
        y += _ROW
        for age, watched in line.at_risk:
            parts.append(text(plot.x(age), y, f"{watched:,}", "value", anchor="middle", size=13))
    return Markup("").join(parts)
