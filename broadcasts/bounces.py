"""Mails that were accepted and came back: what that says of the delivery, and of the address.

A server says yes to a mail and finds out later that it cannot deliver it; then it sends a report. Whoever
reads those calls this. It is safe to read a report twice: a delivery that failed already stays as it is.
"""

from datetime import datetime
from enum import StrEnum

from carers.people import Carer
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_people import mark_addresses_failed
from storage.engine import Session
from storage.households import Channel
from storage.routing import go_another_way, reroute, reroute_staff
from storage.staff import StaffMember

Recipient = Carer | StaffMember
_GONE_OUT = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)


class Bounce(StrEnum):
    """What a report says of a mail."""

    DELAYED = "delayed"
    """The server goes on trying: nothing is to be done."""
    REFUSED = "refused"
    """This mail will not arrive; another may."""
    GONE = "gone"
    """The address takes no mail for good."""


class Noted(StrEnum):
    """What came of a report."""

    NOTHING = "nothing"
    """It was noted before, or there is no such delivery of email (any more)."""
    DELAYED = "delayed"
    FAILED = "failed"
    """The delivery has failed; the address stays good."""
    ADDRESS_GONE = "address_gone"
    """The delivery has failed, and so has the address: what waits goes another way."""


async def note_bounce(
    session: Session,
    delivery_id: int,
    bounce: Bounce,
    reason: str,
    now: datetime,
    *,
    same_address: bool = True,
) -> Noted:
    """Write down that the mail of this delivery came back, and see that whom it was for is told another way.

    ``same_address``: whether it had gone to the address that they have now; if not, nothing is known of that
    one.
    """
    delivery = await session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None or delivery.channel != Channel.EMAIL or delivery.state not in _GONE_OUT:
        return Noted.NOTHING
    if bounce is Bounce.DELAYED:
        return Noted.DELAYED
    delivery.state, delivery.reason = DeliveryState.FAILED, f"bounced:{reason}"[:80]
    await session.flush()
    whose = await _recipient(session, delivery)
    if bounce is not Bounce.GONE or not same_address or whose is None or not whose.email:
        return Noted.FAILED
    await mark_addresses_failed(session, {whose.email: reason}, now)
    await go_another_way(session, [delivery.id], now)
    await (reroute if isinstance(whose, Carer) else reroute_staff)(session, now, whose.id)
    return Noted.ADDRESS_GONE


async def recipient_of_mail(session: Session, delivery_id: int) -> Recipient | None:
    """Whom this delivery is for, if they are known still."""
    delivery = await session.get(Delivery, delivery_id)
    return await _recipient(session, delivery) if delivery is not None else None


async def _recipient(session: Session, delivery: Delivery) -> Recipient | None:
    if delivery.carer_id is not None:
        return await session.get(Carer, delivery.carer_id)
    return await session.get(StaffMember, delivery.staff_id) if delivery.staff_id is not None else None
