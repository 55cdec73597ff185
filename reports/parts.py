"""What an outline is made of: sections of sentences, tables and charts, as every document shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.report import Comment
from reports.survival import Curve


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text; the first column names the row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One bar of a chart; ``value`` None where there is no number to draw."""

    label: str
    value: float | None
    interval: tuple[float, float] | None
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, in fractions where ``share``. A table of the section holds the same numbers."""

    title: str
    points: Sequence[Point]
    share: bool


Drawing = Chart | Curve


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``key`` is stable and names it in addresses and comments.

    ``opening`` is a paragraph of two or three sentences: the figure, the year before, what chance could do.
    ``sentences`` are one figure each, ``national`` one national number each; none of them holds a number that
    is not in ``figures.json``. ``notes`` say why something is not there. ``comments`` are staff's own words.
    """

    key: str
    title: str
    opening: Sequence[str]
    sentences: Sequence[str]
    tables: Sequence[Table]
    charts: Sequence[Drawing] = ()
    notes: Sequence[str] = ()
    national: Sequence[str] = ()
    comments: Sequence[Comment] = ()
