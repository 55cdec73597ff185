"""A process to be killed: the engines of app and email, each with a journal; messages are lines of a file.

``python -m tests.broadcasts.victim DATABASE_URL FILE JOURNALS``: sends until it is killed, or nothing waits.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from broadcasts.journal import FileJournal
from broadcasts.ledger_views import counts
from broadcasts.pace import Pace
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours
from broadcasts.sender import Address, MailTo, Outcome, Sent
from storage.engine import Database, open_database
from storage.households import Channel
from tests.support.delivery import LONDON, engine_for
from tests.support.fake_sender import FakeSender

RATE = 2000


class WritingSender(FakeSender):
    """Each message that arrives is a line, handed to the system at once: a killed process keeps nothing."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def send(self, to: Address, message: Any) -> Outcome:
        await asyncio.sleep(0.005)
        where = to.address if isinstance(to, MailTo) else to
        os.write(self._file, f"{where} {message.text}\n".encode())
        await asyncio.sleep(0.005)
        self.last_id += 1
        return Sent(None if isinstance(to, MailTo) else self.last_id)


async def main(url: str, path: str, journals: str) -> None:
    database = open_database(url)
    engines = [
        engine_for(
            database,
            WritingSender(path),
            pace=Pace(RATE, per_chat=0),
            journal=FileJournal(Path(f"{journals}.{channel}")),
            channel=channel,
            policy=Policy(QuietHours(None, LONDON)),
        )
        for channel in (Channel.APP, Channel.EMAIL)
    ]
    stop = asyncio.Event()
    running = asyncio.gather(*(engine.run(stop) for engine in engines))
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
