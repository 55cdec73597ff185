"""Our own service for a benchmark: the product's composition root, at noon and with any pace."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.people import NOW
from benchmarks.stand_in import TOKEN
from benchmarks.wording import SERVICE, ZONE
from bot.app import Hearthline
from bot.collector import spare_the_collector
from bot.in_force import InForce
from bot.logs import set_up_logs
from bot.settings import Settings, load
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours, parse_span
from storage.engine import open_database

AS_FAST_AS_IT_GOES = 1_000_000
"""Messages a second: more than anything reaches."""
POLICY = Policy(QuietHours(parse_span("21:00-08:00"), ZONE))
"""What the settings say when nobody changes them."""


def clock_from(start: datetime = NOW) -> Callable[[], datetime]:
    """A clock that reads ``start`` now and goes on from there: noon, whenever the benchmarks run."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


def settings(url: str, database_url: str, folder: Path, rate: int = AS_FAST_AS_IT_GOES) -> Settings:
    """As an administrator would set them, quiet hours and weekly cap included; save that the rate may be
    beyond what the settings allow."""
    given = load(
        telegram_token=TOKEN,
        telegram_api_url=url,
        database_url=database_url,
        data_dir=folder,
        listen="127.0.0.1:0",
        duty_phone=SERVICE.duty_phone,
        service_name=SERVICE.name,
    )
    return given.model_copy(update={"send_rate": rate})


@asynccontextmanager
async def service(given: Settings, start: datetime = NOW) -> AsyncIterator[Hearthline]:
    """Every part of the service, connected to the database and to Telegram, but none of them running."""
    set_up_logs(given.log_level, given.secrets())
    database = open_database(given.database_address)
    app = Hearthline(InForce(given), database, clock_from(start), "http://127.0.0.1:8080")
    await app.application.initialize()
    spare_the_collector()  # as `hearthline run` does
    try:
        yield app
    finally:
        await app.close()
        await database.close()
