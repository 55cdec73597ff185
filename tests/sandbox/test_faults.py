"""What can be made to go wrong, and whether the request took effect all the same."""

from __future__ import annotations

import asyncio
from typing import Literal

import aiohttp
import pytest

from sandbox import faults
from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import Clock, PlainBot

When = Literal["before", "after"]


@pytest.mark.parametrize(("when", "delivered"), [("before", 0), ("after", 1)])
async def test_a_server_error_before_or_after_the_effect(
    sandbox: Sandbox, bot: PlainBot, amal: User, when: When, delivered: int
) -> None:
    sandbox.faults.add(faults.server_error(502, when=when, times=1))
    answer = await bot.call("sendMessage", chat_id=amal.id, text="x")
    assert (answer["error_code"], answer["description"]) == (502, "Bad Gateway")
    assert len(amal.received) == delivered
    await bot("sendMessage", chat_id=amal.id, text="x")


@pytest.mark.parametrize(("when", "delivered"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_before_or_after_the_effect(
    sandbox: Sandbox, bot: PlainBot, amal: User, when: When, delivered: int
) -> None:
    sandbox.faults.add(faults.reset(method="sendMessage", when=when))
    with pytest.raises(aiohttp.ClientConnectionError):
        await bot.call("sendMessage", chat_id=amal.id, text="x")
    assert len(amal.received) == delivered
    await bot("getMe")


@pytest.mark.parametrize(("when", "delivered"), [("before", 0), ("after", 1)])
async def test_a_request_that_is_accepted_and_never_answered(
    sandbox: Sandbox, bot: PlainBot, amal: User, when: When, delivered: int
) -> None:
    sandbox.faults.add(faults.hang(when=when))
    hanging = asyncio.ensure_future(bot.call("sendMessage", chat_id=amal.id, text="x"))
    await sandbox.wait_for(lambda: sandbox.requests_of("sendMessage"))
    hanging.cancel()
    assert len(amal.received) == delivered


async def test_a_refusal_to_one_chat_leaves_the_others(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    jo = sandbox.add_user("Jo", "Reed")
    jo.start()
    sandbox.faults.add(faults.too_many_requests(7, method="sendMessage", chat_id=amal.id))
    answer = await bot.call("sendMessage", chat_id=amal.id, text="x")
    assert answer["parameters"] == {"retry_after": 7}
    await bot("sendMessage", chat_id=jo.id, text="x")


async def test_a_fault_can_skip_some_requests_and_strike_each_third(sandbox: Sandbox, bot: PlainBot) -> None:
    sandbox.faults.add(faults.server_error(skip=1, every=3, times=2))
    answers = [(await bot.call("getMe"))["ok"] for _ in range(11)]
    assert [number for number, ok in enumerate(answers) if not ok] == [3, 6]


async def test_an_outage_ends_after_its_time(sandbox: Sandbox, bot: PlainBot, clock: Clock) -> None:
    sandbox.faults.add(faults.outage(for_seconds=60))
    clock.forward(seconds=59)
    with pytest.raises(aiohttp.ClientConnectionError):
        await bot("getMe")
    clock.forward(seconds=1)
    await bot("getMe")


@pytest.mark.parametrize(("fault", "code"), [(faults.unauthorized(), 401), (faults.not_found(), 404)])
async def test_polling_can_be_told_that_the_token_is_gone(
    sandbox: Sandbox, bot: PlainBot, fault: faults.Fault, code: int
) -> None:
    sandbox.faults.add(fault)
    assert (await bot.call("getUpdates"))["error_code"] == code
    await bot("getMe")
    sandbox.faults.clear()
    await bot("getUpdates")


async def test_updates_can_come_twice(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    sandbox.faults.add(faults.Fault("duplicate_updates", method="getUpdates"))
    first, second = await bot("getUpdates")
    assert first == second


async def test_an_answer_can_come_late(sandbox: Sandbox, bot: PlainBot) -> None:
    sandbox.faults.add(faults.latency(0.05))
    begun = asyncio.get_running_loop().time()
    await bot("getMe")
    assert asyncio.get_running_loop().time() - begun >= 0.05


async def test_the_server_can_be_unreachable_for_a_while(sandbox: Sandbox, bot: PlainBot) -> None:
    await sandbox.go_offline()
    async with aiohttp.ClientSession() as fresh:
        with pytest.raises(aiohttp.ClientConnectorError):
            await fresh.get(f"{bot.base}/getMe")
    await sandbox.go_online()
    await bot("getMe")


async def test_closing_does_not_wait_for_what_hangs(clock: Clock) -> None:
    sandbox = Sandbox(now=clock.now)
    await sandbox.start()
    sandbox.faults.add(faults.hang())
    async with aiohttp.ClientSession() as session:
        hanging = asyncio.ensure_future(session.get(f"{sandbox.url}/bot{sandbox.token}/getMe"))
        await sandbox.wait_for(lambda: sandbox.requests)
        async with asyncio.timeout(2):
            await sandbox.close()
        with pytest.raises(aiohttp.ClientError):
            await hanging


def test_a_fault_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of fault"):
        faults.Fault("explosion")  # type: ignore[arg-type]  # what is tested
