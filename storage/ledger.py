"""Writing the ledger: notices, deliveries and replies, each idempotent by its key."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.deliveries import Delivery, Notice
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import Condition, approved_on_day

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


async def fan_out(
    session: Session, values: Mapping[str, Any], key: str, today: date, conditions: Collection[Condition]
) -> int:
    """Add a delivery for every current carer who fulfils these conditions, leaving out who has one by this
    key. One statement, whatever their number. Returns how many were new."""
    columns: dict[str, ColumnElement[Any]] = {
        **{name: literal(value, Delivery.__table__.c[name].type) for name, value in values.items()},
        "carer_id": Carer.id.expression,
        "dedupe_key": literal(f"{key}:c", String).concat(cast(Carer.id, String)),
    }
    people = (
        select(*columns.values())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(approved_on_day(today), *conditions)
        .order_by(Carer.household_id, Carer.id)
    )
    statement = (
        insert_for(session, Delivery)
        .from_select(list(columns), people)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )
    connection = await session.connection()
    result = await connection.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount
