"""The service as a process of its own, as an administrator runs it; to be killed without warning."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from pathlib import Path

from sandbox.server import TOKEN, Sandbox
from tests.support.service import free_port


def environment(sandbox: Sandbox, database_url: str, folder: Path, mode: str) -> dict[str, str]:
    """The settings of a process that talks to this sandbox, and nothing else of ours."""
    port = free_port()
    ours = {
        "HEARTHLINE_TELEGRAM_TOKEN": TOKEN,
        "HEARTHLINE_TELEGRAM_API_URL": sandbox.url,
        "HEARTHLINE_DATABASE_URL": database_url,
        "HEARTHLINE_DATA_DIR": str(folder),
        "HEARTHLINE_LISTEN": f"127.0.0.1:{port}",
        "HEARTHLINE_DUTY_PHONE": "01709 000000",
        "HEARTHLINE_QUIET_HOURS": "",
        "HEARTHLINE_OFFICE_HOURS": "",
        "HEARTHLINE_SEND_RATE": "1000",
    }
    if mode == "webhook":
        ours["HEARTHLINE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    others = {name: value for name, value in os.environ.items() if not name.startswith("HEARTHLINE_")}
    return {**others, **ours}


async def start_service(settings: dict[str, str], log: Path) -> Process:
    """``hearthline run`` with these settings; what it says goes to the end of the file."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=settings, stdout=output, stderr=output
        )


async def kill(process: Process) -> None:
    """kill -9."""
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def terminate(process: Process) -> float:
    """SIGTERM; the seconds until it was gone. Raises ``TimeoutError`` after ten."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        await process.wait()
    return time.monotonic() - begun
