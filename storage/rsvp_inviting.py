"""Making invitations, and finding those who are to be invited, nudged or reminded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, delete, exists, func, literal, or_, select, update

from storage.deliveries import WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event, EventState, Mode
from storage.households import Carer, Channel, Group, GroupMember
from storage.ledger import insert_for
from storage.rsvp import Card, Invitation, RsvpState
from storage.rsvp_queries import PartyMember, fetch_members, members, party_of_carer
from storage.ways import way_or_app

_AT_ONCE = 500


async def insert_invitations(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add invitations, leaving out parties that have one; returns the ids of the new ones."""
    made: list[int] = []
    for start in range(0, len(rows), _AT_ONCE):
        statement = (
            insert_for(session, Invitation)
            .values(list(rows[start : start + _AT_ONCE]))
            .on_conflict_do_nothing(index_elements=["event_id", "party"])
            .returning(Invitation.id)
        )
        made.extend((await session.scalars(statement)).all())
    return made


async def carry_along(session: Session, carer_ids: Collection[int], now: datetime) -> None:
    """Let the invitations that are these carers' own follow them into the household that they have moved to,
    for events that have not begun: there they answer on, and keep what they said.

    Their cards of what the household that they left is invited to are drawn no more: how it answers is not
    theirs to know.
    """
    to_come = select(Event.id).where(Event.starts_at > now)
    home = select(Carer.household_id).where(Carer.id == Invitation.carer_id).scalar_subquery()
    ids = sorted(carer_ids)
    for start in range(0, len(ids), _AT_ONCE):
        theirs = Invitation.carer_id.in_(ids[start : start + _AT_ONCE])
        await session.execute(
            update(Invitation)
            .where(theirs, Invitation.event_id.in_(to_come))
            .values(household_id=home)
            .execution_options(synchronize_session=False)
        )
        not_theirs = (
            select(Card.id)
            .join(Carer, Carer.id == Card.carer_id)
            .join(Invitation, Invitation.id == Card.invitation_id)
            .where(Card.carer_id.in_(ids[start : start + _AT_ONCE]), ~party_of_carer())
        )
        await session.execute(
            delete(Card).where(Card.id.in_(not_theirs)).execution_options(synchronize_session=False)
        )


async def invited_parties(session: Session, event_id: int) -> set[str]:
    """The parties that have an invitation to this event."""
    query = select(Invitation.party).where(Invitation.event_id == event_id)
    return set((await session.scalars(query)).all())


async def members_of_all(session: Session, invitation_ids: Sequence[int]) -> list[PartyMember]:
    """The carers of these parties."""
    found: list[PartyMember] = []
    for start in range(0, len(invitation_ids), _AT_ONCE):
        query = members().where(Invitation.id.in_(invitation_ids[start : start + _AT_ONCE]))
        found.extend(await fetch_members(session, query))
    return found


async def groups_of_carer(session: Session, carer_id: int) -> Sequence[str]:
    """The names of the groups that a carer belongs to."""
    query = select(Group.name).join(GroupMember).where(GroupMember.carer_id == carer_id)
    return (await session.scalars(query)).all()


async def invitations_shown_to(session: Session, carer: Carer) -> Collection[int]:
    """The invitations that this carer has in the chat they have now, or is about to get there: their own, and
    their household's that came for the other carer who has the same chat and reads the same language."""
    whose = select(Carer.id).where(
        or_(
            Carer.id == carer.id,
            and_(
                Carer.chat_id == carer.chat_id,
                Carer.household_id == carer.household_id,
                Carer.language == carer.language,
            ),
        )
    )
    query = select(Delivery.invitation_id).where(
        Delivery.carer_id.in_(whose),
        Delivery.kind == "invitation",
        or_(
            Delivery.state.in_(WAITING),
            and_(Delivery.state == DeliveryState.SENDING, Delivery.channel == Channel.APP),
            and_(
                Delivery.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)),
                Delivery.chat_id == carer.chat_id,
            ),
        ),
    )
    return {found for found in (await session.scalars(query)).all() if found is not None}


async def unanswered(
    session: Session, now: datetime, nudged_less_than: int
) -> Sequence[tuple[int, Invitation, Event]]:
    """Carers who are told things in the app, with an invitation that still wants an answer; by carer, soonest
    event first."""
    query = (
        select(Carer.id, Invitation, Event)
        .join(Carer, party_of_carer())
        .join(Event, Event.id == Invitation.event_id)
        .where(
            _wants_an_answer(now),
            Invitation.nudges < nudged_less_than,
            Carer.chat_id.is_not(None),
            way_or_app() == Channel.APP.value,
        )
        .order_by(Carer.id, Event.starts_at, Invitation.id)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class Silent:
    """A carer who got an invitation and whose party has not answered it."""

    invitation_id: int
    carer_id: int


async def silent_parties(
    session: Session,
    event_id: int,
    *,
    sent_by: datetime,
    not_asked_since: datetime,
    nudged_less_than: int,
    count: int | None = None,
) -> Sequence[Silent]:
    """Carers to whom the invitation to this event went out by ``sent_by`` and whose party is silent.

    None who gets letters: a second would say no more than the first. None who was nudged
    ``nudged_less_than`` times, or asked again after ``not_asked_since``. At most ``count``, where a look is
    all that is wanted.
    """
    again = (
        exists()
        .where(
            Delivery.invitation_id == Invitation.id,
            Delivery.kind.in_(("nudge", "tap_again")),
            Delivery.queued_at > not_asked_since,
        )
        .correlate(Invitation)
    )
    query = (
        select(Invitation.id, Delivery.carer_id)
        .join(Delivery, Delivery.invitation_id == Invitation.id)
        .join(Carer, Carer.id == Delivery.carer_id)
        .where(
            Invitation.event_id == event_id,
            Carer.channel.is_distinct_from(Channel.LETTER),
            Invitation.state == RsvpState.INVITED,
            Invitation.answered_at.is_(None),
            Invitation.nudges < nudged_less_than,
            Delivery.kind == "invitation",
            Delivery.state == DeliveryState.SENT,
            Delivery.sent_at <= sent_by,
            ~again,
        )
    )
    query = query.order_by(Invitation.id, Delivery.carer_id) if count is None else query.limit(count)
    rows = (await session.execute(query)).all()
    return [Silent(invitation, carer) for invitation, carer in rows if carer is not None]


async def count_nudge(session: Session, invitation_ids: Collection[int], nudges: int) -> None:
    """Note that these parties have been nudged this often."""
    ids = sorted(invitation_ids)
    for start in range(0, len(ids), _AT_ONCE):
        await session.execute(
            update(Invitation)
            .where(Invitation.id.in_(ids[start : start + _AT_ONCE]))
            .values(nudges=nudges)
            .execution_options(synchronize_session=False)
        )


def _closes() -> ColumnElement[datetime]:
    return func.coalesce(Event.rsvp_deadline, Event.starts_at)


def _wants_an_answer(now: datetime) -> ColumnElement[bool]:
    return and_(
        Event.state == EventState.INVITED,
        _closes() > now,
        Invitation.state == RsvpState.INVITED,
        Invitation.answered_at.is_(None),
    )


_COMING = Invitation.state.in_((RsvpState.GOING, RsvpState.MAYBE))


async def own_hours_at(session: Session, event_ids: Collection[int]) -> dict[int, set[tuple[time, time]]]:
    """By event: the quiet hours of their own that carers have who are going, or may be."""
    query = (
        select(Invitation.event_id, Carer.quiet_from, Carer.quiet_until)
        .join(Carer, party_of_carer())
        .where(
            Invitation.event_id.in_(event_ids),
            _COMING,
            Carer.quiet_from.is_not(None),
        )
        .distinct()
    )
    found: dict[int, set[tuple[time, time]]] = {}
    for event_id, begin, end in (await session.execute(query)).all():
        if begin is not None and end is not None:
            found.setdefault(event_id, set()).add((begin, end))
    return found


async def coming_since(
    session: Session, event_id: int, moment: datetime, own: tuple[time, time] | None, had: Collection[str]
) -> Sequence[PartyMember]:
    """The carers of parties that are going, or may be, and said so by this moment, and who have these quiet
    hours of their own (null: whatever they have); without those who have a delivery whose key begins with one
    of ``had``."""
    begins = or_(*(Delivery.dedupe_key.startswith(key, autoescape=True) for key in had))
    has_one = exists().where(Delivery.invitation_id == Invitation.id, Delivery.carer_id == Carer.id, begins)
    query = members().where(
        Invitation.event_id == event_id,
        _COMING,
        Invitation.answered_at <= moment,
        ~has_one.correlate(Invitation, Carer),
    )
    if own is not None:
        query = query.where(Carer.quiet_from == own[0], Carer.quiet_until == own[1])
    return await fetch_members(session, query)


async def online_without(session: Session, event_id: int, key: str) -> Sequence[PartyMember]:
    """The carers of parties going online to whom no delivery with this key and their own mark is queued."""
    has_it = (
        exists().where(Delivery.dedupe_key == literal(f"{key}:c") + cast(Carer.id, String)).correlate(Carer)
    )
    query = members().where(
        Invitation.event_id == event_id,
        Invitation.state == RsvpState.GOING,
        Invitation.mode == Mode.ONLINE,
        ~has_it,
    )
    return await fetch_members(session, query)
