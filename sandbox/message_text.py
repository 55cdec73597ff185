"""The text of a message as Telegram keeps it: parsed, trimmed, measured, with links found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.errors import bad_request
from sandbox.html_entities import parse_html, utf16_length

Entity = dict[str, Any]

_FOUND_ALONE = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)'\]])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@\w{4,32}\b)"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
)
_HINT = re.compile(r"[/@#]")
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SOLID = frozenset({"code", "pre", "text_link"})


@dataclass(frozen=True, slots=True)
class MessageText:
    """A text and its entities, whose offsets and lengths are UTF-16 code units."""

    text: str
    entities: list[Entity]


def compose(
    source: str, parse_mode: str | None, entities: list[Entity] | None, limit: int, too_long: str
) -> MessageText:
    """Return the text that a message will carry; raise ApiError 400 where it cannot be one.

    `limit` counts UTF-16 units after parsing; `too_long` is what the server says beyond it.
    """
    if entities:
        return _composed(source, parse_mode, entities, limit, too_long)
    return _composed_before(source, parse_mode, limit, too_long)


@lru_cache(maxsize=1024)
def _composed_before(source: str, parse_mode: str | None, limit: int, too_long: str) -> MessageText:
    """Return the same for the same text, which a broadcast sends to many; nobody changes it later."""
    return _composed(source, parse_mode, None, limit, too_long)


def _composed(
    source: str, parse_mode: str | None, entities: list[Entity] | None, limit: int, too_long: str
) -> MessageText:
    text, found = _parsed(source, parse_mode, entities)
    text = _UNPRINTABLE.sub(" ", text)
    text, found = _trimmed(text, found)
    if utf16_length(text) > limit:
        raise bad_request(too_long)
    return MessageText(text, with_found_entities(text, found))


def _parsed(source: str, parse_mode: str | None, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    if not parse_mode:
        return source, _checked(source, entities) if entities else []
    if parse_mode.lower() == "html":
        return parse_html(source)
    if parse_mode.lower() in ("markdown", "markdownv2"):
        raise bad_request(f"parse_mode {parse_mode} is not implemented in the sandbox")
    raise bad_request("unsupported parse_mode")


def _checked(source: str, entities: list[Entity]) -> list[Entity]:
    length = utf16_length(source)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > length:
            raise bad_request("ENTITY_BOUNDS_INVALID")
    return sorted((dict(entity) for entity in entities), key=lambda e: (e["offset"], -e["length"]))


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut white space at both ends, as Telegram does, and the entities with it."""
    start = len(text) - len(text.lstrip())
    stripped = text.strip()
    if len(stripped) == len(text) or not entities:
        return stripped, entities
    before, length = utf16_length(text[:start]), utf16_length(stripped)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - before, 0)
        end = min(entity["offset"] + entity["length"] - before, length)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return stripped, kept


def with_found_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Return the entities together with the links, addresses and commands that stand in the text."""
    if _HINT.search(text) is None:
        return entities
    solid = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _SOLID]
    found = []
    for match in _FOUND_ALONE.finditer(text):
        offset, length = utf16_length(text[: match.start()]), utf16_length(match[0])
        if not any(begin < offset + length and offset < end for begin, end in solid):
            found.append({"type": match.lastgroup, "offset": offset, "length": length})
    return sorted([*entities, *found], key=lambda e: (e["offset"], -e["length"])) if found else entities
