"""One process leads: it alone polls, handles updates, sends and runs due work; others wait their turn.

The lease is a row that its holder renews. It is given back at a clean stop and runs out ten seconds after a
crash; where the holder lived on this machine and its process is gone, the next need not wait for that.
"""

import asyncio
import contextlib
import hashlib
import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.clock import Clock
from storage.engine import Database
from storage.faults import passes
from storage.leases_queries import holder_of, release_lease, take_lease

LASTS = timedelta(seconds=10)
RENEW_SECONDS = 2.0
MARGIN = timedelta(seconds=3)
ASK_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Lease:
    """The leading role, as this process sees it."""

    def __init__(self, database: Database, clock: Clock, name: str = "leader") -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._holder = f"{_process(os.getpid())}:{secrets.token_hex(4)}"
        self._until: datetime | None = None
        self.waits = False
        """Whether another process was found to lead."""

    async def acquire(self) -> None:
        """Wait until the lease is ours."""
        while True:
            if await self._take_or_wait():
                self.waits = False
                return
            await asyncio.sleep(ASK_SECONDS)

    async def keep(self) -> None:
        """Renew the lease until it is lost; then return: somebody else may lead from this moment on."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                held = await self._take()
            except Exception as error:
                if not passes(error):
                    raise
                held = True  # nobody can tell while the database is away, so what we had still counts
            # Well before it runs out we stop, so that what is in flight lands before somebody else leads.
            if not held or self._until is None or self._clock() >= self._until - MARGIN:
                log.warning("the lease was lost")
                return

    async def release(self) -> None:
        """Give the lease back."""
        if self._until is None:
            return
        self._until = None
        # If it cannot be given back now it runs out by itself.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5), self._database.write() as session:
                await release_lease(session, self._name, self._holder)

    async def _take_or_wait(self) -> bool:
        try:
            if await self._take():
                return True
        except Exception as error:
            if not passes(error):
                raise
            log.warning("the database cannot be asked who leads", error=type(error).__name__)
            return False
        if not self.waits:
            log.info("another process leads; this one waits its turn")
            self.waits = True
        return False

    async def _take(self) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            before = await holder_of(session, self._name)
            gone = before if before is not None and _has_died(before) else None
            taken = await take_lease(session, self._name, self._holder, now, now + LASTS, gone)
        if taken:
            self._until = now + LASTS
        return taken


def _process(pid: int) -> str:
    """A process by where and since when it runs, so that a number used again is not taken for the same."""
    return f"{_machine()}:{pid}:{_started(pid) or '?'}"


def _machine() -> str:
    """This boot of this machine, and within it this namespace of process numbers (each container has one)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        boot, space = socket.gethostname(), "?"
    return hashlib.sha256(f"{boot}{space}".encode()).hexdigest()[:16]


def _started(pid: int) -> str | None:
    """When the process started, in ticks since the machine did; None if it is not there."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]


def _has_died(holder: str) -> bool:
    """Whether the holder is known to have ended: it lived here, and its process is not here any more."""
    machine, _, rest = holder.partition(":")
    pid, started, *_ = [*rest.split(":"), "", ""]
    if machine != _machine() or not pid.isdecimal() or started in ("?", ""):
        return False
    return _started(int(pid)) != started
