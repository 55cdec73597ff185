"""A service that dies: the real process, killed without warning at seeded moments and started again."""

import asyncio
import random
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.faults import Fault, hang
from sandbox.server import Sandbox
from tests.support.process import kill, start_service

MOST_REQUESTS = 25
MOST_SENT_BEFORE = 6
LONGEST_FUSE = 1.5
"""Seconds until it dies even if it has asked Telegram for nothing."""


class Mortal:
    """``hearthline run``. `doom` lights a fuse; when it has burnt down the process gets SIGKILL.

    A third of the deaths come when the n-th request has had its effect and before the process hears of it; a
    third when a message has been asked for and will never arrive; the others by the clock, so that they fall
    anywhere: while it starts, in a transaction, between two requests.
    """

    def __init__(self, sandbox: Sandbox, settings: dict[str, str], log: Path, chance: random.Random) -> None:
        self.kills = 0
        self.address = f"http://{settings['HEARTHLINE_LISTEN']}"
        self._settings, self._log, self._chance = settings, log, chance
        self._faults = sandbox.faults
        self._notify = sandbox.api.on_request
        sandbox.api.on_request = self._on_request
        self._process: Process | None = None
        self._requests_left = 0
        self._swallowing: Fault | None = None
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
        fuse = LONGEST_FUSE
        match self._chance.choice(("unheard", "swallowed", "by the clock")):
            case "unheard":
                self._requests_left = self._chance.randrange(1, MOST_REQUESTS)
            case "swallowed":
                swallow = hang(method="sendMessage", skip=self._chance.randrange(MOST_SENT_BEFORE))
                self._swallowing = self._faults.add(swallow)
            case _:
                fuse = self._chance.uniform(0, LONGEST_FUSE)
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
        """A request has taken effect, or been swallowed, and its answer is still to go out."""
        self._notify()
        self._requests_left -= 1
        if self._requests_left == 0 or (self._swallowing and self._swallowing.struck == 1):
            self.process.kill()
            self._struck.set()

    async def _die_and_rise(self, fuse: float) -> None:
        try:
            async with asyncio.timeout(fuse):
                await self._struck.wait()
        except TimeoutError:
            assert self.process.returncode is None, "it ended by itself"
            self.process.kill()
        await self.process.wait()
        self._requests_left, self._swallowing = 0, None
        self._faults.clear()
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
