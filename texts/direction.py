"""What a text in Urdu or Arabic needs so that its English pieces stand where they belong.

Telegram lets the first letter of each line decide which way the line runs. A name at its start would turn an
Urdu sentence around; between Arabic letters "01709 000000" would be shown as "000000 01709", a number that
nobody can ring, and "/help" as "help/". Unicode's invisible marks prevent all three. Ages such as 5–10 are
left alone: who reads from the right begins with the 5, and so does the line.
"""

import re
import unicodedata

from texts.catalogue import RIGHT_TO_LEFT

_LEFT_MARK = "\N{LEFT-TO-RIGHT MARK}"
_RIGHT_MARK = "\N{RIGHT-TO-LEFT MARK}"
_ISOLATE, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_TAG = re.compile(r"<[^>]*>|&[a-z]+;")
_COMMAND = re.compile(r"(?<![\w/<:.&])/(?=[a-z])")
_MAY_RUN_LEFTWARDS = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufefc\U00010800-\U0001efff]")
"""Where every letter lies that runs from right to left, among others: a quick first look at a text."""
_FIGURES = re.compile(r"\d+")
_TELEPHONE = re.compile(r"\+?\d+(?: \d+)+|\+\d+")


def comma(language: str) -> str:
    """What stands between two items of a list."""
    return "، " if language in RIGHT_TO_LEFT else ", "


def directed(text: str, language: str) -> str:
    """The text with the marks that its language needs; itself where it needs none or is still English."""
    if language not in RIGHT_TO_LEFT or not _runs_leftwards(text):
        return text
    first, *others = text.split("\n")
    return "\n".join([_led(first, first_of_all=True), *(_led(line) for line in others)])


def starts(text: str) -> str:
    """``L`` or ``R``, as the first letter or mark outside its tags runs; empty without one."""
    return next((way for way in map(_runs, _TAG.sub("", text)) if way), "")


def _led(line: str, *, first_of_all: bool = False) -> str:
    """A line of English alone stays as it is, unless the message begins with it; a figure alone has no letter
    that would put it on the right, where the others begin."""
    if not first_of_all and not _runs_leftwards(line):
        return f"{_RIGHT_MARK}{line}" if _FIGURES.fullmatch(_TAG.sub("", line)) else line
    marked = _COMMAND.sub(f"{_LEFT_MARK}/", line)
    marked = _TELEPHONE.sub(lambda found: f"{_ISOLATE}{found[0]}{_END}", marked)
    return f"{_RIGHT_MARK}{marked}" if starts(marked) == "L" else marked


def _runs_leftwards(text: str) -> bool:
    """Whether anything in it runs from right to left."""
    return _MAY_RUN_LEFTWARDS.search(text) is not None and "R" in map(_runs, text)


def _runs(character: str) -> str:
    return {"L": "L", "R": "R", "AL": "R"}.get(unicodedata.bidirectional(character), "")
