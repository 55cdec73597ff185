"""What every command begins with: the migrated database, and a coroutine to run."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.settings import Settings, WrongSettings, variable, wrong_secret
from storage.engine import Database, open_database
from storage.faults import out_of_reach

P = ParamSpec("P")
R = TypeVar("R")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The service's database with the newest schema; closed at the end of the block.

    Raises `WrongSettings`, in plain words, when there is no database where the settings say.
    """
    if settings.database_url is None:
        _make_folder(settings.data_dir)
    try:
        database = open_database(settings.database_address)
    except ValueError:
        raise WrongSettings([wrong_secret("database_url")]) from None
    try:
        try:
            await database.migrate()
        except Exception as error:
            why = out_of_reach(error)
            if why is None:
                raise
            raise WrongSettings(
                [f"The database of {variable('database_url')} cannot be used: {why}"]
            ) from None
        yield database
    finally:
        await database.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        wrong = f"{variable('data_dir')} is {str(folder)!r}, which cannot be made: {error.strerror}."
        raise WrongSettings([wrong]) from None


def asynchronous(function: Callable[P, Awaitable[R]]) -> Callable[P, R]:
    """Let click call a coroutine function."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        async def main() -> R:
            return await function(*args, **kwargs)

        return asyncio.run(main())

    return call
