"""Reading everything that is held about one carer, row by row, for nobody but them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from storage.attendance import Attendance, Feedback
from storage.ballot import Draw, DrawEntry
from storage.check_ins import CheckIn
from storage.conversations import CarerMessage, Thread
from storage.deliveries import SURVEY_REMINDER, Delivery
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Household
from storage.links import LinkToken
from storage.nominations import Nomination
from storage.pages import PageCode
from storage.rsvp import CalendarCopy, Invitation
from storage.staff import AuditEntry, StaffMember
from storage.surveys import Round
from storage.types import JsonDict


async def home_of(session: Session, carer: Carer) -> tuple[Household, str]:
    """The carer's household, and the name of its social worker; empty where it has none."""
    query = (
        select(Household, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Household.social_worker_id)
        .where(Household.id == carer.household_id)
    )
    household, worker = (await session.execute(query)).one()
    return household, worker or ""


async def invitations_of_carer(session: Session, carer: Carer) -> Sequence[tuple[Invitation, Event]]:
    """The carer's invitations, and their household's where households answer, the latest event first."""
    query = (
        select(Invitation, Event)
        .join(Event, Event.id == Invitation.event_id)
        .where(_theirs(carer))
        .order_by(Event.starts_at.desc(), Invitation.id)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def draws_of_carer(session: Session, carer: Carer) -> list[JsonDict]:
    """title, drawn_at, turn, seats, received, losses, won: of each draw that the carer's party was in."""
    query = (
        select(
            Event.title,
            Draw.drawn_at,
            DrawEntry.turn,
            DrawEntry.seats,
            DrawEntry.received,
            DrawEntry.losses,
            DrawEntry.won,
        )
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .join(Event, Event.id == Draw.event_id)
        .join(Invitation, Invitation.id == DrawEntry.invitation_id)
        .where(_theirs(carer))
        .order_by(Draw.drawn_at.desc(), Draw.id)
    )
    return await _read(session, query)


async def attendance_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """title, starts_at, state, source, recorded_at: of each event for which they were ticked."""
    query = (
        select(Event.title, Event.starts_at, Attendance.state, Attendance.source, Attendance.recorded_at)
        .join(Event, Event.id == Attendance.event_id)
        .where(Attendance.carer_id == carer_id)
        .order_by(Event.starts_at.desc(), Event.id)
    )
    return await _read(session, query)


async def feedback_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """title, starts_at, rating, comment, given_at."""
    query = (
        select(Event.title, Event.starts_at, Feedback.rating, Feedback.comment, Feedback.given_at)
        .join(Event, Event.id == Feedback.event_id)
        .where(Feedback.carer_id == carer_id)
        .order_by(Feedback.given_at.desc(), Feedback.id)
    )
    return await _read(session, query)


async def messages_of_carer(session: Session, carer_id: int) -> Sequence[CarerMessage]:
    """What they and the service wrote to each other, the latest first; of what was redacted the words are
    gone."""
    query = select(CarerMessage).where(CarerMessage.carer_id == carer_id)
    ordered = query.order_by(CarerMessage.received_at.desc(), CarerMessage.id)
    return (await session.scalars(ordered)).all()


async def threads_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """opened_at, state, urgent, heard_at, answered_at, settled_at: of each conversation that is kept."""
    query = (
        select(
            Thread.opened_at,
            Thread.state,
            Thread.urgent,
            Thread.heard_at,
            Thread.answered_at,
            Thread.settled_at,
        )
        .where(Thread.carer_id == carer_id)
        .order_by(Thread.opened_at.desc(), Thread.id.desc())
    )
    return await _read(session, query)


async def notices_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """kind, event, survey, channel, state, queued_at, sent_at: of each notice to them, the latest first.

    Without reminders of anonymous surveys: they went to who had not answered, and are forgotten at the close.
    """
    unsaid = and_(Delivery.kind == SURVEY_REMINDER, Round.anonymous.is_not(False))
    query = (
        select(
            Delivery.kind,
            Event.title.label("event"),
            Round.title.label("survey"),
            Delivery.channel,
            Delivery.state,
            Delivery.queued_at,
            Delivery.sent_at,
        )
        .outerjoin(Event, Event.id == Delivery.event_id)
        .outerjoin(Round, Round.id == Delivery.round_id)
        .where(Delivery.carer_id == carer_id, ~unsaid)
        .order_by(Delivery.queued_at.desc(), Delivery.id.desc())
    )
    return await _read(session, query)


async def nominations_by_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """sent_at, whom, words, state: of each nomination that they sent; after 90 days without its words."""
    query = (
        select(Nomination.created_at.label("sent_at"), Nomination.whom, Nomination.words, Nomination.state)
        .where(Nomination.nominated_by_id == carer_id)
        .order_by(Nomination.created_at.desc(), Nomination.id.desc())
    )
    return await _read(session, query)


async def nominations_of_carer(session: Session, carer: Carer) -> Sequence[Nomination]:
    """Those that name this carer, or their household as a whole, as far as staff found, the latest first."""
    theirs = or_(
        Nomination.carer_id == carer.id,
        and_(Nomination.carer_id.is_(None), Nomination.household_id == carer.household_id),
    )
    query = select(Nomination).where(theirs)
    ordered = query.order_by(Nomination.created_at.desc(), Nomination.id.desc())
    return (await session.scalars(ordered)).all()


async def links_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """created_at, used_at, revoked_at: of the links that connect their app."""
    query = (
        select(LinkToken.created_at, LinkToken.used_at, LinkToken.revoked_at)
        .where(LinkToken.carer_id == carer_id)
        .order_by(LinkToken.created_at.desc(), LinkToken.id.desc())
    )
    return await _read(session, query)


async def codes_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """purpose, created_at, expires_at: of the codes on their letters."""
    query = (
        select(PageCode.purpose, PageCode.created_at, PageCode.expires_at)
        .where(PageCode.carer_id == carer_id)
        .order_by(PageCode.created_at.desc(), PageCode.id.desc())
    )
    return await _read(session, query)


async def calendar_copies_of_carer(session: Session, carer_id: int) -> list[JsonDict]:
    """title, sequence: of the events that they took into a calendar of their own."""
    query = (
        select(Event.title, CalendarCopy.sequence)
        .join(Invitation, Invitation.id == CalendarCopy.invitation_id)
        .join(Event, Event.id == Invitation.event_id)
        .where(CalendarCopy.carer_id == carer_id)
        .order_by(Event.starts_at.desc(), Event.id)
    )
    return await _read(session, query)


async def check_ins_of_household(session: Session, household_id: int) -> list[JsonDict]:
    """made_on, how: of each time that staff spoke to the household, or tried to; the latest first."""
    query = (
        select(CheckIn.made_on, CheckIn.how)
        .where(CheckIn.household_id == household_id)
        .order_by(CheckIn.made_on.desc(), CheckIn.id.desc())
    )
    return await _read(session, query)


async def deeds_about(session: Session, carer_ref: str) -> list[JsonDict]:
    """at, action: what staff did about this carer, the latest first."""
    query = (
        select(AuditEntry.at, AuditEntry.action)
        .where(AuditEntry.subject == f"carer:{carer_ref}")
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return await _read(session, query)


def _theirs(carer: Carer) -> ColumnElement[bool]:
    of_the_household = and_(Invitation.carer_id.is_(None), Invitation.household_id == carer.household_id)
    return or_(Invitation.carer_id == carer.id, of_the_household)


async def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[JsonDict]:
    """Each row by the names of its columns; times and states are still themselves."""
    return [dict(row) for row in (await session.execute(query)).mappings()]
