"""What `hearthline run` has resident once it has started, speaks to Telegram and has looked for due work."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from benchmarks.fresh import in_fresh_process, resident_megabytes
from benchmarks.outcome import Outcome, say
from benchmarks.stand_in import TOKEN, StandIn

IDS = ("idle_memory",)
PERMITTED = 90.0
SETTLED = 6.0
"""Seconds after it is ready: every job has had its first turn."""
STARTS = 3
START_SECONDS = 30


def run() -> list[Outcome]:
    """Of a service that starts with its database in order, as all but the first start do."""
    with StandIn() as telegram, tempfile.TemporaryDirectory() as folder:
        first, *later = (idle(telegram.url, Path(folder)) for _ in range(1 + STARTS))
        bare = in_fresh_process(bare_library, url=telegram.url)
    say(f"{first:.1f} MB after the first start, which makes the tables")
    say(f"{bare:.1f} MB: python-telegram-bot alone, polling with one handler")
    return [
        Outcome(
            "idle_memory", median(later), "MB", "the memory permitted", PERMITTED, 1.0, lower_is_better=True
        )
    ]


def idle(url: str, folder: Path) -> float:
    """Start the service, wait until it is ready and has been for a while, and stop it again."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    ours = {
        "HEARTHLINE_TELEGRAM_TOKEN": TOKEN,
        "HEARTHLINE_TELEGRAM_API_URL": url,
        "HEARTHLINE_DATA_DIR": str(folder),
        "HEARTHLINE_LISTEN": f"127.0.0.1:{port}",
        "HEARTHLINE_DUTY_PHONE": "01709 000000",
        "HEARTHLINE_LOG_LEVEL": "WARNING",
        # What the first start compiles the later ones find, as on any machine that does not forbid it.
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("HEARTHLINE_")}
    others.pop("PYTHONDONTWRITEBYTECODE", None)
    service = subprocess.Popen([sys.executable, "-m", "bot", "run"], env={**others, **ours})
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz")
        time.sleep(SETTLED)
        return resident_megabytes(service.pid)
    finally:
        service.terminate()
        service.wait()


def _wait_until_ready(url: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 - our own process
        except urllib.error.URLError:
            assert time.monotonic() < give_up, "the service does not get ready"
            time.sleep(0.2)
        else:
            return


async def bare_library(url: str) -> float:
    """python-telegram-bot polling, with one handler and nothing else."""
    import asyncio

    from telegram.ext import ApplicationBuilder, CommandHandler

    async def start(update: object, context: object) -> None:
        """Say nothing."""

    application = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").build()
    application.add_handler(CommandHandler("start", start))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling()
        await asyncio.sleep(2)
        await application.updater.stop()
        await application.stop()
    return resident_megabytes()
