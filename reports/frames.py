"""What charts are drawn of: SVG elements without styles, in an element with a title and a description."""

from collections.abc import Mapping
from itertools import chain

from markupsafe import Markup


def framed(
    name: str, title: str, told: str, size: tuple[float, float], drawn: Markup, kind: str = "hl-chart"
) -> Markup:
    """An SVG element that is read out as its title and what is told; ``name`` makes its ids unique."""
    return Markup(
        '<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width:g} {height:g}" '
        'width="{width:g}" height="{height:g}" class="{kind}" fill="currentColor" '
        'font-family="system-ui, sans-serif" font-size="14" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{told}</desc>{drawn}</svg>'
    ).format(name=name, width=size[0], height=size[1], title=title, told=told, drawn=drawn, kind=kind)


def text(x: float, y: float, words: str, kind: str, anchor: str = "start", size: int = 14) -> Markup:
    """Words that begin (``start``), end or stand in the middle at a place."""
    given = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "font-size": str(size), "class": kind}
    return _element("text", given, words)


def line(path: str, kind: str, *, width: float = 1, dashes: str = "", opacity: float = 1) -> Markup:
    """A line in the colour of the text."""
    given = {"d": path, "class": kind, "fill": "none", "stroke": "currentColor", "stroke-width": f"{width:g}"}
    if dashes:
        given["stroke-dasharray"] = dashes
    if opacity < 1:
        given["stroke-opacity"] = f"{opacity:g}"
    return _element("path", given)


def area(path: str, kind: str, *, opacity: float = 1) -> Markup:
    """What a path encloses, in the colour of the text."""
    given = {"d": path, "class": kind, "fill": "currentColor"}
    return _element("path", given | ({"fill-opacity": f"{opacity:g}"} if opacity < 1 else {}))


def _element(tag: str, attributes: Mapping[str, str], content: str = "") -> Markup:
    # One format for all of it: a report has hundreds, and each format costs as much as a table's row.
    given = Markup(' {}="{}"') * len(attributes)
    return (Markup("<{}") + given + Markup(">{}</{}>")).format(
        tag, *chain.from_iterable(attributes.items()), content, tag
    )
