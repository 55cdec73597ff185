"""The whole database as it stands, to see that nothing in it has changed."""

from sqlalchemy import select

from storage.base import Base
from storage.engine import Database


async def all_rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text in one order."""
    async with database.read() as session:
        return {
            table.name: sorted(map(repr, (await session.execute(select(table))).all()))
            for table in Base.metadata.sorted_tables
        }
