"""Changing what repeats: who said yes keeps their answer, nothing is put on twice, what has begun stays."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from events.planning import EventPlan, cancel_event, change_event, plan_of
from events.rhythm import NAMED, Rhythm, Unit
from events.rsvp import Choice
from events.series import extend_series, plan_series, series_page
from events.series_changes import (
    SeriesResult,
    change_all_to_come,
    change_series,
    end_series,
    skip_day,
    unskip_day,
)
from storage.engine import Database, Session
from storage.events import Event, EventState, Mode
from storage.rsvp import RsvpState
from storage.series import Series
from tests.events.acts import invitation_of, taps, told
from tests.events.seasons import LONDON, at, days_of, events_of, invite, series_plan
from tests.support.cast import NOON, Cast, gather

THURSDAYS = [date(2025, 5, day) for day in (8, 15, 22, 29)]
FRIDAYS = [day + timedelta(days=1) for day in THURSDAYS]


async def planned(session: Session, cast: Cast, **changes: Any) -> tuple[Series, list[Event]]:
    """Four Thursdays, the first two of them invited; Amal said yes to both."""
    series = await plan_series(session, series_plan(**changes), cast.priya, NOON, LONDON)
    events = list(await events_of(session, series))
    await invite(session, cast, *events[:2])
    for event in events[:2]:
        await taps(session, event, cast.amal, Choice.GOING)
    return series, events


def moved(event: Event, **by: float) -> EventPlan:
    delta = timedelta(**by)
    return replace(plan_of(event), starts_at=event.starts_at + delta, ends_at=event.ends_at + delta)


async def test_a_change_from_one_on_goes_to_it_and_all_later_ones(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        plan = replace(plan_of(events[1]), venue="The Library", capacity=12)
        outcome = await change_all_to_come(session, events[1].id, plan, cast.priya, NOON, LONDON)
        assert (outcome.result, outcome.changed, outcome.made, outcome.told) == (
            SeriesResult.CHANGED,
            3,
            0,
            1,
        )
        assert [event.venue for event in events] == ["The Hall", *["The Library"] * 3]
        assert [event.capacity for event in events] == [None, 12, 12, 12]
        assert [event.changed_alone for event in events] == [[], [], [], []]
        amal = await invitation_of(session, events[1], cast.amal)
        assert (amal.state, amal.asked_again_at) == (RsvpState.GOING, NOON)
        assert await told(session, "change") == [cast.amal.id]
        series.until = None
        await extend_series(session, NOON + timedelta(weeks=1), LONDON)
        assert (await events_of(session, series))[-1].venue == "The Library"


async def test_a_new_day_and_time_moves_all_later_ones_and_the_rule(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        plan = moved(events[1], days=1, hours=-1)
        outcome = await change_all_to_come(session, events[1].id, plan, cast.priya, NOON, LONDON)
        assert (outcome.changed, outcome.made, outcome.removed, outcome.cancelled) == (3, 0, 0, 0)
        assert await days_of(session, series) == [THURSDAYS[0], *FRIDAYS[1:]]
        assert [event.occurrence_on for event in events] == [THURSDAYS[0], *FRIDAYS[1:]]
        assert [event.starts_at.astimezone(LONDON).hour for event in events] == [19, 18, 18, 18]
        assert (series.first_on, series.until) == (FRIDAYS[1], FRIDAYS[3])
        assert (await invitation_of(session, events[1], cast.amal)).asked_again_at == NOON
        assert await extend_series(session, NOON, LONDON) == 0


async def test_a_field_that_was_changed_on_one_alone_stays_there(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        _, events = await planned(session, cast)
        at_the_park = replace(plan_of(events[2]), venue="The Park", title="Picnic")
        await change_event(session, events[2].id, at_the_park, cast.priya, NOON)
        plan = replace(plan_of(events[0]), venue="The Library", kind="social")
        await change_all_to_come(session, events[0].id, plan, cast.priya, NOON, LONDON)
        assert [event.venue for event in events] == ["The Library", "The Library", "The Park", "The Library"]
        assert (events[2].title, events[2].kind) == ("Picnic", "social")


async def test_one_that_was_moved_alone_keeps_its_date_when_the_rule_moves(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast, deadline_days=1)
        own = moved(events[2], days=3)
        await change_event(session, events[2].id, own, cast.priya, NOON)
        plan = moved(events[1], days=1)
        await change_all_to_come(session, events[1].id, plan, cast.priya, NOON, LONDON)
        sunday = date(2025, 5, 25)
        assert await days_of(session, series) == [THURSDAYS[0], FRIDAYS[1], sunday, FRIDAYS[3]]
        assert events[2].occurrence_on == FRIDAYS[2]
        assert await extend_series(session, NOON, LONDON) == 0


async def test_all_to_come_cannot_move_onto_an_earlier_one_nor_from_one_that_has_begun(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        _, events = await planned(session, cast)
        onto = moved(events[1], weeks=-1)
        outcome = await change_all_to_come(session, events[1].id, onto, cast.priya, NOON, LONDON)
        assert outcome.result is SeriesResult.PROBLEMS
        assert outcome.refused == ("another of the series is on that day",)
        past = moved(events[0], weeks=-1)
        into = await change_all_to_come(session, events[0].id, past, cast.priya, NOON, LONDON)
        assert into.refused == ("its new time is past",)
        begun = at(THURSDAYS[0], 20)
        late = await change_all_to_come(session, events[0].id, plan_of(events[0]), cast.priya, begun, LONDON)
        assert late.refused == ("it has begun",)
        stale = await change_all_to_come(
            session, events[1].id, plan_of(events[1]), cast.priya, NOON, LONDON, version=99
        )
        assert stale.result is SeriesResult.OUTDATED
        same = await change_all_to_come(
            session, events[1].id, plan_of(events[1]), cast.priya, NOON, LONDON, version=events[1].version
        )
        assert same.result is SeriesResult.UNCHANGED


async def test_one_whose_new_day_would_be_past_stays_and_the_others_move(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        mondays = [day - timedelta(days=3) for day in THURSDAYS]
        plan = replace(series_plan(title="Monday Group"), first_on=mondays[0], until=mondays[3])
        wednesday = at(date(2025, 5, 7), 9)
        outcome = await change_series(session, series.id, plan, 1, cast.priya, wednesday, LONDON)
        assert (outcome.changed, outcome.made, outcome.cancelled) == (4, 0, 0)
        assert outcome.refused == ("8 May 2025: its new time would be past, so it stays",)
        assert await days_of(session, series) == [THURSDAYS[0], *mondays[1:]]
        assert events[0].title == "Monday Group"
        assert await extend_series(session, wednesday, LONDON) == 0


async def test_a_day_whose_week_has_had_its_group_gets_no_second(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, _ = await planned(session, cast)
        fridays = replace(series_plan(), first_on=FRIDAYS[0], until=FRIDAYS[3])
        friday = at(FRIDAYS[0], 9)
        outcome = await change_series(session, series.id, fridays, 1, cast.priya, friday, LONDON)
        assert (outcome.changed, outcome.made, outcome.cancelled, outcome.told) == (3, 0, 0, 1)
        assert await days_of(session, series) == [THURSDAYS[0], *FRIDAYS[1:]]
        assert await extend_series(session, friday, LONDON) == 0
        assert (series.version, series.skipped) == (2, [FRIDAYS[0].isoformat()])


async def test_another_rule_keeps_common_days_and_drops_the_rest(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        fortnightly = replace(series_plan(), rhythm=NAMED["fortnightly"], until=date(2025, 6, 20))
        outcome = await change_series(session, series.id, fortnightly, None, cast.priya, NOON, LONDON)
        assert (outcome.changed, outcome.made, outcome.removed, outcome.cancelled) == (0, 2, 1, 1)
        days = [THURSDAYS[0], THURSDAYS[2], date(2025, 6, 5), date(2025, 6, 19)]
        assert await days_of(session, series) == days
        assert events[1].state is EventState.CANCELLED
        assert "no longer in the programme" in events[1].cancel_reason
        assert await told(session, "cancellation") == [cast.amal.id]
        assert (await invitation_of(session, events[0], cast.amal)).asked_again_at is None


async def test_a_series_that_is_changed_back_and_forth_ends_as_it_was(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series = await plan_series(session, series_plan("monthly", until=None), cast.priya, NOON, LONDON)
        before = await days_of(session, series)
        plan = series_plan("monthly", until=None)
        for changed in (replace(plan, first_on=date(2025, 5, 20)), plan):
            outcome = await change_series(session, series.id, changed, None, cast.priya, NOON, LONDON)
            assert (outcome.removed, outcome.cancelled, outcome.refused) == (0, 0, ())
        assert await days_of(session, series) == before


async def test_what_is_cancelled_keeps_its_place_so_that_a_new_rule_does_not_bring_it_back(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        await cancel_event(session, events[1].id, "Snow", cast.priya, NOON)
        await skip_day(session, series.id, THURSDAYS[2], "", cast.priya, NOON, LONDON)
        plan = moved(events[0], days=1)
        outcome = await change_all_to_come(session, events[0].id, plan, cast.priya, NOON, LONDON)
        assert (outcome.changed, outcome.made) == (2, 0)
        assert await days_of(session, series) == [FRIDAYS[0], FRIDAYS[3]]
        assert events[1].starts_at == at(THURSDAYS[1], 19)


async def test_the_turns_stay_when_all_to_come_move_from_an_online_one(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series = await plan_series(
            session,
            replace(series_plan(), rhythm=Rhythm(Unit.WEEK, alternate=True)),
            cast.priya,
            NOON,
            LONDON,
        )
        events = await events_of(session, series)
        turns = [Mode.IN_PERSON, Mode.ONLINE, Mode.IN_PERSON, Mode.ONLINE]
        assert [event.mode for event in events] == turns
        await change_all_to_come(session, events[1].id, moved(events[1], days=1), cast.priya, NOON, LONDON)
        assert [event.mode for event in events] == turns
        assert [event.venue for event in events] == ["The Hall", "", "The Hall", ""]
        turned = replace(series_plan(), rhythm=Rhythm(Unit.WEEK, alternate=True, online_first=True))
        await change_series(session, series.id, turned, None, cast.priya, NOON, LONDON)
        assert [event.mode for event in events[2:]] == [Mode.IN_PERSON, Mode.ONLINE]


async def test_a_change_that_one_event_cannot_take_is_said_and_the_others_take_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        await taps(session, events[1], cast.sam, Choice.GOING)
        small = series_plan(capacity=1)
        outcome = await change_series(session, series.id, small, None, cast.priya, NOON, LONDON)
        assert outcome.refused == ("15 May 2025: more places are taken than there would be",)
        assert [event.capacity for event in events] == [1, None, 1, 1]


async def test_a_skipped_day_is_cancelled_with_its_reason_or_disappears(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, events = await planned(session, cast)
        invited = await skip_day(
            session, series.id, THURSDAYS[1], "The hall is closed.", cast.priya, NOON, LONDON
        )
        unheard = await skip_day(session, series.id, THURSDAYS[3], "", cast.priya, NOON, LONDON)
        assert (invited.cancelled, invited.told, unheard.removed) == (1, 1, 1)
        assert events[1].cancel_reason == "The hall is closed."
        assert await days_of(session, series) == [THURSDAYS[0], THURSDAYS[2]]
        again = await skip_day(session, series.id, THURSDAYS[1], "", cast.priya, NOON, LONDON)
        other = await skip_day(session, series.id, FRIDAYS[1], "", cast.priya, NOON, LONDON)
        assert (again.result, other.result) == (SeriesResult.UNCHANGED, SeriesResult.NOT_FOUND)
        for day in (THURSDAYS[1], THURSDAYS[3]):
            back = await unskip_day(session, series.id, day, cast.priya, NOON, LONDON)
            assert back.made == 1
        assert await days_of(session, series) == THURSDAYS
        assert events[1].state is EventState.CANCELLED


async def test_a_series_ends_after_a_day(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, _ = await planned(session, cast)
        outcome = await end_series(
            session, series.id, THURSDAYS[0], "The group is over.", cast.priya, NOON, LONDON
        )
        assert (outcome.cancelled, outcome.removed, outcome.told) == (1, 2, 1)
        assert await days_of(session, series) == THURSDAYS[:1]
        again = await end_series(session, series.id, THURSDAYS[0], "", cast.priya, NOON, LONDON)
        assert again.result is SeriesResult.ENDED
        page = await series_page(session, series.id, NOON, LONDON)
        assert page is not None
        assert page.ended


async def test_a_stale_form_and_a_plan_that_cannot_be_change_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        series, _ = await planned(session, cast)
        new = series_plan(title="Late Group")
        stale = await change_series(session, series.id, new, 99, cast.priya, NOON, LONDON)
        wrong = await change_series(session, series.id, series_plan(title=""), 1, cast.priya, NOON, LONDON)
        none = await change_series(session, 999, new, None, cast.priya, NOON, LONDON)
        same = await change_series(session, series.id, series_plan(), 1, cast.priya, NOON, LONDON)
        assert [outcome.result for outcome in (stale, wrong, none, same)] == [
            SeriesResult.OUTDATED,
            SeriesResult.PROBLEMS,
            SeriesResult.NOT_FOUND,
            SeriesResult.UNCHANGED,
        ]
        assert wrong.refused == ("no_title",)
        assert series.version == 1
