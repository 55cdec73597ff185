"""The words of a message, out of the app's HTML: paragraphs of proper HTML, or plain text.

Besides the tags that Telegram knows, a text that is not read in the app may have ``<section>``, a box around
what belongs together, and ``<h2>`` in it. Every other tag is dropped and its words are kept, so nothing that
anybody wrote can bring a picture, a script or a form into a mailbox.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from html.parser import HTMLParser
from itertools import groupby

from markupsafe import Markup

from texts.clock_words import unbroken
from texts.direction import starts

_TAGS = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "u",
    "ins": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
    "code": "code",
}
_BLOCKS = {"h2": "h2", "blockquote": "blockquote", "pre": "pre"}
_NOTHING = " \t\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
_GREETING_ENDS = (",", "،", "!")
_LONGEST_FIRST_WORDS = 78
_SAFE = ("https://", "http://", "tel:", "mailto:")
_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?'()\[\]،۔؟])")
"""A web address among words, without the stop that ends its sentence."""

Styles = Mapping[str, str]
"""By the name of a tag what its ``style`` says: mail programs know no style sheet that can be relied on."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one style; ``href`` where they are a link."""

    text: str
    tags: tuple[str, ...] = ()
    href: str = ""


Line = list[Run]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph: ``kind`` is p, h2, blockquote or pre. ``box``: the number of its section; 0 outside."""

    kind: str = "p"
    box: int = 0
    lines: list[Line] = field(default_factory=lambda: [[]])


def blocks_of(text: str) -> list[Block]:
    """The paragraphs of a text; an empty line begins a new one."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return [block for block in map(_trimmed, reader.blocks) if block.lines]


def as_html(blocks: Iterable[Block], styles: Styles | None = None, *, rtl: bool = False) -> Markup:
    """HTML that is safe to put anywhere. ``rtl``: the text as a whole runs from the right, so that lines of
    English in it are marked to run from the left."""
    style = styles or {}
    pieces: list[str] = []
    for box, inside in groupby(blocks, key=lambda block: block.box):
        written = "".join(_block_html(block, style, rtl) for block in inside)
        pieces.append(f"<div{_style(style, 'section')}>{written}</div>" if box else written)
    return Markup("".join(pieces))  # noqa: S704 - escaped words and the tags named above, nothing else


def as_plain(blocks: Iterable[Block]) -> str:
    """Words alone, with addresses written out behind what they are the link of."""
    pieces: list[str] = []
    box = 0
    for block in blocks:
        joint = "\n" if pieces and block.box and block.box == box else "\n\n"
        start = "> " if block.kind == "blockquote" else ""
        lines = [f"{start}{_line_plain(line)}".rstrip() for line in block.lines]
        pieces += [joint, "\n".join(lines)]
        box = block.box
    return "".join(pieces[1:])


def with_links(blocks: Iterable[Block]) -> list[Block]:
    """What was typed as a web address is a link, as it is in the app."""
    return [
        replace(block, lines=[[part for run in line for part in _linked(run)] for line in block.lines])
        for block in blocks
    ]


def without_links(blocks: Iterable[Block]) -> list[Block]:
    """For paper: an address stands behind its words, and nothing is a link."""
    return [
        replace(block, lines=[[_on_paper(run) for run in line] for line in block.lines]) for block in blocks
    ]


def first_words(text: str) -> str:
    """What a text begins with after its greeting, in one short line; empty where there is no more to it."""
    lines = (line.strip() for line in as_plain(blocks_of(text)).split("\n"))
    found = (line for line in lines if line and not line.endswith(_GREETING_ENDS))
    return shortened(next(found, ""), _LONGEST_FIRST_WORDS)


def shortened(line: str, longest: int) -> str:
    """The line, or its beginning of so many characters, never cut inside a word."""
    return line if len(line) <= longest else f"{line[:longest].rsplit(' ', 1)[0]}…"


def _linked(run: Run) -> list[Run]:
    if run.href:
        return [run]
    parts = [part for part in _ADDRESS.split(run.text) if part]
    return [replace(run, text=part, href=part if _ADDRESS.fullmatch(part) else "") for part in parts]


def _on_paper(run: Run) -> Run:
    return Run(_spelt_out(run, "{0} ({1})"), run.tags)


def _line_plain(line: Line) -> str:
    """A line that is a link alone says what it opens; within a sentence the address stands in brackets that
    no mail program takes for a part of it."""
    if len(line) == 1 and line[0].href not in ("", line[0].text):
        return f"{named(line[0].text)} {line[0].href}"
    return "".join(_spelt_out(run, "{0} <{1}>") for run in line)


def named(label: str) -> str:
    """What stands before an address that is written out: ``Going:``, but ``Why?``."""
    return label if label.endswith(("?", "؟", ":")) else f"{label}:"


def _spelt_out(run: Run, form: str) -> str:
    address = run.href.removeprefix("mailto:").removeprefix("tel:")
    shown = run.text.strip() if run.href.startswith("http") else "".join(run.text.split())
    return run.text if not address or address == shown else form.format(run.text, address)


def _block_html(block: Block, styles: Styles, rtl: bool) -> str:
    lines = [_line_html(line, styles, rtl) for line in block.lines]
    joint = "\n" if block.kind == "pre" else "<br>\n"
    return f"<{block.kind}{_style(styles, block.kind)}>{joint.join(lines)}</{block.kind}>\n"


def _line_html(line: Line, styles: Styles, rtl: bool) -> str:
    written = "".join(_run_html(run, styles) for run in line)
    runs_from_left = rtl and starts(escape("".join(run.text for run in line))) == "L"
    return f'<span dir="ltr">{written}</span>' if runs_from_left else written


def _run_html(run: Run, styles: Styles) -> str:
    written = escape(unbroken(run.text))
    for tag in run.tags:
        written = f"<{tag}>{written}</{tag}>"
    return f'<a href="{escape(run.href)}"{_style(styles, "a")}>{written}</a>' if run.href else written


def _style(styles: Styles, tag: str) -> str:
    return f' class="{tag}" style="{escape(styles[tag])}"' if tag in styles else ""


def _trimmed(block: Block) -> Block:
    """Without empty lines around it."""
    lines = [[run for run in line if run.text] for line in block.lines]
    while lines and not _words(lines[0]):
        lines.pop(0)
    while lines and not _words(lines[-1]):
        lines.pop()
    return replace(block, lines=lines)


def _words(line: Line) -> str:
    return "".join(run.text for run in line).strip(_NOTHING)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks = [Block()]
        self._boxes = 0
        self._in_box = False
        self._inline: list[tuple[str, str]] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._boxes += 1
            self._in_box = True
            self._new_block()
        elif tag in _BLOCKS:
            self._new_block(_BLOCKS[tag])
        elif tag == "a":
            address = dict(attrs).get("href") or ""
            self._links.append(address if address.startswith(_SAFE) else "")
        elif tag in _TAGS:
            self._inline.append((tag, _TAGS[tag]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._in_box = False
            self._new_block()
        elif tag in _BLOCKS:
            self._new_block()
        elif tag == "a" and self._links:
            self._links.pop()
        else:
            self._close(tag)

    def handle_data(self, data: str) -> None:
        first, *others = data.split("\n")
        self._add(first)
        for line in others:
            block = self.blocks[-1]
            if block.kind == "p" and not _words(block.lines[-1]) and len(block.lines) > 1:
                self._new_block()
            else:
                block.lines.append([])
            self._add(line)

    def _add(self, words: str) -> None:
        if words:
            tags = tuple(dict.fromkeys(new for _, new in self._inline))
            self.blocks[-1].lines[-1].append(Run(words, tags, self._links[-1] if self._links else ""))

    def _close(self, tag: str) -> None:
        for at in range(len(self._inline) - 1, -1, -1):
            if self._inline[at][0] == tag:
                del self._inline[at]
                return

    def _new_block(self, kind: str = "p") -> None:
        self.blocks.append(Block(kind, self._boxes if self._in_box else 0))
