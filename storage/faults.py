"""Which failures of the database pass by themselves."""

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
