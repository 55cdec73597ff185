"""Reading the numbers that somebody wrote into a text, in figures or in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_UNITS)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_PEOPLE = (
    "households?|families|family|carers?|couples?|people|persons?|leavers?|resignations?|deregistrations?"
)

_ANY_WORD = "|".join((*_TENS, *_UNITS))
_LONG = rf"(?:\d+|(?:{_ANY_WORD})(?:[\s-](?:{_ANY_WORD}))?)"
"""How many years, say, something lasts."""

# What is a number but counts nobody: years, days and how long something lasts, times, money, ordinals, ages,
# telephone numbers.
_NO_COUNTS = re.compile(
    rf"""
    \b\d{{1,2}}/\d{{1,2}}/(?:\d\d)?\d\d\b
    | \b(?:19|20|21)\d\d(?:\s*[/–-]\s*\d\d(?:\d\d)?)?\b
    | \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?
      (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b
    | \b\d{{1,2}}(?:st|nd|rd|th)\b
    | £\s?[\d,.]+\s?(?:k|m|bn|million|thousand)?
    | \b\d{{1,2}}:\d\d\b
    | \b\d{{1,2}}(?:\.\d\d)?\s?(?:am|pm)\b
    | \b0\d{{3,4}}[\s-]?\d{{3}}[\s-]?\d{{3,4}}\b
    | \b95\s?%\s(?:confidence\s)?interval
    | \b(?:{_LONG}(?:\s?(?:-|–|to|or|and)\s?{_LONG})?)
      [\s-](?:(?:working|calendar|full|more|or\smore)\s)?
      (?:years?|months?|weeks?|days?|hours?|minutes?|quarters?)\b
      (?:(?:\sor\smore)?,?\s(?:but|and)\s(?:under|less\sthan)\s{_LONG}\b(?!\s?%|\s+(?:\w+\s+)?(?:{_PEOPLE})\b))?
    | \b(?:over|aged|under|older\sthan|younger\sthan)\s(?:the\sage\sof\s)?(?:[2-7]0|{"|".join(_TENS[:6])})\b
      (?:\s?(?:-|–|to)\s?\d\d)?(?!\s?%|\s+per|\s+(?:\w+\s+)?(?:{_PEOPLE})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<share>\s?%|\s?per\s?cent)?(?!\w)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[\s-](?P<unit>{'|'.join(_UNITS[1:10])}))?|(?P<small>{'|'.join(_UNITS)}))"
    rf"\b(?P<share>\s+per\s?cent)?(?P<of>\s+(?:\w+\s+){{0,3}}(?:{_PEOPLE})\b)?",
    re.IGNORECASE,
)
_COUNTS_PEOPLE = re.compile(
    rf"\s+(?:of\s+(?:you|us|them|our|the|those)\b|(?:[\w-]+\s+){{0,3}}(?:{_PEOPLE})\b)", re.IGNORECASE
)
_A_FEW = re.compile(
    rf"""
    \b(?:(?:a|an|this|that|the|only|single|another|no|not\s+one)\s+(?:\w+\s+)?
      (?:household|family|carer|couple|person|leaver)\b
    | (?:both|neither|either|no|none)\s+(?:of\s+)?(?:the\s+|those\s+|these\s+)?(?:\w+\s+)?
      (?:{_PEOPLE}|who\s+left|them)\b
    | (?:all|each|every)\s+(?:of\s+)?(?:(?:the|those|these)\s+)?(?:\w+\s+)?
      (?:leavers?|who\s+left|that\s+left|them)\b
    | (?:just|only)\s+(?:the\s+)?one\b | half\s+(?:the|our|those|these)\b
    | (?:(?:the|our|its)\s+(?:only|single)|last\s+of)\s+(?:[\w-]+\s+){{0,3}}(?:{_PEOPLE})\b
    | one\s+(?:was|were|had|has|left|resigned|retired|moved|died|went|transferred)\b | a\s+few\b
    | nobody\b | no\s+one\b | none\b | (?:pair|couple|handful|half|third|thirds|quarter|quarters)\s+of\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words that count a few, nobody or everybody of a group without a number."""


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it stands in a text: ``27``, ``31 per cent``, ``twenty-seven``.

    ``value`` is the number itself, ``share`` whether it is one of a hundred, ``places`` how many decimals it
    was given.
    """

    text: str
    at: int
    value: float
    share: bool
    places: int


def numbers_in(text: str) -> list[Written]:
    """Every number that may count something, in its order. Dates, years, times and money are left out, and so
    is "one" where it counts nobody ("one of our aims")."""
    blanked = _NO_COUNTS.sub(lambda found: " " * len(found[0]), text)
    return sorted([*_in_figures(blanked), *_in_words(blanked)], key=lambda one: one.at)


def hints_at_few(text: str) -> list[str]:
    """Words that count without a number: "a couple", "the only household", "nobody", "half of those"."""
    return [found[0] for found in _A_FEW.finditer(text)]


def people_counted(text: str) -> list[Written]:
    """The numbers that count people or households: "three of you", "2 kinship carers"."""
    return [
        one
        for one in numbers_in(text)
        if not one.share and _COUNTS_PEOPLE.match(text, one.at + len(one.text)) is not None
    ]


def _in_figures(text: str) -> Iterator[Written]:
    for found in _FIGURES.finditer(text):
        number = found["number"].replace(",", "")
        places = len(number.partition(".")[2])
        yield Written(found[0].strip(), found.start(), float(number), found["share"] is not None, places)


def _in_words(text: str) -> Iterator[Written]:
    for found in _IN_WORDS.finditer(text):
        share, counted = found["share"] is not None, found["of"] is not None
        small = (found["small"] or "").lower()
        if small == "one" and not (share or counted):
            continue
        if small:
            value = _WORDS[small]
        else:
            value = _WORDS[found["tens"].lower()] + _WORDS.get((found["unit"] or "zero").lower(), 0)
        words = found[0][: len(found[0]) - len(found["of"] or "")]
        yield Written(words.strip(), found.start(), float(value), share, 0)
