"""A sandbox with nobody hurrying it, and a bot that speaks plain HTTP to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.users import User


class Clock:
    """A clock that stands still until it is told to move; it serves as `now` and as `timer`."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def timer(self) -> float:
        return self.moment.timestamp()

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


class PlainBot:
    """Calls methods of the Bot API with JSON bodies."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self.session = session
        self.base = f"{sandbox.url}/bot{sandbox.token}"

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the whole answer, and see that the status and its error code agree."""
        async with self.session.post(f"{self.base}/{method}", json=parameters) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == answer.get("error_code", 200)
            return answer

    async def __call__(self, method: str, **parameters: Any) -> Any:
        """Return the result of a call that succeeds."""
        answer = await self.call(method, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **parameters: Any) -> str:
        """Return the sentence of a call that is refused."""
        answer = await self.call(method, **parameters)
        assert not answer["ok"], answer
        return str(answer["description"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    opened = Sandbox(now=clock.now, timer=clock.timer, webhook_retry_seconds=0.01)
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as opened:
        yield opened


@pytest.fixture
def bot(session: aiohttp.ClientSession, sandbox: Sandbox) -> PlainBot:
    return PlainBot(session, sandbox)


@pytest.fixture
def amal(sandbox: Sandbox) -> User:
    """Somebody who has started the bot."""
    user = sandbox.add_user("Amal", "Reed")
    user.start()
    return user


@pytest.fixture
def stranger(sandbox: Sandbox) -> User:
    """Somebody who has the app and never met the bot."""
    return sandbox.add_user("Robin", language_code=None)


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return an inline keyboard from rows of (label, callback data)."""
    return {
        "inline_keyboard": [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    }
