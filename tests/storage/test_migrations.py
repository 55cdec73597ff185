"""The schema's history ends where the tables are, on both databases."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, String, Table, func, select, text
from sqlalchemy.exc import IntegrityError

from storage.conversations import CarerMessage, Thread
from storage.engine import Database, open_database
from storage.events import Allocation
from storage.households import Carer, Household
from storage.migrations.run import differences
from storage.rsvp import CalendarCopy, Card, RsvpState
from storage.tables import metadata
from storage.types import Utc
from tests.events.acts import invitation_of, invited_event
from tests.support.cast import NOON, gather


async def test_from_empty_the_history_leads_to_exactly_the_tables(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.migrate()
    assert await differences(database) == []
    await database.close()


async def test_a_difference_would_be_noticed(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.migrate()
    async with database.write() as session:
        await session.execute(text("ALTER TABLE households DROP COLUMN on_hold_since"))
    assert "on_hold_since" in str(await differences(database))
    await database.close()


async def test_migrating_again_changes_nothing_and_loses_nothing(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
    await database.migrate()
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Carer)) == 4


async def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    first, second = open_database(empty_database_url), open_database(empty_database_url)
    await asyncio.gather(first.migrate(), second.migrate())
    assert await differences(first) == []
    await first.close()
    await second.close()


async def test_foreign_keys_hold_after_a_migration(database: Database) -> None:
    await database.migrate()
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            session.add(Carer(ref="C9", household_id=4711))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Household)) == 0


@pytest.mark.parametrize(
    ("days", "allocation", "state"),
    [
        (7, Allocation.BALLOT, RsvpState.BALLOT_ENTERED),
        (7, Allocation.FIRST_COME, RsvpState.WAITLISTED),
        (-7, Allocation.BALLOT, RsvpState.WAITLISTED),
    ],
)
async def test_who_waits_on_a_ballot_to_come_enters_its_draw(
    database: Database, days: int, allocation: Allocation, state: RsvpState
) -> None:
    now = datetime.now(UTC)  # a step of the history knows no other
    starts, invited = now + timedelta(days=days), now - timedelta(days=14)
    async with database.write() as session:
        cast = await gather(session, invited)
        changes = {"starts_at": starts, "ends_at": starts + timedelta(hours=1), "allocation": allocation}
        event = await invited_event(session, cast, invited, **changes)
        amal, sam = [await invitation_of(session, event, carer) for carer in (cast.amal, cast.sam)]
        amal.state, amal.queue_key, sam.state = RsvpState.WAITLISTED, 1, RsvpState.GOING
        await session.flush()
        await (await session.connection()).run_sync(_enter_who_waited)
        await session.refresh(amal)
        await session.refresh(sam)
        assert (amal.state, amal.queue_key is None) == (state, state is RsvpState.BALLOT_ENTERED)
        assert sam.state is RsvpState.GOING


def _enter_who_waited(connection: Connection) -> None:
    step = import_module("storage.migrations.versions.0004_series_ballots_and_feeds")
    with Operations.context(MigrationContext.configure(connection)):
        step.enter_who_waited()


async def test_what_a_carer_took_into_their_calendar_is_known_without_the_card(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, NOON)
        party = await invitation_of(session, event, cast.amal)
        session.add(
            Card(invitation_id=party.id, carer_id=cast.amal.id, chat_id=101, message_id=5, wanted=1, shown=1)
        )
        session.add(
            Card(invitation_id=party.id, carer_id=cast.jo.id, chat_id=102, message_id=6, wanted=1, shown=1)
        )
        await session.flush()
        await (await session.connection()).run_sync(_before_and_after_copies)
        copies = (await session.scalars(select(CalendarCopy))).all()
        assert [(one.carer_id, one.sequence) for one in copies] == [(cast.amal.id, 12)]


async def test_the_feed_of_a_lost_phone_does_not_come_back_to_life(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.amal.feed_number, cast.jo.feed_number, cast.jo.chat_id = 2, 3, None
        await session.flush()
        await (await session.connection()).run_sync(_end_feeds)
        for carer in (cast.amal, cast.jo, cast.sam):
            await session.refresh(carer)
        assert [one.feed_number for one in (cast.amal, cast.jo, cast.sam)] == [2, -3, None]


def _end_feeds(connection: Connection) -> None:
    step = import_module("storage.migrations.versions.0005_email_letters_and_pages")
    with Operations.context(MigrationContext.configure(connection)):
        step.end_feeds_of_lost_phones()


def _before_and_after_copies(connection: Connection) -> None:
    """Put the cards back into the shape that they had before, and let the step move what they knew."""
    step = import_module("storage.migrations.versions.0005_email_letters_and_pages")
    with Operations.context(MigrationContext.configure(connection)) as old:
        old.add_column("cards", Column("calendar_sequence", Integer))
        old.execute("UPDATE cards SET calendar_sequence = 12 WHERE message_id = 5")
        step.move_calendar_sequences()


async def test_old_messages_become_an_open_thread_and_a_settled_one_of_each_carer(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        late = NOON + timedelta(days=1)
        rows: list[dict[str, Any]] = [
            {"text": "Ring me", "state": "open", "urgent": False, "received_at": NOON},
            {"text": "Now", "state": "open", "urgent": True, "received_at": late},
            {"text": "Thanks", "state": "answered", "received_at": NOON, "answered_at": NOON},
            {"text": None, "state": "redacted", "received_at": NOON, "answered_at": late},
        ]
        shared = {"carer_id": cast.amal.id, "urgent": False, "answered_at": None, "answered_by_id": None}
        rows = [shared | row for row in rows]
        rows[2]["answered_by_id"], rows[3]["answered_by_id"] = cast.tom.id, cast.dee.id
        await (await session.connection()).run_sync(_with_old_messages, rows)
        threads = (await session.scalars(select(Thread).order_by(Thread.state))).all()
        assert [(one.state, one.urgent, one.heard_at) for one in threads] == [
            ("new", True, late),
            ("settled", False, NOON),
        ]
        assert (threads[1].settled_at, threads[1].settled_by_id) == (late, cast.dee.id)
        messages = await session.scalars(select(CarerMessage).order_by(CarerMessage.id))
        opened, settled = threads[0].id, threads[1].id
        assert [one.thread_id for one in messages] == [opened, opened, settled, settled]
        session.add(
            CarerMessage(
                carer_id=cast.amal.id,
                thread_id=opened,
                written_by_id=cast.tom.id,
                text="I will",
                received_at=late,
            )
        )
        await session.flush()
        back = await (await session.connection()).run_sync(_back_to_old_messages)
        assert [(row["state"], row["urgent"]) for row in back] == [
            ("open", True),
            ("open", True),
            ("answered", False),
            ("redacted", False),
        ]
        assert {row["answered_by_id"] for row in back[2:]} == {cast.dee.id}


def _with_old_messages(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Give the messages the columns that they had before, and let the step move them."""
    step = import_module("storage.migrations.versions.0006_people_audiences_and_threads")
    with Operations.context(MigrationContext.configure(connection)) as old:
        before: tuple[Column[Any], ...] = (
            Column("state", String(40)),
            Column("urgent", Boolean),
            Column("answered_at", Utc()),
            Column("answered_by_id", Integer),
        )
        for column in before:
            old.add_column("carer_messages", column)
        as_before = Table("carer_messages", MetaData(), autoload_with=connection)
        connection.execute(as_before.insert(), rows)
        step.move_messages_into_threads()


def _back_to_old_messages(connection: Connection) -> list[dict[str, Any]]:
    step = import_module("storage.migrations.versions.0006_people_audiences_and_threads")
    with Operations.context(MigrationContext.configure(connection)):
        step.move_messages_out_of_threads()
    found = connection.execute(text("SELECT * FROM carer_messages ORDER BY id"))
    return [dict(row) for row in found.mappings()]


def test_every_table_says_what_it_is() -> None:
    """A table whose class has no docstring is allowed only where its name says all."""
    plain = re.compile(r"^(group|groups|group_members)$")
    from storage.base import Base

    silent = [
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if not mapper.class_.__doc__ and not plain.match(mapper.class_.__tablename__)
    ]
    assert silent == []
    assert len(metadata.tables) > 20
