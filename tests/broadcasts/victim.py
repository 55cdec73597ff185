"""A process to be killed: an engine with a journal, whose messages are lines of a file.

``python -m tests.broadcasts.victim DATABASE_URL FILE JOURNAL``: sends until it is killed, or nothing waits.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from broadcasts.journal import FileJournal
from broadcasts.ledger_views import counts
from broadcasts.pace import Pace
from broadcasts.sender import Outcome, Sent
from storage.engine import Database, open_database
from tests.support.delivery import engine_for
from tests.support.fake_sender import FakeSender

RATE = 2000


class WritingSender(FakeSender):
    """Each message that arrives is a line, handed to the system at once: a killed process keeps nothing."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def send(self, chat_id: int, message: Any) -> Outcome:
        await asyncio.sleep(0.005)
        os.write(self._file, f"{chat_id} {message.text}\n".encode())
        await asyncio.sleep(0.005)
        self.last_id += 1
        return Sent(self.last_id)


async def main(url: str, path: str, journal: str) -> None:
    database = open_database(url)
    engine = engine_for(
        database, WritingSender(path), pace=Pace(RATE, per_chat=0), journal=FileJournal(Path(journal))
    )
    engine._clock = lambda: datetime.now(UTC).replace(hour=12)
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    while await _unfinished(database):  # noqa: ASYNC110 - what is awaited is in the database
        await asyncio.sleep(0.02)
    stop.set()
    await running
    await database.close()


async def _unfinished(database: Database) -> bool:
    async with database.read() as session:
        return any(
            count.state in ("queued", "sending", "retrying", "held") for count in await counts(session)
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
