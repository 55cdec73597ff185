"""Sending again what did not arrive."""

from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_moves import requeue
from storage.engine import Session
from storage.staff import StaffMember

RESENDABLE = (DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.SKIPPED)


class Resend(StrEnum):
    """What came of asking to send a delivery again."""

    QUEUED = "queued"
    NOT_FOUND = "not_found"
    STALE = "stale"
    """Its send-by time has passed: it would only confuse."""
    NOT_NEEDED = "not_needed"
    """It was sent, was called off, or is about to go out."""


async def resend(session: Session, delivery_id: int, by: StaffMember | None, now: datetime) -> Resend:
    """Queue a delivery again whose message did not arrive, or may not have. Who gets two said so was fine."""
    delivery = await session.get(Delivery, delivery_id)
    if delivery is None:
        return Resend.NOT_FOUND
    if delivery.state is DeliveryState.MISSED or (delivery.state in RESENDABLE and delivery.send_by <= now):
        return Resend.STALE
    was = delivery.state
    if not await requeue(session, delivery_id, RESENDABLE, now):
        return Resend.NOT_NEEDED
    await session.refresh(delivery)
    await record(session, now, by, "delivery.resend", f"delivery:{delivery_id}", was=str(was))
    return Resend.QUEUED
