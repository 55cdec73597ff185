"""Ballots as the database keeps them: who is in a draw, what they had before, and the record of each draw."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.ballot import Draw, DrawEntry
from storage.bulk import insert_rows
from storage.engine import Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.leavers_queries import party_has_left
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_hold import mark_stale
from storage.rsvp_queries import HOLDING, PartyMember, fetch_members, members
from storage.staff import StaffMember
from storage.types import Utc


@dataclass(frozen=True, slots=True)
class Entrant:
    """A party that is to be drawn, and the places that it asks for."""

    invitation_id: int
    household_id: int
    party: str
    seats: int


@dataclass(frozen=True, slots=True)
class PastBallot:
    """A ballot that was drawn before, and the households that had places by it, or lost it."""

    event_id: int
    drawn_at: datetime
    had: Set[int]
    lost: Set[int]


async def undrawn_ballots(session: Session, now: datetime) -> Sequence[Event]:
    """Ballots whose invitations are out and that are not drawn, in the order in which events are locked."""
    query = (
        select(Event)
        .where(
            Event.allocation == Allocation.BALLOT,
            Event.state == EventState.INVITED,
            Event.drawn_at.is_(None),
            Event.starts_at > now,
        )
        .order_by(Event.id)
    )
    return (await session.scalars(query)).all()


async def entrants(
    session: Session, event: Event, mode: Mode, state: RsvpState, today: date
) -> list[Entrant]:
    """The event's parties in this state that want a place in this mode; none that has left."""
    people = (
        Invitation.adults
        + Invitation.children_0_4
        + Invitation.children_5_10
        + Invitation.children_11_15
        + Invitation.children_16_up
    )
    seats = people if event.rsvp_by is RsvpBy.HOUSEHOLD else literal(1)
    query = (
        select(Invitation.id, Invitation.household_id, Invitation.party, seats)
        .where(
            Invitation.event_id == event.id,
            Invitation.state == state,
            Invitation.mode == mode,
            ~party_has_left(today),
        )
        .order_by(Invitation.id)
    )
    return [Entrant(*row) for row in (await session.execute(query)).all()]


async def last_draw_number(session: Session, event_id: int, mode: Mode) -> int:
    """How often the places in this mode have been drawn."""
    query = select(func.max(Draw.number)).where(Draw.event_id == event_id, Draw.mode == mode)
    return await session.scalar(query) or 0


async def past_ballots(
    session: Session,
    after: datetime,
    until: datetime,
    late: timedelta,
    but_event_id: int | None = None,
    household_ids: Collection[int] | None = None,
) -> list[PastBallot]:
    """The ballots first drawn after one moment and up to another, the latest first; none that was cancelled.
    ``household_ids``: no others are looked at.

    A household had places if a party of its has them, or gave them back less than ``late`` before the start,
    too late for others. It lost if it was drawn and won nothing. Who won and gave back in time did neither.
    """
    query = (
        select(Event.id, Event.drawn_at, Event.starts_at)
        .where(
            Event.allocation == Allocation.BALLOT,
            Event.state != EventState.CANCELLED,
            Event.drawn_at > after,
            Event.drawn_at <= until,
            Event.id.is_distinct_from(but_event_id),
        )
        .order_by(Event.drawn_at.desc(), Event.id.desc())
    )
    ballots = (await session.execute(query)).all()
    too_late = {row.id: row.starts_at - late for row in ballots}
    had, lost = await _had_and_lost(session, too_late, household_ids)
    return [PastBallot(row.id, row.drawn_at, had[row.id], lost[row.id]) for row in ballots]


async def _had_and_lost(
    session: Session, too_late: Mapping[int, datetime], household_ids: Collection[int] | None
) -> tuple[Mapping[int, set[int]], Mapping[int, set[int]]]:
    """By event: the households that had places, and those that lost. ``too_late``: also by event."""
    having: defaultdict[int, set[int]] = defaultdict(set)
    losing: defaultdict[int, set[int]] = defaultdict(set)
    if not too_late:
        return having, losing
    drawn = (
        select(DrawEntry.invitation_id, func.max(_as_number(DrawEntry.won)).label("won"))
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(Draw.event_id.in_(too_late), _among(DrawEntry.household_id, household_ids))
        .group_by(DrawEntry.invitation_id)
        .subquery()
    )
    late = case(
        {event: literal(moment, Utc()) for event, moment in too_late.items()}, value=Invitation.event_id
    )
    wasted = and_(drawn.c.won == 1, Invitation.state == RsvpState.NOT_GOING, Invitation.answered_at > late)
    has = func.max(_as_number(or_(Invitation.state.in_(HOLDING), wasted)))
    won = func.max(func.coalesce(drawn.c.won, 0))
    query = (
        select(Invitation.event_id, Invitation.household_id, has.label("has"), won.label("won"))
        .outerjoin(drawn, drawn.c.invitation_id == Invitation.id)
        .where(
            Invitation.event_id.in_(too_late),
            _among(Invitation.household_id, household_ids),
            or_(drawn.c.invitation_id.is_not(None), Invitation.state.in_(HOLDING)),
        )
        .group_by(Invitation.event_id, Invitation.household_id)
    )
    for row in await session.execute(query):
        if row.has:
            having[row.event_id].add(row.household_id)
        elif not row.won:
            losing[row.event_id].add(row.household_id)
    return having, losing


def _among(column: InstrumentedAttribute[int], ids: Collection[int] | None) -> ColumnElement[bool]:
    return true() if ids is None else column.in_(ids)


def _as_number(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    """1 or 0: a largest of truths is known to one of the two databases only."""
    return case((condition, 1), else_=0)


async def record_draw(
    session: Session, values: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> int:
    """Write down one draw with its entries; returns its id."""
    drawn = Draw(**values)
    session.add(drawn)
    await session.flush()
    await insert_rows(session, DrawEntry, [{**entry, "draw_id": drawn.id} for entry in entries])
    return drawn.id


async def offer_to_winners(session: Session, draw_id: int, now: datetime, until: datetime) -> None:
    """Offer those who won their places until then, and have their cards drawn again."""
    await _settle(session, draw_id, True, state=RsvpState.OFFERED, offered_at=now, offer_expires_at=until)


async def note_losers(session: Session, draw_id: int) -> None:
    """Note that the others lost, and have their cards drawn again."""
    await _settle(session, draw_id, False, state=RsvpState.BALLOT_LOST)


async def _settle(session: Session, draw_id: int, won: bool, **values: Any) -> None:
    """Two statements, whatever the number of parties. Rows that the session has in memory follow."""
    await session.execute(
        update(Invitation)
        .where(Invitation.id.in_(_drawn(draw_id, won)))
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )
    await mark_stale(session, Card.invitation_id.in_(_drawn(draw_id, won)))


async def members_drawn(session: Session, draw_id: int, *, won: bool) -> list[PartyMember]:
    """The carers of the parties that won in this draw, or of those that did not."""
    return await fetch_members(session, members().where(Invitation.id.in_(_drawn(draw_id, won))))


def _drawn(draw_id: int, won: bool) -> Select[int]:
    return select(DrawEntry.invitation_id).where(DrawEntry.draw_id == draw_id, DrawEntry.won.is_(won))


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """A party as it stood in a draw."""

    draw_id: int
    invitation_id: int
    household_id: int
    party: str
    turn: int
    seats: int
    received: int
    losses: int
    won: bool


async def draws_of_event(session: Session, event_id: int) -> Sequence[tuple[Draw, str | None]]:
    """Every draw of an event, the first first, each with the name of who made it, null for the clock."""
    query = (
        select(Draw, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Draw.drawn_by_id)
        .where(Draw.event_id == event_id)
        .order_by(Draw.drawn_at, Draw.id)
    )
    return [(drawn, name) for drawn, name in (await session.execute(query)).all()]


async def entries_of_draws(session: Session, draw_ids: Collection[int]) -> list[RecordedEntry]:
    """What is recorded of these draws, each in the order drawn."""
    query = (
        select(
            DrawEntry.draw_id,
            DrawEntry.invitation_id,
            DrawEntry.household_id,
            Invitation.party,
            DrawEntry.turn,
            DrawEntry.seats,
            DrawEntry.received,
            DrawEntry.losses,
            DrawEntry.won,
        )
        .join(Invitation, Invitation.id == DrawEntry.invitation_id)
        .where(DrawEntry.draw_id.in_(draw_ids))
        .order_by(DrawEntry.draw_id, DrawEntry.turn)
    )
    return [RecordedEntry(*row) for row in (await session.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class Around:
    """How a draw looks from one turn. ``last_turn``: the last that got places, null where none did.

    ``given_before``: the places that went to earlier turns.
    """

    entries: int
    last_turn: int | None
    given_before: int


async def around_turn(session: Session, draw_id: int, turn: int) -> Around:
    """What one party is told of the others: sums, and nobody's entry."""
    earlier = DrawEntry.won & (DrawEntry.turn < turn)
    query = select(
        func.count(),
        func.max(case((DrawEntry.won, DrawEntry.turn))),
        func.coalesce(func.sum(case((earlier, DrawEntry.seats), else_=0)), 0),
    ).where(DrawEntry.draw_id == draw_id)
    entries, last_turn, given = (await session.execute(query)).one()
    return Around(entries, last_turn, int(given))


async def last_draw_with(session: Session, invitation_id: int) -> Draw | None:
    """The latest draw that this party was in."""
    query = (
        select(Draw)
        .join(DrawEntry, DrawEntry.draw_id == Draw.id)
        .where(DrawEntry.invitation_id == invitation_id)
        .order_by(Draw.drawn_at.desc(), Draw.id.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()
