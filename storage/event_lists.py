"""Listing events: between two moments, by what staff look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, true

from storage.engine import Session
from storage.events import Event, EventState
from storage.matching import has_letters


@dataclass(frozen=True, slots=True)
class EventSearch:
    """Which events to list; what is empty asks for nothing. ``words``: each is in the title, the place or the
    number. ``audience``: as the event has it."""

    words: str = ""
    kind: str = ""
    state: EventState | None = None
    audience: str = ""


ANY = EventSearch()


def _between(since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    after = Event.ends_at >= since if since is not None else true()
    return and_(after, Event.starts_at < until if until is not None else true())


def _found(search: EventSearch) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if search.kind:
        wanted.append(Event.kind == search.kind)
    if search.state is not None:
        wanted.append(Event.state == search.state)
    if search.audience:
        wanted.append(Event.audience == search.audience)
    texts = (Event.title, Event.venue, Event.ref)
    wanted.extend(has_letters(word, *texts) for word in search.words.split())
    return and_(true(), *wanted)


async def count_events(
    session: Session, since: datetime | None, until: datetime | None, search: EventSearch = ANY
) -> int:
    """How many events end at ``since`` or later and start before ``until``, of those that are looked for."""
    query = select(func.count(Event.id)).where(_between(since, until), _found(search))
    return await session.scalar(query) or 0


async def events_between(
    session: Session,
    since: datetime | None,
    until: datetime | None,
    search: EventSearch = ANY,
    *,
    offset: int = 0,
    count: int = 200,
) -> Sequence[Event]:
    """The same events, soonest first."""
    query = (
        select(Event)
        .where(_between(since, until), _found(search))
        .order_by(Event.starts_at, Event.id)
        .offset(offset)
        .limit(count)
    )
    return (await session.scalars(query)).all()


async def audiences_between(
    session: Session, since: datetime | None, until: datetime | None
) -> Sequence[str]:
    """Whom the events that end at ``since`` or later and start before ``until`` are for, by name."""
    query = select(Event.audience).where(_between(since, until)).distinct().order_by(Event.audience)
    return (await session.scalars(query)).all()


async def kinds_known(session: Session) -> Sequence[str]:
    """The kinds of all events there are, by name."""
    return (await session.scalars(select(Event.kind).distinct().order_by(Event.kind))).all()
