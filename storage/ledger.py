"""Writing the ledger: notices, deliveries and replies, each idempotent by its key."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, cast, literal, select

from storage.deliveries import Delivery, Notice
from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import Condition, still_a_carer
from storage.rows import insert_for
from storage.ways import way_of_recipient, way_or_app

__all__ = ["fan_out", "get_or_create_notice", "insert_deliveries", "insert_for"]


_THEIR_WAY = way_of_recipient(
    bindparam("to_carer", type_=BigInteger),
    bindparam("to_staff", type_=BigInteger),
    bindparam("of_kind", type_=String),
)


async def get_or_create_notice(session: Session, key: str, values: dict[str, Any]) -> int:
    """The id of the notice with this key, made now if there is none. Two callers get the same one."""
    await session.execute(
        insert_for(session, Notice).values(key=key, **values).on_conflict_do_nothing(index_elements=["key"])
    )
    return (await session.scalars(select(Notice.id).where(Notice.key == key))).one()


async def insert_deliveries(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Add deliveries, each for the channel by which its recipient is reached now, leaving out those whose
    dedupe key exists. Returns how many were new."""
    if not rows:
        return 0
    statement = (
        insert_for(session, Delivery)
        .values(channel=_THEIR_WAY)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )
    connection = await session.connection()
    result = await connection.execute(
        statement,
        [
            {**row, "to_carer": row["carer_id"], "to_staff": row["staff_id"], "of_kind": row["kind"]}
            for row in rows
        ],
        execution_options={"preserve_rowcount": True},
    )
    return result.rowcount


async def fan_out(
    session: Session, values: Mapping[str, Any], key: str, today: date, conditions: Collection[Condition]
) -> int:
    """Add a delivery for every current carer who fulfils these conditions, by the channel that reaches them
    now, leaving out who has one by this key. One statement, whatever their number. Returns how many were
    new."""
    columns: dict[str, ColumnElement[Any]] = {
        **{name: literal(value, Delivery.__table__.c[name].type) for name, value in values.items()},
        "carer_id": Carer.id.expression,
        "channel": way_or_app(),
        "dedupe_key": literal(f"{key}:c", String).concat(cast(Carer.id, String)),
    }
    people = (
        select(*columns.values())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(still_a_carer(today), *conditions)
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
