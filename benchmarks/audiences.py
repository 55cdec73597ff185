"""Counting and queueing for as many carers as England has, on SQLite; and finding an audience by rules, one
of them about half a million ticks, on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from statistics import median

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from benchmarks.databases import Postgresql, Sqlite
from benchmarks.fresh import Meter, Work, in_fresh_process, metered
from benchmarks.outcome import Outcome, say
from benchmarks.people import NATION, NOW, add_carers
from broadcasts.queue import queue_for_audience
from carers.audience import audience_reach
from carers.audience_matching import conditions_of
from carers.audience_rules import Attended, InArea, OfType, Rules
from storage.attendance import Attendance, AttendanceState
from storage.bulk import insert_rows
from storage.deliveries import Delivery
from storage.engine import Database, Session, open_database
from storage.events import Event, Mode, RsvpBy
from storage.households import Carer, Household, HouseholdType
from storage.households_queries import count_current
from storage.ledger import get_or_create_notice

IDS = ("audience_61360", "enqueue_61360", "audience_rules_sqlite", "audience_rules_postgresql")
SIZES = (1_000, 10_000, NATION)
REPETITIONS = 3
STEEPER = 1.5
"""How much more than its share a larger audience may take and still count as linear."""
SEND_BY = NOW + timedelta(days=1)
EVENTS, TICKS_AN_EVENT = 1_000, 500
AREAS = ("Area 1", "Area 2", "Area 3")
MONTHS = 6
RULES = Rules((OfType((HouseholdType.MAINSTREAM,)), InArea(AREAS)), (Attended(months=MONTHS),))
"""Mainstream carers in three areas, but not who came to something in the last six months."""


def run() -> list[Outcome]:
    """Counting everybody, and queueing for so many and fewer."""
    ours = {size: times(size, enqueue)[0] for size in SIZES[:-1]}
    ours[NATION], counted, loaded = times(NATION, enqueue, count, load)
    (as_objects,) = times(NATION, add_objects, repetitions=1)
    for size, seconds in ours.items():
        say(f"{size:>6} enqueued in {seconds * 1000:.1f} ms, {seconds / size * 1e6:.2f} µs each")
    linear = all(ours[more] <= ours[fewer] * more / fewer * STEEPER for fewer, more in pairwise(SIZES))
    also = (("under a second", ours[NATION] < 1.0), ("linear growth", linear))
    return [
        Outcome("audience_61360", counted, "s", "loading the carers to count them", loaded, 0.25, True),
        Outcome(
            "enqueue_61360", ours[NATION], "s", "adding the rows as objects", as_objects, 0.05, True, also
        ),
        *rules(),
    ]


def rules() -> list[Outcome]:
    """An audience of three rules, on each database, among as many carers and half a million ticks."""
    return [
        by_rules("audience_rules_sqlite", Sqlite),
        by_rules("audience_rules_postgresql", Postgresql),
    ]


def by_rules(id: str, database: type[Sqlite] | type[Postgresql]) -> Outcome:
    with database(fill_history) as filled, filled.copy() as (url, _):
        seconds = [in_fresh_process(find, database_url=url) for _ in range(REPETITIONS)]
        picked = [in_fresh_process(pick, database_url=url) for _ in range(REPETITIONS)]
    assert {carers for carers, _ in seconds} == {carers for carers, _ in picked}, "both find the same"
    ours, theirs = (median(took for _, took in runs) for runs in (seconds, picked))
    also = (("under a second", ours < 1.0),)
    return Outcome(id, ours, "s", "reading the rows and choosing among them", theirs, 0.25, True, also)


def times(people: int, *works: Work, repetitions: int = REPETITIONS) -> list[float]:
    """The median of what each takes with so many carers, always in a new process with a new copy."""

    async def fill(database: Database) -> None:
        await add_carers(database, people)

    def once(sqlite: Sqlite, work: Work) -> float:
        with sqlite.copy() as (url, _):
            return float(in_fresh_process(work, database_url=url, people=people))

    with Sqlite(fill) as sqlite:
        return [median(once(sqlite, work) for _ in range(repetitions)) for work in works]


async def enqueue(database_url: str, people: int) -> float:
    """A notice for everybody, committed."""
    async with measured(database_url) as (session, meter):
        _, queued = await queue_for_audience(
            session, "broadcast", "all", about="bench", now=NOW, today=NOW.date(), send_by=SEND_BY
        )
        assert queued == people
    return meter.seconds


async def add_objects(database_url: str, people: int) -> float:
    """The same rows as objects of the mapper."""
    async with measured(database_url) as (session, meter):
        values = {"kind": "broadcast", "params": {}, "created_at": NOW}
        notice = await get_or_create_notice(session, "broadcast:bench", values)
        session.add_all(
            Delivery(
                notice_id=notice,
                kind="broadcast",
                carer_id=number,
                dedupe_key=f"broadcast:bench:c{number}",
                priority=40,
                queued_at=NOW,
                due_at=NOW,
                send_by=SEND_BY,
            )
            for number in range(1, people + 1)
        )
    return meter.seconds


async def count(database_url: str, people: int) -> float:
    """How many an audience has."""
    async with measured(database_url) as (session, meter):
        assert (await audience_reach(session, "all", NOW.date())).carers == people
    return meter.seconds


async def load(database_url: str, people: int) -> float:
    """The same by loading them."""
    async with measured(database_url) as (session, meter):
        assert len((await session.scalars(select(Carer))).all()) == people
    return meter.seconds


async def fill_history(database: Database) -> None:
    """The carers of the nation, and three years of events with who came."""
    await add_carers(database, NATION)
    random = Random(EVENTS)
    async with database.write() as session:
        for number in range(1, EVENTS + 1):
            starts_at = NOW - timedelta(days=number)
            session.add(
                Event(
                    id=number,
                    ref=f"e{number}",
                    title=f"Event {number}",
                    kind="social",
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(hours=2),
                    mode=Mode.IN_PERSON,
                    rsvp_by=RsvpBy.CARER,
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
        await session.flush()
        ticks = [
            {
                "event_id": number,
                "carer_id": carer,
                "household_id": (carer - 1) // 2 + 1,
                "state": AttendanceState.ATTENDED if carer % 10 else AttendanceState.NO_SHOW,
                "source": "console",
                "recorded_at": NOW,
            }
            for number in range(1, EVENTS + 1)
            for carer in random.sample(range(1, NATION + 1), TICKS_AN_EVENT)
        ]
        await insert_rows(session, Attendance, ticks)


async def find(database_url: str) -> tuple[int, float]:
    """How many the rules find, and how long it takes."""
    async with measured(database_url) as (session, meter):
        conditions = await conditions_of(session, RULES, NOW.date())
        carers, _, _ = await count_current(session, NOW.date(), *conditions)
    return carers, meter.seconds


async def pick(database_url: str) -> tuple[int, float]:
    """The same by reading what the rules are about."""
    since = datetime.combine(NOW.date() - relativedelta(months=MONTHS), time(0), NOW.tzinfo)
    came_when = select(Attendance.carer_id, Attendance.state, Event.starts_at).join(
        Event, Event.id == Attendance.event_id
    )
    homes = select(Carer.id, Household.type, Household.area).join(Carer.household)
    async with measured(database_url) as (session, meter):
        came = {
            carer
            for carer, state, starts_at in await session.execute(came_when)
            if state is AttendanceState.ATTENDED and starts_at >= since
        }
        found = {
            carer
            for carer, kind, area in await session.execute(homes)
            if kind is HouseholdType.MAINSTREAM and area in AREAS
        }
    return len(found - came), meter.seconds


@asynccontextmanager
async def measured(database_url: str) -> AsyncIterator[tuple[Session, Meter]]:
    """A transaction, its commit included, on a connection that is open."""
    database = open_database(database_url)
    await database.migrate()
    async with database.write() as session:
        await audience_reach(session, "nobody", NOW.date())
    with metered() as meter:
        async with database.write() as session:
            yield session, meter
    await database.close()
