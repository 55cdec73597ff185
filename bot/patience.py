"""Time limits for thousands of requests at once, by one timer; a timer for each is a tenth of their cost."""

import asyncio

LOOKS = 20
"""How often is looked before something is given up."""


class Patience:
    """Gives up what has run for ``seconds``, and at most a twentieth of that later.

    It counts its own looks, not the time: where this process stood still, an answer may have come that nobody
    could read yet, and such a standstill counts as one look, however long it was.
    """

    def __init__(self, seconds: float) -> None:
        self._between = seconds / LOOKS
        self._looks = 0
        self._since: dict[asyncio.Task[object], int] = {}
        self._given_up: set[asyncio.Task[object]] = set()
        self._looks_again: asyncio.TimerHandle | None = None

    def begin(self) -> "asyncio.Task[object]":
        """The current task's time runs from now on, until `end`. When it is up the task is cancelled."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be given up")
        loop = asyncio.get_running_loop()
        self._since[task] = self._looks
        if self._looks_again is None:
            self._looks_again = loop.call_later(self._between, self._look, loop)
        return task

    def gave_up(self, task: "asyncio.Task[object]") -> bool:
        """Whether it was this that cancelled the task, and nobody else: then the task goes on."""
        return task in self._given_up and task.uncancel() == 0

    def end(self, task: "asyncio.Task[object]") -> None:
        del self._since[task]
        if self._given_up:
            self._given_up.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looks += 1
        for task, since in self._since.items():
            # The first look may have come at once.
            if self._looks - since > LOOKS and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()
        self._looks_again = loop.call_later(self._between, self._look, loop) if self._since else None
