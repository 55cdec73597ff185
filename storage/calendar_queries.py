"""What a carer's calendar is made of: their parties with the events, and what each carer took last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from storage.deliveries import WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Channel
from storage.ledger import insert_for
from storage.rsvp import CalendarCopy, Invitation, RsvpState
from storage.rsvp_queries import party_of_carer
from storage.ways import mail_is_on, way

_ON_ITS_WAY = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
_KEPT_BY_MAIL = "calendars kept by mail"


@dataclass(frozen=True, slots=True)
class Entry:
    """One invitation of a carer. ``taken``: the SEQUENCE of the calendar file that they took last."""

    event: Event
    invitation: Invitation
    taken: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The SEQUENCE of what a carer's calendar has of an invitation: a file that they took, or a mail.

    Null: the mail that brings it has not gone out. ``mailed``: they are told by mail.
    """

    carer_id: int
    sequence: int | None
    invitation: Invitation
    mailed: bool = False


def _entries(carer: Carer) -> Select[Event, Invitation, int | None]:
    theirs = and_(CalendarCopy.invitation_id == Invitation.id, CalendarCopy.carer_id == carer.id)
    return (
        select(Event, Invitation, CalendarCopy.sequence)
        .join(Invitation, Invitation.event_id == Event.id)
        .outerjoin(CalendarCopy, theirs)
        .where(_theirs(carer))
        .order_by(Event.starts_at, Event.id)
    )


def _theirs(carer: Carer) -> ColumnElement[bool]:
    return and_(
        Invitation.household_id == carer.household_id,
        or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
    )


async def entries_of(session: Session, carer: Carer, since: datetime) -> list[Entry]:
    """What this carer is going to, or may, and what was called off after they had answered, soonest first.

    ``since``: nothing that ended or was called off before it.
    """
    coming = and_(
        Invitation.state.in_((RsvpState.GOING, RsvpState.MAYBE)),
        Event.state == EventState.INVITED,
        Event.ends_at >= since,
    )
    # Who had not answered never had it in a calendar; who said no still stands as not going.
    called_off = and_(
        Invitation.state == RsvpState.CANCELLED,
        Invitation.answered_at.is_not(None),
        Event.state == EventState.CANCELLED,
        Event.cancelled_at >= since,
    )
    rows = await session.execute(_entries(carer).where(or_(coming, called_off)))
    return [Entry(*row) for row in rows.all()]


async def going_to(session: Session, carer: Carer, now: datetime) -> list[Entry]:
    """What this carer is going to and has not begun, soonest first; its events are locked."""
    going = (
        _theirs(carer),
        Invitation.state == RsvpState.GOING,
        Event.state == EventState.INVITED,
        Event.starts_at > now,
    )
    theirs = select(Event.id).join(Invitation, Invitation.event_id == Event.id).where(*going)
    locked = select(Event.id).where(Event.id.in_(theirs)).order_by(Event.id).with_for_update(key_share=True)
    ids = (await session.scalars(locked)).all()
    query = _entries(carer).where(*going, Event.id.in_(ids)).execution_options(populate_existing=True)
    return [Entry(*row) for row in (await session.execute(query)).all()]


async def taken_of(session: Session, invitation_id: int, carer_id: int) -> int | None:
    """The SEQUENCE of the file that this carer took last; null where they took none."""
    query = select(CalendarCopy.sequence).where(
        CalendarCopy.invitation_id == invitation_id, CalendarCopy.carer_id == carer_id
    )
    return (await session.scalars(query)).one_or_none()


async def sharers_of(session: Session, carer: Carer) -> Sequence[int]:
    """The carers of this household to whom mail comes at this carer's address, themselves among them, in
    the order of their numbers."""
    query = select(Carer.id).where(
        Carer.household_id == carer.household_id, func.lower(Carer.email) == (carer.email or "").lower()
    )
    return (await session.scalars(query.order_by(Carer.id))).all()


async def files_taken(session: Session, event_id: int, invitation_id: int | None = None) -> list[Taken]:
    """Which carers have this event in their calendar, or had it; perhaps of one party only.

    Carers who moved away are none.
    """
    query = (
        select(CalendarCopy.carer_id, CalendarCopy.sequence, Invitation, way() == Channel.EMAIL)
        .join(Invitation, Invitation.id == CalendarCopy.invitation_id)
        .join(Carer, and_(Carer.id == CalendarCopy.carer_id, party_of_carer()))
        .where(Invitation.event_id == event_id)
        .order_by(Invitation.id, CalendarCopy.carer_id)
    )
    if invitation_id is not None:
        query = query.where(Invitation.id == invitation_id)
    with session.no_autoflush:  # nothing that waits to be written decides who it is
        rows = (await session.execute(query)).all()
    return [Taken(carer, sequence, party, bool(mailed)) for carer, sequence, party, mailed in rows]


async def mails_on_their_way(
    session: Session, event_id: int, invitation_id: int | None = None
) -> list[Taken]:
    """To whom an invitation by mail waits to go out, or goes at this moment, and no entry has gone before.

    A transaction that sends it does not wait for one that moves the event, nor the other way round.
    """
    had = and_(
        CalendarCopy.invitation_id == Delivery.invitation_id, CalendarCopy.carer_id == Delivery.carer_id
    )
    query = (
        select(Delivery.carer_id, Invitation)
        .join(Invitation, Invitation.id == Delivery.invitation_id)
        .outerjoin(CalendarCopy, had)
        .where(
            Delivery.event_id == event_id,
            Delivery.kind == "invitation",
            Delivery.channel == Channel.EMAIL,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.carer_id.is_not(None),
            CalendarCopy.sequence.is_(None),
        )
        .order_by(Invitation.id, Delivery.carer_id)
    )
    if invitation_id is not None:
        query = query.where(Invitation.id == invitation_id)
    with session.no_autoflush:
        rows = (await session.execute(query)).all()
    return [Taken(carer or 0, None, party, mailed=True) for carer, party in rows]


async def mail_goes_out(session: Session) -> bool:
    """Whether the service sends email; looked up once a transaction."""
    if _KEPT_BY_MAIL not in session.info:
        with session.no_autoflush:
            session.info[_KEPT_BY_MAIL] = bool(await session.scalar(select(mail_is_on())))
    return bool(session.info[_KEPT_BY_MAIL])


async def mail_brings_it(
    session: Session, invitation_id: int, carer_id: int, kinds: Collection[str], since: datetime
) -> bool:
    """Whether a mail of these kinds about this invitation waits for this carer, or went out since then."""
    query = (
        select(Delivery.id)
        .where(
            Delivery.invitation_id == invitation_id,
            Delivery.carer_id == carer_id,
            Delivery.kind.in_(kinds),
            Delivery.channel == Channel.EMAIL,
            or_(
                Delivery.state.in_(WAITING),
                and_(Delivery.state.in_(_ON_ITS_WAY), Delivery.sent_at >= since),
            ),
        )
        .limit(1)
    )
    return await session.scalar(query) is not None


async def party_of_event(session: Session, event_id: int, carer: Carer) -> int | None:
    """The id of the invitation to this event that is this carer's, or their household's."""
    query = select(Invitation.id).where(Invitation.event_id == event_id, _theirs(carer))
    return (await session.scalars(query.order_by(Invitation.id).limit(1))).first()


async def note_taken(session: Session, sequences: Mapping[tuple[int, int], int]) -> None:
    """Write down the SEQUENCE of what carers take into their calendar, by invitation and carer.

    It never falls, whoever writes last. In the order of the keys, so that no two who do this wait for each
    other.
    """
    if not sequences:
        return
    rows = [
        {"invitation_id": invitation, "carer_id": carer, "sequence": number}
        for (invitation, carer), number in sorted(sequences.items())
    ]
    statement = insert_for(session, CalendarCopy)
    number = statement.excluded.sequence
    highest = case((CalendarCopy.sequence > number, CalendarCopy.sequence), else_=number)
    statement = statement.on_conflict_do_update(
        index_elements=["invitation_id", "carer_id"], set_={"sequence": highest}
    )
    connection = await session.connection()
    await connection.execute(statement, rows)
