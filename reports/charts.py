"""Bar charts as SVG that a screen reader can read and that print in black and white."""

from markupsafe import Markup, escape

from reports.outline import Chart, Point

_WIDTH, _ROW, _LEFT, _RIGHT = 640, 34, 110, 190


def svg(chart: Chart, name: str) -> Markup:
    """The chart as an SVG element; ``name`` makes its ids unique on the page."""
    top = _top(chart)
    height = _ROW * len(chart.points) + 12
    rows = Markup("").join(
        _bar(point, number, top, share=chart.share) for number, point in enumerate(chart.points)
    )
    told = "; ".join(f"{point.label}: {point.text}" for point in chart.points)
    return Markup(
        '<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{told}</desc>{rows}</svg>'
    ).format(name=name, width=_WIDTH, height=height, title=chart.title, told=told, rows=rows)


def _top(chart: Chart) -> float:
    """The value at the right end of the scale."""
    values = [point.value or 0.0 for point in chart.points]
    values += [point.interval[1] for point in chart.points if point.interval]
    return max(values, default=0.0) or 1.0


def _bar(point: Point, number: int, top: float, *, share: bool) -> Markup:
    y = number * _ROW + 8
    room = _WIDTH - _LEFT - _RIGHT
    parts = [
        Markup('<text x="{x}" y="{y}" text-anchor="end" class="label">{label}</text>').format(
            x=_LEFT - 8, y=y + 17, label=point.label
        )
    ]
    if point.value is not None:
        parts.append(
            Markup('<rect x="{x}" y="{y}" width="{width:.1f}" height="22" class="bar"/>').format(
                x=_LEFT, y=y, width=room * point.value / top
            )
        )
    if share and point.interval is not None:
        low, high = (_LEFT + room * end / top for end in point.interval)
        line = "M{low:.1f} {y1}V{y2}M{low:.1f} {y}H{high:.1f}M{high:.1f} {y1}V{y2}"
        path = line.format(low=low, high=high, y=y + 11, y1=y + 6, y2=y + 16)
        parts.append(Markup('<path d="{}" class="interval"/>').format(path))
    parts.append(
        Markup('<text x="{x}" y="{y}" class="value">{text}</text>').format(
            x=_WIDTH - _RIGHT + 8, y=y + 17, text=escape(_short(point))
        )
    )
    return Markup("").join(parts)


def _short(point: Point) -> str:
    """``36% (9 of 25)``: what the bar stands for, without the interval that is drawn."""
    return point.text.split(";")[0] + (")" if ";" in point.text else "")
