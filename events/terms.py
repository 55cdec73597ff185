"""The term dates of the school year: what is wrong with them, and what follows for series."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from events.rhythm import TermDates
from storage.engine import Session
from storage.series_queries import all_terms

LONGEST = timedelta(weeks=20)
LONGEST_NAME = 80


class TermProblem(StrEnum):
    """What is wrong with one line of the term dates."""

    NO_NAME = "no_name"
    ENDS_FIRST = "ends_first"
    OVERLAP = "overlap"
    """It begins before another has ended."""
    TOO_LONG = "too_long"
    """Over 20 weeks: a year was mistyped, or the holidays were forgotten."""


async def term_dates(session: Session) -> list[TermDates]:
    """The term dates, in order."""
    return [TermDates(term.name, term.starts_on, term.ends_on) for term in await all_terms(session)]


def problems(terms: Sequence[TermDates]) -> dict[int, TermProblem]:
    """By the place in the list, from 0, what is wrong with a line; nothing for those that are right."""
    found: dict[int, TermProblem] = {}
    for at, term in enumerate(terms):
        if problem := _problem(term, terms[:at]):
            found[at] = problem
    return found


def _problem(term: TermDates, before: Sequence[TermDates]) -> TermProblem | None:
    if not term.name.strip():
        return TermProblem.NO_NAME
    if term.ends_on < term.starts_on:
        return TermProblem.ENDS_FIRST
    if term.ends_on - term.starts_on > LONGEST:
        return TermProblem.TOO_LONG
    if any(term.starts_on <= other.ends_on and other.starts_on <= term.ends_on for other in before):
        return TermProblem.OVERLAP
    return None


__all__ = ["TermDates", "TermProblem", "problems", "term_dates"]
