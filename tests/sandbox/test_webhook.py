"""Updates posted to the bot: in order for each chat, again until they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from sandbox import faults
from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import PlainBot


@dataclass
class Receiver:
    """The bot's side of a webhook, which answers what a test tells it to."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    status: Callable[[int], int] = lambda attempt: 200
    gate: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0
    _now: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.taken.append(await request.json())
        self.arrived.set()
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        status = self.status(len(self.taken))
        if self.gate is not None:
            await self.gate.wait()
        self._now -= 1
        return web.Response(status=status)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.taken]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


def _all_taken(sandbox: Sandbox) -> Callable[[], bool]:
    return lambda: not sandbox.state.updates.pending


async def test_what_waited_and_what_comes_is_posted_with_the_secret(
    sandbox: Sandbox, bot: PlainBot, amal: User, receiver: Receiver
) -> None:
    answer = await bot.call("setWebhook", url=receiver.url, secret_token="s-1")
    assert answer["description"] == "Webhook was set"
    amal.say("hello")
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.texts == ["/start", "hello"]
    assert receiver.secrets == ["s-1", "s-1"]
    assert (await bot.call("setWebhook", url=receiver.url, secret_token="s-1"))["description"] == (
        "Webhook is already set"
    )


async def test_a_refused_update_comes_again_before_the_next_of_its_chat(
    sandbox: Sandbox, bot: PlainBot, amal: User, receiver: Receiver
) -> None:
    receiver.status = lambda attempt: 200 if attempt > 2 else 500
    await bot("setWebhook", url=receiver.url)
    amal.say("hello")
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.texts == ["/start", "/start", "/start", "hello"]
    info = await bot("getWebhookInfo")
    assert info["pending_update_count"] == 0
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_another_chat_does_not_wait_for_a_slow_one(
    sandbox: Sandbox, bot: PlainBot, amal: User, stranger: User, receiver: Receiver
) -> None:
    receiver.gate = asyncio.Event()
    await bot("setWebhook", url=receiver.url)
    amal.say("second of Amal")
    stranger.say("first of the stranger")
    while len(receiver.taken) < 2:
        receiver.arrived.clear()
        await receiver.arrived.wait()
    assert sorted(receiver.texts) == ["/start", "first of the stranger"]
    receiver.gate.set()
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.texts.index("/start") < receiver.texts.index("second of Amal")


async def test_no_more_connections_than_asked_for(
    sandbox: Sandbox, bot: PlainBot, receiver: Receiver
) -> None:
    for number in range(12):
        sandbox.add_user(f"Carer {number}").start()
    await bot("setWebhook", url=receiver.url, max_connections=3)
    await sandbox.wait_for(_all_taken(sandbox))
    assert len(receiver.taken) == 12
    assert receiver.most_at_once <= 3


async def test_a_lost_answer_makes_the_update_come_twice(
    sandbox: Sandbox, bot: PlainBot, amal: User, receiver: Receiver
) -> None:
    sandbox.faults.add(faults.Fault("lost_webhook_response", method="webhook", times=1))
    await bot("setWebhook", url=receiver.url)
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.taken[0] == receiver.taken[1]
    assert len(receiver.taken) == 2


async def test_an_update_can_be_posted_twice(
    sandbox: Sandbox, bot: PlainBot, amal: User, receiver: Receiver
) -> None:
    await bot("setWebhook", url=receiver.url)
    await sandbox.wait_for(_all_taken(sandbox))
    sandbox.state.updates.redeliver()
    await sandbox.wait_for(_all_taken(sandbox))
    sandbox.faults.add(faults.Fault("duplicate_updates", method="webhook"))
    amal.say("twice")
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.texts == ["/start", "/start", "twice", "twice"]


async def test_an_unreachable_webhook_keeps_everything(
    sandbox: Sandbox, bot: PlainBot, amal: User, receiver: Receiver
) -> None:
    await bot("setWebhook", url="http://127.0.0.1:9/hook")
    await sandbox.wait_for(
        lambda: sandbox.state.updates.webhook is not None and sandbox.state.updates.webhook.last_error
    )
    assert (await bot("getWebhookInfo"))["pending_update_count"] == 1
    await bot("setWebhook", url=receiver.url)
    await sandbox.wait_for(_all_taken(sandbox))
    assert receiver.texts == ["/start"]


async def test_pending_updates_can_be_dropped(bot: PlainBot, amal: User) -> None:
    answer = await bot.call("deleteWebhook", drop_pending_updates=True)
    assert answer["description"] == "Webhook is already deleted"
    assert await bot("getUpdates") == []
