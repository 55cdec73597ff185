"""Chats and waiting updates outlive a restart and a kill."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.archive import WRITE_SECONDS
from sandbox.server import TOKEN, Sandbox
from tests.sandbox.conftest import PlainBot, keyboard

_ROOT = Path(__file__).parents[2]


async def test_a_restart_finds_everything_again(tmp_path: Path) -> None:
    first = Sandbox(data=tmp_path)
    await first.start()
    amal = first.add_user("Amal", "Reed", note="to play", pinned=True)
    async with aiohttp.ClientSession() as session:
        bot = PlainBot(session, first)
        amal.start("abc")
        kept = amal.send_document("a.ics", b"BEGIN\nEND").file
        [update, _] = await bot("getUpdates")
        await bot("getUpdates", offset=update["update_id"] + 1)
        await bot("setMyCommands", commands=[{"command": "help", "description": "Help"}])
        sent = await bot("sendMessage", chat_id=amal.id, text="?", reply_markup=keyboard([("Going", "g")]))
        gone = await bot("sendMessage", chat_id=amal.id, text="gone")
        await bot("deleteMessage", chat_id=amal.id, message_id=gone["message_id"])
        tap = amal.tap(sent["message_id"], "Going")
        await first.close()

        second = Sandbox(data=tmp_path)
        await second.start()
        bot = PlainBot(session, second)
        [again] = second.users
        assert (again.name, again.note, again.pinned, again.started) == ("Amal Reed", "to play", True, True)
        assert [message.text for message in again.messages] == ["/start abc", "", "?"]
        assert again.messages[1].file == kept
        waiting = await bot("getUpdates")
        assert [u["update_id"] for u in waiting] == [update["update_id"] + 1, update["update_id"] + 2]
        await bot("answerCallbackQuery", callback_query_id=tap.id)
        assert (await bot("getMyCommands"))[0]["command"] == "help"
        assert (await bot("sendMessage", chat_id=again.id, text="x"))["message_id"] == gone["message_id"] + 1
        again.say("next")
        assert (await bot("getUpdates"))[-1]["update_id"] == update["update_id"] + 3
        await second.close()


@asynccontextmanager
async def _process(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(data)]
    process = await asyncio.create_subprocess_exec(*command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    try:
        yield process, url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_a_kill_costs_no_more_than_the_last_moment(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async def call(url: str, path: str, **body: Any) -> Any:
        async with session.post(f"{url}{path}", json=body) as response:
            return await response.json()

    async with _process(tmp_path) as (process, url):
        person = await call(url, "/sandbox/users", first_name="Amal")
        me = f"/sandbox/users/{person['id']}"
        await call(url, f"{me}/start", payload="x")
        await call(url, f"/bot{TOKEN}/sendMessage", chat_id=person["id"], text="hello")
        await asyncio.sleep(WRITE_SECONDS * 2)  # the promise under test is about this time
        process.kill()
        await process.wait()
    async with _process(tmp_path) as (process, url):
        async with session.get(f"{url}{me}/messages") as response:
            assert [raw["text"] for raw in await response.json()] == ["/start x", "hello"]
        updates = await call(url, f"/bot{TOKEN}/getUpdates")
        assert updates["result"][0]["message"]["text"] == "/start x"
        process.terminate()
        async with asyncio.timeout(5):
            assert await process.wait() == 0
