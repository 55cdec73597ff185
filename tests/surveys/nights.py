"""A round as it is lived: carers answer in the chat on some evening, a backup is taken every night.

Everything between the raw update and the screen is the real thing: the durable inbox with its seal, the
handlers, the outbox, the engine. What an insider may keep is kept: each night's backup, every row of the live
database with its place and transaction, the bytes of SQLite's file and write-ahead log, and the log.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import AsyncMock, patch

from sqlalchemy import select

from bot.inbox import Inbox
from storage.copies import back_up
from storage.engine import Database, open_database
from storage.households import Carer
from storage.panels import Panel
from storage.surveys import Round
from storage.tables import metadata
from surveys import answering
from surveys.closing import close_rounds
from surveys.definition import Definition
from surveys.drafts import BY_HAND
from surveys.keys import RoundKeys
from surveys.occasions import ask_due
from surveys.rounds import remind_due
from surveys.sealing import owner_of
from surveys.update_seal import UpdateSeal
from tests.handlers.chats import Chats
from tests.support.cast import NOON
from tests.support.logs import everything_logged
from tests.surveys.insider import Row, every_row, on_disk
from tests.surveys.stories import LONDON, everyone_differs, open_round

TABLES = [table.name for table in metadata.sorted_tables]
NIGHTS = 3
FEW_DAYS = timedelta(days=4)

_NUMBERS = count(10_000)
_DAYS = cycle(range(27))
PRINTER, READER = "the printer's", "the reader's"
"""Visits by the code of a letter."""

Rows = dict[str, list[Row]]


@dataclass
class Kept:
    """What the insider of one round has.

    ``owners``: which sealed row was whose, and ``comers`` in which order they came: who compares two copies
    may know both.
    """

    ref: str
    copies: list[Rows] = field(default_factory=list)
    before: list[bytes] = field(default_factory=list)
    """Of every night: the backup, the database's file and its log, and the program's log."""
    after: bytes = b""
    owners: dict[str, int] = field(default_factory=dict)
    comers: list[int] = field(default_factory=list)
    word: str = ""
    """In every comment of this round and nowhere else."""
    key: bytes = b""


class StoredChats(Chats):
    """Chats whose updates go through the durable inbox, sealed while they wait."""

    def __init__(self, database: Database, keys: RoundKeys) -> None:
        super().__init__(database, keys.folder)
        self._ids = _NUMBERS  # a number that came before is taken for the same update
        self._handled = asyncio.Event()
        self.inbox = Inbox(
            database,
            lambda: self.now,
            UpdateSeal(keys),
            self._turns.handle,
            self._turns.apologise,
            self._handled.set,
            self._turns.together,
        )

    @asynccontextmanager
    async def awake(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.inbox.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _handle(self, update: dict[str, Any]) -> None:
        self._handled.clear()
        await self.inbox.store([{"update_id": next(self._ids)} | update])
        async with asyncio.timeout(10):
            await self._handled.wait()
        await self.pass_time()


async def live_through(
    database: Database,
    keys: RoundKeys,
    carers: Sequence[Carer],
    told: Random,
    folder: Path,
    *,
    collects: bool = False,
) -> tuple[Kept, dict[int, int]]:
    """A whole round, and the truth: what each carer picked.

    ``collects``: it asks after panels, each evening those who then answer, and half of them have letters,
    whose codes their printer has tried before.
    """
    with everything_logged() as log:
        return await _live_through(database, keys, carers, told, folder, log, collects)


async def _live_through(
    database: Database,
    keys: RoundKeys,
    carers: Sequence[Carer],
    told: Random,
    folder: Path,
    log: StringIO,
    collects: bool,
) -> tuple[Kept, dict[int, int]]:
    definition = everyone_differs(len(carers))
    picks = told.sample(range(1, len(carers) + 1), len(carers))
    truth = {carer.id: pick for carer, pick in zip(carers, picks, strict=True)}
    comers = told.sample(list(carers), len(carers))
    if collects:
        await _after_panels(database, keys, comers[0::NIGHTS], definition, NOON)
        async with database.read() as session:
            round = (await session.scalars(select(Round).order_by(Round.id.desc()).limit(1))).one()
    else:
        round = await open_round(database, keys, definition=definition)
    key = keys.get(round.ref)
    ways = ("", PRINTER, READER, BY_HAND)
    owners = {owner_of(key, carer.id, way): carer.id for carer in carers for way in ways}
    kept = Kept(round.ref, owners=owners, key=key)
    kept.word = f"kettles{round.id}x"
    kept.comers = [carer.id for carer in comers]
    chats = StoredChats(database, keys)
    async with chats.awake():
        for night in range(NIGHTS):
            await chats.pass_time(timedelta(hours=1))
            if collects and night:
                await _after_panels(database, keys, comers[night::NIGHTS], definition, chats.now)
            for number, carer in enumerate(comers[night::NIGHTS]):
                by_letter = collects and number % 2
                answer = partial(_answer_by_letter, database, keys) if by_letter else _answer
                await answer(chats, round, carer, truth[carer.id], kept.word)
            async with database.write() as session:
                await remind_due(session, chats.now)
            kept.before.append(await _keep(database, kept, folder / f"{round.ref}-{night}.db", log))
            chats.now += FEW_DAYS
    await close_rounds(database, round.closes_at, keys)
    kept.after = await _keep(database, kept, folder / f"{round.ref}-after.db", log)
    return kept, truth


async def _keep(database: Database, kept: Kept, backup: Path, log: StringIO) -> bytes:
    kept.copies += [await _backup(database, backup), await every_row(database, TABLES)]
    own = on_disk(Path(str(database.url.database))) if database.dialect == "sqlite" else b""
    return on_disk(backup) + own + log.getvalue().encode()


async def _answer(chats: StoredChats, round: Round, carer: Carer, pick: int, word: str) -> None:
    chat = carer.chat_id or 0
    await chats.send_data(chat, f"survey:{round.id}:start")
    await chats.send_data(chat, f"survey:{round.id}:0:{pick}")
    await chats.write(chat, f"Because of {pick} {word}")
    await chats.send_data(chat, f"survey:{round.id}:send")


async def _answer_by_letter(
    database: Database, keys: RoundKeys, chats: StoredChats, round: Round, carer: Carer, pick: int, word: str
) -> None:
    """Who printed the letter looks what its code leads to; then its reader answers."""
    who, rest = (round.id, carer.id), (keys, chats.now)
    async with database.write() as session:
        await answering.choose(session, *who, 0, 1, *rest, visit=PRINTER)
        await answering.choose(session, *who, 0, pick, *rest, visit=READER)
    async with database.write() as session:
        await answering.write(session, *who, f"Because of {pick} {word}", *rest, visit=READER)
        await answering.send(session, *who, *rest, visit=READER)


async def _after_panels(
    database: Database, keys: RoundKeys, carers: Sequence[Carer], definition: Definition, now: datetime
) -> None:
    """A panel about each of their households was held yesterday: they are asked now."""
    offered = AsyncMock(return_value={"panel-feedback": definition})
    async with database.write() as session:
        for carer in carers:
            # Another day in each round: a household has one panel a day.
            held_on = (now - timedelta(days=1 + next(_DAYS))).date()
            noted = {"about": "review", "noted_at": now - timedelta(days=1)}
            session.add(Panel(household_id=carer.household_id, held_on=held_on, **noted))
    async with database.write() as session:
        with patch("surveys.occasions.surveys_for", offered):
            assert await ask_due(session, now, keys, LONDON) == len(carers)


async def _backup(database: Database, path: Path) -> Rows:
    await back_up(database, path)
    copy = open_database(f"sqlite:///{path}")
    try:
        return await every_row(copy, TABLES)
    finally:
        await copy.close()


def ways_to_order(kept: Kept, carers: Sequence[Carer]) -> dict[str, list[int]]:
    """Every order of the people that any table of any copy gives: by each column, first or last row of each
    person, upwards and downwards."""
    people = {carer.id for carer in carers}
    by_chat = {carer.chat_id: carer.id for carer in carers}
    orders = {"who came when": kept.comers, "the register": [carer.id for carer in carers]}
    for number, copy in enumerate(kept.copies):
        for table, rows in copy.items():
            whose = [_person(row, people, by_chat, kept.owners) for row in rows]
            for column in rows[0] if rows else ():
                for edge in ("first", "last"):
                    order = _order(rows, whose, column, edge, people)
                    if order:
                        orders[f"{number} {table}.{column} {edge}"] = order
                        orders[f"{number} {table}.{column} {edge} backwards"] = order[::-1]
    return orders


def _person(row: Row, people: set[int], by_chat: dict[int | None, int], owners: dict[str, int]) -> int | None:
    if row.get("carer_id") in people:
        return int(row["carer_id"])
    return by_chat.get(row.get("chat_id")) or owners.get(str(row.get("owner")))


def _order(
    rows: Sequence[Row], whose: Sequence[int | None], column: str, edge: str, people: set[int]
) -> list[int]:
    """The people by this column, those without a row after them; empty where nobody has one."""
    found: dict[int, str] = {}
    for row, person in zip(rows, whose, strict=True):
        value = row[column]
        said = f"{value:020}" if isinstance(value, int) else str(value)
        if person is not None:
            found[person] = (
                min(said, found.get(person, said)) if edge == "first" else max(said, found.get(person, ""))
            )
    if len(set(found.values())) < 2 and len(found) in (0, len(people)):
        return []
    return sorted(people, key=lambda person: (person not in found, found.get(person, ""), person))
