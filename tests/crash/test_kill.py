"""kill -9 in the middle of a burst of 40 updates: none is lost, none takes effect twice, all in order."""

import asyncio
import random
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sandbox.server import Sandbox
from sandbox.users import User
from storage.conversations import CarerMessage
from storage.engine import Database, open_database
from tests.support.cast import gather
from tests.support.process import environment, kill, start_service, terminate
from tests.support.service import MODES, sandbox_from

CHATS, MESSAGES_EACH = 4, 10
BURST = CHATS * MESSAGES_EACH


@asynccontextmanager
async def cast_in_sandbox(database_url: str) -> AsyncIterator[tuple[Sandbox, Database, list[User]]]:
    database = open_database(database_url)
    async with database.write() as session:
        await gather(session, datetime.now(UTC))
    async with sandbox_from(lambda: datetime.now(UTC)) as sandbox:
        users = [sandbox.add_user(f"Carer{number}", user_id=100 + number) for number in range(1, CHATS + 1)]
        yield sandbox, database, users
    await database.close()


def burst(users: list[User], trial: int) -> None:
    """Everybody writes ten messages, all at once."""
    for number in range(MESSAGES_EACH):
        for user in users:
            user.say(f"trial {trial} message {number}")


async def kept(database: Database) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count(CarerMessage.id)))).one()


async def until(database: Database, wanted: int, seconds: float = 60) -> None:
    """Wait until so many messages have taken effect."""
    deadline = time.monotonic() + seconds
    while (found := await kept(database)) < wanted:
        assert time.monotonic() < deadline, f"{found} of {wanted} messages have been kept"
        await asyncio.sleep(0.005)


async def assert_each_once_and_in_order(database: Database, trials: int) -> None:
    """Everything of these bursts took effect once and in order; of the last one, what did is in order too."""
    wanted = [
        f"trial {trial} message {number}" for trial in range(trials + 1) for number in range(MESSAGES_EACH)
    ]
    async with database.read() as session:
        query = select(CarerMessage.carer_id, CarerMessage.text).order_by(CarerMessage.id)
        rows = (await session.execute(query)).all()
    for carer in {carer_id for carer_id, _ in rows}:
        texts = [text for carer_id, text in rows if carer_id == carer]
        assert texts == wanted[: len(texts)]
        assert len(texts) >= trials * MESSAGES_EACH


async def kill_in_the_middle(database_url: str, folder: Path, mode: str, trials: int) -> None:
    chance = random.Random(20250506)
    async with cast_in_sandbox(database_url) as (sandbox, database, users):
        settings, log = environment(sandbox, database_url, folder, mode), folder / "service.log"
        process: Process = await start_service(settings, log)
        try:
            for trial in range(trials):
                burst(users, trial)
                # From before the first is handled to after the last but one.
                await until(database, trial * BURST + chance.randrange(BURST))
                await kill(process)
                process = await start_service(settings, log)
                await until(database, (trial + 1) * BURST)
            # And politely, in the middle of one more burst.
            burst(users, trials)
            await until(database, trials * BURST + 1)
            assert await terminate(process) < 2
        finally:
            if process.returncode is None:
                await kill(process)
        await assert_each_once_and_in_order(database, trials)


@pytest.mark.parametrize("mode", MODES)
async def test_a_burst_survives_two_kills(sqlite_url: str, tmp_path: Path, mode: str) -> None:
    await kill_in_the_middle(sqlite_url, tmp_path, mode, trials=2)


@pytest.mark.torture
@pytest.mark.parametrize("mode", MODES)
async def test_a_burst_survives_thirty_kills(database_url: str, tmp_path: Path, mode: str) -> None:
    await kill_in_the_middle(database_url, tmp_path, mode, trials=30)
