"""One process leads; another takes over when the lease is given back, runs out, or its holder has died."""

import asyncio
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from bot import lease as lease_module
from bot.lease import LASTS, Lease
from storage.engine import Database
from storage.leases_queries import holder_of, take_lease
from tests.support.cast import NOON


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def process_that_has_ended() -> str:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = lease_module._process(child.pid)
        child.communicate(b"\n")
    return name


async def holds(lease: Lease, within: float = 30) -> bool:
    """Whether it gets the lease; ``within``: seconds, many of which pass on a busy machine alone."""
    try:
        await asyncio.wait_for(lease.acquire(), within)
    except TimeoutError:
        return False
    return True


async def waits(lease: Lease) -> bool:
    return not await holds(lease, within=0.3)


async def test_one_leads_and_the_other_waits_until_it_is_given_back(database: Database) -> None:
    clock = Hands()
    first, second = Lease(database, clock), Lease(database, clock)
    assert await holds(first)
    assert await waits(second)
    await first.release()
    assert await holds(second)


async def test_a_lease_runs_out_when_it_is_not_renewed(database: Database) -> None:
    clock = Hands()
    first, second = Lease(database, clock), Lease(database, clock)
    assert await holds(first)
    clock.now += LASTS - timedelta(seconds=1)
    assert await waits(second)
    clock.now += timedelta(seconds=1)
    assert await holds(second)


async def test_who_has_lost_the_lease_notices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Hands()
    first, second = Lease(database, clock), Lease(database, clock)
    assert await holds(first)
    clock.now += LASTS
    assert await holds(second)
    monkeypatch.setattr(lease_module, "RENEW_SECONDS", 0.01)
    await asyncio.wait_for(first.keep(), 30)


async def test_a_holder_that_has_died_on_this_machine_is_not_waited_for(database: Database) -> None:
    holder = f"{process_that_has_ended()}:abcd"
    async with database.write() as session:
        await take_lease(session, "leader", holder, NOON, NOON + LASTS)
    assert await holds(Lease(database, lambda: NOON))


async def test_a_holder_that_lives_or_lives_elsewhere_is_waited_for(database: Database) -> None:
    here = lease_module._process(os.getpid())
    elsewhere = f"0123456789abcdef:{os.getpid()}:1"
    for holder in (f"{here}:abcd", f"{elsewhere}:abcd"):
        async with database.write() as session:
            await take_lease(
                session, "leader", holder, NOON, NOON + LASTS, gone=await holder_of(session, "leader")
            )
        assert await waits(Lease(database, lambda: NOON))
