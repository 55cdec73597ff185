"""Backups: a consistent copy of a whole database, always as one SQLite file, whatever the service runs on.

So a backup of either kind of database can be restored into the other, and read by anything. It is taken while
the service runs: both databases show a transaction one moment of the data.
"""

import os
import shutil
import sqlite3
import tempfile
from asyncio import to_thread
from datetime import datetime
from pathlib import Path

from sqlalchemy import Integer, Table, func, insert, select, text, update

from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import WAITING, Delivery, Notice
from storage.engine import Database, Session, open_database
from storage.households import Channel
from storage.tables import metadata

_AT_ONCE = 1000


class CopyRefused(Exception):
    """The copy cannot be made; the message says why, in plain words."""


async def back_up(database: Database, path: Path) -> int:
    """Write a copy to a new file that its owner alone may read; returns its size in bytes.

    Raises `CopyRefused` when there is a file of that name or nothing can be written there. A crash leaves at
    most a temporary file: what bears the name is whole.
    """
    folder = _folder_for(path)
    try:
        made = folder / "copy.db"
        if database.dialect == "sqlite":
            await to_thread(_vacuum_into, str(database.url.database), made)
        else:
            await _copy_into_file(database, folder / "rows.db")
            await to_thread(_vacuum_into, str(folder / "rows.db"), made)
        return _put_in_place(made, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def restore(database: Database, path: Path) -> int:
    """Fill an empty, migrated database from a backup; returns how many rows it has now.

    A backup of an older version is brought up to date on the way; the file itself stays as it is. Raises
    `CopyRefused` when the database holds anything already, or the file is no backup.
    """
    with tempfile.TemporaryDirectory(prefix="hearthline-restore-") as folder:
        source = open_database(f"sqlite:///{_own_copy(path, Path(folder))}")
        try:
            await source.migrate()
            async with source.read() as reading, database.write() as writing:
                if await has_rows(writing):
                    raise CopyRefused("The database is not empty; a restore never replaces anything.")
                rows = await _copy(reading, writing)
                await _continue_numbers(database, writing)
                return rows
        finally:
            await source.close()


async def pause_waiting_broadcasts(session: Session, now: datetime) -> int:
    """Hold the broadcasts that are to begin or still have somebody to send to, until a person goes on with
    them; how many.

    After a restore nobody knows which of them went out since the copy was taken. Letters wait for a person
    anyway.
    """
    waiting = select(Delivery.notice_id).where(
        Delivery.state.in_(WAITING), Delivery.channel != Channel.LETTER
    )
    begun = await session.scalars(
        update(Notice)
        .where(Notice.kind == "broadcast", Notice.paused_at.is_(None), Notice.id.in_(waiting))
        .values(paused_at=now, paused_reason="restored")
        .returning(Notice.id)
    )
    notices = begun.all()
    await session.execute(
        update(Broadcast)
        .where(
            Broadcast.notice_id.in_(notices),
            # One that is finished still goes to carers who have a way only since then.
            Broadcast.state.in_((BroadcastState.SENDING, BroadcastState.FINISHED)),
        )
        .values(state=BroadcastState.PAUSED)
    )
    to_begin = await session.scalars(
        update(Broadcast)
        .where(Broadcast.state == BroadcastState.SCHEDULED)
        .values(state=BroadcastState.PAUSED)
        .returning(Broadcast.id)
    )
    return len(notices) + len(to_begin.all())


def _folder_for(path: Path) -> Path:
    """A new folder beside the file to be: what is finished there can be put in place in one step."""
    if path.exists():
        raise CopyRefused(f"{path} exists already; a backup never replaces a file.")
    try:
        return Path(tempfile.mkdtemp(prefix=".backup-", dir=path.parent))
    except OSError as error:
        raise CopyRefused(f"Nothing can be written to {path.parent}: {error.strerror}.") from error


def _put_in_place(made: Path, path: Path) -> int:
    made.chmod(0o600)
    os.link(made, path)  # refuses to replace what came meanwhile
    return path.stat().st_size


def _own_copy(path: Path, folder: Path) -> Path:
    """A copy that may be brought up to date."""
    if not path.is_file():
        raise CopyRefused(f"There is no file {path}.")
    mine = folder / "copy.db"
    shutil.copyfile(path, mine)
    if not _is_backup(mine):
        raise CopyRefused(f"{path} is no backup that Hearthline made.")
    return mine


def _vacuum_into(source: str, target: Path) -> None:
    connection = sqlite3.connect(source)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def _is_backup(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return "alembic_version" in tables


async def _copy_into_file(database: Database, path: Path) -> None:
    target = open_database(f"sqlite:///{path}")
    try:
        await target.migrate()
        async with database.read() as reading, target.write() as writing:
            await _copy(reading, writing)
    finally:
        await target.close()


async def _copy(reading: Session, writing: Session) -> int:
    rows = 0
    for table in metadata.sorted_tables:
        if table.info.get("counted"):
            continue  # the triggers of the other database count them as the rest comes in
        found = await reading.stream(select(table).order_by(*table.primary_key.columns))
        async for part in found.mappings().partitions(_AT_ONCE):
            await writing.execute(insert(table), [dict(row) for row in part])
            rows += len(part)
    return rows


async def has_rows(session: Session) -> bool:
    """Whether there is anything at all in the database."""
    for table in metadata.sorted_tables:
        if (await session.execute(select(table).limit(1))).first() is not None:
            return True
    return False


async def _continue_numbers(database: Database, session: Session) -> None:
    """PostgreSQL counts ids in sequences, which a copy of rows does not move on."""
    if database.dialect != "postgresql":
        return
    for table in metadata.sorted_tables:
        key = _counted_key(table)
        if key is not None:
            highest = (await session.execute(select(func.max(table.c[key])))).scalar()
            if highest is not None:
                await session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :key), :highest)"),
                    {"table": table.name, "key": key, "highest": highest},
                )


def _counted_key(table: Table) -> str | None:
    column = table.autoincrement_column
    return column.name if column is not None and isinstance(column.type, Integer) else None
