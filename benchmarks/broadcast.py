"""One invitation to many carers, from the ledger to the wire and back, against a bare client that only posts.

The emulator runs in a process of its own with its limits lifted, so that what is measured is ours.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientSession
from telegram import Bot

from benchmarks.outcome import Outcome
from benchmarks.people import NOW, add_carers
from bot.compose import Composers
from bot.sender import TelegramSender
from bot.settings import load
from bot.telegram import make_bot
from broadcasts.engine import Engine
from broadcasts.policy import Policy
from broadcasts.quiet import QuietHours
from events.invitations import send_due_invitations
from events.planning import EventPlan, plan_event
from sandbox.server import TOKEN
from storage.engine import Database, open_database
from texts.render import Service, Texts

MESSAGES = 1500
AT_ONCE = 50
FAST = 100_000.0
"""Messages a second: more than any of them reaches, so that the pace holds nobody back."""


@asynccontextmanager
async def emulator(people: int) -> AsyncIterator[tuple[str, list[int]]]:
    """A Bot API emulator without limits, and the chats of so many people in it."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--no-limits"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - our own
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        async with ClientSession() as client:
            answer = await client.post(f"{url}/sandbox/crowd", json={"count": people})
            chats = await answer.json()
        yield url, chats
    finally:
        process.terminate()
        process.wait()


async def in_parallel(chats: list[int], post: Callable[[int], Awaitable[object]]) -> float:
    """Messages a second when fifty are under way at a time."""
    queue = iter(chats)

    async def worker() -> None:
        for chat in queue:
            await post(chat)

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return len(chats) / (time.perf_counter() - begun)


async def raw_rate(url: str, chats: list[int], text: str) -> float:
    """What an aiohttp client reaches that posts and reads the answer."""
    async with ClientSession() as client:

        async def post(chat: int) -> None:
            body = {"chat_id": chat, "text": text, "parse_mode": "HTML"}
            async with client.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as answer:
                assert (await answer.json())["ok"]

        return await in_parallel(chats, post)


async def stock_rate(url: str, chats: list[int], text: str) -> float:
    """What python-telegram-bot reaches as it comes."""
    async with Bot(TOKEN, base_url=f"{url}/bot") as bot:
        return await in_parallel(chats, lambda chat: bot.send_message(chat, text, parse_mode="HTML"))


async def ledger_rate(database: Database, url: str, chats: list[int], folder: Path) -> float:
    """What Hearthline reaches, with every rule, every text rendered, and each result in the database."""
    await add_carers(database, len(chats), chats)
    async with database.write() as session:
        await plan_event(
            session,
            EventPlan(
                title="Coffee Afternoon",
                kind="social",
                starts_at=NOW + timedelta(days=10),
                ends_at=NOW + timedelta(days=10, hours=2),
                venue="Riverside Hall",
            ),
            None,
            NOW,
        )
    async with database.write() as session:
        assert await send_due_invitations(session, NOW) == len(chats)
    settings = load(telegram_token=TOKEN, telegram_api_url=url, data_dir=folder, duty_phone="01632 960 123")
    zone = settings.timezone
    bot = make_bot(settings)
    await bot.initialize()
    engine = Engine(
        database,
        TelegramSender(bot),
        Composers(),
        Texts(Service("Fostering Riverside", "01632 960 123"), zone),
        Policy(QuietHours(None, zone), None, FAST),
        lambda: NOW,
    )
    stop = asyncio.Event()
    begun = time.perf_counter()
    running = asyncio.create_task(engine.run(stop))
    while engine.progress.counts["sent"] < len(chats):  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.005)
    rate = len(chats) / (time.perf_counter() - begun)
    stop.set()
    await running
    await bot.shutdown()
    return rate


async def run() -> list[Outcome]:
    """``broadcast_sqlite`` and ``broadcast_vs_ptb``."""
    text = "<b>Coffee Afternoon</b>\nFriday 16 May, 12:00 pm – 2:00 pm\nRiverside Hall\n\nCan you come?"
    with tempfile.TemporaryDirectory() as folder:
        async with emulator(MESSAGES) as (url, chats):
            await raw_rate(url, chats[:200], text)  # warm
            raw = await raw_rate(url, chats, text)
            stock = await stock_rate(url, chats, text)
            database = open_database(f"sqlite:///{folder}/bench.db")
            await database.migrate()
            ours = await ledger_rate(database, url, chats, Path(folder))
            await database.close()
    return [
        Outcome("broadcast_sqlite", ours, "messages/s", "raw aiohttp client", raw, 0.9),
        Outcome("broadcast_vs_ptb", ours, "messages/s", "python-telegram-bot as it comes", stock, 5.0),
    ]
