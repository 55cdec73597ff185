"""What is asked as something happens: after a panel, when a household leaves, after an event."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from broadcasts.sender import Content, Skip
from carers.panels import About, PanelNoted, note_panel, take_back_panel
from carers.register_file import forget_ended
from events import feedback
from events.kind_rules import Rules, set_rules
from storage.attendance import Attendance, AttendanceState
from storage.deliveries import Delivery, Notice
from storage.engine import Database, Session
from storage.events import Event
from storage.households import Carer, Household
from storage.leases_queries import set_fact
from storage.surveys import Participant, Round, RoundState
from surveys import occasions
from surveys.closing import close_rounds
from surveys.definition import Occasion
from surveys.keys import RoundKeys
from surveys.notices import COMPOSERS
from surveys.occasions import any_to_ask, ask_due, ask_of_event
from surveys.reminding import remind_due
from surveys.rounds import close_early
from surveys.standing import (
    USUAL,
    Period,
    Standing,
    StandingProblem,
    StandingSaved,
    period_of,
    problems,
    set_standing,
    standing_of,
)
from tests.events.acts import invited_event
from tests.support.cast import NOON, Cast, gather
from tests.surveys.stories import LONDON, add_carers

DAY = timedelta(days=1)
HELD = NOON.date()
MORNING = datetime(2025, 5, 7, 8, 30, tzinfo=UTC)
"""9:30 in London on the day after noon."""


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def noted(database: Database, cast: Cast, home: Household, held_on: date = HELD, **how: Any) -> None:
    async with database.write() as session:
        now = how.get("now", NOON)
        said = await note_panel(session, home.id, held_on, About.REVIEW, cast.priya, now, LONDON)
        assert said is PanelNoted.NOTED


async def asks(database: Database, keys: RoundKeys, now: datetime) -> int:
    """The job as it runs: a look first."""
    async with database.read() as session:
        if not await any_to_ask(session, now, LONDON):
            return 0
    async with database.write() as session:
        return await ask_due(session, now, keys, LONDON)


async def rounds(database: Database) -> list[Round]:
    async with database.read() as session:
        return list(await session.scalars(select(Round).order_by(Round.id)))


async def asked(database: Database, round: Round) -> list[int]:
    async with database.read() as session:
        there = select(Participant.carer_id).where(Participant.round_id == round.id)
        return sorted(await session.scalars(there))


async def told(database: Database, kind: str = "survey") -> list[int]:
    async with database.read() as session:
        found = await session.scalars(select(Delivery.carer_id).where(Delivery.kind == kind))
        return sorted(carer_id or 0 for carer_id in found)


async def ends(database: Database, home: Household, on: date) -> None:
    async with database.write() as session:
        await session.execute(update(Household).where(Household.id == home.id).values(ended_on=on))


# Panels


@pytest.mark.one_database
async def test_nobody_is_asked_in_a_round_whose_key_is_gone(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    """A backup that was taken while it was open has been restored: nobody could answer in it."""
    await noted(database, cast, cast.reeds)
    assert await asks(database, keys, MORNING) == 2
    [first] = await rounds(database)
    keys.destroy(first.ref)
    await noted(database, cast, cast.okafors, now=MORNING)
    await noted(database, cast, cast.marshes, now=MORNING)
    assert await asks(database, keys, MORNING + DAY) == 2
    [_, second] = await rounds(database)
    assert keys.find(second.ref) is not None
    assert await asked(database, second) == sorted([cast.sam.id, cast.lin.id])


async def test_both_carers_are_asked_the_morning_after_a_panel_in_a_round_that_collects(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    assert await asks(database, keys, NOON + timedelta(hours=8)) == 0
    assert await asks(database, keys, MORNING - timedelta(minutes=1)) == 0
    assert await asks(database, keys, MORNING) == 2
    assert await asks(database, keys, MORNING) == 0
    [round] = await rounds(database)
    assert (round.state, round.survey, round.occasion) == (RoundState.OPEN, "panel-feedback", "panel")
    assert (round.anonymous, round.threshold, round.asked) == (True, 5, 2)
    assert keys.find(round.ref) is not None
    assert round.title == "After your panel, April to September 2025"
    assert round.asks_until == datetime(2025, 9, 30, 23, tzinfo=UTC)
    assert round.closes_at == datetime(2025, 10, 22, 19, tzinfo=UTC)  # 20:00 in London, 21 days later
    assert await asked(database, round) == await told(database) == [cast.amal.id, cast.jo.id]
    async with database.read() as session:
        assert set(await session.scalars(select(Delivery.send_by))) == {MORNING + 21 * DAY}


async def test_a_later_panel_goes_into_the_same_round_and_nobody_is_asked_twice_in_it(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await asks(database, keys, MORNING)
    later = NOON + 30 * DAY
    await noted(database, cast, cast.reeds, later.date(), now=later)
    await noted(database, cast, cast.okafors, later.date(), now=later)
    assert await asks(database, keys, MORNING + 30 * DAY) == 1
    [round] = await rounds(database)
    assert round.asked == 3
    assert await told(database) == await asked(database, round) == [cast.amal.id, cast.jo.id, cast.sam.id]


async def test_the_next_period_and_what_follows_an_early_close_have_rounds_of_their_own(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await asks(database, keys, MORNING)
    october = datetime(2025, 10, 2, 11, tzinfo=UTC)
    await noted(database, cast, cast.okafors, october.date(), now=october)
    assert await asks(database, keys, october + DAY) == 1
    first, second = await rounds(database)
    assert first.state is second.state is RoundState.OPEN  # the first can be answered until it closes
    async with database.write() as session:
        await close_early(session, second.id, cast.dee, october + DAY)
    await close_rounds(database, october + DAY, keys)
    await noted(database, cast, cast.marshes, october.date(), now=october)
    assert await asks(database, keys, october + DAY) == 1
    assert len(await rounds(database)) == 3


async def test_a_panel_noted_late_is_asked_about_the_morning_after_it_was_noted(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds, HELD - 10 * DAY)
    assert await asks(database, keys, NOON) == 0
    assert await asks(database, keys, MORNING) == 2


async def test_nobody_is_asked_about_a_panel_that_is_long_past(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds, HELD - 28 * DAY)
    assert await asks(database, keys, MORNING) == 0
    assert await rounds(database) == []


async def test_a_panel_is_not_asked_about_where_nobody_is_reached_or_the_approval_has_ended(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.okafors)
    await noted(database, cast, cast.marshes)
    async with database.write() as session:
        (await session.get_one(Carer, cast.sam.id)).chat_id = None
        (await session.get_one(Household, cast.marshes.id)).ended_on = HELD
        (await session.get_one(Household, cast.marshes.id)).exit_asked_at = NOON
    assert await asks(database, keys, MORNING) == 0
    assert await rounds(database) == []
    async with database.read() as session:
        assert not await any_to_ask(session, MORNING, LONDON)  # found, and not looked for any more


@pytest.mark.parametrize(
    ("held_on", "said"),
    [
        (HELD + DAY, PanelNoted.FUTURE),
        (date(2019, 5, 31), PanelNoted.BEFORE_APPROVAL),
        (HELD - 400 * DAY, PanelNoted.TOO_LONG_AGO),
        (HELD - DAY, PanelNoted.ALREADY),
    ],
)
async def test_a_panel_that_cannot_be_is_refused(
    database: Database, cast: Cast, held_on: date, said: PanelNoted
) -> None:
    await noted(database, cast, cast.reeds, HELD - DAY)
    async with database.write() as session:
        how = (held_on, About.OTHER, cast.priya, NOON, LONDON)
        assert await note_panel(session, cast.reeds.id, *how) is said
        assert await note_panel(session, 999, *how) is PanelNoted.NOT_FOUND


async def test_a_panel_can_be_taken_back_until_it_was_asked_about(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await noted(database, cast, cast.okafors)
    async with database.write() as session:
        reeds = (session, cast.reeds.id, 1, cast.tom, NOON)
        assert await take_back_panel(session, cast.okafors.id, 1, cast.tom, NOON) is PanelNoted.NOT_FOUND
        assert await take_back_panel(*reeds) is PanelNoted.TAKEN_BACK
        assert await take_back_panel(*reeds) is PanelNoted.NOT_FOUND
    assert await asks(database, keys, MORNING) == 1
    async with database.write() as session:
        said = await take_back_panel(session, cast.okafors.id, 2, cast.tom, MORNING)
        assert said is PanelNoted.ASKED


# The end


async def test_who_leaves_is_asked_on_the_day_and_marked_once(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await ends(database, cast.reeds, HELD + DAY)
    assert await asks(database, keys, NOON) == 0
    assert await asks(database, keys, NOON + DAY) == 2
    assert await asks(database, keys, NOON + 2 * DAY) == 0
    [round] = await rounds(database)
    assert (round.survey, round.anonymous, round.occasion) == ("exit-interview", False, "exit")
    assert round.title.endswith(", May 2025")
    assert keys.find(round.ref) is None
    assert await asked(database, round) == [cast.amal.id, cast.jo.id]


async def test_an_end_that_was_taken_back_or_is_long_past_asks_nobody(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await ends(database, cast.marshes, HELD - 29 * DAY)
    assert await asks(database, keys, NOON) == 0
    await ends(database, cast.marshes, HELD - 28 * DAY)
    assert await asks(database, keys, NOON) == 1


async def test_a_carer_who_left_the_household_before_is_not_asked_about_its_end(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    async with database.write() as session:
        (await session.get_one(Carer, cast.jo.id)).left_on = HELD - 40 * DAY
    await ends(database, cast.reeds, HELD)
    assert await asks(database, keys, NOON) == 1
    assert await told(database) == [cast.amal.id]


async def test_an_email_address_outlives_the_night_in_which_the_exit_interview_waits_for_the_morning(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    async with database.write() as session:
        await set_fact(session, "mail", {"on": True}, NOON)
        for carer, email in ((cast.sam, "sam@post.example"), (cast.lin, None)):
            found = await session.get_one(Carer, carer.id)
            found.chat_id, found.email = None, email
    for home in (cast.okafors, cast.marshes):
        await ends(database, home, HELD)
    midnight = datetime.combine(HELD, time(0, 1), LONDON)
    assert await asks(database, keys, midnight) == 1
    kept = []
    for night in (midnight + timedelta(hours=3), midnight + timedelta(hours=27)):
        async with database.write() as session:
            await forget_ended(session, night, LONDON)
            sam = await session.get_one(Carer, cast.sam.id, populate_existing=True)
            kept.append((sam.first_name, sam.last_name, sam.phone, sam.email))
    assert kept == [("", "", None, "sam@post.example"), ("", "", None, None)]


# What staff set


async def test_what_is_switched_off_asks_nobody_and_marks_nothing(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    off = Standing("panel-feedback", False, True, 5, Period.YEAR, 14)
    async with database.write() as session:
        assert await set_standing(session, Occasion.PANEL, off, cast.dee, NOON) is StandingSaved.SAVED
    assert await asks(database, keys, MORNING) == 0
    on = Standing("panel-feedback", True, True, 6, Period.YEAR, 14, version=1)
    async with database.write() as session:
        assert await set_standing(session, Occasion.PANEL, on, cast.dee, NOON) is StandingSaved.SAVED
    assert await asks(database, keys, MORNING) == 2
    [round] = await rounds(database)
    assert (round.threshold, round.closes_at) == (6, datetime(2026, 4, 15, 19, tzinfo=UTC))


async def test_what_is_set_holds_from_the_next_round_on(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await asks(database, keys, MORNING)
    async with database.write() as session:
        named = Standing("panel-feedback", True, False, 9, Period.MONTH, 7)
        await set_standing(session, Occasion.PANEL, named, cast.dee, MORNING)
    await noted(database, cast, cast.okafors, HELD + DAY, now=NOON + DAY)
    await asks(database, keys, MORNING + DAY)
    [round] = await rounds(database)
    assert (round.anonymous, round.threshold, round.asked) == (True, 5, 3)


async def test_of_two_who_set_it_at_once_one_is_told(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        usual = USUAL[Occasion.EXIT]
        assert await standing_of(session, Occasion.EXIT) == usual
        assert await set_standing(session, Occasion.EXIT, usual, cast.dee, NOON) is StandingSaved.UNCHANGED
        mine = Standing("exit-interview", True, True, 5, Period.QUARTER, 30)
        assert await set_standing(session, Occasion.EXIT, mine, cast.dee, NOON) is StandingSaved.SAVED
        assert await set_standing(session, Occasion.EXIT, usual, cast.priya, NOON) is StandingSaved.OUTDATED
        assert await standing_of(session, Occasion.EXIT) == mine


async def test_what_cannot_be_asked_is_named(database: Database) -> None:
    wrong = Standing("pulse", True, False, 4, Period.MONTH, 2)
    async with database.write() as session:
        assert set(await problems(session, Occasion.PANEL, wrong)) == {
            StandingProblem.UNKNOWN_SURVEY,
            StandingProblem.WRONG_THRESHOLD,
            StandingProblem.WRONG_DAYS,
        }


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        (Period.MONTH, date(2025, 12, 31), (date(2025, 12, 1), date(2026, 1, 1))),
        (Period.QUARTER, date(2025, 6, 30), (date(2025, 4, 1), date(2025, 7, 1))),
        (Period.HALF_YEAR, date(2026, 3, 31), (date(2025, 10, 1), date(2026, 4, 1))),
        (Period.YEAR, date(2025, 3, 31), (date(2024, 4, 1), date(2025, 4, 1))),
        (Period.YEAR, date(2025, 4, 1), (date(2025, 4, 1), date(2026, 4, 1))),
    ],
)
def test_periods_are_those_of_the_services_year(
    period: Period, day: date, expected: tuple[date, date]
) -> None:
    assert period_of(period, day) == expected


# Reminders


async def test_each_is_reminded_after_a_third_and_two_thirds_of_their_own_days(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.okafors)
    await asks(database, keys, MORNING)
    await noted(database, cast, cast.marshes, HELD + 5 * DAY, now=NOON + 5 * DAY)
    await asks(database, keys, MORNING + 5 * DAY)
    counted = {}
    for days in range(30):
        async with database.write() as session:
            if number := await remind_due(session, MORNING + days * DAY):
                counted[days] = number
    assert counted == {7: 1, 12: 1, 14: 1, 19: 1}
    assert await told(database, "survey_reminder") == [cast.sam.id] * 2 + [cast.lin.id] * 2
    async with database.write() as session:
        await session.execute(update(Participant).values(took_part=True))
    [round] = await rounds(database)
    await close_rounds(database, round.closes_at, keys)
    assert await told(database, "survey_reminder") == []


async def test_after_an_outage_only_the_latest_goes_out_and_it_is_queued_for_who_took_part_as_well(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await asks(database, keys, MORNING)
    async with database.write() as session:
        mine = update(Participant).where(Participant.carer_id == cast.amal.id)
        await session.execute(mine.values(took_part=True))
    async with database.write() as session:
        # That there are rows, and where they lay, would otherwise tell of a day on which one was asked.
        assert await remind_due(session, MORNING + 16 * DAY) == 2
        assert await remind_due(session, MORNING + 17 * DAY) == 0
        composed = {
            row.carer_id: await COMPOSERS[row.kind](session, row, MORNING + 16 * DAY)
            for row in await session.scalars(select(Delivery).where(Delivery.kind == "survey_reminder"))
        }
        assert isinstance(composed[cast.amal.id], Skip)
        assert isinstance(composed[cast.jo.id], Content)
        keys_of = list(await session.scalars(select(Notice.key).where(Notice.kind == "survey_reminder")))
    assert [key.rpartition(":")[2] for key in keys_of] == ["2"]


@pytest.mark.one_database
async def test_with_names_only_who_has_not_answered_is_reminded(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await ends(database, cast.reeds, HELD)
    await asks(database, keys, NOON)
    async with database.write() as session:
        mine = update(Participant).where(Participant.carer_id == cast.amal.id)
        await session.execute(mine.values(took_part=True))
    async with database.write() as session:
        assert await remind_due(session, NOON + 8 * DAY) == 1
    assert await told(database, "survey_reminder") == [cast.jo.id]


# Events


async def training(database: Database, cast: Cast, came: int, **how: Any) -> tuple[Event, list[Carer]]:
    async with database.write() as session:
        event = await invited_event(session, cast, kind="training", title="First aid", **how)
        carers = await add_carers(session, 8)
        await _tick(session, event, carers[:came])
        return event, carers


async def _tick(session: Session, event: Event, carers: list[Carer]) -> None:
    for carer in carers:
        session.add(
            Attendance(
                event_id=event.id,
                carer_id=carer.id,
                household_id=carer.household_id,
                state=AttendanceState.ATTENDED,
                source="console",
                recorded_at=NOON,
            )
        )
    await session.flush()


async def asks_of_events(database: Database, keys: RoundKeys, now: datetime) -> int:
    async def by_form(session: Session, event: Event, form: str, at: datetime) -> int | None:
        return await ask_of_event(session, event, form, at, keys, LONDON)

    async with database.write() as session:
        return await feedback.ask_due(session, now, LONDON, by_form)


async def test_who_came_to_a_training_is_asked_by_a_survey_and_not_by_one_tap(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    event, carers = await training(database, cast, 5)
    morning = feedback.morning_after(event, LONDON)
    assert await asks_of_events(database, keys, morning) == 5
    assert await asks_of_events(database, keys, morning + timedelta(hours=1)) == 0
    [round] = await rounds(database)
    assert (round.event_id, round.anonymous, round.threshold) == (event.id, True, 5)
    assert round.title.endswith(": First aid")
    assert {text.endswith(": First aid") for text in round.definition["title"].values()} == {True}
    assert (round.closes_at - morning).days == 14
    # Who is ticked later is asked in the same round, whatever the rules have become.
    async with database.write() as session:
        await set_rules(session, "training", Rules(), 0, cast.priya, NOON)
        await _tick(session, event, carers[5:6])
    assert await asks_of_events(database, keys, morning + timedelta(hours=2)) == 1
    assert (await rounds(database))[0].asked == 6
    assert await told(database, "feedback") == []
    async with database.write() as session:
        await close_early(session, round.id, cast.dee, morning + DAY)
        await _tick(session, event, carers[6:7])
    assert await asks_of_events(database, keys, morning + DAY) == 0


async def test_where_fewer_than_five_came_one_tap_asks_and_goes_on_asking(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    event, carers = await training(database, cast, 4)
    morning = feedback.morning_after(event, LONDON)
    assert await asks_of_events(database, keys, morning) == 4
    async with database.write() as session:
        await _tick(session, event, carers[4:])
    assert await asks_of_events(database, keys, morning + DAY) == 4
    assert await rounds(database) == []
    assert len(await told(database, "feedback")) == 8


async def test_a_survey_that_is_out_of_use_leaves_the_one_tap(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    event, _ = await training(database, cast, 6)
    async with database.write() as session:
        await set_rules(session, "training", Rules(feedback_form="gone"), 0, cast.priya, NOON)
    assert await asks_of_events(database, keys, feedback.morning_after(event, LONDON)) == 6
    assert await rounds(database) == []


# Two processes

Act = Callable[[Session], Awaitable[object]]


async def together(database: Database, first: Act, second: Act, *, locked: bool = True) -> None:
    """The second begins when the first has done its work and not committed yet. ``locked``: it has to wait
    until the first commits; if not, it is done before."""
    async with database.write() as session:
        await first(session)

        async def other() -> None:
            async with database.write() as another:
                await second(another)

        under_way = asyncio.create_task(other())
        waits = locked or database.dialect == "sqlite"
        await asyncio.wait({under_way}, timeout=0.1 if waits else 60)
        assert under_way.done() is not waits
    await under_way


async def about_panels(
    database: Database, cast: Cast, keys: RoundKeys, *, locked: bool = True
) -> list[Round]:
    """Two processes that each ask about a panel of which the other does not know."""

    def ask(carer: Carer) -> Act:
        async def act(session: Session) -> object:
            mine = await session.get_one(Carer, carer.id)
            await session.refresh(mine, ["household"])
            standing = USUAL[Occasion.PANEL]
            about = {f"panel:{carer.id}": [mine]}
            return await occasions._ask(session, Occasion.PANEL, standing, about, MORNING, keys, LONDON)

        return act

    await together(database, ask(cast.sam), ask(cast.lin), locked=locked)
    return await rounds(database)


async def test_two_processes_open_one_round_of_a_period(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    [round] = await about_panels(database, cast, keys)
    assert round.asked == 2
    assert await asked(database, round) == [cast.sam.id, cast.lin.id]


async def test_without_the_occasions_lock_each_would_open_its_own(
    database: Database, cast: Cast, keys: RoundKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(session: Session, occasion: str) -> None:
        pass

    monkeypatch.setattr(occasions, "lock_occasion", nothing)
    there = await about_panels(database, cast, keys, locked=False)
    assert len(there) == (2 if database.dialect == "postgresql" else 1)  # SQLite has one writer


async def about_an_event(
    database: Database, cast: Cast, keys: RoundKeys, *, locked: bool = True
) -> list[Round]:
    event, _ = await training(database, cast, 5)
    now = feedback.morning_after(event, LONDON)

    async def act(session: Session) -> object:
        mine = await session.get_one(Event, event.id)
        return await ask_of_event(session, mine, "training-feedback", now, keys, LONDON)

    await together(database, act, act, locked=locked)
    return await rounds(database)


async def test_two_processes_open_one_round_of_an_event(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    [round] = await about_an_event(database, cast, keys)
    assert (round.asked, len(await told(database))) == (5, 5)


async def test_without_the_events_lock_each_would_open_its_own(
    database: Database, cast: Cast, keys: RoundKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(session: Session, event_id: int) -> None:
        pass

    monkeypatch.setattr(occasions, "lock_event", nothing)
    there = await about_an_event(database, cast, keys, locked=False)
    assert len(there) == (2 if database.dialect == "postgresql" else 1)


async def test_two_processes_ask_about_one_panel_and_one_end_once(
    database: Database, cast: Cast, keys: RoundKeys
) -> None:
    await noted(database, cast, cast.reeds)
    await ends(database, cast.okafors, HELD)

    async def act(session: Session) -> object:
        return await ask_due(session, MORNING, keys, LONDON)

    await together(database, act, act)
    assert sorted(one.asked for one in await rounds(database)) == [1, 2]
    assert await told(database) == [cast.amal.id, cast.jo.id, cast.sam.id]
