"""Who came, and how it was."""

import asyncio
from datetime import timedelta

import pytest

from events import feedback
from events.attendance import (
    AttendanceState,
    CheckedIn,
    Ticked,
    check_in,
    find_carers,
    rest_did_not_come,
    tick,
    undo_rest,
)
from events.feedback import Given
from events.holds import LONDON
from events.parties import attendance_list
from events.planning import cancel_event
from events.rsvp import Choice
from storage.attendance_queries import feedback_of
from storage.engine import Database, Session
from tests.events.acts import HOUSEHOLD, IN_TWO_WEEKS, invited_event, taps, told
from tests.support.cast import NOON, gather

ATTENDED, NO_SHOW = AttendanceState.ATTENDED, AttendanceState.NO_SHOW


async def states(session: Session, event_id: int) -> dict[str, AttendanceState | None]:
    """What is noted, by name."""
    return {row.name: row.state for row in await attendance_list(session, event_id)}


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


async def test_a_carer_of_a_household_that_left_cannot_check_in(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        cast.marshes.ended_on = IN_TWO_WEEKS.date()
        assert (await check_in(session, event.checkin_code, cast.lin, IN_TWO_WEEKS))[0] is CheckedIn.UNKNOWN
        cast.marshes.ended_on = IN_TWO_WEEKS.date() + timedelta(days=1)
        assert (await check_in(session, event.checkin_code, cast.lin, IN_TWO_WEEKS))[0] is CheckedIn.WELCOME


async def test_a_scan_counts_for_who_was_noted_as_not_there(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        assert await rest_did_not_come(session, event.id, cast.priya, IN_TWO_WEEKS) == 1
        assert (await check_in(session, event.checkin_code, cast.amal, IN_TWO_WEEKS))[0] is CheckedIn.WELCOME
        assert await undo_rest(session, event.id, cast.priya, IN_TWO_WEEKS) == 0


async def test_walk_ins_are_found_by_name_or_number_among_those_whom_staff_may_see(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)

        async def names(words: str, own: int | None = None) -> list[str]:
            found = await find_carers(session, words, IN_TWO_WEEKS, own_households=own)
            return [carer.name for carer in found]

        assert await names("reed") == ["Amal Reed", "Jo Reed"]
        assert await names("am ree") == ["Amal Reed"]
        assert await names("c3") == await names("H2") == ["Sam Okafor"]
        assert await names("o", cast.tom.id) == ["Jo Reed"]
        for nobody in ("", "  ", "zebedee", "%", "_", "'; --", "\0"):
            assert await names(nobody) == []
        cast.marshes.ended_on = NOON.date()
        assert await names("marsh") == []


async def test_everybody_else_did_not_come_is_said_after_the_start_and_can_be_taken_back(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await taps(session, event, cast.jo, Choice.GOING)
        await taps(session, event, cast.sam, Choice.GOING)
        await taps(session, event, cast.lin, Choice.MAYBE)
        await tick(session, event.id, cast.amal.id, ATTENDED, cast.priya, IN_TWO_WEEKS)
        early = IN_TWO_WEEKS - timedelta(minutes=1)
        assert await rest_did_not_come(session, event.id, cast.priya, early) == 0
        assert (
            await rest_did_not_come(session, event.id, cast.tom, IN_TWO_WEEKS, own_households=cast.tom.id)
            == 1
        )
        later = IN_TWO_WEEKS + timedelta(hours=1)
        assert await rest_did_not_come(session, event.id, cast.priya, later) == 1
        assert await rest_did_not_come(session, event.id, cast.priya, later) == 0
        assert await states(session, event.id) == {
            "Amal Reed": ATTENDED,
            "Jo Reed": NO_SHOW,
            "Sam Okafor": NO_SHOW,
            "Lin Marsh": None,
        }
        # The latest is taken back first; then the one before.
        assert await undo_rest(session, event.id, cast.priya, later) == 1
        assert (await states(session, event.id))["Sam Okafor"] is None
        assert (await states(session, event.id))["Jo Reed"] is NO_SHOW
        await tick(session, event.id, cast.jo.id, ATTENDED, cast.priya, later)
        assert await undo_rest(session, event.id, cast.priya, later) == 0
        assert (await states(session, event.id))["Jo Reed"] is ATTENDED
        await cancel_event(session, event.id, "", cast.priya, later)
        assert await rest_did_not_come(session, event.id, cast.priya, later) == 0


async def test_a_household_that_came_with_one_of_its_carers_did_come(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        await taps(session, event, cast.amal, Choice.GOING)
        await taps(session, event, cast.sam, Choice.GOING)
        await tick(session, event.id, cast.jo.id, ATTENDED, cast.priya, IN_TWO_WEEKS)
        assert await rest_did_not_come(session, event.id, cast.priya, IN_TWO_WEEKS) == 1
        assert await states(session, event.id) == {
            "Amal Reed": None,
            "Jo Reed": ATTENDED,
            "Sam Okafor": NO_SHOW,
        }


async def test_walk_ins_are_asked_how_it_was_and_no_shows_are_not(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.sam, Choice.GOING)
        await tick(session, event.id, cast.lin.id, ATTENDED, cast.priya, IN_TWO_WEEKS, source="walk_in")
        await rest_did_not_come(session, event.id, cast.priya, IN_TWO_WEEKS)
        await feedback.ask_due(session, feedback.morning_after(event, LONDON), LONDON)
        assert await told(session, "feedback") == [cast.lin.id]


async def test_a_tick_and_a_scan_at_the_same_moment_note_one_carer_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)

    async def ticked() -> Ticked:
        async with database.write() as session:
            return await tick(session, event.id, cast.amal.id, ATTENDED, cast.priya, IN_TWO_WEEKS)

    async def scanned() -> CheckedIn:
        async with database.write() as session:
            return (await check_in(session, event.checkin_code, cast.amal, IN_TWO_WEEKS))[0]

    outcomes = set(await asyncio.gather(ticked(), scanned(), ticked(), scanned()))
    assert len(outcomes & {Ticked.RECORDED, CheckedIn.WELCOME}) == 1
    async with database.read() as session:
        assert await states(session, event.id) == {"Amal Reed": ATTENDED}
