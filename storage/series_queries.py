"""Finding series, their events and the term dates, and locking what a change of a series changes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, or_, select

from storage.engine import Session
from storage.events import Event, EventState
from storage.rows import dialect_of
from storage.rsvp import Invitation
from storage.series import EventTemplate, Series, Term

_TERMS_LOCK = 7_240_517
"""Any constant: names the lock among PostgreSQL's advisory locks."""


async def lock_series(session: Session, series_id: int) -> Series | None:
    """The series as it is now, and nobody else makes or changes its events by its rule until this ends.

    Whoever locks a series and its events takes the series first.
    """
    query = (
        select(Series)
        .where(Series.id == series_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def lock_events_of_series(session: Session, series_id: int) -> list[Event]:
    """All its events as they are now, by the rule's day; locked by id, as everybody locks events."""
    query = (
        select(Event)
        .where(Event.series_id == series_id)
        .order_by(Event.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    events = (await session.scalars(query)).all()
    return sorted(events, key=lambda event: (event.occurrence_on or date.min, event.id))


async def series_by_ref(session: Session, ref: str) -> Series | None:
    return (await session.scalars(select(Series).where(Series.ref == ref))).one_or_none()


async def series_refs_starting(session: Session, prefix: str) -> set[str]:
    """The refs in use that start with this prefix."""
    query = select(Series.ref).where(Series.ref.startswith(prefix, autoescape=True))
    return set((await session.scalars(query)).all())


async def all_series(session: Session) -> Sequence[Series]:
    """Every series, those that go on before those that have ended."""
    query = select(Series).order_by(Series.ended_at.is_not(None), Series.ref)
    return (await session.scalars(query)).all()


async def series_to_extend(session: Session, until: date) -> Sequence[int]:
    """The series that go on and whose events are not made up to this day, or to their last."""
    behind = or_(
        Series.made_until.is_(None),
        (Series.made_until < until) & or_(Series.until.is_(None), Series.made_until < Series.until),
    )
    query = select(Series.id).where(Series.ended_at.is_(None), behind).order_by(Series.id)
    return (await session.scalars(query)).all()


async def going_on(session: Session) -> Sequence[int]:
    """The series that staff have not ended."""
    return (
        await session.scalars(select(Series.id).where(Series.ended_at.is_(None)).order_by(Series.id))
    ).all()


async def events_of_series(session: Session, series_id: int) -> Sequence[Event]:
    """All its events, soonest first."""
    query = select(Event).where(Event.series_id == series_id).order_by(Event.starts_at, Event.id)
    return (await session.scalars(query)).all()


async def events_to_come(session: Session, now: datetime) -> dict[int, tuple[datetime, int]]:
    """For each series with events to come that are on: when the next begins, and how many there are."""
    query = (
        select(Event.series_id, func.min(Event.starts_at), func.count())
        .where(Event.series_id.is_not(None), Event.state != EventState.CANCELLED, Event.starts_at > now)
        .group_by(Event.series_id)
    )
    rows = await session.execute(query)
    return {series_id: (starts_at, number) for series_id, starts_at, number in rows if series_id}


async def known_to_carers(session: Session, event_ids: Iterable[int]) -> set[int]:
    """Those of these events to which somebody has been invited, however that came about."""
    query = select(Invitation.event_id).where(Invitation.event_id.in_(list(event_ids))).distinct()
    return set((await session.scalars(query)).all())


async def delete_events(session: Session, event_ids: Iterable[int]) -> None:
    """Take events out of the programme as if they had never been planned."""
    await session.execute(
        delete(Event).where(Event.id.in_(list(event_ids))).execution_options(synchronize_session="fetch")
    )


async def all_terms(session: Session) -> Sequence[Term]:
    """The term dates, in order."""
    return (await session.scalars(select(Term).order_by(Term.starts_on))).all()


async def hold_terms(session: Session) -> None:
    """Let nobody else change the term dates before this transaction has ended; SQLite has one writer."""
    if dialect_of(session) == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_TERMS_LOCK)))


async def replace_terms(session: Session, terms: Iterable[Term]) -> None:
    """Put these in the place of all there were."""
    await session.execute(delete(Term).execution_options(synchronize_session=False))
    session.add_all(terms)
    await session.flush()


async def all_templates(session: Session) -> Sequence[EventTemplate]:
    """The service's own templates, by name."""
    return (await session.scalars(select(EventTemplate).order_by(EventTemplate.name))).all()


async def template_named(session: Session, name: str) -> EventTemplate | None:
    """The template of this name, however its letters are written."""
    query = select(EventTemplate).where(func.lower(EventTemplate.name) == name.lower())
    return (await session.scalars(query)).first()
