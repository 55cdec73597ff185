"""The JSON interface for the page, for scripts and for tests in another process."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.server import Sandbox
from sandbox.users import User, plain_picture
from tests.sandbox.conftest import PlainBot, keyboard


class Person:
    """Calls the control interface."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = f"{url}/sandbox"

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        async with self.session.post(f"{self.url}/{path}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def delete(self, path: str) -> None:
        async with self.session.delete(f"{self.url}/{path}") as response:
            assert response.status == 200


@pytest.fixture
def person(session: aiohttp.ClientSession, sandbox: Sandbox) -> Person:
    return Person(session, sandbox.url)


async def test_a_person_is_made_starts_talks_and_taps(person: Person, bot: PlainBot) -> None:
    made = await person.post("users", first_name="Amal", last_name="Reed", language_code="ur", pinned=True)
    me = f"users/{made['id']}"
    await person.post(f"{me}/start", payload="abc")
    await person.post(f"{me}/say", text="hello")
    await person.post(f"{me}/photo", content=base64.b64encode(plain_picture()).decode(), caption="Pots")
    await person.post(f"{me}/document", name="a.txt", content=base64.b64encode(b"x").decode())
    for action in ("sticker", "voice", "location"):
        await person.post(f"{me}/{action}")
    await person.post(f"{me}/contact", phone_number="+441632960000")
    sent = await bot("sendMessage", chat_id=made["id"], text="?", reply_markup=keyboard([("Going", "g")]))
    await person.post(f"{me}/tap", message_id=sent["message_id"], label="Going")
    await person.post(f"{me}/tap", message_id=sent["message_id"], data="forged")
    await person.post(f"{me}/block")
    await person.post(f"{me}/unblock")
    await person.post(f"{me}/read")
    await person.post(f"{me}/deactivate")
    updates = await bot("getUpdates")
    assert updates[0]["message"]["text"] == "/start abc"
    assert [u["callback_query"]["data"] for u in updates if "callback_query" in u] == ["g", "forged"]
    shown = await person.get(me)
    assert (shown["name"], shown["unread"], shown["deactivated"]) == ("Amal Reed", 0, True)
    assert (await person.get("users"))[0]["last"] == {"text": "?", "date": sent["date"], "from_bot": True}
    assert [m["message_id"] for m in await person.get(f"{me}/messages?after=7")] == [8, 9]
    assert len(await person.get(f"{me}/messages?last=2")) == 2


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("users/1/say", {"text": "x"}, "there is no user 1"),
        ("users/7000000001/dance", {}, "there is no action 'dance'"),
        ("users/7000000001/say", {}, "missing or unknown: 'text'"),
        ("users/7000000001/say", {"text": " "}, "1-4096 characters"),
        ("users", {"name": "x"}, "unexpected keyword argument 'name'"),
        ("faults", {"kind": "explosion"}, "unknown kind of fault"),
        ("limits", {"rate": 3}, "unknown limits: rate"),
        ("updates/redeliver", {}, "no confirmed update"),
    ],
)
async def test_a_mistake_is_told(
    person: Person, amal: User, path: str, body: dict[str, Any], words: str
) -> None:
    assert words in (await person.post(path, status=400, **body))["error"]


async def test_faults_limits_and_clock_are_set(person: Person, sandbox: Sandbox, bot: PlainBot) -> None:
    await person.post("faults", kind="error", method="getMe", code=503, description="Unavailable", times=1)
    assert (await person.get("faults"))[0]["code"] == 503
    assert (await bot.call("getMe"))["error_code"] == 503
    await person.delete("faults")
    assert await person.get("faults") == []
    assert (await person.post("limits", chat_burst=2))["chat_burst"] == 2
    await person.post("limits", off=True)
    assert sandbox.api.limits is None
    before = sandbox.now()
    await person.post("clock", offset_seconds=3600)
    assert (sandbox.now() - before).total_seconds() == 3600


async def test_requests_are_listed_and_forgotten(person: Person, bot: PlainBot) -> None:
    await bot("getMe")
    await bot.refusal("getFile", file_id="x")
    [refused] = await person.get("requests?method=getFile")
    assert (refused["code"], refused["arguments"]) == (400, {"file_id": "x"})
    assert await person.get(f"requests?after={refused['number']}") == []
    await person.delete("requests")
    assert await person.get("requests") == []


async def test_a_crowd_has_started_and_what_it_was_sent_is_counted(
    person: Person, sandbox: Sandbox, bot: PlainBot
) -> None:
    crowd = await person.post("crowd", count=3)
    for user_id in crowd:
        await bot("sendMessage", chat_id=user_id, text="x")
    await bot.refusal("sendMessage", chat_id=5, text="x")
    assert await person.get("counts") == {"sendMessage": {"200": 3, "400": 1}}
    assert sandbox.counts == {"sendMessage": {200: 3, 400: 1}}
    assert await bot("getUpdates") == []


async def test_updates_are_redelivered_and_renumbered(person: Person, bot: PlainBot, amal: User) -> None:
    [update] = await bot("getUpdates")
    await bot("getUpdates", offset=update["update_id"] + 1)
    assert (await person.post("updates/redeliver"))["update_id"] == update["update_id"]
    await person.post("updates/jump", next_id=7)
    amal.say("x")
    assert [u["update_id"] for u in await bot("getUpdates")] == [update["update_id"], 7]


async def test_what_happens_is_streamed(person: Person, sandbox: Sandbox, bot: PlainBot, amal: User) -> None:
    async with person.session.get(f"{person.url}/stream") as stream:
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readuntil(b"\n\n") == b"retry: 1000\n\n"
        await bot("sendMessage", chat_id=amal.id, text="hello")
        line = await stream.content.readuntil(b"\n\n")
        told = orjson.loads(line.removeprefix(b"data: "))
        assert (told["kind"], told["user_id"], told["message"]["text"]) == ("message", amal.id, "hello")
        assert told["unread"] == 1


async def test_an_open_stream_does_not_delay_the_end(sandbox: Sandbox, person: Person) -> None:
    async with person.session.get(f"{person.url}/stream") as stream:
        await stream.content.readuntil(b"\n\n")
        async with asyncio.timeout(1):
            await sandbox.close()


async def test_other_sites_are_kept_out(
    person: Person, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    for headers in ({"Origin": "https://example.org"}, {"Host": "example.org"}):
        async with session.post(f"{person.url}/users", json={"first_name": "X"}, headers=headers) as response:
            assert response.status == 403
    async with session.post(
        f"{person.url}/users", json={"first_name": "X"}, headers={"Origin": sandbox.url}
    ) as response:
        assert response.status == 200


async def test_the_page_brings_everything_itself(
    person: Person, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    for path in ("/", "/deep/hearthline_bot?start=x", "/page/chat.js", "/page/chat.css"):
        async with session.get(f"{sandbox.url}{path}") as response:
            assert response.status == 200
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "://" not in (await response.text()).replace("http://www.w3.org/2000/svg", "").replace(
                "https://t.me/", ""
            )
    async with session.get(f"{sandbox.url}/page/..%2fserver.py") as response:
        assert response.status == 404


async def test_a_file_is_downloaded_and_never_shown_unless_it_is_a_picture(
    person: Person, amal: User, session: aiohttp.ClientSession
) -> None:
    page = amal.send_document("a.html", b"<script>").file
    picture = amal.send_photo().file
    assert page is not None
    assert picture is not None
    async with session.get(f"{person.url}/files/{page.file_id}") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.html"
    async with session.get(f"{person.url}/files/{picture.file_id}") as response:
        assert response.content_type == "image/png"
