"""Counting and queueing for as many carers as England has, on SQLite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import select

from benchmarks.databases import Sqlite
from benchmarks.fresh import Meter, Work, in_fresh_process, metered
from benchmarks.outcome import Outcome, say
from benchmarks.people import NATION, NOW, add_carers
from broadcasts.queue import queue_for_audience
from carers.audience import audience_reach
from storage.deliveries import Delivery
from storage.engine import Database, Session, open_database
from storage.households import Carer
from storage.ledger import get_or_create_notice

IDS = ("audience_61360", "enqueue_61360")
SIZES = (1_000, 10_000, NATION)
REPETITIONS = 3
STEEPER = 1.5
"""How much more than its share a larger audience may take and still count as linear."""
SEND_BY = NOW + timedelta(days=1)


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
    ]


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
