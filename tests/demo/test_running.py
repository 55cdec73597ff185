"""The whole demo as a visitor meets it: one process, two pages, carers who answer, and a second start."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.demo import Doors, demo_running, run_demo
from bot.settings import WrongSettings
from storage.engine import open_database
from storage.events import Event, EventState
from storage.households import Carer
from storage.rsvp import Invitation


async def _answers(folder: Path) -> int:
    """How many have answered what they were invited to since the demo began."""
    database = open_database(f"sqlite:///{folder / 'hearthline.db'}")
    try:
        async with database.read() as session:
            latest = await session.scalar(select(func.max(Event.invited_at)))
            query = (
                select(func.count())
                .select_from(Invitation)
                .join(Event)
                .where(
                    Event.state == EventState.INVITED,
                    Event.invited_at == latest,
                    Invitation.answered_at.is_not(None),
                )
            )
            return int(await session.scalar(query) or 0)
    finally:
        await database.close()


async def _until_somebody_answers(folder: Path) -> None:
    async with asyncio.timeout(60):
        while True:
            if await _answers(folder):
                return
            await asyncio.sleep(0.3)


@pytest.mark.timeout(240)
async def test_a_visitor_finds_both_pages_and_a_service_that_is_alive_and_goes_on_after_a_restart(
    tmp_path: Path,
) -> None:
    async with demo_running(0, tmp_path) as doors, aiohttp.ClientSession() as visitor:
        for address in (doors.chats, doors.console, doors.coordinator):
            async with visitor.get(address) as page:
                assert page.status == 200, address
                assert "html" in page.content_type
        async with visitor.get(doors.chats + "sandbox/users") as answer:
            people = await answer.json()
        assert sum(person["pinned"] for person in people) == 9
        await _connect_the_newcomer(visitor, doors, people)
        await _until_somebody_answers(tmp_path)
    before = await _answers(tmp_path)

    async with demo_running(0, tmp_path) as doors, aiohttp.ClientSession() as visitor:
        assert doors.newcomer == ""
        async with visitor.get(doors.chats + "sandbox/users") as answer:
            assert len(await answer.json()) == len(people)
        assert await _answers(tmp_path) >= before


async def _connect_the_newcomer(
    visitor: aiohttp.ClientSession, doors: Doors, people: list[dict[str, object]]
) -> None:
    token = doors.newcomer.rpartition("=")[2]
    newcomer = next(person for person in people if "New carer" in str(person["note"]))
    start = f"{doors.chats}sandbox/users/{newcomer['id']}/start"
    async with visitor.post(start, json={"payload": token}) as answer:
        assert answer.status == 200
    messages = f"{doors.chats}sandbox/users/{newcomer['id']}/messages"
    async with asyncio.timeout(60):
        while True:
            async with visitor.get(messages) as answer:
                texts = [message.get("text", "") for message in await answer.json()]
            if any("You are invited" in text for text in texts):
                return
            await asyncio.sleep(0.2)


async def test_what_is_printed_says_where_to_go_and_what_to_try(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = asyncio.Event()
    stop.set()
    await run_demo(0, tmp_path / "kept", stop)
    said = capsys.readouterr().out
    assert len(re.findall(r"http://127\.0\.0\.1:\d+/sign-in/\S+", said)) == 4
    assert re.search(r"Carers' chats: +http://127\.0\.0\.1:\d+/\n", said)
    assert re.search(r"Carers' mail: +http://127\.0\.0\.1:\d+/mail ", said)
    assert len(re.findall(r"^  \d\. ", said, re.MULTILINE)) == 6
    assert "quiet hours are off" in said
    database = open_database(f"sqlite:///{tmp_path / 'kept' / 'hearthline.db'}")
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Carer).where(Carer.chat_id > 0))
    await database.close()


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(WrongSettings, match=str(port)):
            await run_demo(port - 1, tmp_path, asyncio.Event())
