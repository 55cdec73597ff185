"""News for carers with letters that the post would bring too late, and of which staff were not told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, and_, cast, literal, or_, select

from storage.deliveries import IS_WAITING, Delivery, Notice
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel, Household
from storage.rsvp import Invitation, RsvpState


@dataclass(frozen=True, slots=True)
class Call:
    """A carer to ring, and about what. ``until``: when the offer lapses, if it is one. Times are UTC."""

    delivery_id: int
    kind: str
    send_by: datetime
    name: str
    about: str
    until: datetime | None
    social_worker_id: int | None


async def calls_to_make(
    session: Session,
    now: datetime,
    *,
    always: Collection[str],
    when_late: Collection[str],
    too_late: datetime,
    limit: int,
) -> list[Call]:
    """Waiting letters of the kinds ``always``, and of ``when_late`` where they are of no use after
    ``too_late``; none of which an alert was queued before, nor an offer that was taken up or has lapsed."""
    known = select(Notice.key).where(Notice.key.startswith("staff_alert:call:", autoescape=True))
    stale_offer = and_(Delivery.kind == "offer", Invitation.state != RsvpState.OFFERED)
    query = (
        select(
            Delivery.id,
            Delivery.kind,
            Delivery.send_by,
            Carer.first_name,
            Carer.last_name,
            Carer.ref,
            Event.title,
            Invitation.offer_expires_at,
            Household.social_worker_id,
        )
        .join(Carer, Carer.id == Delivery.carer_id)
        .join(Household, Household.id == Carer.household_id)
        .join(Event, Event.id == Delivery.event_id)
        .join(Invitation, Invitation.id == Delivery.invitation_id)
        .where(
            IS_WAITING,
            Delivery.channel == Channel.LETTER.value,
            Delivery.due_at <= now,
            Delivery.send_by > now,
            or_(
                Delivery.kind.in_(always),
                and_(Delivery.kind.in_(when_late), Delivery.send_by < too_late),
            ),
            ~stale_offer,
            literal("staff_alert:call:").concat(cast(Delivery.id, String)).not_in(known),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    return [
        Call(
            row.id,
            row.kind,
            row.send_by,
            f"{row.first_name} {row.last_name}".strip() or row.ref,
            row.title,
            row.offer_expires_at if row.kind == "offer" else None,
            row.social_worker_id,
        )
        for row in (await session.execute(query)).all()
    ]
