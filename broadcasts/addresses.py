"""To which address a delivery goes, by each channel."""

from collections.abc import Collection

from broadcasts.policy import topic_of_delivery
from broadcasts.sender import Address, MailTo
from storage.deliveries_due import DueDelivery
from storage.households import Channel


def address_of(due: DueDelivery, channel: Channel) -> Address | None:
    """The chat or the email address of the recipient; None where there is none."""
    if channel is not Channel.EMAIL:
        return due.chat_id
    if not due.email:
        return None
    return MailTo(
        due.email,
        due.carer_id,
        due.page_number or 1,
        due.id,
        due.kind,
        due.event_id,
        due.invitation_id,
        due.round_id,
        topic_of_delivery(due),
        due.first_name or (due.staff_name or "").partition(" ")[0],
        due.language or "en",
    )


def as_in_ledger(addresses: Collection[Address]) -> list[int] | list[str]:
    """These addresses, all of one channel, as `storage.deliveries_due.due_deliveries` leaves them out."""
    chats = [to for to in addresses if isinstance(to, int)]
    return chats or [to.address.lower() for to in addresses if isinstance(to, MailTo)]
