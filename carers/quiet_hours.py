"""Quiet hours and days as carers choose and write them: which hours still leave room for a message."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, time, timedelta

Span = tuple[time, time]
"""From and until, local time of day; ``21:00-08:00`` runs over midnight. The end is not quiet any more."""

LEAST_OPEN = 120
"""Minutes of a day that all quiet hours together must leave: who could never be told anything would miss
what they said yes to."""
OFTEN_CHOSEN: tuple[Span, ...] = (
    (time(20), time(10)),
    (time(18), time(8)),
    (time(9), time(17)),
)
LONGEST_PAUSE = timedelta(days=365)

_DAY = 24 * 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?(?:m\b)?\.?"
_HOURS = re.compile(rf"(?:from\s+)?{_CLOCK}\s*(?:to|until|till|[-\u2013\u2014])\s*{_CLOCK}")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\s-]\s*(\d{1,2})(?:\s*[/.\s-]\s*(\d{4}))?\.?")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?([a-z]{3,9})\.?,?(?:\s+(\d{4}))?")


def open_minutes(spans: Collection[Span]) -> int:
    """How many minutes of a day none of these spans covers."""
    quiet: set[int] = set()
    for begin, end in spans:
        first, last = _minute(begin), _minute(end)
        quiet |= set(range(first, last)) if first < last else {*range(first, _DAY), *range(last)}
    return _DAY - len(quiet)


def leaves_room(own: Span, service: Span | None) -> bool:
    """Whether hours of somebody's own, with those of the service, leave enough of the day."""
    return own[0] != own[1] and open_minutes([own, *([service] if service else [])]) >= LEAST_OPEN


def read_hours(text: str) -> Span | None:
    """Two times of day as people write them: ``19:30 to 9``, ``8pm-10am``; None for anything else."""
    found = _HOURS.fullmatch(_plain(text))
    if found is None:
        return None
    begin, end = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
    return None if begin is None or end is None or begin == end else (begin, end)


def read_day(text: str, today: date) -> date | None:
    """A day as people write it: ``24 December``, ``24/12/2026``, ``2026-12-24``, the day before the month.

    Without a year it is the next day of that name. None for anything else.
    """
    plain = _plain(text)
    try:
        if found := _ISO.fullmatch(plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMBERS.fullmatch(plain):
            return _dated(int(found[1]), int(found[2]), found[3], today)
        if (found := _NAMED.fullmatch(plain)) and found[2][:3] in _MONTHS:
            return _dated(int(found[1]), _MONTHS.index(found[2][:3]) + 1, found[3], today)
    except ValueError:
        pass
    return None


def _dated(day: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return date(int(year), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year > today else date(today.year + 1, month, day)


def _clock(hour: str, minute: str | None, half: str | None) -> time | None:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half == "p" else 0)
    if number == 24 and not int(minute or 0):
        number = 0
    return time(number, int(minute or 0)) if number < 24 and int(minute or 0) < 60 else None


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _plain(text: str) -> str:
    """In small letters, with the digits of every script as ours."""
    folded = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text.casefold())
    return " ".join("".join(folded).split()).strip()
