"""The clients that a durable broadcast is measured against. None of them stores anything or keeps a pace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from benchmarks.fresh import metered
from benchmarks.stand_in import TOKEN
from benchmarks.wording import bodies

AT_ONCE = 50

Figures = dict[str, float]
Peer = Callable[[str, int], Awaitable[Figures]]
"""Sends to so many carers at this address."""


async def raw(url: str, people: int) -> Figures:
    """aiohttp as it is meant to be used: one client, JSON in, JSON out."""
    from aiohttp import ClientSession

    async with ClientSession() as client:

        async def post(body: dict[str, Any]) -> None:
            async with client.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                answer = await response.json()
            assert answer["result"]["message_id"]

        return await in_parallel(bodies(people), post)


async def stock_ptb(url: str, people: int) -> Figures:
    """python-telegram-bot with its own request and no limiter."""
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

    async with Bot(TOKEN, base_url=f"{url}/bot") as bot:

        async def send(body: dict[str, Any]) -> None:
            keyboard = [
                [InlineKeyboardButton(**button) for button in row]
                for row in body["reply_markup"]["inline_keyboard"]
            ]
            message = await bot.send_message(
                body["chat_id"],
                body["text"],
                parse_mode=body["parse_mode"],
                reply_markup=InlineKeyboardMarkup(keyboard),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            assert message.message_id

        return await in_parallel(bodies(people), send)


async def stock_aiogram(url: str, people: int) -> Figures:
    """aiogram with its own session."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

    async with Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url))) as bot:

        async def send(body: dict[str, Any]) -> None:
            keyboard = [
                [InlineKeyboardButton(**button) for button in row]
                for row in body["reply_markup"]["inline_keyboard"]
            ]
            message = await bot.send_message(
                body["chat_id"],
                body["text"],
                parse_mode=body["parse_mode"],
                reply_markup=InlineKeyboardMarkup(inline_keyboard=keyboard),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            assert message.message_id

        return await in_parallel(bodies(people), send)


async def in_parallel(
    bodies: Sequence[dict[str, Any]], post: Callable[[dict[str, Any]], Awaitable[None]]
) -> Figures:
    """Send all, fifty at a time, after a few to open the connections."""
    await asyncio.gather(*(post(body) for body in bodies[:AT_ONCE]))
    left = iter(bodies[AT_ONCE:])

    async def worker() -> None:
        for body in left:
            await post(body)

    with metered() as meter:
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return {"rate": (len(bodies) - AT_ONCE) / meter.seconds, "seconds": meter.seconds, "cpu": meter.cpu}
