"""The term dates of the school year: what is wrong with them, and what follows for series."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from events.occurrences import (
    TIMES,
    Work,
    alter,
    is_to_come,
    make_missing,
    plan_of_series,
    take_out,
    write_plan,
)
from events.rhythm import TermDates, Unit, in_term, school_term
from events.series_plan import AHEAD, SeriesPlan, event_on, occurrences
from storage.engine import Session
from storage.events import EventState
from storage.series import Series, Term
from storage.series_queries import (
    all_terms,
    going_on,
    hold_terms,
    lock_events_of_series,
    lock_series,
    replace_terms,
)
from storage.staff import StaffMember

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


@dataclass(frozen=True, slots=True)
class TermsOutcome:
    """What new term dates did: events added, moved and removed. Nobody has heard of those that were removed.

    ``outside``: events with invitations out that are on no school day now. Staff decide about them.
    """

    added: int
    removed: int
    outside: tuple[int, ...]
    moved: int = 0


async def term_dates(session: Session) -> list[TermDates]:
    """The term dates, in order."""
    return [TermDates(term.name, term.starts_on, term.ends_on) for term in await all_terms(session)]


async def terms_to_change(session: Session) -> list[TermDates]:
    """The same for whoever is about to replace them: nobody else does meanwhile."""
    await hold_terms(session)
    return await term_dates(session)


def problems(terms: Sequence[TermDates]) -> dict[int, TermProblem]:
    """By the place in the list, from 0, what is wrong with a line; nothing for those that are right."""
    found = {at: _problem(term, terms[:at]) for at, term in enumerate(terms)}
    return {at: problem for at, problem in found.items() if problem is not None}


async def set_terms(
    session: Session, terms: Sequence[TermDates], by: StaffMember | None, now: datetime, zone: ZoneInfo
) -> TermsOutcome:
    """Let these be all the term dates, and let the series that keep to them follow.

    Days that are school days now get their events. Events that fall into the holidays now are taken out,
    unless invitations are out. Raises ``ValueError`` for terms that have `problems`.
    """
    if found := problems(terms):
        raise ValueError(f"terms that cannot be: {', '.join(found.values())}")
    before, terms = await term_dates(session), sorted(terms, key=lambda term: term.starts_on)
    work = Work(session, by, now, zone)
    outside: list[int] = []
    await replace_terms(
        session,
        (Term(name=term.name.strip(), starts_on=term.starts_on, ends_on=term.ends_on) for term in terms),
    )
    for series_id in await going_on(session) if before != terms else ():
        series = await lock_series(session, series_id)
        if series is not None and series.ended_at is None and plan_of_series(series).rhythm.needs_terms:
            outside += await _follow(work, series, before, terms)
    await record(session, now, by, "terms.set", "", terms=len(terms), added=work.made, removed=work.removed)
    return TermsOutcome(work.made, work.removed, tuple(outside), work.changed)


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


async def _follow(
    work: Work, series: Series, before: Sequence[TermDates], terms: Sequence[TermDates]
) -> list[int]:
    """Fit the events of a series to other terms; those invited to that are on no school day now."""
    last, plan = work.today + AHEAD, plan_of_series(series)
    was = {found.day: _place(plan, found.day, before) for found in occurrences(plan, before, last)}
    plan = _from_a_term_that_is_left(plan, before, terms)
    write_plan(series, plan, work.now)
    new = {_place(plan, found.day, terms): found for found in occurrences(plan, terms, last)}
    events = await lock_events_of_series(work.session, series.id)
    by_rule = [event for event in events if event.occurrence_on in was]
    gone, outside = [], []
    for event in by_rule:
        found = new.get(was[event.occurrence_on]) if event.occurrence_on else None
        if is_to_come(event, work.now) and event.state is EventState.INVITED:
            day = event.starts_at.astimezone(work.zone).date()
            outside += [] if in_term(day, terms) else [event.id]
        elif is_to_come(event, work.now) and found is None:
            gone.append(event)
        elif is_to_come(event, work.now) and found is not None and found.day != event.occurrence_on:
            await alter(work, event, TIMES, event_on(plan, found, work.zone))
        if found is not None:  # also of one that has taken place, so that its term has no second
            event.occurrence_on = found.day
    await take_out(work, gone, "")
    await make_missing(work, series, terms)
    return outside


def _place(plan: SeriesPlan, day: date, terms: Sequence[TermDates]) -> date | tuple[int, int]:
    """What stays the same of a day when term dates move: its school term if it is the term's one day."""
    if plan.rhythm.unit is not Unit.TERM:
        return day
    return school_term(max(term.starts_on for term in terms if term.starts_on <= day))


def _from_a_term_that_is_left(
    plan: SeriesPlan, before: Sequence[TermDates], terms: Sequence[TermDates]
) -> SeriesPlan:
    """Count from the first term that is still in the list: without it no week of a term would be known."""
    left = {school_term(term.starts_on) for term in terms}
    if plan.rhythm.unit is not Unit.TERM or not left or not before:
        return plan
    old = occurrences(plan, before, max(term.ends_on for term in before))
    first = next((found for found in old if _place(plan, found.day, before) in left), None)
    if first is None or first.number == 0:
        return plan
    rhythm = plan.rhythm
    if first.number % 2:  # so that the turns stay as they are
        rhythm = replace(rhythm, online_first=not rhythm.online_first)
    return replace(plan, rhythm=rhythm, first_on=first.day)


__all__ = [
    "TermDates",
    "TermProblem",
    "TermsOutcome",
    "problems",
    "set_terms",
    "term_dates",
    "terms_to_change",
]
