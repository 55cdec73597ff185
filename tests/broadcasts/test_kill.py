"""kill -9 of a real process, again and again, at random moments of a delivery by app and by email."""

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcasts.queue import Recipient, queue_notice
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database, open_database
from storage.households import Carer, Channel
from storage.ways import note_mail
from tests.support.cast import gather

KINDS = ("reminder", "cancellation")
WINDOW = 2 * 50
"""In flight at once, by app and by email."""
PER_KILL = 160


@pytest.mark.parametrize(
    "kills", [3, pytest.param(100, marks=[pytest.mark.torture, pytest.mark.timeout(1200)])]
)
async def test_killed_at_any_moment_it_loses_nobody_and_repeats_only_what_is_harmless(
    database_url: str, tmp_path: Path, kills: int
) -> None:
    letters = tmp_path / "arrived.txt"
    database = open_database(database_url)
    expected = await many_deliveries(database, kills * PER_KILL)
    chance = random.Random(kills)
    claimed = 0
    for _ in range(kills):
        await run_and_kill(database_url, letters, chance)
        claimed = max(claimed, await under_way(database))
    await run_to_the_end(database_url, letters)
    async with database.read() as session:
        rows = (await session.scalars(select(Delivery))).all()
    await database.close()

    arrived = Counter(letters.read_text().splitlines())
    states = Counter(row.state for row in rows)
    assert states.total() == expected
    assert set(states) <= {DeliveryState.SENT, DeliveryState.UNKNOWN}
    assert states[DeliveryState.UNKNOWN] <= kills * WINDOW
    assert claimed > 0
    sys.stderr.write(f"{kills} kills: at most {claimed} claimed at a kill, {dict(states)}\n")
    for row in rows:
        where = row.chat_id if row.channel == Channel.APP else address(row.carer_id)
        times = arrived[f"{where} {row.kind}"]
        assert times <= (2 if row.kind == "cancellation" else 1)
        assert times >= 1 or row.state is DeliveryState.UNKNOWN
    assert sum(arrived.values()) >= states[DeliveryState.SENT]
    assert Counter(row.channel for row in rows) == {Channel.APP: expected // 2, Channel.EMAIL: expected // 2}


def address(carer_id: int | None) -> str:
    return f"carer{carer_id}@example.org"


async def under_way(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count()).where(Delivery.state == DeliveryState.SENDING)
        return (await session.scalars(query)).one()


async def many_deliveries(database: Database, wanted: int) -> int:
    now = datetime.now(UTC)
    async with database.write() as session:
        cast = await gather(session, linked=False)
        carers = [
            Carer(
                ref=f"N{number}", household_id=cast.reeds.id, chat_id=10_000 + number if number % 2 else None
            )
            for number in range(wanted // len(KINDS))
        ]
        session.add_all(carers)
        await note_mail(session, True, now)
        await session.flush()
        for carer in carers[::2]:
            carer.email = address(carer.id)
        await session.flush()
        return sum(
            [
                await queue_notice(
                    session,
                    kind,
                    [Recipient(carer_id=carer.id) for carer in carers],
                    about="all",
                    now=now,
                    due_at=now - timedelta(days=1),
                    send_by=now + timedelta(days=2),
                )
                for kind in KINDS
            ]
        )


async def start(url: str, letters: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.broadcasts.victim",
        url,
        str(letters),
        str(letters.with_suffix(".journal")),
    )


async def run_and_kill(url: str, letters: Path, chance: random.Random) -> None:
    """Kill the process a moment after it has begun to send."""
    before = size(letters)
    process = await start(url, letters)
    while size(letters) == before and process.returncode is None:  # noqa: ASYNC110 - another process writes
        await asyncio.sleep(0.002)
    await asyncio.sleep(chance.uniform(0, 0.08))
    if process.returncode is None:
        process.kill()
    await process.wait()


async def run_to_the_end(url: str, letters: Path) -> None:
    process = await start(url, letters)
    assert await asyncio.wait_for(process.wait(), 60) == 0


def size(letters: Path) -> int:
    return letters.stat().st_size if letters.exists() else 0
