"""Two processes of the operating system that each open the database and do something at the same moment."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

import storage.tables  # noqa: F401 - rows refer to tables that nothing here names
from storage.engine import Database, open_database

SECONDS = 60
"""A race that takes longer hangs: two transactions wait for each other."""


class Racer:
    """One of the two, in its own process."""

    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier
        self.database: Database

    def meet(self) -> None:
        """Wait until the other has come as far."""
        self._barrier.wait(SECONDS)


Act = Callable[[Racer], Awaitable[Any]]
"""What a racer does; a function of a module, or a `functools.partial` of one, for it goes through a pipe."""


async def open_at(url: str, racer: Racer) -> None:
    racer.database = open_database(url)
    await racer.database.ping()


async def close(racer: Racer) -> None:
    await racer.database.close()


def _serve(pipe: Connection, barrier: Barrier) -> None:
    racer = Racer(barrier)
    with asyncio.Runner() as runner:
        while (act := pipe.recv()) is not None:
            try:
                racer.meet()
                pipe.send(runner.run(act(racer)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the test raises it
                barrier.abort()  # the other shall not wait in vain
                pipe.send(error)


class Pair:
    """The two processes. They are started once and race many times."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._barrier = context.Barrier(2)
        self._lanes: list[tuple[BaseProcess, Connection]] = []
        for _ in range(2):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._barrier), daemon=True)
            process.start()
            self._lanes.append((process, ours))

    def race(self, first: Act, second: Act) -> tuple[Any, Any]:
        """Have both act at the same moment; returns what each returned. Raises what either raised."""
        for (_, pipe), act in zip(self._lanes, (first, second), strict=True):
            pipe.send(act)
        results = [self._result(pipe) for _, pipe in self._lanes]
        for result in results:
            if isinstance(result, Exception):
                self._barrier.reset()
                raise result
        return results[0], results[1]

    def _result(self, pipe: Connection) -> Any:
        if not pipe.poll(SECONDS):
            raise TimeoutError("a racer does not come to an end")
        return pipe.recv()

    def end(self) -> None:
        for process, pipe in self._lanes:
            pipe.send(None)
            process.join(10)
            process.kill()
