"""The transaction convention: one block, one transaction; and the lost update that it prevents."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from storage import sqlite_connection
from storage.engine import Database, open_database
from storage.leases import Fact
from tests.support.cast import NOON


async def _count(database: Database) -> int:
    async with database.read() as session:
        return int((await session.scalars(select(Fact.value).where(Fact.name == "n"))).one()["n"])


async def _put(database: Database, number: int) -> None:
    async with database.write() as session:
        session.add(Fact(name="n", value={"n": number}, updated_at=NOON))


async def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    await _put(database, 1)

    async def stumble() -> None:
        async with database.write() as session:
            await session.execute(update(Fact).values(value={"n": 2}))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await stumble()
    assert await _count(database) == 1


async def test_a_reader_cannot_write(database: Database) -> None:
    await _put(database, 1)
    with pytest.raises(DBAPIError):
        async with database.read() as session:
            await session.execute(update(Fact).values(value={"n": 2}))
    assert await _count(database) == 1


async def test_a_reader_sees_one_moment_throughout(database: Database) -> None:
    await _put(database, 1)
    async with database.read() as session:
        before = (await session.scalars(select(Fact.value))).one()
        async with database.write() as other:
            await other.execute(update(Fact).values(value={"n": 2}))
        after = (await session.scalars(select(Fact.value).execution_options(populate_existing=True))).one()
    assert before == after == {"n": 1}
    assert await _count(database) == 2


async def test_postgresql_compiles_no_query_even_after_a_block_that_raised(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    with pytest.raises(DBAPIError):
        async with database.write() as session:
            await session.execute(text("SELECT 1 / 0"))
    async with database.read() as session:
        assert (await session.scalars(text("SHOW jit"))).one() == "off"
    await database.close()


async def test_read_then_write_loses_no_update_on_sqlite(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await _put(database, 0)

    async def add_one() -> None:
        async with database.write() as session:
            fact = (await session.scalars(select(Fact).where(Fact.name == "n"))).one()
            await asyncio.sleep(0)  # let every other writer in, if it can
            fact.value = {"n": fact.value["n"] + 1}

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert await _count(database) == 20
    await database.close()


def test_without_begin_immediate_the_same_code_loses_updates(tmp_path: Path) -> None:
    """The proof that the race exists: the driver's own transactions, two connections, one lost update."""
    path = tmp_path / "race.db"
    one, two = sqlite3.connect(path, timeout=0), sqlite3.connect(path, timeout=0)
    one.execute("CREATE TABLE facts (n INTEGER)")
    one.execute("INSERT INTO facts VALUES (0)")
    one.commit()
    seen_by_one = one.execute("SELECT n FROM facts").fetchone()[0]
    seen_by_two = two.execute("SELECT n FROM facts").fetchone()[0]
    one.execute("UPDATE facts SET n = ?", (seen_by_one + 1,))
    one.commit()
    two.execute("UPDATE facts SET n = ?", (seen_by_two + 1,))
    two.commit()
    assert one.execute("SELECT n FROM facts").fetchone()[0] == 1
    one.close()
    two.close()


async def test_sqlite_survives_a_power_cut_and_leaves_no_trace_of_what_was_erased(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    async with database.read() as session:
        settings = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    await database.close()


async def test_a_time_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    in_karachi = NOON.astimezone(timezone(timedelta(hours=5)))
    async with database.write() as session:
        session.add(Fact(name="t", value={}, updated_at=in_karachi))
    async with database.read() as session:
        kept = (await session.scalars(select(Fact.updated_at))).one()
    assert kept == NOON
    assert kept.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError), match="without a zone"):
        async with database.write() as session:
            session.add(Fact(name="t", value={}, updated_at=datetime(2025, 5, 6, 12, 0)))


async def test_times_compare_in_the_database_as_they_do_in_python(database: Database) -> None:
    early, late = datetime(2025, 3, 30, 0, 59, tzinfo=UTC), datetime(2025, 3, 30, 1, 1, tzinfo=UTC)
    async with database.write() as session:
        session.add(Fact(name="early", value={}, updated_at=early))
        session.add(Fact(name="late", value={}, updated_at=late))
    async with database.read() as session:
        due = (await session.scalars(select(Fact.name).where(Fact.updated_at <= early))).all()
    assert due == ["early"]


def test_another_kind_of_database_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(ValueError, match="sqlite:///FILE or postgresql://"):
        open_database("mysql://somewhere/else")


async def test_a_new_file_that_another_process_is_reading_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE things (number INTEGER)")
    other.execute("BEGIN")
    other.execute("SELECT * FROM things").fetchall()  # until it ends, nobody can change the kind of journal
    monkeypatch.setattr(sqlite_connection, "sleep", lambda _seconds: other.close())
    database = open_database(f"sqlite:///{path}")
    async with database.read() as session:
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
    await database.close()
