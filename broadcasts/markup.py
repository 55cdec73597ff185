"""The light markup in which staff write a broadcast, and the HTML that Telegram takes.

``*bold*``, ``_italic_`` (at the edges of words only, so that 2*3 and snake_case stay as they are),
``[words](https://...)`` and ``{first_name}``. Everything else is shown as it was written.
"""

import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urlsplit

TEXT_LIMIT = 4096
"""What Telegram takes in a message, in UTF-16 units as shown."""
CAPTION_LIMIT = 1024
"""The same under a photo or document."""
FIRST_NAME = "{first_name}"
LONGEST_NAME = 40
"""UTF-16 units of a first name that go into a text; so a text that fits, fits with any name."""

_MOST_NESTED = 4
_SLOT = "\N{NULL}"
"""Stands for the first name while a text is prepared; no text has one."""
_MARKED = re.compile(
    r"\[(?P<words>[^\[\]\n]+)\]\((?P<url>[^()\s]+)\)"
    r"|(?P<bare>https?://\S+)"
    r"|(?<![\w*_])(?P<mark>\*\*?|__?)(?=\S)(?P<body>.+?)(?<=\S)(?P=mark)(?![\w*_])"
)
_ATTEMPT = re.compile(r"\[[^\[\]\n]+\]\((?P<url>[^()\n]*)\)?")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(rf" ?{_SLOT}")


def to_html(text: str, first_name: str = "") -> str:
    """Telegram's HTML of a text, with this carer's first name put in; one without a name is left out."""
    prepared = _prepared(text)
    if _SLOT not in prepared:
        return prepared
    name = escape(_shortened(first_name.strip()), quote=False)
    return prepared.replace(_SLOT, name) if name else _SPACES.sub("", prepared)


def to_plain(text: str, first_name: str = "") -> str:
    """The words alone, as they are shown."""
    return unescape(_TAG.sub("", to_html(text, first_name)))


def shown_length(text: str) -> int:
    """How long Telegram will find it, in UTF-16 units, for the carer with the longest name."""
    return _units(to_plain(text, "M" * LONGEST_NAME))


def unknown_placeholders(text: str) -> list[str]:
    """What looks like ``{first_name}`` and is none."""
    return [found for found in _PLACEHOLDER.findall(text) if found != FIRST_NAME]


def bad_links(text: str) -> list[str]:
    """Addresses written as a link that no link is made of."""
    return [found["url"] for found in _ATTEMPT.finditer(text) if not _is_link(found)]


def _is_link(attempt: re.Match[str]) -> bool:
    return attempt[0].endswith(")") and _leads_somewhere(attempt["url"])


@lru_cache(maxsize=64)
def _prepared(text: str) -> str:
    """The HTML, with a slot for the name: what all recipients of a text have in common is made once."""
    return _html(text.replace(_SLOT, ""), _MOST_NESTED).replace(FIRST_NAME, _SLOT)


def _html(text: str, levels: int) -> str:
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(text) if levels else ():
        parts += escape(text[end : found.start()], quote=False), _tagged(found, levels - 1)
        end = found.end()
    return "".join([*parts, escape(text[end:], quote=False)])


def _tagged(found: re.Match[str], levels: int) -> str:
    if found["bare"]:
        return escape(found["bare"], quote=False)
    if found["words"]:
        words = _html(found["words"], levels)
        if not _leads_somewhere(found["url"]):
            return f"[{words}]({escape(found['url'], quote=False)})"
        return f'<a href="{escape(found["url"])}">{words}</a>'
    tag = "b" if found["mark"].startswith("*") else "i"
    return f"<{tag}>{_html(found['body'], levels)}</{tag}>"


def _leads_somewhere(url: str) -> bool:
    """Whether this is a secure address on the web; one with a user's name in it would deceive."""
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and "." in (parts.hostname or "") and "@" not in parts.netloc
        return good and FIRST_NAME not in url
    except ValueError:
        return False


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "ignore")) // 2


def _shortened(name: str) -> str:
    if 2 * len(name) <= LONGEST_NAME:  # no character takes more than two units
        return name
    return name.encode("utf-16-le", "ignore")[: 2 * LONGEST_NAME].decode("utf-16-le", "ignore")
