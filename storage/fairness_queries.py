"""Who had how many places within a time: sums by household, over ballots or over everything that was on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select

from storage.ballot import Draw, DrawEntry
from storage.engine import Session
from storage.events import Allocation, Event, EventState, RsvpBy
from storage.households import Carer, Household
from storage.households_queries import chunks
from storage.rsvp import Invitation
from storage.rsvp_queries import HOLDING


@dataclass(frozen=True, slots=True)
class Held:
    """What a household had: at how many events, and how many places in all."""

    events: int
    places: int


class Approved(NamedTuple):
    """A household, as far as it is counted here."""

    id: int
    ref: str
    social_worker_id: int | None


async def households_between(session: Session, after: date, today: date) -> Sequence[Approved]:
    """The households approved on some day after one local date and up to another, in no order."""
    query = select(Household.id, Household.ref, Household.social_worker_id).where(
        Household.approved_on <= today,
        or_(Household.ended_on.is_(None), Household.ended_on > after),
    )
    return [Approved._make(row) for row in await session.execute(query)]


async def places_held(
    session: Session, after: datetime, until: datetime, *, ballots_only: bool
) -> dict[int, Held]:
    """What households had after one moment and up to another, by their ids; nothing of what was cancelled.

    The moment of a ballot is when it was first drawn, that of any other event its start.
    """
    moment = Event.drawn_at if ballots_only else Event.starts_at
    people = (
        Invitation.adults
        + Invitation.children_0_4
        + Invitation.children_5_10
        + Invitation.children_11_15
        + Invitation.children_16_up
    )
    query = (
        select(
            Invitation.household_id,
            func.count(Event.id.distinct()),
            func.sum(case((Event.rsvp_by == RsvpBy.HOUSEHOLD, people), else_=1)),
        )
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Invitation.state.in_(HOLDING),
            Event.state != EventState.CANCELLED,
            and_(moment > after, moment <= until),
        )
        .group_by(Invitation.household_id)
    )
    if ballots_only:
        query = query.where(Event.allocation == Allocation.BALLOT)
    return {key: Held(events, int(places)) for key, events, places in (await session.execute(query)).all()}


async def ballots_entered(session: Session, after: datetime, until: datetime) -> dict[int, int]:
    """In how many ballots that were drawn in this time each household was, by its id."""
    query = (
        select(DrawEntry.household_id, func.count(Draw.event_id.distinct()))
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .join(Event, Event.id == Draw.event_id)
        .where(Event.state != EventState.CANCELLED, Event.drawn_at > after, Event.drawn_at <= until)
        .group_by(DrawEntry.household_id)
    )
    rows = (await session.execute(query)).all()
    return {row[0]: row[1] for row in rows}


async def names_by_household(session: Session, household_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the carers of these households, as far as they are kept."""
    names: dict[int, list[str]] = defaultdict(list)
    for some in chunks(household_ids):
        query = (
            select(Carer.household_id, Carer.first_name, Carer.last_name)
            .where(Carer.household_id.in_(some))
            .order_by(Carer.id)
        )
        for household, first, last in (await session.execute(query)).all():
            if name := f"{first} {last}".strip():
                names[household].append(name)
    return names
