"""What every command begins with: the migrated database, and a coroutine to run."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from bot.settings import Settings
from storage.engine import Database, open_database

P = ParamSpec("P")
R = TypeVar("R")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The service's database with the newest schema; closed at the end of the block."""
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database_address)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


def asynchronous(function: Callable[P, Awaitable[R]]) -> Callable[P, R]:
    """Let click call a coroutine function."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        async def main() -> R:
            return await function(*args, **kwargs)

        return asyncio.run(main())

    return call
