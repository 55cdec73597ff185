"""Asking a running service how it is, and waiting until it is as a test wants it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bot.app import Hearthline
from bot.settings import Settings
from storage.conversations import CarerMessage
from tests.support.cast import Cast, gather

Start = Callable[[Settings], AbstractAsyncContextManager[Hearthline]]


async def gathered(hearthline: Hearthline, linked: bool = True) -> Cast:
    """The cast in the service's database."""
    async with hearthline.database.write() as session:
        return await gather(session, linked=linked)


async def ready(hearthline: Hearthline) -> tuple[int, dict[str, Any]]:
    """What `/readyz` says."""
    async with aiohttp.ClientSession() as client, client.get(f"{hearthline.address}/readyz") as response:
        return response.status, await response.json()


async def reason(hearthline: Hearthline) -> str:
    """What `/readyz` finds wrong with Telegram; empty when the service is ready."""
    status, said = await ready(hearthline)
    return "" if status == 200 else str(said["parts"]["telegram"])


async def kept(hearthline: Hearthline) -> int:
    """How many messages to the service have been kept."""
    async with hearthline.database.read() as session:
        return (await session.scalars(select(func.count(CarerMessage.id)))).one()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Look again and again until it is so. Raises ``TimeoutError``."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


async def until_ready(hearthline: Hearthline) -> None:
    """Wait until the service has heard from Telegram."""

    async def is_ready() -> bool:
        return not await reason(hearthline)

    await until(is_ready)
