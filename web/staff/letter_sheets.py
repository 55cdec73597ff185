"""The sheets that are printed: one carer's letter each, in their language, with a way to answer by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from broadcasts.post import PostLine
from carers.pages import Pages
from texts.blocks import as_html, blocks_of, without_links
from texts.catalogue import RIGHT_TO_LEFT
from texts.message import Medium
from texts.pages import carer_environment
from texts.render import Texts
from web.staff.links import qr_code

_environments = lru_cache(maxsize=4)(carer_environment)

ASKING = frozenset({"invitation", "change"})
"""Letters that are answered."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter, safe to put into a page."""

    delivery_id: int
    html: Markup


def draw_sheets(
    texts: Texts, pages: Pages, lines: Sequence[PostLine], codes: Mapping[int, str], today: object
) -> list[Sheet]:
    """A sheet for each of these letters. ``codes``: by the delivery's number. ``today``: some time of it."""
    return [
        Sheet(line.delivery_id, _draw(texts, pages, line, codes[line.delivery_id], today)) for line in lines
    ]


def words_of(texts: Texts, line: PostLine, language: str) -> Markup:
    """What a notice says on paper, in this language."""
    said = texts.render(
        line.content.kind, line.content.params, line.content.language or language, Medium.LETTER
    )
    return Markup(as_html(without_links(blocks_of(said.text)), rtl=language in RIGHT_TO_LEFT))  # noqa: S704 - made of escaped words


def _draw(texts: Texts, pages: Pages, line: PostLine, code: str, today: object) -> Markup:
    language = line.content.language or line.language
    template = _environments(texts)(language).get_template("carer/letter.html")
    sheet = template.render(
        line=line,
        words=words_of(texts, line, language),
        today=today,
        code=code,
        qr=qr_code(pages.code_link(code)),
        address=f"{pages.address.partition('://')[2]}/c",
        asks=_asks(line),
    )
    return Markup(sheet)  # noqa: S704 - a template of ours, which escapes


def _asks(line: PostLine) -> str:
    """What the carer can do on the page: answer, take part, or look."""
    if line.kind in ASKING:
        return "answer"
    return "survey" if line.kind == "survey" else "look"
