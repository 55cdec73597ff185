"""What a transaction that takes many answers has locked and read once, for all of them.

Two thousand carers answer within a minute, and what one answer needs (the event locked, the invitation, the
card, how many wait) costs a statement each. A hold keeps it while answers follow each other in one
transaction. The events are locked, so that nobody else changes them or their parties meanwhile; our own
changes go to the rows in memory and are written together. Whoever is about to do anything else than take an
answer calls `let_go` first, and reads afresh.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update

from storage.deliveries import Reply
from storage.engine import Session
from storage.events import Event, Mode
from storage.rsvp import Card, Invitation, RsvpState

_KEY = "rsvp_hold"


class CardPlace(NamedTuple):
    """Where a card is: a message in a chat."""

    chat_id: int
    message_id: int


@dataclass(slots=True)
class Line:
    """The waiting list of an event: the key of its last party, and how many wait for each mode."""

    last_key: int = 0
    waiting: Counter[Mode | None] = field(default_factory=Counter)


@dataclass(slots=True)
class Hold:
    """By id, and cards by invitation and carer. ``stale`` and ``replies`` are written at the end.

    ``stale``: the invitations whose cards are to be drawn again. ``replies``: rows, in their order.
    """

    events: dict[int, Event]
    invitations: dict[int, Invitation]
    cards: dict[tuple[int, int], CardPlace]
    lines: dict[int, Line] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    replies: list[dict[str, Any]] = field(default_factory=list)


async def take_hold(session: Session, invitation_ids: Collection[int]) -> None:
    """Lock the events of these invitations, in the order in which everybody locks events, and read them."""
    theirs = select(Invitation.event_id).where(Invitation.id.in_(invitation_ids))
    events = await session.scalars(
        select(Event)
        .where(Event.id.in_(theirs))
        .order_by(Event.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    held = {event.id: event for event in events}
    invitations = await session.scalars(
        select(Invitation).where(Invitation.id.in_(invitation_ids)).execution_options(populate_existing=True)
    )
    cards = await session.execute(
        select(Card.invitation_id, Card.carer_id, Card.chat_id, Card.message_id).where(
            Card.invitation_id.in_(invitation_ids)
        )
    )
    session.info[_KEY] = Hold(
        held,
        {invitation.id: invitation for invitation in invitations},
        {(row[0], row[1]): CardPlace(row[2], row[3]) for row in cards},
    )


def hold_of(session: Session) -> Hold | None:
    """What this transaction holds, if anything."""
    hold: Hold | None = session.info.get(_KEY)
    return hold


async def let_go(session: Session) -> None:
    """Write what was left for the end, and forget what was read. The locks stay."""
    hold: Hold | None = session.info.pop(_KEY, None)
    if hold is None:
        return
    await session.flush()
    if hold.replies:
        connection = await session.connection()
        await connection.execute(insert(Reply), hold.replies)
    if hold.stale:
        await mark_stale(session, Card.invitation_id.in_(hold.stale))


async def line_of(session: Session, event_id: int) -> Line:
    """The event's waiting list as it is now."""
    hold = hold_of(session)
    if hold is not None and event_id in hold.lines:
        return hold.lines[event_id]
    query = (
        select(Invitation.mode, func.count(), func.max(Invitation.queue_key))
        .where(Invitation.event_id == event_id, Invitation.state == RsvpState.WAITLISTED)
        .group_by(Invitation.mode)
    )
    line = Line()
    for mode, count, last in (await session.execute(query)).all():
        line.waiting[mode] = count
        line.last_key = max(line.last_key, last or 0)
    if hold is not None:
        hold.lines[event_id] = line
    return line


def forget_line(session: Session, event_id: int) -> None:
    """Read the waiting list again when it is needed: somebody leaves it."""
    hold = hold_of(session)
    if hold is not None:
        hold.lines.pop(event_id, None)


async def mark_stale(session: Session, which: ColumnElement[bool]) -> None:
    """Have these cards drawn again.

    They are locked in the order of their ids, as the engine does, so that the two never wait for each other.
    """
    locked = select(Card.id).where(which).order_by(Card.id).with_for_update()
    await session.execute(
        update(Card)
        .where(Card.id.in_(locked))
        .values(stale=True, wanted=Card.wanted + 1, retry_at=None, attempts=0)
        .execution_options(synchronize_session=False)
    )
