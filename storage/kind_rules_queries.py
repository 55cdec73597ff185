"""Reading the rules of the kinds of events, and setting them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from storage.engine import Session
from storage.ledger import insert_for
from storage.series import KindRule


async def all_rules(session: Session) -> Sequence[KindRule]:
    """Every rule that has been set."""
    query = select(KindRule).order_by(KindRule.kind).execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def rules_of_kind(session: Session, kind: str) -> KindRule | None:
    """The rules of this kind, if any have been set."""
    query = select(KindRule).where(KindRule.kind == kind).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def save_rules(session: Session, kind: str, version: int, values: Mapping[str, Any]) -> bool:
    """Set the rules of a kind whose version is this one (0: none are set), or nothing.

    The version is part of the one statement that writes, so that of two who save at once one is refused.
    """
    row = {**values, "version": version + 1}
    if version == 0:
        statement = (
            insert_for(session, KindRule)
            .values(kind=kind, **row)
            .on_conflict_do_nothing(index_elements=["kind"])
            .returning(KindRule.kind)
        )
    else:
        statement = (
            update(KindRule)
            .where(KindRule.kind == kind, KindRule.version == version)
            .values(row)
            .returning(KindRule.kind)
            .execution_options(synchronize_session=False)
        )
    return (await session.execute(statement)).first() is not None
