"""The emulator of the benchmarks: it accepts what clients send, counts it, and refuses what is too much."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession

from benchmarks import peers
from benchmarks.seen import most_in_a_second
from benchmarks.stand_in import TOKEN, StandIn


@pytest.fixture
def telegram() -> Iterator[StandIn]:
    with StandIn() as emulator:
        yield emulator


@pytest.mark.parametrize("peer", [peers.raw, peers.stock_ptb, peers.stock_aiogram])
async def test_every_peer_posts_the_same_words(telegram: StandIn, peer: peers.Peer) -> None:
    await peers.raw(telegram.url, 60)
    wanted = telegram.report()
    telegram.reset()
    figures = await peer(telegram.url, 60)
    report = telegram.report()
    assert report["words"] == wanted["words"] != 0
    assert [len(messages) for messages in report["arrivals"].values()] == [1] * 60
    assert figures["rate"] > 0


async def test_what_is_above_the_limit_is_refused_and_counted() -> None:
    with StandIn(limit=3) as telegram:
        answers = [await _send(telegram, chat) for chat in range(1, 6)]
        report = telegram.report()
    assert [answer["ok"] for answer in answers] == [True, True, True, False, False]
    assert answers[-1]["parameters"] == {"retry_after": 1}
    assert (report["messages"], report["refused"], report["most_in_a_sliding_second"]) == (3, 2, 5)


async def test_a_chat_has_a_limit_of_its_own() -> None:
    with StandIn(chat_limit=1) as telegram:
        answers = [await _send(telegram, chat) for chat in (1, 2, 1)]
    assert [answer["ok"] for answer in answers] == [True, True, False]


async def test_updates_are_handed_out_once_they_come_and_until_they_are_acknowledged(
    telegram: StandIn,
) -> None:
    async with ClientSession() as client:

        async def updates(offset: int) -> list[int]:
            body = {"offset": offset, "timeout": 5, "limit": 2}
            async with client.post(f"{telegram.url}/bot{TOKEN}/getUpdates", json=body) as answer:
                return [update["update_id"] for update in (await answer.json())["result"]]

        waiting = asyncio.create_task(updates(0))
        await asyncio.sleep(0)
        await asyncio.to_thread(telegram.hand_out, [{"update_id": number} for number in (7, 8, 9)])
        assert await waiting == [7, 8]
        assert await updates(0) == [7, 8]
        assert await updates(9) == [9]


def test_a_sliding_second_may_begin_anywhere() -> None:
    assert most_in_a_second([]) == 0
    assert most_in_a_second([0.0, 0.9, 1.1, 1.8, 1.95]) == 3
    assert most_in_a_second([0.0, 1.0, 2.0]) == 1


async def _send(telegram: StandIn, chat: int) -> dict[str, object]:
    async with ClientSession() as client:
        body = {"chat_id": chat, "text": "<b>Hello</b>"}
        async with client.post(f"{telegram.url}/bot{TOKEN}/sendMessage", json=body) as answer:
            return dict(await answer.json())
