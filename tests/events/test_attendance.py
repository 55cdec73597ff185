"""Who came, and how it was."""

from datetime import timedelta

import pytest

from events import feedback
from events.attendance import AttendanceState, CheckedIn, Ticked, check_in, tick
from events.feedback import Given
from events.holds import LONDON
from events.planning import cancel_event
from events.rsvp import Choice
from events.views import attendance_list
from storage.attendance_queries import feedback_of
from storage.engine import Database
from tests.events.acts import IN_TWO_WEEKS, invited_event, taps, told
from tests.support.cast import NOON, gather

ATTENDED, NO_SHOW = AttendanceState.ATTENDED, AttendanceState.NO_SHOW


async def test_staff_tick_and_take_back_and_walk_ins_count(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        for state, result in (
            (ATTENDED, Ticked.RECORDED),
            (ATTENDED, Ticked.UNCHANGED),
            (None, Ticked.RECORDED),
        ):
            assert await tick(session, event.id, cast.amal.id, state, cast.priya, IN_TWO_WEEKS) is result
        await tick(session, event.id, cast.lin.id, ATTENDED, cast.priya, IN_TWO_WEEKS, source="console")
        rows = {row.name: row.state for row in await attendance_list(session, event.id)}
        assert rows == {"Amal Reed": None, "Lin Marsh": ATTENDED}
        assert await tick(session, 999, cast.amal.id, ATTENDED, cast.priya, NOON) is Ticked.NOT_FOUND


@pytest.mark.parametrize(
    ("minutes", "result"),
    [(-61, CheckedIn.TOO_EARLY), (-60, CheckedIn.WELCOME), (119, CheckedIn.WELCOME), (120, CheckedIn.OVER)],
)
async def test_the_poster_counts_around_the_time_of_the_event(
    database: Database, minutes: int, result: CheckedIn
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        now = IN_TWO_WEEKS + timedelta(minutes=minutes)
        assert (await check_in(session, event.checkin_code, cast.amal, now))[0] is result


async def test_a_second_scan_and_a_wrong_code_are_told_apart(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await check_in(session, event.checkin_code, cast.amal, IN_TWO_WEEKS)
        assert (await check_in(session, event.checkin_code, cast.amal, IN_TWO_WEEKS))[0] is CheckedIn.ALREADY
        assert (await check_in(session, "nonsense", cast.amal, IN_TWO_WEEKS))[0] is CheckedIn.UNKNOWN
        await cancel_event(session, event.id, "", cast.priya, NOON)
        assert (await check_in(session, event.checkin_code, cast.sam, IN_TWO_WEEKS))[0] is CheckedIn.CANCELLED


async def test_feedback_is_asked_the_next_morning_of_those_who_attended_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await tick(session, event.id, cast.amal.id, ATTENDED, cast.priya, IN_TWO_WEEKS)
        await tick(session, event.id, cast.sam.id, NO_SHOW, cast.priya, IN_TWO_WEEKS)
        morning = feedback.morning_after(event, LONDON)
        assert (morning.hour, morning.minute, morning.date()) == (
            9,
            30,
            (IN_TWO_WEEKS + timedelta(days=1)).date(),
        )
        assert await feedback.ask_due(session, morning - timedelta(minutes=1), LONDON) == 0
        assert await feedback.ask_due(session, morning, LONDON) == 1
        assert await feedback.ask_due(session, morning, LONDON) == 0
        # Ticked a day late, asked a day late.
        await tick(session, event.id, cast.lin.id, ATTENDED, cast.priya, morning)
        assert await feedback.ask_due(session, morning + timedelta(days=1), LONDON) == 1
        assert await told(session, "feedback") == [cast.amal.id, cast.lin.id]


async def test_feedback_is_stored_once_and_only_from_who_was_there(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await tick(session, event.id, cast.amal.id, ATTENDED, cast.priya, IN_TWO_WEEKS)
        now = IN_TWO_WEEKS + timedelta(days=1)
        assert await feedback.rate(session, event.id, cast.sam, 5, now) is Given.NOT_YOURS
        assert await feedback.rate(session, event.id, cast.amal, 6, now) is Given.NOT_YOURS
        assert await feedback.rate(session, event.id, cast.amal, 4, now) is Given.THANKS
        assert await feedback.rate(session, event.id, cast.amal, 1, now) is Given.ALREADY
        assert await feedback.comment(session, event.id, cast.amal, "Lovely") is Given.THANKS
        assert await feedback.comment(session, event.id, cast.amal, "Dull") is Given.ALREADY
        row = await feedback_of(session, event.id, cast.amal.id)
        assert row is not None
        assert (row.rating, row.comment) == (4, "Lovely")
