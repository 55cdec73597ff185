"""Time limits for thousands of requests at once, by one timer; a timer for each is a tenth of their cost."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """Gives up what has run for longer than ``seconds``, and at most a twentieth of that later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._given_up: set[asyncio.Task[object]] = set()
        self._looks_again: asyncio.TimerHandle | None = None

    async def with_(self, work: Awaitable[T]) -> T:
        """What this comes to. Raises ``TimeoutError`` when its time is up, as ``asyncio.timeout`` does."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be given up")
        loop = asyncio.get_running_loop()
        self._since[task] = loop.time()
        if self._looks_again is None:
            self._looks_again = loop.call_later(self._seconds / 20, self._look, loop)
        try:
            return await work
        except asyncio.CancelledError as error:
            if task not in self._given_up or task.uncancel() > 0:
                raise  # somebody else wants the task to end
            raise TimeoutError from error
        finally:
            del self._since[task]
            self._given_up.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        latest = loop.time() - self._seconds
        for task, since in self._since.items():
            if since <= latest and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()
        self._looks_again = loop.call_later(self._seconds / 20, self._look, loop) if self._since else None
