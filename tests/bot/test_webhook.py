"""The webhook lets nobody in but Telegram; health tells what is wrong; the numbers stay in the house."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.app import Hearthline
from broadcasts.progress import Progress
from sandbox.server import Sandbox
from storage.inbox import StoredUpdate
from tests.bot.asking import gathered, until, until_ready
from tests.support.service import service, settings_for
from web.webhook import MOST_BYTES, PATH, SECRET_HEADER

UPDATE = {"update_id": 5, "message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}}


@pytest.fixture
async def hearthline(
    sandbox: Sandbox, sqlite_url: str, tmp_path: Path, clock: Callable[[], datetime]
) -> AsyncIterator[Hearthline]:
    async with service(settings_for(sandbox, sqlite_url, tmp_path, "webhook"), clock) as app:
        await until_ready(app)
        yield app


@pytest.fixture
async def client(hearthline: Hearthline) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(hearthline.address) as session:
        yield session


async def post(client: aiohttp.ClientSession, secret: str | None, **body: Any) -> int:
    headers = {SECRET_HEADER: secret} if secret is not None else {}
    async with client.post(PATH, headers=headers, **body) as response:
        return response.status


async def stored(hearthline: Hearthline) -> int:
    async with hearthline.database.read() as session:
        return (await session.scalars(select(func.count(StoredUpdate.id)))).one()


@pytest.mark.parametrize("secret", [None, "", "wrong", "ü"])
async def test_without_the_secret_nothing_is_stored(
    hearthline: Hearthline, client: aiohttp.ClientSession, secret: str | None
) -> None:
    assert await post(client, secret, json=UPDATE) == 403
    assert await stored(hearthline) == 0


async def test_the_200_comes_after_the_update_is_stored(
    hearthline: Hearthline, client: aiohttp.ClientSession
) -> None:
    assert await post(client, hearthline.settings.webhook_secret(), json=UPDATE) == 200
    assert await stored(hearthline) == 1


async def test_what_is_too_large_is_refused_with_and_without_its_length(
    hearthline: Hearthline, client: aiohttp.ClientSession
) -> None:
    secret = hearthline.settings.webhook_secret()
    assert await post(client, secret, data=b"x" * (MOST_BYTES + 1)) == 413

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * (MOST_BYTES // 5)

    assert await post(client, secret, data=parts()) == 413
    assert await stored(hearthline) == 0


async def test_what_is_no_update_is_accepted_so_that_it_does_not_come_for_ever(
    hearthline: Hearthline, client: aiohttp.ClientSession
) -> None:
    assert await post(client, hearthline.settings.webhook_secret(), data=b"not json") == 200
    assert await stored(hearthline) == 0


async def test_an_update_that_could_not_be_stored_is_not_acknowledged(
    hearthline: Hearthline, client: aiohttp.ClientSession
) -> None:
    async with hearthline.database.connection() as connection, connection.begin():
        await connection.exec_driver_sql("ALTER TABLE updates RENAME TO elsewhere")
    assert await post(client, hearthline.settings.webhook_secret(), json=UPDATE) == 500


async def test_health_says_that_all_is_well(client: aiohttp.ClientSession, sandbox: Sandbox) -> None:
    async with client.get("/healthz") as live:
        assert live.status == 200
    async with client.get("/readyz") as ready:
        assert (ready.status, (await ready.json())["ready"]) == (200, True)


async def test_metrics_tell_what_went_out_and_what_waits(
    hearthline: Hearthline, sandbox: Sandbox, client: aiohttp.ClientSession
) -> None:
    await gathered(hearthline)
    amal = sandbox.add_user("Amal", user_id=101)
    amal.start()
    amal.say("/help")
    await sandbox.wait_for(lambda: amal.find("What I can do"))

    async def told() -> bool:
        async with client.get("/metrics") as response:
            lines = dict(line.rsplit(" ", 1) for line in (await response.text()).splitlines())
        assert lines['hearthline_sending_total{what="sent"}'] == "0.0"
        assert lines['hearthline_sending_total{what="unknown"}'] == "0.0"
        assert lines['hearthline_waiting{what="deliveries"}'] == "0.0"
        answered = float(lines['hearthline_sending_total{what="replies_sent"}'])
        return answered >= 1 and lines["hearthline_in_flight"] == "0.0"

    await until(told)


async def test_metrics_are_told_without_a_database_too(
    hearthline: Hearthline, client: aiohttp.ClientSession
) -> None:
    async with hearthline.database.connection() as connection, connection.begin():
        await connection.exec_driver_sql("ALTER TABLE replies RENAME TO elsewhere")
    async with client.get("/metrics") as response:
        assert response.status == 200
        assert 'hearthline_waiting{what="replies"} NaN' in await response.text()


async def test_readiness_says_when_something_due_does_not_go_out(
    hearthline: Hearthline,
) -> None:
    hearthline.engine.progress = Progress(
        last_turn=hearthline.clock(), last_progress=hearthline.clock() - timedelta(seconds=61)
    )
    said = hearthline.readiness()["sending"]
    assert said is not None
    assert "nothing has gone out since" in said


async def test_metrics_are_for_this_machine_and_not_for_who_comes_through_a_proxy(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/metrics") as response:
        assert response.status == 200
        assert "hearthline_updates_stored_total" in await response.text()
    async with client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as response:
        assert response.status == 403
