"""Rounds whose results carers can see, and the sheets of a round with names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage.engine import Session
from storage.households import Carer, Household
from storage.surveys import Response, Round, RoundState


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One sheet of a named round and whose it is; no name where the carer's has been wiped."""

    carer_id: int
    name: str
    household_ref: str
    answers: dict[str, Any]


async def locked_round(session: Session, round_id: int) -> Round | None:
    """The round, locked against others who would change it."""
    query = select(Round).where(Round.id == round_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def rounds_shared(session: Session) -> Sequence[Round]:
    """Closed rounds that are shared with carers, the latest to close first."""
    query = (
        select(Round)
        .where(Round.shared_at.is_not(None), Round.state == RoundState.CLOSED)
        .order_by(Round.closed_at.desc(), Round.id.desc())
    )
    return (await session.scalars(query)).all()


async def named_sheet_rows(session: Session, round_id: int) -> Sequence[SheetRow]:
    """The sheets of a named round with their carers, by name."""
    query = (
        select(Carer.id, Carer.first_name, Carer.last_name, Household.ref, Response.answers)
        .join(Carer, Carer.id == Response.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .where(Response.round_id == round_id)
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
    )
    return [
        SheetRow(carer_id, f"{first or ''} {last or ''}".strip(), household, answers)
        for carer_id, first, last, household, answers in (await session.execute(query)).all()
    ]
