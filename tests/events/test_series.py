"""A series is planned once, and a year of it is in the programme, each day once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from events.pattern import plan_on
from events.planning import Changed, Problem, change_event, plan_of
from events.rhythm import Rhythm, Unit
from events.rsvp import Choice
from events.series import (
    SeriesProblem,
    any_to_extend,
    extend_series,
    plan_series,
    preview,
    problems,
    series_list,
    series_page,
)
from events.series_changes import end_series, skip_day
from events.terms import set_terms
from storage.engine import Database
from storage.events import Allocation, EventState, Mode
from storage.staff import AuditEntry
from tests.events.acts import invited_event, taps
from tests.events.seasons import (
    LONDON,
    SCHOOL_YEAR,
    SUMMER_1,
    TODAY,
    at,
    days_of,
    events_of,
    series_plan,
)
from tests.support.cast import NOON, gather


async def test_a_year_of_a_series_is_made_and_nothing_that_is_past(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        weekly = series_plan(first_on=date(2025, 4, 22), until=None)  # a Tuesday; 22:00 today is to come
        series = await plan_series(session, weekly, cast.priya, NOON, LONDON)
        days = await days_of(session, series)
        assert (days[0], days[-1], len(days)) == (TODAY, TODAY + timedelta(days=364), 53)
        events = await events_of(session, series)
        assert {event.starts_at.astimezone(LONDON).hour for event in events} == {19}
        assert {event.starts_at.hour for event in events} == {18, 19}
        assert (events[0].ref, series.ref) == ("evening-group-2025-05-06", "evening-group")
        assert [event.occurrence_on for event in events] == days
        assert {event.state for event in events} == {EventState.PLANNED}
        entries = (await session.scalars(select(AuditEntry))).all()
        assert [(entry.action, entry.detail["events"]) for entry in entries] == [("series.plan", 53)]


async def test_each_day_the_year_ahead_grows_by_what_has_come_nearer(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series = await plan_series(session, series_plan(until=None), cast.priya, NOON, LONDON)
        before = await days_of(session, series)
        assert not await any_to_extend(session, NOON, LONDON)
        assert await extend_series(session, NOON, LONDON) == 0
        later = NOON + timedelta(weeks=2)
        assert await any_to_extend(session, later, LONDON)
        assert await extend_series(session, later, LONDON) == 2
        assert await days_of(session, series) == [
            *before,
            before[-1] + timedelta(7),
            before[-1] + timedelta(14),
        ]


async def test_two_processes_that_extend_at_once_make_nothing_twice(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series = await plan_series(session, series_plan(until=None), cast.priya, NOON, LONDON)
    later = NOON + timedelta(weeks=4)

    async def extend() -> int:
        async with database.write() as session:
            return await extend_series(session, later, LONDON)

    assert sorted(await asyncio.gather(extend(), extend(), extend())) == [0, 0, 4]
    async with database.read() as session:
        days = await days_of(session, series)
        assert len(days) == len(set(days))


async def test_what_is_over_or_ended_is_not_extended(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await plan_series(session, series_plan(), cast.priya, NOON, LONDON)
        open_end = await plan_series(session, series_plan(until=None), cast.priya, NOON, LONDON)
        await end_series(session, open_end.id, date(2025, 6, 30), "", cast.priya, NOON, LONDON)
        assert await extend_series(session, NOON + timedelta(days=60), LONDON) == 0


async def test_a_term_time_series_grows_when_term_dates_come(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await set_terms(session, [SUMMER_1], cast.priya, NOON, LONDON)
        youth_club = series_plan("weekly-term-time", until=None)
        series = await plan_series(session, youth_club, cast.priya, NOON, LONDON)
        assert await days_of(session, series) == [date(2025, 5, day) for day in (8, 15, 22)]
        [line] = await series_list(session, NOON)
        assert line.note == "No term dates after 23 May 2025"
        outcome = await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
        days = await days_of(session, series)
        assert outcome.added == len(days) - 3 == 37
        assert date(2025, 5, 29) not in days
        assert date(2025, 6, 5) in days
        [line] = await series_list(session, NOON)
        assert (line.note, line.upcoming, line.next_at) == ("", 40, at(date(2025, 5, 8), 19))


def test_an_alternating_series_takes_turns_and_a_skipped_day_flips_nobody() -> None:
    forum = replace(
        series_plan(
            "monthly", until=None, capacity=40, online_capacity=100, online_url="https://meet.example"
        ),
        rhythm=Rhythm(Unit.MONTH_BY_WEEKDAY, alternate=True),
        skipped=frozenset({date(2025, 6, 12)}),
    )
    days = preview(forum, (), NOON, LONDON)[:4]
    assert [(day.day.month, day.mode, day.skipped) for day in days] == [
        (5, Mode.IN_PERSON, False),
        (6, Mode.ONLINE, True),
        (7, Mode.IN_PERSON, False),
        (8, Mode.ONLINE, False),
    ]
    online = plan_on(forum.pattern, days[3].day, LONDON, online=True)
    assert (online.venue, online.capacity, online.online_capacity) == ("", 100, None)


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"until": date(2025, 5, 1)}, (SeriesProblem.UNTIL_BEFORE_FIRST,)),
        ({"first_on": date(2025, 1, 2), "until": date(2025, 5, 5)}, (SeriesProblem.PAST,)),
        ({"skipped": frozenset({date(2025, 5, 8)}), "until": date(2025, 5, 9)}, (SeriesProblem.NO_DAYS,)),
        ({"until": date(2034, 1, 1)}, (SeriesProblem.TOO_MANY,)),
        ({"rhythm": "termly"}, (SeriesProblem.NO_TERMS,)),
        ({"title": " ", "minutes": 0}, (Problem.NO_TITLE, Problem.ENDS_BEFORE_IT_STARTS)),
        ({"deadline_days": 0}, ()),  # answers close at 17:00, it begins at 19:00
        ({"deadline_days": 0, "starts": at(TODAY, 10).time()}, (Problem.DEADLINE_AFTER_START,)),
        ({"invite_days": 0}, (Problem.INVITES_AFTER_START,)),
    ],
)
def test_a_series_that_cannot_be_says_what_is_wrong(wrong: dict[str, Any], found: tuple[str, ...]) -> None:
    assert problems(series_plan(**wrong), (), NOON, LONDON) == found


async def test_a_series_that_cannot_be_is_not_planned(database: Database) -> None:
    async with database.write() as session:
        with pytest.raises(ValueError, match="no_terms"):
            await plan_series(session, series_plan("termly"), None, NOON, LONDON)


async def test_series_of_one_title_have_refs_of_their_own(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        made = [await plan_series(session, series_plan(), cast.priya, NOON, LONDON) for _ in range(2)]
        assert [series.ref for series in made] == ["evening-group", "evening-group-2"]
        refs = {event.ref for series in made for event in await events_of(session, series)}
        assert len(refs) == 8


async def test_the_page_of_a_series_shows_what_is_to_come_and_what_is_not_as_the_rule_says(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series = await plan_series(session, series_plan(), cast.priya, NOON, LONDON)
        events = await events_of(session, series)
        await change_event(
            session, events[1].id, replace(plan_of(events[1]), venue="The Library"), cast.priya, NOON
        )
        await skip_day(session, series.id, date(2025, 5, 22), "", cast.priya, NOON, LONDON)
        page = await series_page(session, series.id, NOON + timedelta(days=3), LONDON)
        assert page is not None
        assert page.in_words == "Every week, on Thursdays"
        assert [
            (line.day.day, line.event_id is None, line.skipped, line.changed_alone) for line in page.occasions
        ] == [
            (15, False, False, ("venue",)),
            (22, True, True, ()),
            (29, False, False, ()),
        ]
        assert await series_page(session, 999, NOON, LONDON) is None


async def test_what_is_changed_on_an_ordinary_event_is_not_noted_as_changed_alone(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await change_event(session, event.id, replace(plan_of(event), title="Tea"), cast.priya, NOON)
        assert event.changed_alone == []


async def test_how_places_are_shared_out_cannot_change_once_somebody_has_answered(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=9)
        ballot = replace(plan_of(event), allocation=Allocation.BALLOT)
        first = await change_event(session, event.id, ballot, cast.priya, NOON)
        back = replace(plan_of(event), allocation=Allocation.FIRST_COME)
        await change_event(session, event.id, back, cast.priya, NOON)
        await taps(session, event, cast.amal, Choice.NOT_GOING)
        outcome = await change_event(session, event.id, ballot, cast.priya, NOON)
        assert (first.result, outcome.result) == (Changed.CHANGED, Changed.ALLOCATION_FIXED)
