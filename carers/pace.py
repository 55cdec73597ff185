"""Going through a great many rows in slices, so that whoever else waits gets a turn between two."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

SLICE = 200
"""Rows between two turns of others: some ten milliseconds."""


T = TypeVar("T")


def _nobody(done: int) -> None:
    pass


@dataclass(slots=True)
class Pace:
    """``told`` hears how many rows are behind us, over all that is gone through."""

    told: Callable[[int], None] = _nobody
    behind: int = 0

    async def over(
        self, rows: Iterable[T], at_slice: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncIterator[T]:
        """The rows, with a pause after each slice. ``at_slice`` is done before the pause: to write so far."""
        for number, row in enumerate(rows, 1):
            yield row
            self.behind += 1
            if number % SLICE == 0:
                if at_slice is not None:
                    await at_slice()
                self.told(self.behind)
                await asyncio.sleep(0)
