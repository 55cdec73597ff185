"""How a report is shown on its page: the headlines of its year, and its sections with what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from care.report_comments import ServiceComment
from reports.figures import Figure
from reports.headlines import headlines
from reports.outline import meanings, outline
from reports.parts import Section
from reports.report import Report
from reports.words import TITLES, interval, made_of, value


@dataclass(frozen=True, slots=True)
class Line:
    """A headline figure as the table shows it."""

    title: str
    value: str
    made_of: str
    interval: str
    note: str
    definition: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A section of the page. ``meanings``: title and definition of each figure in its tables. ``written``:
    what the service says there as it stands, be it left out of this version or not."""

    section: Section
    meanings: list[tuple[str, str]]
    written: ServiceComment | None

    @property
    def is_left_out(self) -> bool:
        return self.written is not None and not self.section.comments


def headline_lines(report: Report) -> list[Line]:
    return [_line(figure) for figure in headlines(report)]


def sections(report: Report, written: Mapping[str, ServiceComment]) -> list[Shown]:
    """Every section, with what staff wrote (by section)."""
    known = meanings(report)
    return [
        Shown(section, meanings_of(section, known), written.get(section.key)) for section in outline(report)
    ]


def meanings_of(section: Section, known: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of these meanings those that the section's tables need: a figure names a table, beside a year or a
    survey, or a row."""
    named = {row[0] for table in section.tables for row in table.rows}
    for table in section.tables:
        named |= {table.caption, table.caption.rpartition(",")[0], table.caption.rpartition(": ")[2]}
    return [(title, words) for title, words in known if {title, title.lower()} & named]


def _line(figure: Figure) -> Line:
    return Line(
        title=TITLES[figure.id],
        value=value(figure),
        made_of=made_of(figure) or "–",
        interval=interval(figure) or "–",
        note=figure.note,
        definition=figure.definition,
    )
