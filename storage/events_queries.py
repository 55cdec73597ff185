"""Finding events, locking one, and taking its places so that none is sold twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Update, case, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import set_committed_value

from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.rsvp_hold import hold_of


async def event_by_ref(session: Session, ref: str) -> Event | None:
    return (await session.scalars(select(Event).where(Event.ref == ref))).one_or_none()


async def lock_event(session: Session, event_id: int) -> Event | None:
    """The event as it is now, and nobody else changes it or its parties until this transaction ends.

    The lock leaves room for rows that only refer to the event, so sending goes on meanwhile. SQLite's
    writers are alone in any case.
    """
    hold = hold_of(session)
    if hold is not None and event_id in hold.events:
        return hold.events[event_id]
    query = (
        select(Event)
        .where(Event.id == event_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def take_places(session: Session, event: Event, mode: Mode, places: int) -> bool:
    """Take this many places at once, or none: the limit is part of the one UPDATE that takes them.

    Of an event that this transaction holds nobody else takes any: there the row in memory is the truth.
    """
    if _is_held(session, event):
        left = places_left(event, mode)
        if event.state is EventState.CANCELLED or (left is not None and places > left):
            return False
        _count(event, mode, places)
        return True
    taken, limit = _taken(mode), _limit(mode)
    return await _change_taken(
        session,
        event,
        update(Event)
        .where(Event.id == event.id, Event.state != EventState.CANCELLED)
        .where(or_(limit.is_(None), taken + places <= limit))
        .values({taken: taken + places}),
    )


async def give_back_places(session: Session, event: Event, mode: Mode, places: int) -> None:
    """Return places that a party held."""
    if _is_held(session, event):
        _count(event, mode, -places)
        return
    taken = _taken(mode)
    await _change_taken(
        session, event, update(Event).where(Event.id == event.id).values({taken: taken - places})
    )


def places_left(event: Event, mode: Mode) -> int | None:
    """How many places are free in this mode; null where there is no limit, never below zero.

    True of an event that is locked; of any other it was so when it was read.
    """
    taken = event.online_taken if mode is Mode.ONLINE else event.taken
    limit = event.capacity if mode is not Mode.ONLINE else event.online_capacity
    if limit is None and event.mode is Mode.ONLINE:
        limit = event.capacity
    return None if limit is None else max(0, limit - taken)


def _is_held(session: Session, event: Event) -> bool:
    hold = hold_of(session)
    return hold is not None and hold.events.get(event.id) is event


def _count(event: Event, mode: Mode, places: int) -> None:
    if mode is Mode.ONLINE:
        event.online_taken += places
    else:
        event.taken += places


async def _change_taken(session: Session, event: Event, statement: Update) -> bool:
    statement = statement.returning(Event.taken, Event.online_taken)
    row = (await session.execute(statement.execution_options(synchronize_session=False))).first()
    if row is None:
        return False
    set_committed_value(event, "taken", row.taken)
    set_committed_value(event, "online_taken", row.online_taken)
    return True


def _taken(mode: Mode) -> InstrumentedAttribute[int]:
    return Event.online_taken if mode is Mode.ONLINE else Event.taken


def _limit(mode: Mode) -> ColumnElement[int | None]:
    """The places there are: an event that is online only may name them in either column."""
    if mode is not Mode.ONLINE:
        return Event.capacity.expression
    return case(
        (Event.mode == Mode.ONLINE, func.coalesce(Event.online_capacity, Event.capacity)),
        else_=Event.online_capacity,
    )


async def events_to_invite(session: Session, now: datetime) -> Sequence[Event]:
    """Planned events whose invitations are due and that have not begun."""
    query = (
        select(Event)
        .where(Event.state == EventState.PLANNED, Event.invite_at <= now, Event.starts_at > now)
        .order_by(Event.starts_at, Event.id)
    )
    return (await session.scalars(query)).all()


async def invited_events_between(session: Session, first: datetime, last: datetime) -> Sequence[Event]:
    """Events whose audience has been invited and that start from ``first`` up to ``last``."""
    query = (
        select(Event)
        .where(Event.state == EventState.INVITED, Event.starts_at >= first, Event.starts_at <= last)
        .order_by(Event.starts_at, Event.id)
    )
    return (await session.scalars(query)).all()


async def events_ended_between(session: Session, first: datetime, last: datetime) -> Sequence[Event]:
    """Events that were not cancelled and ended from ``first`` up to ``last``."""
    query = (
        select(Event)
        .where(Event.state != EventState.CANCELLED, Event.ends_at >= first, Event.ends_at <= last)
        .order_by(Event.ends_at, Event.id)
    )
    return (await session.scalars(query)).all()


async def refs_starting(session: Session, prefix: str) -> set[str]:
    """The refs in use that start with this prefix."""
    query = select(Event.ref).where(Event.ref.startswith(prefix, autoescape=True))
    return set((await session.scalars(query)).all())


async def online_events_near(session: Session, now: datetime, soon: datetime) -> Sequence[Event]:
    """Events that somebody may attend online, that start by ``soon`` and have not ended."""
    query = (
        select(Event)
        .where(
            Event.state == EventState.INVITED,
            Event.mode != Mode.IN_PERSON,
            Event.starts_at <= soon,
            Event.ends_at > now,
        )
        .order_by(Event.id)
    )
    return (await session.scalars(query)).all()


async def event_of_code(session: Session, code: str) -> Event | None:
    """The event whose poster carries this code."""
    return (await session.scalars(select(Event).where(Event.checkin_code == code))).one_or_none()
