"""Changing one's mind about deliveries: taking back what waits, sending again what did not arrive."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from broadcasts.policy import Why
from carers.audit import record
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_moves import cancel_deliveries, requeue, requeue_skipped
from storage.engine import Session
from storage.ledger_queries import forget_kind_of_round
from storage.staff import StaffMember

RESENDABLE = (DeliveryState.UNKNOWN, DeliveryState.FAILED, DeliveryState.SKIPPED)
WORTH_A_SECOND_TRY = ("invitation", "survey")
"""What somebody who can be reached at last should still get; nudges and reminders follow by themselves."""


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


async def send_what_waited(session: Session, carer_id: int, now: datetime) -> int:
    """Queue what a carer missed for having no chat, or for having blocked it, and can still use; how many.

    For whoever links a carer, or sees that one can be reached again.
    """
    reasons = (Why.NO_APP, Why.UNREACHABLE, Why.STOPPED)
    return await requeue_skipped(session, carer_id, WORTH_A_SECOND_TRY, reasons, now)


async def cancel_waiting(
    session: Session,
    *,
    event_id: int | None = None,
    round_id: int | None = None,
    notice_id: int | None = None,
    kinds: Collection[str] | None = None,
    reason: str,
) -> int:
    """Call off the deliveries that have not gone out and fit all that is given; how many there were.

    What is on its way at this moment still arrives. Raises ``ValueError`` if nothing is given: that would
    call off everything the bot has to say.
    """
    if event_id is None and round_id is None and notice_id is None and kinds is None:
        raise ValueError("say which deliveries to cancel")
    return await cancel_deliveries(
        session, event_id=event_id, round_id=round_id, notice_id=notice_id, kinds=kinds, reason=reason
    )


async def forget_reminders(session: Session, round_id: int) -> int:
    """Delete the reminders of a survey round from the ledger; how many there were.

    For the close of an anonymous round: who was reminded had not answered, who was spared had. That is as
    good as a list of who took part, and the round forgets that too.
    """
    return await forget_kind_of_round(session, round_id, ("survey_reminder",))
