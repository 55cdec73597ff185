"""The message as the carer's telephone shows it: a bubble with its words, file and buttons.

The words are rendered by the same texts that go out, and then go through a gate of their own: of the bot's
HTML only bold, italic and links come through, everything else is shown as the characters it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from texts.catalogue import RIGHT_TO_LEFT
from texts.render import Texts


@dataclass(frozen=True, slots=True)
class File:
    """The photo or document above the words. ``address`` is null where only Telegram has it."""

    name: str
    is_photo: bool
    address: str | None


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one carer sees. ``words`` is safe to put into a page."""

    words: Markup
    language: str
    buttons: tuple[str, ...]
    file: File | None = None

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


def bubble(texts: Texts, params: Mapping[str, Any], language: str, file: File | None = None) -> Bubble:
    """The bubble of a broadcast with these parameters, in this language."""
    words = {name: value for name, value in params.items() if name != "file"}
    message = texts.render("broadcast", words, language)
    labels = tuple(button.label for row in message.buttons for button in row)
    return Bubble(safe_words(message.text), language, labels, file)


def safe_words(html: str) -> Markup:
    """Telegram's HTML as this page may show it: ``b``, ``i`` and ``a`` with a web address, nothing else."""
    gate = _Gate()
    gate.feed(html)
    gate.close()
    return gate.words()


_BEGINS = {"b": Markup("<b>"), "i": Markup("<i>")}
_ENDS = {"b": Markup("</b>"), "i": Markup("</i>"), "a": Markup("</a>")}
_LINK = Markup('<a class="govuk-link" href="{}" rel="noopener noreferrer" target="_blank">')


class _Gate(HTMLParser):
    """Lets three tags through and turns the rest into text. Every tag that it opens it closes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[Markup] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BEGINS:
            self._out.append(_BEGINS[tag])
        elif tag == "a" and _is_web(address := dict(attrs).get("href") or ""):
            self._out.append(_LINK.format(address))
        else:
            self._out.append(escape(self.get_starttag_text() or ""))
            return
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            self._out.append(escape(f"</{tag}>"))
            return
        while self._open:
            last = self._open.pop()
            self._out.append(_ENDS[last])
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        self._out.append(escape(data))

    def handle_comment(self, data: str) -> None:
        self._out.append(escape(f"<!--{data}-->"))

    def words(self) -> Markup:
        """Everything that came through, whole."""
        ends = [_ENDS[tag] for tag in reversed(self._open)]
        return Markup("").join([*self._out, *ends])


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
