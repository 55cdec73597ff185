"""The report as a Word document, for those who paste a paragraph into another report."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time
from io import BytesIO
from typing import Any

from reports.method import METHOD
from reports.outline import headline_table, meanings, outline
from reports.parts import Drawing, Section, Table
from reports.pictures import png, told
from reports.report import Report
from reports.words import AT_THE_END, STANDS_WITH, TYPED, long_date, version_of

_TABLES = "Light List"
_LONGEST = 255
"""Characters of a property of a document."""


def to_docx(report: Report) -> bytes:
    """Raises ``ModuleNotFoundError`` where python-docx or matplotlib is not installed."""
    from docx import Document

    document = Document()
    _set_up(document, report)
    document.add_heading(_title(report), 0)
    document.add_paragraph(
        f"From {long_date(report.year.first_day)} to {long_date(report.year.last_day)}, as the data stood on "
        f"{long_date(report.data_date)}. {version_of(public=report.public)}"
    )
    document.add_paragraph(f"{STANDS_WITH} {AT_THE_END}")
    for note in report.notes:
        document.add_paragraph(note)
    body = _Body(document)
    body.add_headlines(headline_table(report))
    for section in outline(report):
        body.add(section)
    body.add_terms("How the figures are made", METHOD)
    body.add_terms("What the figures mean", meanings(report))
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _title(report: Report) -> str:
    return f"{report.service}: fostering in {report.year}"


def _set_up(document: Any, report: Report) -> None:
    """The title, the language, A4 and, at the foot of every page, what it is of and its number."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    made = datetime.combine(report.data_date, time())
    properties = document.core_properties
    properties.title, properties.author = _title(report)[:_LONGEST], report.service[:_LONGEST]
    properties.language = "en-GB"
    properties.comments, properties.created, properties.modified = "", made, made
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    document.styles[_TABLES].font.size = Pt(9)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run(f"{report.year} · {'public' if report.public else 'internal'} · page ")
    _add_field(foot, "PAGE", "1")
    foot.add_run(" of ")
    _add_field(foot, "NUMPAGES", "1")


class _Body:
    """The sections of the document, whose tables and pictures are numbered through."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._captions: Counter[str] = Counter()

    def add(self, section: Section) -> None:
        add = self._document.add_paragraph
        self._document.add_heading(section.title, 1)
        if section.opening:
            add(" ".join(section.opening))
        for sentence in section.sentences:
            add(sentence, style="List Bullet")
        for sentence in (*section.national, *section.notes):
            add(sentence)
        for comment in section.comments:
            self._document.add_heading("What the service says", 2)
            add(comment.text)
            if comment.typed:
                add(f"{TYPED}: {', '.join(comment.typed)}.")
        for chart in section.charts:
            self._add_picture(chart)
        for table in section.tables:
            self._add_table(table)

    def add_headlines(self, table: Table) -> None:
        self._document.add_heading("Headlines", 1)
        self._add_table(table)

    def add_terms(self, title: str, terms: Iterable[tuple[str, str]]) -> None:
        self._document.add_heading(title, 1)
        for term, words in terms:
            paragraph = self._document.add_paragraph()
            paragraph.add_run(f"{term}: ").bold = True
            paragraph.add_run(words)

    def _add_picture(self, chart: Drawing) -> None:
        """With its words as the alternative text, for that is all that a screen reader has of it."""
        from docx.shared import Mm

        self._add_caption("Figure", chart.title)
        described = self._document.add_picture(BytesIO(png(chart)), width=Mm(165))._inline.docPr
        described.set("descr", told(chart))
        described.set("title", chart.title)

    def _add_table(self, table: Table) -> None:
        """A real table: its first row comes again on every page that it runs to, and no row is torn apart."""
        self._add_caption("Table", table.caption)
        grid = self._document.add_table(len(table.rows) + 1, len(table.header), style=_TABLES)
        texts = [text for row in (table.header, *table.rows) for text in row]
        for place, text in zip(grid._cells, texts, strict=True):  # cell by cell it takes ten times as long
            place.text = text
        for row in grid.rows:
            _add_flag(row, "w:cantSplit")
        _add_flag(grid.rows[0], "w:tblHeader")
        self._document.add_paragraph()

    def _add_caption(self, kind: str, text: str) -> None:
        """Numbered by a field: a list can be made of them, and one that is pasted elsewhere counts on."""
        self._captions[kind] += 1
        caption = self._document.add_paragraph(f"{kind} ", style="Caption")
        _add_field(caption, f"SEQ {kind} \\* ARABIC", str(self._captions[kind]))
        caption.add_run(f": {text}")
        caption.paragraph_format.keep_with_next = True


def _add_flag(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _add_field(paragraph: Any, code: str, shown: str) -> None:
    """A field that Word works out anew; ``shown`` until it does."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    field.append(paragraph.add_run(shown)._r)
    paragraph._p.append(field)
