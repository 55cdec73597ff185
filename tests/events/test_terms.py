"""Term dates change, and the series that keep to them follow; who was invited is left to staff."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from events.rhythm import Rhythm, TermDates, Unit
from events.series import extend_series, plan_series
from events.terms import TermProblem, problems, set_terms, term_dates
from storage.engine import Database
from storage.events import Mode
from storage.staff import AuditEntry
from tests.events.seasons import (
    AUTUMN_1,
    LONDON,
    SCHOOL_YEAR,
    SPRING_1,
    SUMMER_1,
    SUMMER_2,
    days_of,
    events_of,
    invite,
    series_plan,
)
from tests.support.cast import NOON, gather


def test_each_line_of_the_terms_says_what_is_wrong_with_it() -> None:
    begins = date(2025, 9, 1)
    terms = [
        TermDates("Autumn", begins, date(2025, 10, 24)),
        TermDates(" ", date(2025, 11, 3), date(2025, 12, 19)),
        TermDates("Spring", date(2026, 2, 13), date(2026, 1, 5)),
        TermDates("Half", date(2025, 10, 24), date(2025, 10, 31)),
        TermDates("Year", date(2026, 9, 1), date(2027, 7, 20)),
        TermDates("One day", date(2026, 3, 1), date(2026, 3, 1)),
    ]
    assert problems(terms) == {
        1: TermProblem.NO_NAME,
        2: TermProblem.ENDS_FIRST,
        3: TermProblem.OVERLAP,
        4: TermProblem.TOO_LONG,
    }


async def test_terms_that_cannot_be_are_not_kept(database: Database) -> None:
    async with database.write() as session:
        with pytest.raises(ValueError, match="overlap"):
            await set_terms(session, [SUMMER_1, SUMMER_1], None, NOON, LONDON)
        assert await term_dates(session) == []


async def test_the_whole_list_is_kept_in_order_and_noted(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, [AUTUMN_1, SUMMER_1], cast.priya, NOON, LONDON)
        await set_terms(session, [AUTUMN_1, SUMMER_2, SUMMER_1], cast.priya, NOON, LONDON)
        assert await term_dates(session) == [SUMMER_1, SUMMER_2, AUTUMN_1]
        entries = (await session.scalars(select(AuditEntry))).all()
        assert [(entry.action, entry.detail["terms"]) for entry in entries] == [
            ("terms.set", 2),
            ("terms.set", 3),
        ]


async def test_days_that_fall_into_the_holidays_go_unless_invitations_are_out(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
        weekly = series_plan("weekly-term-time", until=date(2025, 6, 13))
        series = await plan_series(session, weekly, cast.priya, NOON, LONDON)
        other = await plan_series(session, series_plan(), cast.priya, NOON, LONDON)
        events = await events_of(session, series)
        assert [event.occurrence_on.day for event in events if event.occurrence_on] == [8, 15, 22, 5, 12]
        await invite(session, cast, *events[:2])
        shorter = replace(SUMMER_1, ends_on=date(2025, 5, 9))
        later = replace(SUMMER_2, starts_on=date(2025, 6, 9))
        outcome = await set_terms(session, [shorter, later], cast.priya, NOON, LONDON)
        assert (outcome.added, outcome.removed, outcome.outside) == (0, 2, (events[1].id,))
        assert await days_of(session, series) == [date(2025, 5, 8), date(2025, 5, 15), date(2025, 6, 12)]
        assert len(await days_of(session, other)) == 4
        assert await extend_series(session, NOON + timedelta(days=1), LONDON) == 0


async def test_the_one_day_of_a_term_moves_with_it_unless_invitations_are_out(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
        course = series_plan("termly", first_on=date(2025, 5, 15), until=None)
        series = await plan_series(session, course, cast.priya, NOON, LONDON)
        days = [date(2025, 5, 15), date(2025, 9, 18), date(2026, 1, 22), date(2026, 5, 7)]
        assert await days_of(session, series) == days
        await invite(session, cast, (await events_of(session, series))[1])
        week = timedelta(weeks=1)
        moved = [
            replace(term, starts_on=term.starts_on + week) if term in (AUTUMN_1, SPRING_1) else term
            for term in SCHOOL_YEAR
        ]
        outcome = await set_terms(session, moved, cast.priya, NOON, LONDON)
        assert (outcome.added, outcome.removed, outcome.moved, outcome.outside) == (0, 0, 1, ())
        assert await days_of(session, series) == [*days[:2], days[2] + week, days[3]]
        assert await extend_series(session, NOON + timedelta(days=1), LONDON) == 0


async def test_taking_a_past_term_off_the_list_moves_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
        course = series_plan("termly", first_on=date(2025, 5, 15), until=None)
        course = replace(course, rhythm=Rhythm(Unit.TERM, alternate=True))
        series = await plan_series(session, course, cast.priya, NOON, LONDON)
        days = await days_of(session, series)
        modes = [event.mode for event in await events_of(session, series)]
        assert modes[:2] == [Mode.IN_PERSON, Mode.ONLINE]
        august = NOON + timedelta(days=100)
        outcome = await set_terms(session, SCHOOL_YEAR[2:], cast.priya, august, LONDON)
        assert (outcome.added, outcome.removed, outcome.moved, outcome.outside) == (0, 0, 0, ())
        assert await days_of(session, series) == days
        assert [event.mode for event in await events_of(session, series)] == modes
        assert await extend_series(session, august, LONDON) == 0
