"""Updates that wait together are handled in one transaction, and none of them pays for another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot import inbox as inbox_module
from bot.inbox import Inbox
from bot.intake import Intake
from storage.conversations import Conversation
from storage.engine import Database, Session
from storage.inbox import StoredUpdate, UpdateState
from storage.inbox_queries import Arrival
from tests.bot.asking import until
from tests.bot.test_inbox import SEAL, Story, pumping, rows, settled, update
from tests.support.cast import NOON

DONE, SET_ASIDE = UpdateState.DONE, UpdateState.SET_ASIDE


class Transactions:
    """Counts how many updates each transaction began with, and how many transactions ended well."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended = 0

    @asynccontextmanager
    async def together(self, session: Session, updates: Sequence[dict[str, Any]]) -> AsyncIterator[None]:
        self.begun.append(len(updates))
        yield
        self.ended += 1


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def transactions() -> Transactions:
    return Transactions()


@pytest.fixture
def inbox(
    database: Database, story: Story, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> Inbox:
    monkeypatch.setattr(inbox_module, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(inbox_module, "GROUP_SECONDS", 60.0)  # however slow this machine is
    monkeypatch.setattr(inbox_module, "GROUP_LIMIT", 60.0)
    return Inbox(
        database, lambda: NOON, SEAL, story.handle, story.apologise, story.committed, transactions.together
    )


def a_crowd(count: int, **texts: str) -> list[dict[str, Any]]:
    """An update each from so many chats; ``c7="poison"`` is what chat 107 says."""
    return [
        update(number, chat=100 + number, text=texts.get(f"c{number}", f"hello {number}"))
        for number in range(count)
    ]


async def effects(database: Database) -> set[int]:
    async with database.read() as session:
        return set(await session.scalars(select(Conversation.chat_id)))


async def test_forty_chats_share_one_transaction(
    database: Database, inbox: Inbox, story: Story, transactions: Transactions
) -> None:
    await inbox.store(a_crowd(40))
    async with pumping(inbox):
        found = await settled(database)
    assert {row.state for row in found} == {DONE}
    assert (transactions.begun, story.commits) == ([40], 1)
    assert [chat for chat, _ in story.order] == [100 + number for number in range(40)]


async def test_a_poisoned_update_in_a_group_harms_no_other_and_ends_set_aside(
    database: Database, inbox: Inbox, story: Story, transactions: Transactions
) -> None:
    story.failures["poison"] = [KeyError("what Amal wrote") for _ in range(9)]
    await inbox.store(a_crowd(30, c17="poison"))
    async with pumping(inbox):
        found = await settled(database)
    assert [row.state for row in found] == [DONE] * 17 + [SET_ASIDE] + [DONE] * 12
    assert (found[17].attempts, found[17].error, found[17].payload) == (3, "KeyError", None)
    assert {row.attempts for row in found if row.state is DONE} == {0}
    assert await effects(database) == {number for number in range(30) if number != 17}
    assert story.apologies == [117]
    assert transactions.begun[0] == 30
    assert transactions.begun[1:] == [1] * 32  # each once more on its own, and the poisoned one three times


async def test_what_comes_after_a_poisoned_update_in_its_chat_keeps_its_turn(
    database: Database, inbox: Inbox, story: Story
) -> None:
    story.failures["poison"] = [KeyError() for _ in range(9)]
    poisoned = [update(50, chat=101, text="poison"), update(51, chat=101, text="then")]
    await inbox.store([update(49, chat=101, text="first"), *poisoned, update(52, chat=102, text="other")])
    async with pumping(inbox):
        await settled(database)
        await inbox.store([update(53, chat=101, text="last")])
        await settled(database)
    kept = [text for chat, text in story.order if chat == 101]
    assert kept[-3:] == ["first", "then", "last"]
    assert await effects(database) == {49, 51, 52, 53}


async def test_a_group_begins_nothing_more_once_its_time_is_up_and_the_next_goes_on(
    database: Database,
    inbox: Inbox,
    story: Story,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_module, "GROUP_SECONDS", -1.0)
    await inbox.store(a_crowd(5))
    async with pumping(inbox):
        await settled(database)
    assert transactions.begun == [5, 4, 3, 2, 1]
    assert story.commits == 5
    assert [chat for chat, _ in story.order] == [100, 101, 102, 103, 104]


async def all_but_one(database: Database) -> bool:
    return len(await effects(database)) >= 5


async def test_a_slow_update_is_taken_out_of_its_group_and_delays_the_others_by_a_moment(
    database: Database,
    inbox: Inbox,
    story: Story,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_module, "GROUP_LIMIT", 0.2)
    released = asyncio.Event()
    asked = 0

    async def gate(text: str) -> None:
        nonlocal asked
        if text == "slow":
            asked += 1
            # SQLite has one writer: there the others come before or after, never meanwhile.
            if asked == 1 or database.dialect == "postgresql":
                await released.wait()

    story.gate = gate
    await inbox.store(a_crowd(6, c0="slow"))
    async with pumping(inbox):
        await until(lambda: all_but_one(database))
        released.set()
        found = await settled(database)
    assert [(row.state, row.attempts) for row in found] == [(DONE, 0)] * 6
    assert (transactions.begun, transactions.ended) == ([6] + [1] * 6, 6)


async def test_stopping_in_the_middle_of_a_group_gives_all_of_it_back(
    database: Database, inbox: Inbox, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "CLOSING_SECONDS", 0.01)
    begun = asyncio.Event()

    async def gate(text: str) -> None:
        if text == "hello 3":
            begun.set()
            await asyncio.sleep(60)

    story.gate = gate
    await inbox.store(a_crowd(5))
    async with pumping(inbox):
        await begun.wait()
    assert {(row.state, row.attempts) for row in await rows(database)} == {(UpdateState.NEW, 0)}
    assert await effects(database) == set()
    story.gate = None
    async with pumping(inbox):
        assert {row.state for row in await settled(database)} == {DONE}


def arrival(number: int, chat: int | None = 101) -> Arrival:
    return Arrival(number, chat, "sealed")


class Commits:
    """A database that counts the transactions opened to write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.opened = 0
        self.before: Callable[[], Any] = lambda: None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        self.opened += 1
        async with self._database.write() as session:
            yield session


async def stored(database: Database) -> list[int]:
    async with database.read() as session:
        return list(await session.scalars(select(StoredUpdate.update_id).order_by(StoredUpdate.id)))


async def test_a_hundred_webhook_calls_at_once_share_their_commits(database: Database) -> None:
    commits = Commits(database)
    intake = Intake(commits, lambda: NOON)  # type: ignore[arg-type]
    await asyncio.gather(*(intake.store([arrival(number)]) for number in range(100)))
    assert await stored(database) == list(range(100))
    assert commits.opened <= 2


async def test_a_call_that_cannot_be_stored_fails_alone(database: Database) -> None:
    intake = Intake(database, lambda: NOON)
    calls = [[arrival(1)], [arrival(2, chat=2**70)], [arrival(3)]]
    results = await asyncio.gather(*map(intake.store, calls), return_exceptions=True)
    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert sorted(await stored(database)) == [1, 3]
    await intake.store([arrival(4)])
    assert sorted(await stored(database)) == [1, 3, 4]


async def test_a_call_that_is_given_up_leaves_the_others_to_be_stored(database: Database) -> None:
    intake = Intake(database, lambda: NOON)
    calls = [asyncio.create_task(intake.store([arrival(number)])) for number in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, type(None), type(None)]
    assert {1, 2} <= set(await stored(database))
