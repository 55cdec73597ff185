"""Counting and queueing for as many carers as England has."""

import tempfile
import time

from sqlalchemy import select

from benchmarks.outcome import Outcome
from benchmarks.people import NATION, NOW, add_carers
from broadcasts.queue import Recipient, queue_notice
from carers.audience import audience_reach
from storage.deliveries import Delivery
from storage.engine import Database, open_database
from storage.households import Carer
from storage.ledger import get_or_create_notice


async def audience(database: Database) -> Outcome:
    """Counting everybody in the database, against loading them to count."""
    async with database.read() as session:
        begun = time.perf_counter()
        reach = await audience_reach(session, "all", NOW.date())
        ours = time.perf_counter() - begun
    async with database.read() as session:
        begun = time.perf_counter()
        loaded = len((await session.scalars(select(Carer))).all())
        peer = time.perf_counter() - begun
    assert reach.carers == loaded == NATION
    return Outcome("audience_61360", ours, "s", "loading the carers to count them", peer, 0.25, True)


async def enqueue(database: Database) -> Outcome:
    """Queueing a notice for everybody, against adding the rows as objects."""
    async with database.write() as session:
        begun = time.perf_counter()
        people = [Recipient(carer_id=number) for number in range(1, NATION + 1)]
        await queue_notice(session, "survey", people, about="bench", now=NOW, send_by=NOW)
        ours = time.perf_counter() - begun
    async with database.write() as session:
        begun = time.perf_counter()
        values = {"kind": "survey", "params": {}, "created_at": NOW}
        notice = await get_or_create_notice(session, "survey:peer", values)
        session.add_all(
            Delivery(
                notice_id=notice,
                kind="survey",
                carer_id=number,
                dedupe_key=f"survey:peer:c{number}",
                priority=30,
                queued_at=NOW,
                due_at=NOW,
                send_by=NOW,
            )
            for number in range(1, NATION + 1)
        )
        await session.flush()
        peer = time.perf_counter() - begun
    return Outcome("enqueue_61360", ours, "s", "adding the rows as objects", peer, 0.5, True)


async def run() -> list[Outcome]:
    """``audience_61360`` and ``enqueue_61360``, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/bench.db")
        await database.migrate()
        await add_carers(database, NATION)
        outcomes = [await audience(database), await enqueue(database)]
        await database.close()
    return outcomes
