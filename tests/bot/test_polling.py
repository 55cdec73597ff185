"""Polling goes on whatever Telegram answers, acknowledges only what is stored, and takes turns."""

import asyncio
from typing import Any

import pytest

from bot import polling
from bot.app import Hearthline
from bot.contact import Contact
from bot.settings import Settings
from bot.telegram import ALLOWED_UPDATES
from sandbox import faults
from sandbox.server import Sandbox
from storage.engine import Database
from tests.bot.asking import Start, gathered, kept, reason, until, until_ready
from tests.support.cast import NOON
from tests.support.service import free_port


@pytest.fixture
def mode() -> str:
    return "polling"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "next_wait", lambda wait, error: 0.02)


@pytest.mark.parametrize("code", [401, 404])
async def test_a_refused_token_turns_ready_red_with_the_reason_and_polling_goes_on(
    hearthline: Hearthline, sandbox: Sandbox, code: int
) -> None:
    await gathered(hearthline)
    await until_ready(hearthline)
    fault = sandbox.faults.add(
        faults.Fault("error", method="getUpdates", code=code, description="Unauthorized")
    )
    amal = sandbox.add_user("Amal", user_id=101)
    amal.start()  # ends the poll that is open
    await sandbox.wait_for(lambda: fault.struck > 3)
    assert "HEARTHLINE_TELEGRAM_TOKEN" in await reason(hearthline)
    sandbox.faults.clear()
    await until_ready(hearthline)
    amal.say("/help")
    await sandbox.wait_for(lambda: amal.find("What I can do"))


async def test_whatever_goes_wrong_passes(hearthline: Hearthline, sandbox: Sandbox) -> None:
    await gathered(hearthline)
    for fault in (
        faults.server_error(502, method="getUpdates", times=2),
        faults.Fault("reset", method="getUpdates", times=2),
        faults.too_many_requests(1, method="getUpdates", times=1),
        faults.Fault("error", method="getUpdates", code=409, description="Conflict: x", times=2),
    ):
        sandbox.faults.add(fault)
    amal = sandbox.add_user("Amal", user_id=101)
    amal.say("hello")
    await sandbox.wait_for(lambda: amal.received)
    assert await kept(hearthline) == 1


async def test_a_service_starts_before_telegram_can_be_reached(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    await sandbox.go_offline()
    async with start(settings) as hearthline:
        await gathered(hearthline)

        async def says_so() -> bool:
            return "cannot be reached" in await reason(hearthline)

        await until(says_so)
        await sandbox.go_online()
        await until_ready(hearthline)


async def test_what_is_asked_for_is_said_explicitly(hearthline: Hearthline, sandbox: Sandbox) -> None:
    await until_ready(hearthline)
    polls = await sandbox.wait_for(lambda: sandbox.requests_of("getUpdates"))
    assert polls[0].arguments["allowed_updates"] == ALLOWED_UPDATES
    assert ALLOWED_UPDATES == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_a_second_process_waits_its_turn_and_then_takes_over(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    amal = sandbox.add_user("Amal", user_id=101)
    second_settings = settings.model_copy(update={"listen": f"127.0.0.1:{free_port()}"})
    async with start(settings) as first:
        await gathered(first)
        await until_ready(first)
        async with start(second_settings) as second:
            await until_ready(second)  # who waits is well
            amal.say("one")
            await sandbox.wait_for(lambda: amal.received)
            assert first.contact is not None
            assert second.contact is None
            assert not [request for request in sandbox.requests if request.code == 409]


async def test_the_next_in_turn_takes_over_within_seconds(
    settings: Settings, start: Start, sandbox: Sandbox
) -> None:
    amal = sandbox.add_user("Amal", user_id=101)
    second_settings = settings.model_copy(update={"listen": f"127.0.0.1:{free_port()}"})
    async with start(settings) as first:
        await gathered(first)
        await until_ready(first)
        second_context = start(second_settings)
        second = await second_context.__aenter__()
    try:

        async def it_leads() -> bool:
            return second.contact is not None

        await until(it_leads, seconds=5)
        amal.say("two")
        await sandbox.wait_for(lambda: amal.received)
    finally:
        await second_context.__aexit__(None, None, None)


class Scripted:
    """A bot whose answers to getUpdates the test wrote down; afterwards it waits for ever."""

    def __init__(self, answers: list[list[Any]]) -> None:
        self.answers = answers
        self.offsets: list[int | None] = []
        self.done = asyncio.Event()

    async def delete_webhook(self, **_arguments: object) -> bool:
        return True

    async def raw_updates(self, offset: int | None, _seconds: int) -> list[Any]:
        self.offsets.append(offset)
        if not self.answers:
            self.done.set()
            await asyncio.Event().wait()
        return self.answers.pop(0)


class Store:
    """Keeps what is stored, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def store(self, updates: list[Any]) -> None:
        self.kept += updates


async def polled(database: Database, answers: list[list[Any]]) -> tuple[Scripted, Store]:
    bot, store = Scripted(answers), Store()
    task = asyncio.create_task(
        polling.poll(bot, store, Contact(database, lambda: NOON))  # type: ignore[arg-type]  # written by hand
    )
    await asyncio.wait_for(bot.done.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return bot, store


async def test_numbers_that_begin_lower_after_a_quiet_week_are_not_missed(database: Database) -> None:
    bot, store = await polled(
        database, [[{"update_id": 900}, {"update_id": 901}], [], [{"update_id": 3}], []]
    )
    assert bot.offsets == [None, 902, None, 4, None]
    assert [update["update_id"] for update in store.kept] == [900, 901, 3]


async def test_an_update_without_a_number_is_acknowledged_with_its_batch(database: Database) -> None:
    bot, _ = await polled(database, [[{"update_id": 7}, {"strange": 1}, "text"], []])
    assert bot.offsets[1] == 8
