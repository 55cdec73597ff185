"""Finding nominations: one to change under a lock, a page of them, those of a forum, those of a carer."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, func, null, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Household
from storage.nominations import Nomination, NominationState

_NOW_AT_ONCE = {"synchronize_session": False}


async def hold_carer(session: Session, carer_id: int) -> None:
    """Keep everybody else from nominating in this carer's name until the transaction ends."""
    await session.execute(select(Carer.id).where(Carer.id == carer_id).with_for_update())


async def locked_nomination(session: Session, nomination_id: int) -> Nomination | None:
    """One nomination as it stands now; nobody else changes it before this transaction ends."""
    query = select(Nomination).where(Nomination.id == nomination_id).with_for_update()
    return (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()


async def nominations_by(session: Session, carer_id: int) -> Sequence[Nomination]:
    """What this carer sent, the latest first."""
    query = select(Nomination).where(Nomination.nominated_by_id == carer_id)
    ordered = query.order_by(Nomination.created_at.desc(), Nomination.id.desc())
    return (await session.scalars(ordered)).all()


async def count_in(session: Session, states: Collection[NominationState]) -> int:
    """How many stand in one of these states."""
    return (
        await session.scalars(select(func.count(Nomination.id)).where(Nomination.state.in_(states)))
    ).one()


async def page_in(
    session: Session, state: NominationState, *, offset: int, count: int
) -> Sequence[Nomination]:
    """Some of one state: new ones by when they came, the longest ago first; all others the latest first."""
    newest = state is not NominationState.NEW
    order = (
        (Nomination.decided_at.desc().nulls_last(), Nomination.id.desc())
        if newest
        else (Nomination.created_at, Nomination.id)
    )
    query = select(Nomination).where(Nomination.state == state).order_by(*order).offset(offset).limit(count)
    return (await session.scalars(query)).all()


async def nominations_for(session: Session, event_id: int) -> Sequence[Nomination]:
    """Those shortlisted for a forum and those celebrated there, in the order in which they came."""
    chosen = (NominationState.SHORTLISTED, NominationState.CELEBRATED)
    query = select(Nomination).where(Nomination.event_id == event_id, Nomination.state.in_(chosen))
    return (await session.scalars(query.order_by(Nomination.created_at, Nomination.id))).all()


async def carers_at_home(session: Session, carer_ids: Collection[int | None]) -> dict[int, Carer]:
    """Carers with their households, by id."""
    query = select(Carer).where(Carer.id.in_([one for one in carer_ids if one is not None]))
    found = await session.scalars(query.options(selectinload(Carer.household)))
    return {carer.id: carer for carer in found}


async def households_with_carers(
    session: Session, household_ids: Collection[int | None]
) -> dict[int, Household]:
    """Households with all their carers, by id."""
    query = select(Household).where(Household.id.in_([one for one in household_ids if one is not None]))
    found = await session.scalars(query.options(selectinload(Household.carers)))
    return {household.id: household for household in found}


async def forums(session: Session, kind: str, since: datetime) -> Sequence[Event]:
    """Events of this kind that are not called off and end after ``since``, the soonest first."""
    query = select(Event).where(
        Event.kind == kind, Event.state != EventState.CANCELLED, Event.ends_at > since
    )
    return (await session.scalars(query.order_by(Event.starts_at, Event.id))).all()


async def events_named(session: Session, event_ids: Collection[int | None]) -> dict[int, Event]:
    """These events by id."""
    query = select(Event).where(Event.id.in_([one for one in event_ids if one is not None]))
    return {event.id: event for event in await session.scalars(query)}


async def forget_words(session: Session, before: datetime) -> int:
    """Empty name and words of what came before then; how many. What nobody has looked at by then is set
    aside: there is nothing left to look at."""
    old = and_(Nomination.created_at < before, or_(_said(Nomination.whom), _said(Nomination.words)))
    unseen = and_(
        old,
        Nomination.state == NominationState.NEW,
        Nomination.carer_id.is_(None),
        Nomination.household_id.is_(None),
    )
    await session.execute(
        update(Nomination)
        .where(unseen)
        .values(state=NominationState.SET_ASIDE, version=Nomination.version + 1)
        .execution_options(**_NOW_AT_ONCE)
    )
    emptied = update(Nomination).where(old).values(whom=null(), words=null())
    result = await session.execute(emptied.execution_options(**_NOW_AT_ONCE))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount


async def forget_whoever_is_called(session: Session, name: re.Pattern[str]) -> None:
    """Empty the nominations in whose name or words this name stands, whoever sent them: a carer is erased
    whom nobody has found in them yet."""
    kept = select(Nomination).where(or_(_said(Nomination.whom), _said(Nomination.words)))
    for one in await session.scalars(kept):
        if any(name.search(text) for text in (one.whom, one.words) if text):
            one.whom = one.words = None
            one.version += 1
    await session.flush()


def _said(column: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    return column.is_not(None)
