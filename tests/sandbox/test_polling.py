"""getUpdates: offsets, long polls, conflicts, and what is kept for how long."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import Clock, PlainBot


def _texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_come_again_until_a_later_offset_confirms_them(bot: PlainBot, amal: User) -> None:
    amal.say("a")
    amal.say("b")
    updates = await bot("getUpdates")
    assert _texts(updates) == ["/start", "a", "b"]
    assert _texts(await bot("getUpdates", limit=2)) == ["/start", "a"]
    second = updates[1]["update_id"]
    assert _texts(await bot("getUpdates", offset=second)) == ["a", "b"]
    assert _texts(await bot("getUpdates", offset=second + 1)) == ["b"]
    assert _texts(await bot("getUpdates", offset=0)) == ["b"]


async def test_a_negative_offset_keeps_the_last_ones_and_forgets_the_rest(bot: PlainBot, amal: User) -> None:
    amal.say("a")
    amal.say("b")
    assert _texts(await bot("getUpdates", offset=-2)) == ["a", "b"]
    assert _texts(await bot("getUpdates")) == ["a", "b"]


async def test_a_long_poll_ends_when_something_happens(sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    await bot("getUpdates", offset=-1)
    last = (await bot("getUpdates"))[0]["update_id"]
    polling = asyncio.ensure_future(bot("getUpdates", offset=last + 1, timeout=30))
    await sandbox.wait_for(lambda: sandbox.polling)
    amal.say("hello")
    assert _texts(await polling) == ["hello"]


async def test_a_second_long_poll_ends_the_first_with_a_conflict(
    sandbox: Sandbox, bot: PlainBot, stranger: User
) -> None:
    first = asyncio.ensure_future(bot.call("getUpdates", timeout=30))
    await sandbox.wait_for(lambda: sandbox.polling)
    second = asyncio.ensure_future(bot("getUpdates", timeout=30))
    answer = await first
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    stranger.say("hello")
    assert _texts(await second) == ["hello"]


async def test_the_poll_of_a_bot_that_died_takes_nothing_with_it(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    [update] = await bot("getUpdates")
    dying = asyncio.ensure_future(bot("getUpdates", offset=update["update_id"] + 1, timeout=30))
    await sandbox.wait_for(lambda: sandbox.polling)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    amal.say("meanwhile")
    assert _texts(await bot("getUpdates")) == ["meanwhile"]


async def test_polling_and_a_webhook_exclude_each_other(sandbox: Sandbox, bot: PlainBot) -> None:
    polling = asyncio.ensure_future(bot.call("getUpdates", timeout=30))
    await sandbox.wait_for(lambda: sandbox.polling)
    await bot("setWebhook", url="http://127.0.0.1:9/x")
    assert (await polling)["description"] == "Conflict: terminated by setWebhook request"
    refusal = await bot.refusal("getUpdates")
    assert refusal.startswith("Conflict: can't use getUpdates method while webhook is active")
    await bot("deleteWebhook")
    assert await bot("getUpdates") == []


async def test_only_the_kinds_that_were_asked_for_come(bot: PlainBot, amal: User) -> None:
    await bot("getUpdates", offset=-1, allowed_updates=["callback_query"])
    amal.say("unheard")
    amal.send_callback(1, "heard")
    await bot("getUpdates", allowed_updates=[])
    amal.block()
    kinds = [set(update) - {"update_id"} for update in await bot("getUpdates")]
    assert kinds == [{"message"}, {"callback_query"}, {"my_chat_member"}]


async def test_a_tap_waits_150_seconds_and_a_message_a_day(bot: PlainBot, amal: User, clock: Clock) -> None:
    amal.send_callback(1, "x")
    clock.forward(seconds=149)
    assert len(await bot("getUpdates")) == 2
    clock.forward(seconds=2)
    assert _texts(await bot("getUpdates")) == ["/start"]
    clock.forward(hours=24)
    assert await bot("getUpdates") == []


async def test_an_update_can_be_delivered_once_more_after_its_confirmation(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    [update] = await bot("getUpdates")
    assert await bot("getUpdates", offset=update["update_id"] + 1) == []
    assert sandbox.state.updates.redeliver() == update["update_id"]
    assert await bot("getUpdates", offset=update["update_id"] + 1) == [update]
    assert await bot("getUpdates", offset=update["update_id"] + 1) == []


async def test_update_ids_may_jump_back_and_nothing_is_lost(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    [before] = await bot("getUpdates")
    sandbox.state.updates.jump(50)
    amal.say("after a quiet week")
    offset = before["update_id"] + 1
    [after] = await bot("getUpdates", offset=offset)
    assert after["update_id"] == 50
    assert await bot("getUpdates", offset=51) == []
    amal.say("next")
    assert _texts(await bot("getUpdates", offset=offset)) == ["next"]
