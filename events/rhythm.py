"""When something comes again: rules that make local days, from the first one on.

Which day of the week, of the month or of the term follows from the first day alone, as people say it: "from
Tuesday the 12th, every month" means each second Tuesday. All days are local dates; clock times are the
pattern's (`events.pattern`), so that no rule ever sees a clock go back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import Any

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

MOST_BETWEEN = 60
"""The largest ``every``: five years of months."""

_WEEK = timedelta(weeks=1)
_AUTUMN_FROM, _SPRING_FROM, _SUMMER_FROM = 8, 1, 4
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("first", "second", "third", "fourth", "last")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Unit(StrEnum):
    """What is counted between two days."""

    WEEK = "week"
    MONTH_BY_WEEKDAY = "month_by_weekday"
    """The second Tuesday; the fifth means the last, since not every month has five."""
    MONTH_BY_DAY = "month_by_day"
    """The 14th; where a month is too short, its last day."""
    TERM = "term"
    """Once in a school term, in the same week of it as the first."""


@dataclass(frozen=True, slots=True)
class TermDates:
    """School days without a break, first and last day included. A half term is the gap between two."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many weeks, months or terms. Raises ``ValueError`` unless ``every`` is from 1 to 60.

    ``term_time_only``: days in the holidays are left out, without a shift of those after them. ``alternate``:
    in person and online in turn, by the number that the rule gives to a day; ``online_first`` turns it round.
    """

    unit: Unit
    every: int = 1
    term_time_only: bool = False
    alternate: bool = False
    online_first: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.every <= MOST_BETWEEN:
            raise ValueError(f"every {self.every} must be from 1 to {MOST_BETWEEN}")

    @property
    def needs_terms(self) -> bool:
        return self.term_time_only or self.unit is Unit.TERM

    def is_online(self, number: int) -> bool:
        """Whether the turn of this number is one of the online ones; never unless the modes alternate."""
        return self.alternate and (number % 2 == 1) is not self.online_first


NAMED = MappingProxyType(
    {
        "weekly": Rhythm(Unit.WEEK),
        "weekly-term-time": Rhythm(Unit.WEEK, term_time_only=True),
        "fortnightly": Rhythm(Unit.WEEK, 2),
        "monthly": Rhythm(Unit.MONTH_BY_WEEKDAY),
        "quarterly": Rhythm(Unit.MONTH_BY_WEEKDAY, 3),
        "termly": Rhythm(Unit.TERM),
        "yearly": Rhythm(Unit.MONTH_BY_WEEKDAY, 12),
    }
)
"""The rhythms that have a name of their own, in files and in forms."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A day of the rule. ``number`` counts from 0 and goes on counting through days that are left out."""

    day: date
    number: int


def days(rhythm: Rhythm, first_on: date, until: date, terms: Sequence[TermDates]) -> Iterator[Occurrence]:
    """The days of a rule from ``first_on`` up to ``until``, both included, in order and each once.

    A term's day that falls into a half term is the nearest in the term. A first day in the holidays stands
    for the first week of the term after it.
    """
    if rhythm.unit is Unit.TERM:
        found = _days_of_terms(rhythm.every, first_on, until, terms)
    else:
        found = enumerate(_days_of_calendar(rhythm, first_on, until))
    for number, day in found:
        if not rhythm.term_time_only or in_term(day, terms):
            yield Occurrence(day, number)


def in_term(day: date, terms: Iterable[TermDates]) -> bool:
    """Whether school is on."""
    return any(term.starts_on <= day <= term.ends_on for term in terms)


def school_term(day: date) -> tuple[int, int]:
    """The year and the number of the school term that begins on a day: 1 spring, 2 summer, 3 autumn.

    English school years have three: from August, from January, and from the end of the Easter holidays, which
    is in April. Halves of a term are thus one term, whatever each is called.
    """
    return day.year, 3 if day.month >= _AUTUMN_FROM else 2 if day.month >= _SUMMER_FROM else 1


def _days_of_calendar(rhythm: Rhythm, first_on: date, until: date) -> Iterator[date]:
    rule: dict[str, Any] = {
        "dtstart": datetime.combine(first_on, time()),
        "until": datetime.combine(until, time()),
        "interval": rhythm.every,
    }
    match rhythm.unit:
        case Unit.WEEK:
            found = rrule(WEEKLY, **rule)
        case Unit.MONTH_BY_WEEKDAY:
            which = _which_weekday(first_on)
            nth = weekday(first_on.weekday(), -1 if which == len(_ORDINALS) - 1 else which + 1)
            found = rrule(MONTHLY, byweekday=nth, **rule)
        case _:
            # The last that a month has of the days from the 28th up to the one that is meant.
            wanted = range(min(first_on.day, 28), first_on.day + 1)
            found = rrule(MONTHLY, bymonthday=tuple(wanted), bysetpos=-1, **rule)
    return (moment.date() for moment in found)


def _which_weekday(day: date) -> int:
    """0 for the first such weekday of its month; 4, which means the last, for the fifth."""
    return (day.day - 1) // 7


def _days_of_terms(
    every: int, first_on: date, until: date, terms: Sequence[TermDates]
) -> Iterator[tuple[int, date]]:
    ordered = sorted(terms, key=lambda term: term.starts_on)
    whole = [list(halves) for _, halves in groupby(ordered, lambda term: school_term(term.starts_on))]
    to_come = [halves for halves in whole if halves[-1].ends_on >= first_on]
    if not to_come:
        return
    week = max(timedelta(0), _monday(first_on) - _monday(to_come[0][0].starts_on))
    for number, halves in enumerate(to_come[::every]):
        wanted = _monday(halves[0].starts_on) + week + timedelta(days=first_on.weekday())
        day = _nearest(wanted, halves, first_on)
        if day is not None and day <= until:
            yield number, day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _nearest(wanted: date, halves: Sequence[TermDates], first_on: date) -> date | None:
    """The day of the same weekday in the term, not before the first, that is nearest; the earlier of two."""
    first, last = halves[0].starts_on, halves[-1].ends_on
    day = first + timedelta(days=(wanted.weekday() - first.weekday()) % 7)
    possible = (day + at * _WEEK for at in range((last - first).days // 7 + 1))
    return min(
        (day for day in possible if day >= first_on and in_term(day, halves)),
        key=lambda day: abs(day - wanted),
        default=None,
    )


def in_words(rhythm: Rhythm, first_on: date) -> str:
    """The rule as staff would say it, in English: ``Every week in term time, on Thursdays``."""
    in_turn = ", in person and online in turn" if rhythm.alternate else ""
    in_terms = " in term time" if rhythm.term_time_only else ""
    name = _WEEKDAYS[first_on.weekday()]
    if rhythm.unit is Unit.WEEK:
        return f"{_every('week', rhythm.every)}{in_terms}, on {name}s{in_turn}"
    if rhythm.unit is Unit.TERM:
        often = "Once a term" if rhythm.every == 1 else f"Once in {_number(rhythm.every)} terms"
        return f"{often}, on a {name}{in_turn}"
    day = f"the {_ORDINALS[_which_weekday(first_on)]} {name}"
    if rhythm.unit is Unit.MONTH_BY_DAY:
        day = "the last day" if first_on.day == 31 else f"the {ordinal(first_on.day)}"
    if rhythm.every % 12 == 0:
        often = f"{_every('year', rhythm.every // 12)}, on {day} of {first_on:%B}"
    elif rhythm.every == 1:
        often = f"Every month, on {day}"
    else:
        often = f"{_every('month', rhythm.every)}, on {day}"
    return f"{often}{in_terms}{in_turn}"


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _every(unit: str, number: int) -> str:
    return f"Every {unit}" if number == 1 else f"Every {_number(number)} {unit}s"


def _number(number: int) -> str:
    return _NUMBERS[number - 1] if number <= len(_NUMBERS) else str(number)


def to_json(rhythm: Rhythm) -> dict[str, Any]:
    """As it is kept in the database."""
    return asdict(rhythm) | {"unit": rhythm.unit.value}


def from_json(value: dict[str, Any]) -> Rhythm:
    """Back from the database. Raises ``ValueError`` for a unit that does not exist."""
    return Rhythm(**(value | {"unit": Unit(value["unit"])}))
