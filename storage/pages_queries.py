"""Whose a page is, and which page a letter's code opens."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import contains_eager

from storage.engine import Session
from storage.households import Carer, Household
from storage.pages import PageCode
from storage.surveys import Participant, Round

_ON_LEAVING = "exit"
"""The `Round.occasion` that asks who has left."""


async def carer_with_home(
    session: Session, carer_id: int, *, hold: bool = False
) -> tuple[Carer, Household] | None:
    """A carer with their household, in one query; ``carer.household`` is there as well. ``hold``: nobody
    erases them before this transaction has ended."""
    query = (
        select(Carer)
        .join(Carer.household)
        .where(Carer.id == carer_id)
        .options(contains_eager(Carer.household))
    )
    if hold:
        query = query.with_for_update(read=True, key_share=True, of=Carer)
    carer = (await session.scalars(query)).one_or_none()
    return None if carer is None else (carer, carer.household)


async def asked_on_leaving(session: Session, round_id: int, carer_id: int) -> bool:
    """Whether this survey round is about the end of an approval and asks this carer."""
    query = (
        select(Participant.carer_id)
        .join(Round, Round.id == Participant.round_id)
        .where(
            Participant.round_id == round_id,
            Participant.carer_id == carer_id,
            Round.occasion == _ON_LEAVING,
        )
    )
    return (await session.scalars(query)).one_or_none() is not None


async def code_of_hash(session: Session, code_hash: str) -> PageCode | None:
    """The code with this hash, those that have expired included."""
    return (await session.scalars(select(PageCode).where(PageCode.code_hash == code_hash))).one_or_none()


async def forget_codes(session: Session, before: datetime) -> int:
    """Delete the codes that expired before this time; how many."""
    statement = delete(PageCode).where(PageCode.expires_at < before).returning(PageCode.id)
    return len((await session.scalars(statement)).all())
