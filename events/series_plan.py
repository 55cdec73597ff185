"""A series as staff describe it, what is wrong with it, and the days that it would have. All of it pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from events import pattern as patterns
from events.pattern import Pattern, plan_on
from events.planning import EventPlan, Problem
from events.rhythm import Occurrence, Rhythm, TermDates, days
from storage.events import Mode

AHEAD = timedelta(days=366)
"""How far ahead the programme holds the events of a series."""

MOST = 400
"""The most days that one series may have between its first and its last, or in a year if it has no last."""


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A pattern and the days on which it takes place. ``until`` null: it goes on.

    ``skipped``: days of the rule on which nothing takes place. An empty ``ref`` is made from the title.
    """

    pattern: Pattern
    rhythm: Rhythm
    first_on: date
    until: date | None = None
    skipped: frozenset[date] = frozenset()
    ref: str = ""


class SeriesProblem(StrEnum):
    """What is wrong with a series, besides what is wrong with its pattern."""

    NO_DAYS = "no_days"
    NO_TERMS = "no_terms"
    """The rule needs term dates, and none are known from the first day on."""
    UNTIL_BEFORE_FIRST = "until_before_first"
    PAST = "past"
    """Its last day is over."""
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One day of a series, before it is an event."""

    day: date
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    skipped: bool


def problems(
    plan: SeriesPlan, terms: Sequence[TermDates], now: datetime, zone: ZoneInfo
) -> tuple[SeriesProblem | Problem, ...]:
    """Everything that is wrong with a series; nothing if it can be planned."""
    wrong = patterns.problems(plan.pattern)
    today = now.astimezone(zone).date()
    start = max(plan.first_on, today)
    if plan.until is not None and plan.until < plan.first_on:
        return (*wrong, SeriesProblem.UNTIL_BEFORE_FIRST)
    if plan.until is not None and plan.until < today:
        return (*wrong, SeriesProblem.PAST)
    if plan.rhythm.needs_terms and not any(term.ends_on >= start for term in terms):
        return (*wrong, SeriesProblem.NO_TERMS)
    if not any(not occasion.skipped for occasion in preview(plan, terms, now, zone)):
        return (*wrong, SeriesProblem.NO_DAYS)
    last = plan.until or start + AHEAD
    if sum(1 for _ in occurrences(plan, terms, last)) > MOST:
        return (*wrong, SeriesProblem.TOO_MANY)
    return wrong


def preview(plan: SeriesPlan, terms: Sequence[TermDates], now: datetime, zone: ZoneInfo) -> list[Occasion]:
    """What is to come in the year from today, which is what is made at once; skipped days too. Of a series
    that begins later than that, its first day."""
    last = max(plan.first_on, now.astimezone(zone).date() + AHEAD)
    return [
        occasion
        for occurrence in occurrences(plan, terms, last)
        if (occasion := _occasion(plan, occurrence, zone)).starts_at > now
    ]


def occurrences(plan: SeriesPlan, terms: Sequence[TermDates], last: date) -> Iterator[Occurrence]:
    """All days of the rule up to ``last`` or the end of the series, those that are skipped too."""
    until = last if plan.until is None else min(plan.until, last)
    return days(plan.rhythm, plan.first_on, until, terms)


def event_on(plan: SeriesPlan, occurrence: Occurrence, zone: ZoneInfo) -> EventPlan:
    """The event of one day, in person or online as it is its turn."""
    return plan_on(plan.pattern, occurrence.day, zone, online=plan.rhythm.is_online(occurrence.number))


def _occasion(plan: SeriesPlan, occurrence: Occurrence, zone: ZoneInfo) -> Occasion:
    event, skipped = event_on(plan, occurrence, zone), occurrence.day in plan.skipped
    return Occasion(occurrence.day, event.starts_at, event.ends_at, event.mode, skipped)
