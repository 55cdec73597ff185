"""Telegram's HTML style: into text and entities, and back.

Follows the "Formatting options" of the Bot API: a few tags, the four named character references and
the numeric ones, and offsets in UTF-16 code units. Errors give the byte offset, as the real server does.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.errors import ApiError, bad_request

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
}
_TAGS = frozenset(_SIMPLE) | {"a", "tg-emoji", "tg-time", "blockquote"}
_REFERENCE = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_PIECE = re.compile(r"[<&]")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_SPACE = re.compile(r"\s*")


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, the unit of every offset and limit on a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    text_offset: int
    """In UTF-16 units of the parsed text."""
    order: int


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[tuple[int, int, int, dict[str, Any]]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        source = self.source
        while True:
            found = _PIECE.search(source, self.at)
            if found is None:
                self._write(source[self.at :])
                break
            self._write(source[self.at : found.start()])
            self.at = found.start()
            if found[0] == "&":
                character, self.at = _reference(source, self.at)
                self._write(character)
            elif source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entry: entry[:3])
        return "".join(self.pieces), [entry[3] for entry in self.entities]

    def _write(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.length += utf16_length(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _skip_space(self) -> str:
        """Skip white space; return the character that follows, or an empty string at the end."""
        self.at = _end(_SPACE, self.source, self.at)
        return self.source[self.at : self.at + 1]

    def _start_tag(self) -> None:
        begin = self.at
        self.at = _end(_NAME, self.source, begin + 1)
        tag = self.source[begin + 1 : self.at].lower()
        if self.at == len(self.source):
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if tag not in _TAGS:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes: dict[str, str] = {}
        while (character := self._skip_space()) != ">":
            if not character:
                raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
            name, value = self._attribute(tag, begin)
            attributes[name] = value
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_Open(tag, attributes, self.length, len(self.open)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        start = self.at
        self.at = _end(_ATTRIBUTE_NAME, self.source, start)
        name = self.source[start : self.at].lower()
        if not name:
            raise _cannot(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
        if self._skip_space() != "=":
            if tag == "blockquote" and name == "expandable":
                return name, ""
            raise _cannot(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                f" at byte offset {self._byte(begin)}"
            )
        self.at += 1
        quote = self._skip_space()
        if quote in ("'", '"') and quote:
            return name, self._quoted(quote, begin)
        start = self.at
        self.at = _end(_TOKEN, self.source, start)
        following = self.source[self.at : self.at + 1]
        if following and following != ">" and not following.isspace():
            raise _cannot(f"Unexpected end of name token at byte offset {self._byte(start)}")
        return name, self.source[start : self.at].lower()

    def _quoted(self, quote: str, begin: int) -> str:
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            raise _cannot(f"Unclosed start tag at byte offset {self._byte(begin)}")
        value = self.source[self.at + 1 : end]
        self.at = end + 1
        return _REFERENCE.sub(lambda found: _reference(found[0], 0)[0], value)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at = _end(_NAME, self.source, begin + 2)
        tag = self.source[begin + 2 : self.at].lower()
        if self._skip_space() != ">":
            raise _cannot(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise _cannot(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self.length > opened.text_offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        kind = _kind(opened, self._text_since(opened.text_offset))
        if kind is None:
            return
        offset, length = opened.text_offset, self.length - opened.text_offset
        if kind["type"] == "pre" and self._take_language(offset, length, kind):
            self.entities.pop()
        entity = {"type": kind["type"], "offset": offset, "length": length}
        entity.update(kind)
        self.entities.append((offset, -length, opened.order, entity))

    def _text_since(self, offset: int) -> str:
        units = "".join(self.pieces).encode("utf-16-le", "surrogatepass")
        return units[offset * 2 :].decode("utf-16-le", "surrogatepass")

    def _take_language(self, offset: int, length: int, kind: dict[str, Any]) -> bool:
        """Say whether the code just closed fills this block, whose language it then gives."""
        if not self.entities:
            return False
        inner = self.entities[-1][3]
        fills = inner["type"] == "code" and (inner["offset"], inner["length"]) == (offset, length)
        language = inner.get("language")
        if fills and language:
            kind["language"] = language
        return fills


def _kind(opened: _Open, inner: str) -> dict[str, Any] | None:
    """Return an entity's type and extra fields, or None where the tag marks nothing."""
    tag, attributes = opened.tag, opened.attributes
    if tag == "a":
        url = attributes.get("href") or inner
        user = re.fullmatch(r"tg://user\?id=(\d+)", url)
        if user is None and not is_web_address(url) and not url.startswith("tg://"):
            return None
        return {"type": "text_link", "url": url if "://" in url else f"http://{url}/"}
    if tag == "tg-emoji":
        emoji = attributes.get("emoji-id", "")
        if not emoji.isdigit():
            raise _cannot("Invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": emoji}
    if tag == "tg-time":
        unix = attributes.get("unix", "")
        if not unix.isdigit():
            raise _cannot("Invalid Unix time specified")
        extra = {"date_time_format": attributes["format"]} if "format" in attributes else {}
        return {"type": "date_time", "unix_time": int(unix), **extra}
    if tag == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}
    if tag == "code" and attributes.get("class", "").startswith("language-"):
        return {"type": "code", "language": attributes["class"].removeprefix("language-")}
    return {"type": _SIMPLE[tag]}


def is_web_address(url: str) -> bool:
    """Say whether Telegram takes this as the address of a link: http(s) with a dotted host."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and " " not in url


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text and its entities, outermost first; raise ApiError 400 for what cannot be parsed."""
    text, entities = _Parser(source).parse()
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return text, entities


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    found = pattern.match(source, at)
    return found.end() if found else at


def _reference(source: str, at: int) -> tuple[str, int]:
    """Return the character that a reference stands for and where it ends; a lone `&` is itself."""
    found = _REFERENCE.match(source, at)
    if found is None:
        return "&", at + 1
    decimal, hexadecimal, named = found.groups()
    if named:
        return _NAMED[named], found.end()
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return "&", at + 1
    return chr(code), found.end()


def _cannot(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def render_html(text: str, entities: list[dict[str, Any]]) -> str:
    """Return Telegram's HTML for a text and its entities: what `parse_html` would read as the same."""
    if not entities:
        return html.escape(text, quote=False)
    units = text.encode("utf-16-le", "surrogatepass")
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in entities:
        start, end = _tags(entity)
        if start:
            opening.setdefault(entity["offset"], []).append(start)
            closing.setdefault(entity["offset"] + entity["length"], []).insert(0, end)
    cuts = sorted({0, len(units) // 2, *opening, *closing})
    pieces: list[str] = []
    for cut, following in zip(cuts, [*cuts[1:], cuts[-1]], strict=True):
        pieces += closing.get(cut, [])
        pieces += opening.get(cut, [])
        part = units[cut * 2 : following * 2].decode("utf-16-le", "surrogatepass")
        pieces.append(html.escape(part, quote=False))
    return "".join(pieces)


_RENDERED = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}


def _tags(entity: dict[str, Any]) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _RENDERED:
        return f"<{_RENDERED[kind]}>", f"</{_RENDERED[kind]}>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    if kind == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    if kind == "custom_emoji":
        return f'<tg-emoji emoji-id="{entity["custom_emoji_id"]}">', "</tg-emoji>"
    if kind == "date_time":
        form = f' format="{html.escape(entity["date_time_format"])}"' if "date_time_format" in entity else ""
        return f'<tg-time unix="{entity["unix_time"]}"{form}>', "</tg-time>"
    if kind == "pre":
        language = entity.get("language")
        if not language:
            return "<pre>", "</pre>"
        return f'<pre><code class="language-{html.escape(language)}">', "</code></pre>"
    return "", ""
