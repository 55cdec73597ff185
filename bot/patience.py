"""Time limits for thousands of requests at once, by one timer; a timer for each is a tenth of their cost."""

import asyncio


class Patience:
    """Gives up what has run for longer than ``seconds``, and at most a twentieth of that later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._given_up: set[asyncio.Task[object]] = set()
        self._looks_again: asyncio.TimerHandle | None = None

    def begin(self) -> "asyncio.Task[object]":
        """The current task's time runs from now on, until `end`. When it is up the task is cancelled."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be given up")
        loop = asyncio.get_running_loop()
        self._since[task] = loop.time()
        if self._looks_again is None:
            self._looks_again = loop.call_later(self._seconds / 20, self._look, loop)
        return task

    def gave_up(self, task: "asyncio.Task[object]") -> bool:
        """Whether it was this that cancelled the task, and nobody else: then the task goes on."""
        return task in self._given_up and task.uncancel() == 0

    def end(self, task: "asyncio.Task[object]") -> None:
        del self._since[task]
        if self._given_up:
            self._given_up.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        latest = loop.time() - self._seconds
        for task, since in self._since.items():
            if since <= latest and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()
        self._looks_again = loop.call_later(self._seconds / 20, self._look, loop) if self._since else None
