"""One broadcast sent by our service. Little is imported beside what it needs: its memory counts."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.fresh import metered, peak_megabytes
from benchmarks.service import AS_FAST_AS_IT_GOES, service, settings
from benchmarks.stand_in import control
from benchmarks.wording import ZONE
from bot.app import Hearthline
from broadcasts.launching import start_due
from storage.deliveries import Delivery, DeliveryState

Run = dict[str, Any]


async def broadcast(
    url: str, database_url: str, folder: str, people: int, rate: int = AS_FAST_AS_IT_GOES
) -> Run:
    """Send the broadcast that waits; measured from its start until the ledger has every result."""
    async with service(settings(url, database_url, Path(folder), rate)) as app:
        with metered() as meter:
            async with app.database.write() as session:
                assert await start_due(session, app.clock(), ZONE) == 1
            stop = asyncio.Event()
            sending = asyncio.create_task(app.engine.run(stop))
            while app.engine.progress.counts["sent"] < people and not sending.done():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        peak = peak_megabytes()  # before the figures are checked, which is not the product's work
        stop.set()
        await sending
        await check(app, control(url, "report")["arrivals"], people)
    return {
        "rate": people / meter.seconds,
        "seconds": meter.seconds,
        "cpu": meter.cpu,
        "peak": peak,
    }


async def check(app: Hearthline, arrivals: dict[str, list[int]], people: int) -> None:
    """Everybody got it once, and the ledger knows by which message."""
    async with app.database.read() as session:
        query = select(Delivery.chat_id, Delivery.message_id, Delivery.state).where(
            Delivery.kind == "broadcast"
        )
        rows = (await session.execute(query)).all()
    assert len(rows) == len(arrivals) == people
    assert all(row.state is DeliveryState.SENT for row in rows)
    assert {str(row.chat_id): [row.message_id] for row in rows} == arrivals
