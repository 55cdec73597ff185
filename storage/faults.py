"""Which failures of the database pass by themselves, and which mean that there is none to be had."""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_SQLITE_PASSES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_INTERRUPT")


def passes(error: BaseException) -> bool:
    """Whether trying again later may help: the database was busy, locked, restarted or out of reach,
    or two transactions got in each other's way."""
    if isinstance(error, DBAPIError):
        if isinstance(error.orig, sqlite3.Error):
            # SQLite says "operational" of a missing table too, which no waiting mends.
            return getattr(error.orig, "sqlite_errorname", "").startswith(_SQLITE_PASSES)
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, PoolTimeout | ConnectionError)


def out_of_reach(error: BaseException) -> str | None:
    """Why no work with the database can begin: it is away, refuses us, or is none. None: it is not that."""
    if not isinstance(error, DBAPIError) or not (
        isinstance(error, OperationalError | InterfaceError)
        or getattr(error.orig, "sqlite_errorname", "") == "SQLITE_NOTADB"
    ):
        return None
    # Only the first line: the driver's own words of what happened, without the statement.
    return str(error.orig).strip().partition("\n")[0] or type(error.orig).__name__
