"""Finding panels: of one household, and those whose household is to be asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from storage.engine import Session
from storage.ledger import insert_for
from storage.panels import Panel


async def panels_of(session: Session, household_id: int) -> Sequence[Panel]:
    """The panels noted of a household, the latest first."""
    query = select(Panel).where(Panel.household_id == household_id).order_by(Panel.held_on.desc())
    return (await session.scalars(query)).all()


async def add_panel(session: Session, values: Mapping[str, Any]) -> int | None:
    """Note a panel and return its id; None if one of that household and day is there. Of two at once one is
    kept."""
    statement = insert_for(session, Panel).values(dict(values)).on_conflict_do_nothing()
    return (await session.scalars(statement.returning(Panel.id))).one_or_none()


async def locked_panel(session: Session, panel_id: int, household_id: int) -> Panel | None:
    """This panel of this household, held against whoever is about to ask about it."""
    query = select(Panel).where(Panel.id == panel_id, Panel.household_id == household_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).one_or_none()


async def delete_panel(session: Session, panel_id: int) -> None:
    await session.execute(delete(Panel).where(Panel.id == panel_id))


async def panels_to_ask(
    session: Session, since: date, before: date, noted_before: datetime, *, lock: bool = False
) -> Sequence[Panel]:
    """Panels held from ``since`` and before ``before``, local days, noted before that moment, about which
    nobody was asked. ``lock``: held against others who would ask, or take them back."""
    query = (
        select(Panel)
        .where(
            Panel.asked_at.is_(None),
            Panel.held_on >= since,
            Panel.held_on < before,
            Panel.noted_at < noted_before,
        )
        .order_by(Panel.id)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()
