"""A service that dies: the real process, killed without warning at seeded moments and started again."""

import asyncio
import random
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.server import Sandbox
from tests.support.process import kill, start_service

MOST_REQUESTS = 25
LONGEST_FUSE = 1.5
"""Seconds until it dies even if it has asked Telegram for nothing."""


class Mortal:
    """``hearthline run``. `doom` lights a fuse; when it has burnt down the process gets SIGKILL.

    Half of the fuses burn by requests: the process dies at the moment when the n-th one has had its effect
    and before it hears of it. The others burn by the clock, so that it dies anywhere: while it starts, in a
    transaction, before a request.
    """

    def __init__(self, sandbox: Sandbox, settings: dict[str, str], log: Path, chance: random.Random) -> None:
        self.kills = 0
        self.address = f"http://{settings['HEARTHLINE_LISTEN']}"
        self._settings, self._log, self._chance = settings, log, chance
        self._notify = sandbox.api.on_request
        sandbox.api.on_request = self._on_request
        self._process: Process | None = None
        self._requests_left = 0
        self._struck = asyncio.Event()
        self._dying: asyncio.Task[None] | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None
        return self._process

    async def start(self) -> None:
        self._process = await start_service(self._settings, self._log)

    async def doom(self) -> None:
        """Let it die soon, once, and rise again. The death before is waited for."""
        await self.survive()
        self._struck.clear()
        by_requests = self._chance.random() < 0.5
        self._requests_left = self._chance.randrange(1, MOST_REQUESTS) if by_requests else 0
        fuse = LONGEST_FUSE if by_requests else self._chance.uniform(0, LONGEST_FUSE)
        self._dying = asyncio.create_task(self._die_and_rise(fuse))

    async def survive(self) -> None:
        """Wait until no fuse burns and the process runs."""
        if self._dying is not None:
            await self._dying
            self._dying = None

    async def stop(self) -> None:
        await self.survive()
        if self.process.returncode is None:
            await kill(self.process)

    def _on_request(self) -> None:
        """A request has taken effect, and its answer is still to go out."""
        self._notify()
        self._requests_left -= 1
        if self._requests_left == 0:
            self.process.kill()
            self._struck.set()

    async def _die_and_rise(self, fuse: float) -> None:
        try:
            async with asyncio.timeout(fuse):
                await self._struck.wait()
        except TimeoutError:
            assert self.process.returncode is None, "it ended by itself"
            self.process.kill()
        self._requests_left = 0
        await self.process.wait()
        self.kills += 1
        await self.start()


@asynccontextmanager
async def mortal(
    sandbox: Sandbox, settings: dict[str, str], log: Path, chance: random.Random
) -> AsyncIterator[Mortal]:
    """A running service that can be doomed."""
    one = Mortal(sandbox, settings, log, chance)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
