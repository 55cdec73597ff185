"""How fast the bot may send, measured with a clock that stands still."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.errors import ApiError
from sandbox.limits import Limits, Pace
from sandbox.server import Sandbox
from sandbox.users import User
from tests.sandbox.conftest import Clock, PlainBot


def _passes(pace: Pace, chat_id: int, *, paid: bool = False) -> int:
    """Return 0 for a message that passes, else the seconds to wait."""
    try:
        pace.take(chat_id, paid=paid)
    except ApiError as refused:
        return refused.retry_after or 0
    return 0


def test_a_chat_takes_a_short_burst_and_then_one_message_a_second(clock: Clock) -> None:
    pace = Pace(Limits(chat_burst=3), clock.timer)
    assert [_passes(pace, 1) for _ in range(4)] == [0, 0, 0, 1]
    assert _passes(pace, 2) == 0
    clock.forward(seconds=0.5)
    assert _passes(pace, 1) == 1
    clock.forward(seconds=0.5)
    assert [_passes(pace, 1) for _ in range(2)] == [0, 1]


def test_one_a_second_to_a_chat_always_passes(clock: Clock) -> None:
    pace = Pace(Limits(), clock.timer)
    for _ in range(120):
        assert _passes(pace, 1) == 0
        clock.forward(seconds=1)


def test_thirty_a_second_in_all_always_pass_and_more_do_not(clock: Clock) -> None:
    pace = Pace(Limits(), clock.timer)
    for number in range(300):
        assert _passes(pace, number) == 0
        clock.forward(seconds=1 / 30)
    passed = sum(_passes(pace, number) == 0 for number in range(1000, 1100))
    assert passed <= 30


def test_a_refusal_holds_for_every_chat_until_the_time_it_named(clock: Clock) -> None:
    pace = Pace(Limits(global_rate=1, global_burst=1), clock.timer)
    assert [_passes(pace, number) for number in (1, 2, 3)] == [0, 1, 1]
    clock.forward(seconds=0.9)
    assert _passes(pace, 4) == 1
    clock.forward(seconds=0.1)
    assert _passes(pace, 5) == 0


def test_a_paid_broadcast_may_send_a_thousand_a_second(clock: Clock) -> None:
    pace = Pace(Limits(), clock.timer)
    assert sum(_passes(pace, number, paid=True) == 0 for number in range(1500)) == 1000


async def test_the_answer_carries_the_seconds_to_wait(
    sandbox: Sandbox, bot: PlainBot, amal: User, session: aiohttp.ClientSession, clock: Clock
) -> None:
    sandbox.api.limit(Limits(chat_burst=1))
    body = {"chat_id": amal.id, "text": "x"}
    await bot("sendMessage", **body)
    async with session.post(f"{bot.base}/sendMessage", json=body) as response:
        assert response.headers["Retry-After"] == "1"
        assert await response.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
    assert len(amal.received) == 1
    clock.forward(seconds=1)
    await bot("sendMessage", **body)


async def test_answers_to_taps_and_deletions_are_not_counted(
    sandbox: Sandbox, bot: PlainBot, amal: User
) -> None:
    sandbox.api.limit(Limits(global_burst=1, chat_burst=1))
    await bot("sendMessage", chat_id=amal.id, text="x")
    tap = amal.send_callback(1, "x")
    await bot("answerCallbackQuery", callback_query_id=tap.id)
    await bot("deleteMessage", chat_id=amal.id, message_id=amal.last_message_id)


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_edits_count_as_messages_do(sandbox: Sandbox, bot: PlainBot, amal: User, method: str) -> None:
    sent = await bot("sendMessage", chat_id=amal.id, text="x")
    sandbox.api.limit(Limits(chat_burst=1))
    await bot("editMessageText", chat_id=amal.id, message_id=sent["message_id"], text="y")
    extra = {"message_id": sent["message_id"]} if method == "editMessageText" else {}
    answer = await bot.call(method, chat_id=amal.id, text="z", **extra)
    assert answer["error_code"] == 429
