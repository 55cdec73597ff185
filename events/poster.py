"""The poster at the venue: one A4 sheet with the code that carers scan to check in.

One self-contained SVG: no font, picture or script from anywhere. Lengths are millimetres; text is wrapped by
the number of its characters, since nothing here can measure it, and set smaller where it is long.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape

import segno

from carers.linking import deep_link

WIDTH, HEIGHT = 210, 297
"""A4, upright."""
MIDDLE = WIDTH / 2
CODE_SIDE = 122.0
"""At most, of the whole code with its quiet zone: it is read from across a table."""
FOOT = HEIGHT - 14
"""Where the last line stands at the lowest."""
QUIET_ZONE = 4
"""Modules, as ISO/IEC 18004 asks for."""
MOST_LINES = 3
CHECK_IN = "checkin-"
"""How the payload of the link begins; see `handlers.checkin`."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_FONTS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to do with the code, in one language. ``language``: a code of ISO 639, for the reader's fonts."""

    language: str
    text: str
    from_right: bool = False


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on the poster. ``when``: the day and the time, in words, a line each."""

    service: str
    title: str
    when: Sequence[str]
    place: str
    link: str
    sentences: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    weight: int = 400
    colour: str = "#1c1c1c"
    language: str = "en"
    from_right: bool = False


def check_in_link(bot_username: str, code: str) -> str:
    """The deep link by which a carer checks in to the event with this code."""
    return deep_link(bot_username, CHECK_IN + code)


def draw(poster: Poster) -> str:
    """The poster as SVG text."""
    head = [_Line(_clean(poster.service), 6, colour="#17504d", weight=600)]
    head += _lines(poster.title, sizes=((22, 13), (34, 10), (44, 8)), weight=700)
    head += [_Line(_clean(line), 8.5, weight=600) for line in poster.when]
    head += _lines(poster.place, sizes=((46, 7), (60, 5.5)))
    top = _lay(head, 26.0)
    below = [line for sentence in poster.sentences for line in _sentence(sentence)]
    code_top = _end(top)
    room = FOOT - _end(_lay(below, 0.0)) - code_top
    side = min(CODE_SIDE, room)
    code_top += (room - side) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{_FONTS}" text-anchor="middle">',
        f"<title>{escape(_clean(poster.title))}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="8" fill="#17504d"/>',
        *_drawn(top),
        _code(poster.link, code_top, side),
        *_drawn(_lay(below, code_top + side)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _code(link: str, top: float, side: float) -> str:
    """The code as one path of horizontal bars: nothing in it can be blurred or left out by a printer."""
    matrix = segno.make(link, error="m", micro=False).matrix
    modules = len(matrix) + 2 * QUIET_ZONE
    scale = side / modules
    bars = "".join(
        f"M{start + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z"
        for y, row in enumerate(matrix)
        for start, length in _runs(row)
    )
    left = MIDDLE - side / 2
    return (
        f'<path id="code" transform="translate({left:.3f} {top:.3f}) scale({scale:.6f})" fill="#000000"'
        f' shape-rendering="crispEdges" d="{bars}"/>'
    )


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    start, length = 0, 0
    for x, dark in enumerate([*row, 0]):
        if dark:
            start, length = (x, 1) if length == 0 else (start, length + 1)
        elif length:
            yield start, length
            length = 0


def _lines(text: str, sizes: Sequence[tuple[int, float]], weight: int = 400) -> list[_Line]:
    """The text in three lines at most, in the first size that holds it: letters a line, and millimetres."""
    text = _clean(text)
    fitting = (one for one in sizes if len(wrap(text, one[0])) <= MOST_LINES)
    letters, size = next(fitting, sizes[-1])
    lines = wrap(text, letters, max_lines=MOST_LINES, placeholder=" …")
    return [_Line(line, size, weight) for line in lines]


def _sentence(sentence: Sentence) -> Iterator[_Line]:
    for line in wrap(_clean(sentence.text), 64):
        yield _Line(line, 5.4, language=sentence.language, from_right=sentence.from_right)
    yield _Line("", 1.5)


def _lay(lines: Iterable[_Line], y: float) -> list[tuple[_Line, float]]:
    """The lines one below the other, each with its baseline."""
    laid = []
    for line in lines:
        y += line.size
        laid.append((line, y))
        y += line.size * 0.42
    return laid


def _end(laid: Sequence[tuple[_Line, float]]) -> float:
    return laid[-1][1] + 3 if laid else 0.0


def _drawn(laid: Iterable[tuple[_Line, float]]) -> Iterator[str]:
    for line, y in laid:
        if line.text:
            direction = ' direction="rtl"' if line.from_right else ""
            yield (
                f'<text x="{MIDDLE:g}" y="{y:.2f}" font-size="{line.size:g}" font-weight="{line.weight}"'
                f' fill="{line.colour}" xml:lang="{line.language}"{direction}>{escape(line.text)}</text>'
            )


def _clean(text: str) -> str:
    """One line without what XML cannot hold."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())
