"""What staff sent to be sent on: their words with Telegram's formatting as our light markup, and a file.

Bold, italic and links stay. Other formatting goes, its words stay. A line whose formatting the markup cannot
say, such as two letters in bold inside a word, keeps its words and loses the formatting: never a stray sign.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from telegram import Message, MessageEntity

from broadcasts.markup import FIRST_NAME, to_plain

_SAFE_LINK = re.compile(r"https://[^\s()]+")


class Unfit(StrEnum):
    """What cannot be sent on, by name of what it is."""

    ALBUM = "album"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A photo or document that Telegram keeps. ``size`` in bytes, 0 where Telegram does not say."""

    file_id: str
    filename: str
    mime: str
    is_photo: bool
    size: int


@dataclass(frozen=True, slots=True)
class Given:
    """What one message brings: words in our markup, perhaps none, and perhaps a file."""

    words: str
    file: SentFile | None = None


def given_in(message: Message) -> Given | Unfit:
    """Read a message of staff, or say what it is that cannot be sent on."""
    if message.media_group_id is not None:
        return Unfit.ALBUM
    if message.text is not None:
        return Given(as_markup(message.text, message.entities))
    words = as_markup(message.caption or "", message.caption_entities)
    if message.photo:
        largest = message.photo[-1]
        return Given(
            words, SentFile(largest.file_id, "photo.jpg", "image/jpeg", True, largest.file_size or 0)
        )
    if message.animation or message.video or message.video_note:
        return Unfit.VIDEO  # an animation comes with a document too, for old apps
    if message.document:
        kept = message.document
        name, mime = kept.file_name or "file", kept.mime_type or "application/octet-stream"
        return Given(words, SentFile(kept.file_id, name, mime, False, kept.file_size or 0))
    if message.voice or message.audio:
        return Unfit.VOICE
    return Unfit.STICKER if message.sticker else Unfit.OTHER


@dataclass(frozen=True, slots=True)
class _Look:
    """How one character looks."""

    bold: bool = False
    italic: bool = False
    link: str = ""


_PLAIN = _Look()
_Drawn = tuple[str, _Look]


def as_markup(text: str, entities: Sequence[MessageEntity]) -> str:
    """The text in our markup. Entities count in UTF-16 units, as Telegram does."""
    lines: list[list[_Drawn]] = [[]]
    for character, look in _drawn(text, entities):
        if character == "\n":
            lines.append([])
        else:
            lines[-1].append((character, look))
    return "\n".join(map(_line, lines)).strip()


def _drawn(text: str, entities: Sequence[MessageEntity]) -> Iterator[_Drawn]:
    """Each character with its look. A link that the markup does not take is written out behind its words."""
    unit = 0
    for character in text:
        here = [one for one in entities if one.offset <= unit < one.offset + one.length]
        links = [one for one in here if one.type == MessageEntity.TEXT_LINK and one.url]
        yield (
            character,
            _Look(
                any(one.type == MessageEntity.BOLD for one in here),
                any(one.type == MessageEntity.ITALIC for one in here),
                next((one.url for one in links if one.url and _SAFE_LINK.fullmatch(one.url)), ""),
            ),
        )
        unit += 2 if ord(character) > 0xFFFF else 1
        for one in links:
            if one.offset + one.length == unit and not _SAFE_LINK.fullmatch(one.url or ""):
                yield from ((letter, _PLAIN) for letter in f" ({one.url})")


def _line(drawn: list[_Drawn]) -> str:
    """The line with as much of its formatting as the markup can say."""
    words = "".join(character for character, _ in drawn)
    without_italic = [(character, _Look(look.bold, False, look.link)) for character, look in drawn]
    links_alone = [(character, _Look(link=look.link)) for character, look in drawn]
    for tried in (drawn, without_italic, links_alone):
        marked = _marked(tried)
        if _shown(marked) == _shown(words):
            return marked
    return words


def _marked(drawn: list[_Drawn]) -> str:
    runs = groupby(drawn, key=lambda pair: pair[1])
    return "".join(_wrapped("".join(character for character, _ in run), look) for look, run in runs)


def _wrapped(words: str, look: _Look) -> str:
    """Signs stand close to the words: spaces at either end go outside."""
    inner = words.strip()
    if not inner:
        return words
    before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    if look.italic:
        inner = f"_{inner}_"
    if look.bold:
        inner = f"*{inner}*"
    if look.link:
        inner = f"[{inner}]({look.link})"
    return f"{before}{inner}{after}"


def _shown(markup: str) -> str:
    """What a carer would read, the place of the name as it is."""
    return to_plain(markup, FIRST_NAME)
