"""Who had how many places within a time: sums by household, over ballots or over everything that was on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, and_, case, func, literal, null, or_, select, true, union_all

from storage.ballot import Draw, DrawEntry
from storage.engine import Session
from storage.events import Allocation, Event, EventState, RsvpBy
from storage.households import Carer, Household
from storage.households_queries import chunks
from storage.rsvp import Invitation
from storage.rsvp_queries import HOLDING


class Had(NamedTuple):
    """So many households had so many places, at so many events."""

    places: int
    events: int
    households: int


class HouseholdHad(NamedTuple):
    """What one household had."""

    places: int
    events: int
    household_id: int
    household_ref: str


class Between(NamedTuple):
    """A time: after one moment and up to another, and the local dates of the two."""

    after: datetime
    until: datetime
    after_day: date
    last_day: date


async def households_between(session: Session, time: Between, social_worker_id: int | None) -> int:
    """How many households were approved on some day of this time; of one worker's, or of all where null."""
    query = select(func.count()).where(*_approved(time))
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    return (await session.scalars(query)).one()


async def places_had(
    session: Session,
    time: Between,
    *,
    ballots_only: bool,
    social_worker_id: int | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[Sequence[Had], Sequence[HouseholdHad]]:
    """What the households approved in this time had in it: how many had how much, of all, and a part of the
    list of them, or of one worker's, those with least first. Nothing of what was cancelled.

    One statement, for what each had is most of the work, whether it is summed up or listed.
    """
    each = _each(time, ballots_only)
    summed = select(
        each.c.places, each.c.events, func.count().label("households"), null().label("ref")
    ).group_by(each.c.places, each.c.events)
    own = true() if social_worker_id is None else each.c.social_worker_id == social_worker_id
    listed = (
        select(each.c.places, each.c.events, each.c.id, each.c.ref)
        .where(own)
        .order_by(each.c.places, each.c.ref)
        .offset(offset)
        .limit(limit)
        .subquery()
    )
    query = union_all(summed, select(listed)).order_by("places", "ref")
    connection = await session.connection()
    rows = (await connection.execute(query)).all()
    return (
        [Had(places, events, number) for places, events, number, ref in rows if ref is None],
        [HouseholdHad(*row) for row in rows if row.ref is not None],
    )


def _approved(time: Between) -> tuple[ColumnElement[bool], ...]:
    return (
        Household.approved_on <= time.last_day,
        or_(Household.ended_on.is_(None), Household.ended_on > time.after_day),
    )


def _each(time: Between, ballots_only: bool) -> CTE:
    """A row for each household. The moment of a ballot is when it was first drawn, that of any other event
    its start."""
    moment = Event.drawn_at if ballots_only else Event.starts_at
    people = (
        Invitation.adults
        + Invitation.children_0_4
        + Invitation.children_5_10
        + Invitation.children_11_15
        + Invitation.children_16_up
    )
    counted = select(Event.id).where(
        Event.state != EventState.CANCELLED,
        and_(moment > time.after, moment <= time.until),
        Event.allocation == Allocation.BALLOT if ballots_only else true(),
    )
    held = (
        select(
            Invitation.household_id,
            func.count(Invitation.event_id.distinct()).label("events"),
            func.sum(case((Event.rsvp_by == RsvpBy.HOUSEHOLD, people), else_=1)).label("places"),
        )
        .join(Event, Event.id == Invitation.event_id)
        # As a list, or SQLite would read every invitation of every year in the order of households.
        .where(Invitation.event_id.in_(counted), Invitation.state.in_(HOLDING))
        .group_by(Invitation.household_id)
        .cte("held")
    )
    return (
        select(
            Household.id,
            Household.ref,
            Household.social_worker_id,
            func.coalesce(held.c.places, literal(0)).label("places"),
            func.coalesce(held.c.events, literal(0)).label("events"),
        )
        .outerjoin(held, held.c.household_id == Household.id)
        .where(*_approved(time))
        .cte("each")
    )


async def ballots_entered(
    session: Session, time: Between, household_ids: Collection[int] | None
) -> dict[int, int]:
    """In how many ballots that were drawn in this time each of these households was, by its id; null: all."""
    query = (
        select(DrawEntry.household_id, func.count(Draw.event_id.distinct()))
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .join(Event, Event.id == Draw.event_id)
        .where(Event.state != EventState.CANCELLED, Event.drawn_at > time.after, Event.drawn_at <= time.until)
        .group_by(DrawEntry.household_id)
    )
    if household_ids is not None:
        query = query.where(DrawEntry.household_id.in_(household_ids))
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
