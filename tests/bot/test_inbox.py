"""Stored before it is acknowledged, handled once and in its order; what cannot be handled is set aside."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import inbox as inbox_module
from bot.inbox import Inbox
from bot.raw_updates import chat_of
from care.inbox import set_aside_count
from carers.conversations import expect
from storage.conversations import Conversation
from storage.engine import Database, Session
from storage.inbox import StoredUpdate, UpdateState
from tests.support.cast import NOON


def update(number: int, chat: int = 101, text: str = "hello") -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {"message_id": number, "chat": {"id": chat, "type": "private"}, "text": text},
    }


class Story:
    """Handles updates by writing them down, in the transaction given, and fails when told to."""

    def __init__(self) -> None:
        self.order: list[tuple[int, str]] = []
        self.failures: dict[str, list[Exception]] = {}
        self.apologies: list[int | None] = []
        self.commits = 0
        self.gate: Callable[[str], Any] | None = None

    async def handle(self, session: Session, raw: dict[str, Any]) -> None:
        chat, text = raw["message"]["chat"]["id"], raw["message"]["text"]
        await expect(session, raw["update_id"], text, NOON)
        if self.gate is not None:
            await self.gate(text)
        if self.failures.get(text):
            raise self.failures[text].pop(0)
        self.order.append((chat, text))

    async def apologise(self, session: Session, raw: dict[str, Any]) -> None:
        self.apologies.append(chat_of(raw))

    def committed(self) -> None:
        self.commits += 1


class Reversed:
    """A seal that anybody could break, and that shows where one is forgotten."""

    def seal(self, text: str, now: datetime) -> str:
        return text[::-1]

    def open(self, sealed: str) -> str:
        return sealed[::-1]


SEAL = Reversed()


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def inbox(database: Database, story: Story, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setattr(inbox_module, "_FIRST_WAIT", 0.0)
    return Inbox(database, lambda: NOON, SEAL, story.handle, story.apologise, story.committed)


@asynccontextmanager
async def pumping(inbox: Inbox) -> AsyncIterator[None]:
    task = asyncio.create_task(inbox.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def rows(database: Database) -> list[StoredUpdate]:
    async with database.read() as session:
        return list(await session.scalars(select(StoredUpdate).order_by(StoredUpdate.id)))


async def settled(database: Database) -> list[StoredUpdate]:
    """The stored updates, once none of them waits."""
    async with asyncio.timeout(60):  # a busy machine may take its time
        while True:
            found = await rows(database)
            if all(row.state is not UpdateState.NEW for row in found):
                return found
            await asyncio.sleep(0.01)


async def test_an_update_is_stored_with_its_chat_and_waits(database: Database, inbox: Inbox) -> None:
    await inbox.store([update(7)])
    [row] = await rows(database)
    assert (row.update_id, row.chat_id, row.state) == (7, 101, UpdateState.NEW)
    assert json.loads(SEAL.open(row.payload or "")) == update(7)


async def test_a_duplicate_is_told_by_its_number_and_never_by_its_order(
    database: Database, inbox: Inbox, story: Story
) -> None:
    # After a quiet week the numbers begin anywhere, lower ones included.
    await inbox.store([update(900_000_000, text="first"), update(5, text="second")])
    await inbox.store([update(5, text="second"), update(900_000_000, text="first")])
    async with pumping(inbox):
        await settled(database)
    assert story.order == [(101, "first"), (101, "second")]


async def test_effect_and_mark_are_one_transaction_and_the_payload_is_wiped(
    database: Database, inbox: Inbox, story: Story
) -> None:
    await inbox.store([update(1, text="coffee")])
    async with pumping(inbox):
        [row] = await settled(database)
    assert (row.state, row.payload, row.chat_id, row.done_at) == (UpdateState.DONE, None, None, NOON)
    async with database.read() as session:
        assert (await session.get_one(Conversation, 1)).topic == "coffee"
    assert story.commits == 1


async def test_a_chats_updates_keep_their_order_and_other_chats_do_not_wait(
    database: Database, inbox: Inbox, story: Story
) -> None:
    waits = database.dialect == "postgresql"  # SQLite has one writer: there side by side is one after another
    other_is_done = asyncio.Event()

    async def gate(text: str) -> None:
        if text == "slow" and waits:
            await other_is_done.wait()
        if text == "other":
            other_is_done.set()

    story.gate = gate
    await inbox.store([update(1, text="slow"), update(2, text="after"), update(3, chat=102, text="other")])
    async with pumping(inbox):
        await settled(database)
    assert [text for chat, text in story.order if chat == 101] == ["slow", "after"]
    if waits:
        assert story.order[0] == (102, "other")


async def test_what_fails_three_times_is_set_aside_and_the_next_goes_on(
    database: Database, inbox: Inbox, story: Story
) -> None:
    story.failures["poison"] = [KeyError("what Amal wrote") for _ in range(9)]
    await inbox.store([update(1, text="poison"), update(2, text="next")])
    async with pumping(inbox):
        poison, following = await settled(database)
    assert (poison.state, poison.error, poison.attempts) == (UpdateState.SET_ASIDE, "KeyError", 3)
    assert poison.payload is None
    assert following.state is UpdateState.DONE
    assert story.order == [(101, "next")]
    assert story.apologies == [101]
    async with database.read() as session:
        assert await set_aside_count(session) == 1
        assert await session.get(Conversation, 1) is None  # no effect of the failed attempts


async def test_a_failure_that_passes_is_tried_again_without_being_counted(
    database: Database, inbox: Inbox, story: Story
) -> None:
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"
    story.failures["coffee"] = [OperationalError("UPDATE", {}, busy) for _ in range(5)]
    await inbox.store([update(1, text="coffee")])
    async with pumping(inbox):
        [row] = await settled(database)
    assert (row.state, row.attempts) == (UpdateState.DONE, 0)


async def test_a_failure_that_does_not_pass_is_no_excuse(
    database: Database, inbox: Inbox, story: Story
) -> None:
    story.failures["once"] = [ValueError("unlucky")]
    await inbox.store([update(1, text="once")])
    async with pumping(inbox):
        [row] = await settled(database)
    assert (row.state, row.attempts) == (UpdateState.DONE, 1)
    assert story.order == [(101, "once")]


async def test_an_apology_that_fails_does_not_hold_up_the_chat(
    database: Database, inbox: Inbox, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(session: Session, raw: dict[str, Any]) -> None:
        raise RuntimeError("no words")

    monkeypatch.setattr(inbox, "_apologise", broken)
    story.failures["poison"] = [KeyError() for _ in range(9)]
    await inbox.store([update(1, text="poison"), update(2, text="next")])
    async with pumping(inbox):
        poison, following = await settled(database)
    assert (poison.state, following.state) == (UpdateState.SET_ASIDE, UpdateState.DONE)


@pytest.mark.parametrize(
    "strange",
    [b"not json", b"[]", b'"text"', b"null", b'{"update_id": "7"}', b'{"update_id": -1}', b'{"message": {}}'],
)
async def test_what_is_no_update_is_left_out_and_stops_nothing(
    database: Database, inbox: Inbox, strange: bytes
) -> None:
    await inbox.receive(strange)
    await inbox.store([None, 3, {"update_id": "x"}, update(8)])
    assert [row.update_id for row in await rows(database)] == [8]


async def test_half_a_character_and_a_null_are_stored_as_they_came(database: Database, inbox: Inbox) -> None:
    await inbox.receive(b'{"update_id": 1, "message": {"chat": {"id": 101}, "text": "\\ud83d and \\u0000"}}')
    [row] = await rows(database)
    assert json.loads(SEAL.open(row.payload or ""))["message"]["text"] == "\ud83d and \0"


async def test_an_update_without_a_chat_is_handled_too(database: Database, story: Story) -> None:
    seen: list[int] = []

    async def note(session: Session, raw: dict[str, Any]) -> None:
        seen.append(raw["update_id"])

    inbox = Inbox(database, lambda: NOON, SEAL, note, story.apologise, story.committed)
    await inbox.store([{"update_id": 1, "poll": {"id": "5"}}, {"update_id": 2, "new_kind": {}}])
    async with pumping(inbox):
        await settled(database)
    assert sorted(seen) == [1, 2]


async def test_two_processes_handle_an_update_once(database: Database, story: Story) -> None:
    inboxes = [
        Inbox(database, lambda: NOON, SEAL, story.handle, story.apologise, story.committed) for _ in range(2)
    ]
    await inboxes[0].store([update(number, chat=100 + number, text=str(number)) for number in range(30)])
    async with pumping(inboxes[0]), pumping(inboxes[1]):
        await settled(database)
    assert sorted(int(text) for _, text in story.order) == list(range(30))


async def test_stopping_in_the_middle_gives_the_update_back(
    database: Database, inbox: Inbox, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "CLOSING_SECONDS", 0.01)
    begun = asyncio.Event()

    async def gate(text: str) -> None:
        begun.set()
        await asyncio.sleep(60)

    story.gate = gate
    await inbox.store([update(1)])
    async with pumping(inbox):
        await begun.wait()
    [row] = await rows(database)
    assert (row.state, row.attempts) == (UpdateState.NEW, 0)
    story.gate = None
    async with pumping(inbox):
        [row] = await settled(database)
    assert row.state is UpdateState.DONE


@pytest.mark.parametrize(
    ("raw", "chat"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 5}, "from": {"id": 6}}}, 5),
        ({"update_id": 1, "callback_query": {"message": {"chat": {"id": 5}}, "from": {"id": 6}}}, 5),
        ({"update_id": 1, "callback_query": {"inline_message_id": "x", "from": {"id": 6}}}, 6),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 5}, "from": {"id": 6}}}, 5),
        ({"update_id": 1, "message": "nonsense"}, None),
        ({"update_id": 1, "message": {"chat": {"id": "5"}}}, None),
        ({"update_id": 1}, None),
    ],
)
def test_the_chat_is_read_from_where_it_usually_stands(raw: dict[str, Any], chat: int | None) -> None:
    assert chat_of(raw) == chat
