"""How much room the database takes."""

from sqlalchemy import text

from storage.engine import Session
from storage.rows import dialect_of

_SQLITE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
_POSTGRESQL = "SELECT pg_database_size(current_database())"


async def database_size(session: Session) -> int:
    """The size in bytes; of SQLite without what the write-ahead log still holds."""
    return int(await session.scalar(text(_SQLITE if dialect_of(session) == "sqlite" else _POSTGRESQL)) or 0)
