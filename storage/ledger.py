"""Writing the ledger: notices, deliveries and replies, each idempotent by its key."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.deliveries import Delivery, Notice
from storage.engine import Session

Insert = sqlite.Insert | postgresql.Insert


def insert_for(session: Session, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this session's database."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


async def get_or_create_notice(session: Session, key: str, values: dict[str, Any]) -> int:
    """The id of the notice with this key, made now if there is none. Two callers get the same one."""
    await session.execute(
        insert_for(session, Notice).values(key=key, **values).on_conflict_do_nothing(index_elements=["key"])
    )
    return (await session.scalars(select(Notice.id).where(Notice.key == key))).one()


async def insert_deliveries(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Add deliveries, leaving out those whose dedupe key exists. Returns how many were new."""
    if not rows:
        return 0
    statement = insert_for(session, Delivery).on_conflict_do_nothing(index_elements=["dedupe_key"])
    connection = await session.connection()
    result = await connection.execute(statement, list(rows), execution_options={"preserve_rowcount": True})
    return result.rowcount
