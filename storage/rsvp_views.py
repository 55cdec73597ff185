"""What staff see of an event: counts by answer, its parties, and the people behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from storage.engine import Session
from storage.households import Carer, Household
from storage.households_queries import chunks
from storage.rsvp import Invitation, RsvpState


@dataclass(frozen=True, slots=True)
class Tally:
    """How many parties of an event are in one state, and how many people they are."""

    event_id: int
    state: RsvpState
    parties: int
    people: int


async def tallies(session: Session, event_ids: Sequence[int]) -> Sequence[Tally]:
    """Parties and people by event and state; carers count as one person where carers answer."""
    people = func.sum(
        Invitation.adults
        + Invitation.children_0_4
        + Invitation.children_5_10
        + Invitation.children_11_15
        + Invitation.children_16_up
    )
    query = (
        select(Invitation.event_id, Invitation.state, func.count(), people)
        .where(Invitation.event_id.in_(event_ids))
        .group_by(Invitation.event_id, Invitation.state)
    )
    rows = (await session.execute(query)).all()
    return [Tally(event_id, state, parties, int(total)) for event_id, state, parties, total in rows]


BANDS = ("adults", "children_0_4", "children_5_10", "children_11_15", "children_16_up")


async def people_going(session: Session, event_id: int) -> dict[str, int]:
    """How many are going, by band."""
    sums = [func.coalesce(func.sum(getattr(Invitation, band)), 0) for band in BANDS]
    query = select(*sums).where(Invitation.event_id == event_id, Invitation.state == RsvpState.GOING)
    return dict(zip(BANDS, map(int, (await session.execute(query)).one()), strict=True))


async def carers_of_households(session: Session, ids: Sequence[int]) -> Sequence[Carer]:
    """Who is, or was, a carer of one of these households, households together."""
    found: list[Carer] = []
    for some in chunks(ids):
        query = select(Carer).where(Carer.household_id.in_(some)).order_by(Carer.household_id, Carer.id)
        found.extend((await session.scalars(query)).all())
    return found


async def households_by_id(session: Session, ids: Sequence[int]) -> dict[int, Household]:
    """These households, with nothing else loaded."""
    found: dict[int, Household] = {}
    for some in chunks(ids):
        query = select(Household).where(Household.id.in_(some))
        found |= {household.id: household for household in (await session.scalars(query)).all()}
    return found
