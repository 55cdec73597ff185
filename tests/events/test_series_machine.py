"""Whatever staff do to a series in whatever order, it stays whole.

No day has two events, nothing that has begun or is cancelled is touched, nobody's invitation vanishes,
nothing is moved into the past, and the clock finds nothing left to make.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

import pytest

from events.occurrences import plan_of_series
from events.planning import cancel_event, change_event, plan_of
from events.rhythm import NAMED, Rhythm, Unit
from events.rsvp import Choice
from events.series import extend_series, plan_series
from events.series_changes import change_all_to_come, change_series, end_series, skip_day, unskip_day
from events.terms import set_terms
from storage.engine import Session, open_database
from storage.events import Event, EventState
from storage.series import Series
from tests.events.acts import taps
from tests.events.seasons import LONDON, SCHOOL_YEAR, events_of, invite, series_plan
from tests.support.cast import NOON, Cast, gather

RHYTHMS = (
    *NAMED.values(),
    Rhythm(Unit.WEEK, 2, term_time_only=True, alternate=True),
    Rhythm(Unit.MONTH_BY_DAY),
    Rhythm(Unit.MONTH_BY_WEEKDAY, alternate=True),
    Rhythm(Unit.TERM, alternate=True),
)


@dataclass
class Story:
    """One series and those who play with it; ``chance`` decides what happens next."""

    session: Session
    cast: Cast
    series: Series
    chance: Random
    now: datetime = NOON

    async def to_come(self) -> list[Event]:
        events = await events_of(self.session, self.series)
        return [
            event
            for event in events
            if event.starts_at > self.now and event.state is not EventState.CANCELLED
        ]

    async def one(self) -> Event | None:
        events = (await self.to_come())[:8]
        return self.chance.choice(events) if events else None

    async def change_rule(self) -> None:
        plan = plan_of_series(self.series)
        today = self.now.date()
        changes = {
            "rhythm": self.chance.choice(RHYTHMS),
            "first_on": plan.first_on + timedelta(days=self.chance.randint(-20, 20)),
            "until": self.chance.choice([None, today + timedelta(days=self.chance.randint(20, 300))]),
        }
        name = self.chance.choice(list(changes))
        plan = replace(plan, **{name: changes[name]})  # type: ignore[arg-type]
        by = self.cast.priya
        await change_series(self.session, self.series.id, plan, None, by, self.now, LONDON)

    async def change_pattern(self) -> None:
        plan = plan_of_series(self.series)
        changes = {"venue": self.chance.choice("ABC"), "starts": time(self.chance.randint(9, 20))}
        changed = replace(plan, pattern=replace(plan.pattern, **changes))  # type: ignore[arg-type]
        by = self.cast.priya
        await change_series(self.session, self.series.id, changed, None, by, self.now, LONDON)

    async def change_all(self) -> None:
        if event := await self.one():
            by = timedelta(days=self.chance.randint(-9, 9), hours=self.chance.randint(-2, 2))
            plan = replace(plan_of(event), starts_at=event.starts_at + by, ends_at=event.ends_at + by)
            await change_all_to_come(
                self.session, event.id, plan, self.cast.priya, self.now, LONDON, event.version
            )

    async def change_one(self) -> None:
        if event := await self.one():
            by = timedelta(days=self.chance.randint(0, 9))
            plan = replace(plan_of(event), starts_at=event.starts_at + by, ends_at=event.ends_at + by)
            await change_event(self.session, event.id, plan, self.cast.priya, self.now)

    async def cancel_one(self) -> None:
        if event := await self.one():
            await cancel_event(self.session, event.id, "Snow", self.cast.priya, self.now)

    async def skip(self) -> None:
        if (event := await self.one()) and event.occurrence_on:
            await skip_day(
                self.session, self.series.id, event.occurrence_on, "", self.cast.priya, self.now, LONDON
            )

    async def unskip(self) -> None:
        if self.series.skipped:
            day = date.fromisoformat(self.chance.choice(self.series.skipped))
            await unskip_day(self.session, self.series.id, day, self.cast.priya, self.now, LONDON)

    async def invite_one(self) -> None:
        event = await self.one()
        if event and event.state is EventState.PLANNED:
            await invite(self.session, self.cast, event)
            await taps(self.session, event, self.cast.amal, Choice.GOING, self.now)

    async def change_terms(self) -> None:
        moved = [
            replace(term, starts_on=term.starts_on + timedelta(days=self.chance.choice([0, 0, 3, 7])))
            for term in SCHOOL_YEAR[self.chance.choice([0, 0, 1, 2]) :]
        ]
        await set_terms(self.session, moved, self.cast.priya, self.now, LONDON)

    async def let_time_pass(self) -> None:
        self.now += timedelta(days=self.chance.randint(0, 20), hours=self.chance.randint(0, 23))

    async def end(self) -> None:
        if self.chance.random() < 0.2:
            after = self.now.date() + timedelta(days=30)
            await end_series(self.session, self.series.id, after, "", self.cast.priya, self.now, LONDON)

    def deeds(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            self.change_rule,
            self.change_rule,
            self.change_pattern,
            self.change_all,
            self.change_all,
            self.change_one,
            self.cancel_one,
            self.skip,
            self.unskip,
            self.invite_one,
            self.invite_one,
            self.change_terms,
            self.let_time_pass,
            self.end,
        ]


async def play(session: Session, seed: int, steps: int) -> None:
    chance, cast = Random(seed), await gather(session)
    await set_terms(session, SCHOOL_YEAR, cast.priya, NOON, LONDON)
    plan = replace(series_plan(until=None), rhythm=chance.choice(RHYTHMS))
    story = Story(session, cast, await plan_series(session, plan, cast.priya, NOON, LONDON), chance)
    for _ in range(steps):
        before = {
            event.id: (event.starts_at, event.state) for event in await events_of(session, story.series)
        }
        deed = chance.choice(story.deeds())
        await deed()
        after = {event.id: event for event in await events_of(session, story.series)}
        for event_id, (starts_at, state) in before.items():
            begun = starts_at <= story.now
            if begun or state is EventState.CANCELLED:
                assert (after[event_id].starts_at, after[event_id].state) == (starts_at, state), deed
            elif state is EventState.INVITED:
                assert event_id in after, deed
            if event_id in after and not begun:
                assert after[event_id].starts_at > story.now, deed
        if deed != story.let_time_pass:
            story.series.made_until = None  # look at every day of the year again
            assert await extend_series(session, story.now, LONDON) == 0, deed
        else:
            await extend_series(session, story.now, LONDON)
        days = [event.occurrence_on for event in after.values() if event.occurrence_on]
        assert len(days) == len(set(days)), deed


@pytest.mark.parametrize("seed", range(2))
async def test_a_series_stays_whole_whatever_is_done_to_it(sqlite_url: str, seed: int) -> None:
    database = open_database(sqlite_url)
    async with database.write() as session:
        await play(session, seed, 20)
    await database.close()
