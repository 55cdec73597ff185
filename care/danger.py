"""Whether a message holds a word that cannot wait, in the scripts and spellings that carers type.

Both the message and the words are brought to one plain form first: no case, no accents or harakat, one letter
for those that keyboards mix up, one space for whatever is no letter. There a word stands between spaces, and
no rule about word boundaries has to understand the vowel signs of Gurmukhi.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from care.danger_words import BY_LANGUAGE

_ONE_LETTER = str.maketrans(
    {
        **dict.fromkeys("ىي", "ی"),
        **dict.fromkeys("ةۃەھہ", "ه"),
        "ك": "ک",
        "ـ": None,  # lengthens a line of Arabic
        "ੱ": None,  # doubles the next letter in Gurmukhi; many leave it out
        **dict.fromkeys("'‘’ʼ`", None),  # "can't" and "cant"
    }
)
_SOFT_ACCENTS = str.maketrans(dict.fromkeys("´′ʹ‛＇", "'"))
"""What some keyboards write for an apostrophe, and normalising would make a space of."""
"""Letters that mean the same to a reader and differ between Arabic, Urdu and Persian keyboards."""

_URDU = re.compile("[ٹپچڈڑژکگںھہیے]")
_ARABIC = re.compile("[ء-ي]")
_BEFORE = "[وف]?(?:[بک]?ال|لل|[بکلس])?"
"""What Arabic writes without a space before a word: and, so; in, like, for; the; will."""


def is_dangerous(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of these words or phrases stands in the text.

    A word stands for itself alone, one that ends in ``*`` for all that begin with it as well. An Arabic word
    is found behind "and", "the" and the like, which are written together with it.
    """
    pattern = _pattern(words)
    return pattern is not None and pattern.search(plain(text)) is not None


def listed(words: str) -> tuple[str, ...]:
    """The words of a list, parted by commas, those of Arabic too, or by lines."""
    found = (word.strip() for word in re.split("[,،\n]", words))
    return tuple(dict.fromkeys(word for word in found if word))


def chosen(of_all: str | None, by_language: Mapping[str, str | None]) -> tuple[str, ...]:
    """What a service looks for: its own words, or ours where it has none.

    A list of its own takes the place of ours for that language, or, as ``of_all``, of ours altogether. One
    that begins with ``+`` is added to ours: ``+flood*, gas leak``.
    """
    lists = [_either(by_language.get(language), ours) for language, ours in BY_LANGUAGE.items()]
    if of_all is not None and not _adds(of_all):
        lists = [own for own in by_language.values() if own is not None]
    return listed(",".join(_bare_list(words) for words in [*lists, of_all or ""]))


def _either(own: str | None, ours: str) -> str:
    if own is None:
        return ours
    return f"{ours},{_bare_list(own)}" if _adds(own) else own


def _adds(words: str) -> bool:
    return words.lstrip().startswith("+")


def _bare_list(words: str) -> str:
    return words.lstrip().removeprefix("+")


def plain(text: str) -> str:
    """The form in which texts are compared; it loses too much to be shown to anybody."""
    written = text.translate(_SOFT_ACCENTS)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", written).casefold())
    bare = "".join(_bare(letter) for letter in folded.translate(_ONE_LETTER))
    return " ".join(bare.split())


def _bare(letter: str) -> str:
    """A letter, mark or digit as it is compared; nothing for an accent, a space for what parts words."""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    kind = unicodedata.category(letter)
    # Accents, harakat and the dot of Gurmukhi combine; its vowel signs do not, and make another word.
    if kind == "Cf" or unicodedata.combining(letter):
        return ""
    return letter if kind[0] in "LMN" else " "


@lru_cache(maxsize=4)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    wanted = [_found(word) for word in words if plain(word)]
    return re.compile(rf"(?<!\S)(?:{'|'.join(wanted)})(?!\S)") if wanted else None


def _found(word: str) -> str:
    before = _BEFORE if _ARABIC.search(word) and not _URDU.search(word) else ""
    return before + re.escape(plain(word)) + (r"\S*" if word.rstrip().endswith("*") else "")
