"""The rollup that reports read says what a scan of the attendance says, whatever is done to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from events.attendance_file import import_attendance
from reports.years import year_of
from storage.attendance import Attendance, AttendanceState
from storage.carer_years import CarerYear
from storage.engine import Database, Session, open_database
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.rows import insert_for
from tests.support.cast import gather

LONDON = ZoneInfo("Europe/London")
STARTS = (
    datetime(2023, 3, 31, 22, 30, tzinfo=UTC),  # in London 23:30 on the year's last day
    datetime(2023, 3, 31, 23, 30, tzinfo=UTC),  # in London 00:30 on 1 April
    datetime(2024, 3, 31, 23, 0, tzinfo=UTC),
    datetime(2023, 5, 31, 18, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, 1, tzinfo=UTC),
    datetime(2022, 12, 31, 23, 59, tzinfo=UTC),
)
EVENTS, CARERS, HOUSEHOLDS = range(1, 5), range(1, 5), range(1, 4)
Row = tuple[int, int, int, int, int, datetime, datetime]


async def plan(database: Database) -> None:
    """The cast, and four events."""
    async with database.write() as session:
        await gather(session)
        session.add_all(event(number) for number in EVENTS)


def event(number: int, starts_at: datetime = STARTS[0]) -> Event:
    return Event(
        id=number,
        ref=f"E{number}",
        title="Coffee",
        kind="social",
        starts_at=starts_at,
        ends_at=starts_at,
        mode=Mode.IN_PERSON,
        rsvp_by=RsvpBy.CARER,
        state=EventState.INVITED,
        created_at=starts_at,
        updated_at=starts_at,
    )


def noted(event_id: int, carer_id: int, household_id: int = 1, came: bool = True) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "carer_id": carer_id,
        "household_id": household_id,
        "state": AttendanceState.ATTENDED if came else AttendanceState.NO_SHOW,
        "source": "console",
        "recorded_at": STARTS[0],
    }


async def held(session: Session) -> list[Row]:
    rows = await session.execute(select(*CarerYear.__table__.columns))
    return sorted((*row,) for row in rows.all())


async def scanned(session: Session) -> list[Row]:
    """What the rollup must hold, from the attendance itself and London's calendar."""
    query = (
        select(Event.starts_at, Event.kind, Attendance.household_id, Attendance.carer_id)
        .join(Attendance, Attendance.event_id == Event.id)
        .where(Attendance.state == AttendanceState.ATTENDED)
    )
    found: dict[tuple[int, int, int], list[tuple[datetime, bool]]] = {}
    for starts_at, kind, household, carer in await session.execute(query):
        year = year_of(starts_at.astimezone(LONDON).date()).start
        found.setdefault((year, household, carer), []).append((starts_at, kind == "training"))
    return sorted(
        (*key, len(came), sum(trained for _, trained in came), min(came)[0], max(came)[0])
        for key, came in found.items()
    )


class Deeds:
    """What can be done to the attendance and its events, each as one statement."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers = count(EVENTS.stop)

    async def note(self, event_id: int, carer: int, household: int, came: bool) -> None:
        rows = insert_for(self.session, Attendance).values(noted(event_id, carer, household, came))
        await self.session.execute(rows.on_conflict_do_nothing())

    async def note_many(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """Everybody but one at one event and that one at all, by one statement; who is noted already is
        noted anew."""
        pairs = {(event_id, each) for each in CARERS if each != carer} | {(each, carer) for each in EVENTS}
        there = set((await self.session.scalars(select(Event.id))).all())
        values = [noted(one, who, household, came) for one, who in sorted(pairs) if one in there]
        rows = insert_for(self.session, Attendance).values(values)
        anew = {"state": rows.excluded.state, "household_id": rows.excluded.household_id}
        await self.session.execute(
            rows.on_conflict_do_update(index_elements=["event_id", "carer_id"], set_=anew)
        )

    async def change(self, event_id: int, carer: int, household: int, came: bool) -> None:
        state = noted(event_id, carer, came=came)["state"]
        where = (Attendance.event_id == event_id, Attendance.carer_id == carer)
        await self.session.execute(update(Attendance).where(*where).values(state=state))

    async def take_back(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """One carer's, or everybody's at the event."""
        of_whom = [Attendance.carer_id == carer] if came else []
        await self.session.execute(delete(Attendance).where(Attendance.event_id == event_id, *of_whom))

    async def hand_over(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """A repair by hand: who came was another."""
        taken = (await self.session.execute(select(Attendance.event_id, Attendance.carer_id))).all()
        other = carer % len(CARERS) + 1
        if (event_id, other) not in {(*pair,) for pair in taken}:
            where = (Attendance.event_id == event_id, Attendance.carer_id == carer)
            await self.session.execute(update(Attendance).where(*where).values(carer_id=other))

    async def move_house(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """The carer's household changes; ``came``: what was noted of them goes along."""
        await self.session.execute(update(Carer).where(Carer.id == carer).values(household_id=household))
        if came:
            of_them = update(Attendance).where(Attendance.carer_id == carer)
            await self.session.execute(of_them.values(household_id=household))

    async def move(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """One event, or every one, to another time."""
        which = [Event.id == event_id] if came else []
        when = STARTS[(event_id + carer + household) % len(STARTS)]
        await self.session.execute(update(Event).where(*which).values(starts_at=when))

    async def rename_kind(self, event_id: int, carer: int, household: int, came: bool) -> None:
        kind = "training" if came else "social"
        await self.session.execute(update(Event).where(Event.id == event_id).values(kind=kind))

    async def drop(self, event_id: int, carer: int, household: int, came: bool) -> None:
        """The event is deleted, and made again with nobody at it."""
        await self.session.execute(delete(Event).where(Event.id == event_id))
        again = {"id": event_id, "ref": f"again-{next(self._numbers)}"}
        made = event(event_id, STARTS[carer]).__dict__ | again
        columns = {name: value for name, value in made.items() if not name.startswith("_")}
        await self.session.execute(insert(Event).values(columns))


NAMES = [name for name in vars(Deeds) if not name.startswith("_")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["note", *NAMES, "note_many"]),
        st.sampled_from(EVENTS),
        st.sampled_from(CARERS),
        st.sampled_from(HOUSEHOLDS),
        st.booleans(),
    ),
    min_size=4,
    max_size=14,
)


class TakeBack(Exception):
    """Ends a transaction without a trace."""


async def play(database: Database, steps: list[tuple[str, int, int, int, bool]]) -> None:
    """In a transaction that is taken back: the next begins with nobody noted."""
    try:
        async with database.write() as session:
            deeds = Deeds(session)
            for name, *arguments in steps:
                await getattr(deeds, name)(*arguments)
                assert await held(session) == await scanned(session), name
            raise TakeBack
    except TakeBack:
        pass


def test_whatever_is_done_to_the_attendance_the_rollup_says_what_a_scan_says(database_url: str) -> None:
    with asyncio.Runner() as runner:
        database = open_database(database_url)
        runner.run(plan(database))

        @settings(max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
        @given(STEPS)
        def it_says_the_same(steps: list[tuple[str, int, int, int, bool]]) -> None:
            runner.run(play(database, steps))

        it_says_the_same()
        runner.run(database.close())


CARERS_LOCK = "PERFORM hold_counts_of_carers(who);"
EVENT_LOCK = "PERFORM 1 FROM events WHERE id = NEW.id FOR UPDATE;"
Deed = Callable[[Session], Awaitable[None]]


@pytest.fixture
async def postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    """With the cast and the events, at two of which Amal is noted as missing."""
    database = open_database(postgresql_url)
    await plan(database)
    async with database.write() as session:
        await session.execute(insert(Attendance), [noted(1, 1, came=False), noted(2, 1, came=False)])
    yield database
    await database.close()


async def drop_lock(database: Database, function: str, lock: str) -> None:
    """The function of the triggers as it must not be."""
    async with database.write() as session:
        query = text("SELECT pg_get_functiondef(CAST(:name AS regproc))")
        source = (await session.scalars(query, {"name": function})).one()
        assert lock in source
        await session.execute(text(source.replace(lock, "").replace(":", r"\:")))


async def nothing_more(_session: Session) -> None:
    """What the first of two does once the second waits for it."""


async def at_once(
    database: Database, first: Deed, second: Deed, then: Deed = nothing_more
) -> Exception | None:
    """Do the second while the first is done but not committed, and the first goes on. Returns how the second
    failed."""

    async def do_second() -> None:
        async with database.write() as session:
            await second(session)

    async with database.write() as session:
        await first(session)
        later = asyncio.create_task(do_second())
        while True:
            if later.done() or await _somebody_waits(database):
                break
            await asyncio.sleep(0.001)
        await then(session)
    (ended,) = await asyncio.gather(later, return_exceptions=True)
    assert ended is None or isinstance(ended, Exception)
    return ended


async def _somebody_waits(database: Database) -> bool:
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with database.read() as session:
        return bool((await session.scalars(query)).one())


def comes_to(event_id: int) -> Deed:
    """Amal came after all."""

    async def deed(session: Session) -> None:
        await Deeds(session).change(event_id, 1, 1, came=True)

    return deed


async def lin_is_noted(session: Session) -> None:
    await Deeds(session).note(1, 4, 3, came=True)


async def it_moves(session: Session) -> None:
    await session.execute(update(Event).where(Event.id == 1).values(starts_at=STARTS[2]))


async def of_amal_and_lin(database: Database) -> tuple[list[Row], list[Row]]:
    async with database.read() as session:
        return await held(session), await scanned(session)


@pytest.mark.postgresql
async def test_who_is_noted_at_two_events_at_the_same_moment_is_counted_at_both(postgresql: Database) -> None:
    assert await at_once(postgresql, comes_to(1), comes_to(2)) is None
    rollup, scan = await of_amal_and_lin(postgresql)
    assert rollup == scan
    assert [row[:4] for row in rollup] == [(2022, 1, 1, 2)]


@pytest.mark.postgresql
async def test_without_the_lock_one_of_two_at_the_same_moment_is_refused(postgresql: Database) -> None:
    await drop_lock(postgresql, "count_carers", CARERS_LOCK)
    assert isinstance(await at_once(postgresql, comes_to(1), comes_to(2)), IntegrityError)


@pytest.mark.postgresql
@pytest.mark.parametrize(("first", "second"), [(lin_is_noted, it_moves), (it_moves, lin_is_noted)])
async def test_who_is_noted_while_the_event_moves_is_counted_where_it_went(
    postgresql: Database, first: Deed, second: Deed
) -> None:
    assert await at_once(postgresql, first, second) is None
    rollup, scan = await of_amal_and_lin(postgresql)
    assert rollup == scan
    assert [row[:4] for row in rollup] == [(2024, 3, 4, 1)]


@pytest.mark.postgresql
async def test_without_the_events_lock_who_is_noted_while_it_moves_stays_in_the_old_year(
    postgresql: Database,
) -> None:
    await drop_lock(postgresql, "count_carers_of_events", EVENT_LOCK)
    assert await at_once(postgresql, lin_is_noted, it_moves) is None
    rollup, scan = await of_amal_and_lin(postgresql)
    assert (rollup[0][0], scan[0][0]) == (2022, 2024)


@pytest.mark.postgresql
async def test_who_is_noted_waits_for_nobody_who_changes_the_carer(postgresql: Database) -> None:
    async def is_noted(session: Session) -> None:
        await session.execute(text("SET LOCAL lock_timeout = '1s'"))
        await comes_to(1)(session)

    async with postgresql.write() as register:
        await register.execute(update(Carer).where(Carer.id == 1).values(first_name="Amala"))
        async with postgresql.write() as session:
            await is_noted(session)
    rollup, scan = await of_amal_and_lin(postgresql)
    assert rollup == scan


@pytest.mark.postgresql
async def test_a_file_of_attendance_and_who_ticks_two_of_its_carers_do_not_wait_for_each_other(
    postgresql: Database,
) -> None:
    async def file_is_taken_in(session: Session) -> None:
        """Amal is new at one event, Lin was missing at another."""
        lin, amal = [await session.scalar(select(Carer.ref).where(Carer.id == carer)) for carer in (4, 1)]
        file = f"event_ref,carer_ref,state\nE3,{amal},attended\nE2,{lin},attended\n"
        assert (await import_attendance(session, "file.csv", file.encode(), STARTS[0])).done

    async with postgresql.write() as session:
        await session.execute(insert(Attendance), [noted(2, 4, 3, came=False)])
    assert await at_once(postgresql, comes_to(1), file_is_taken_in, then=lin_is_noted) is None
    rollup, scan = await of_amal_and_lin(postgresql)
    assert rollup == scan
    assert [row[:4] for row in rollup] == [(2022, 1, 1, 2), (2022, 3, 4, 2)]
