"""Carers who are told by mail, and what their calendars get."""

from datetime import datetime

from bot.compose import all_composers
from broadcasts.sender import Content
from carers.people import Carer
from events.calendar_mail import calendar_part
from storage.deliveries import WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event
from storage.households import Channel
from storage.ways import note_mail
from tests.events.acts import invitation_of, queued
from tests.events.calendars import Scheduled, check_scheduling
from tests.support.cast import NOON

ORGANISER = ("Riverside Fostering", "events@riverside.example")


async def told_by_mail(session: Session, *carers: Carer) -> None:
    """The service sends mail, and these carers have no app."""
    await note_mail(session, True, NOON)
    for carer in carers:
        carer.chat_id, carer.email = None, f"{carer.first_name.lower()}@mail.example"
    await session.flush()


async def brought(session: Session, delivery: Delivery, now: datetime) -> str | None:
    """The mail goes out: what it brings to the calendar; null: nothing, or there is no mail after all."""
    assert delivery.channel == Channel.EMAIL
    content = await all_composers()[delivery.kind](session, delivery, now)
    if not isinstance(content, Content):
        delivery.state, delivery.reason = DeliveryState.SKIPPED, content.reason
        await session.flush()
        return None
    assert "document" not in content.params
    carer = await session.get_one(Carer, delivery.carer_id)
    part = await calendar_part(session, delivery, carer.email or "", ORGANISER, now)
    delivery.state, delivery.sent_at = DeliveryState.SENT, now
    await session.flush()
    if part is not None:
        assert check_scheduling(part.content).method == part.method
    return part.content if part else None


async def mail_goes_out(session: Session, event: Event, carer: Carer, now: datetime = NOON) -> list[str]:
    """All mail that waits for this carer about an event goes out; what it brings to their calendar."""
    invitation = await invitation_of(session, event, carer)
    waiting = [
        delivery
        for kind in all_composers()
        for delivery in await queued(session, kind)
        if (delivery.carer_id, delivery.invitation_id) == (carer.id, invitation.id)
        and delivery.state in WAITING
    ]
    found = [await brought(session, each, now) for each in sorted(waiting, key=lambda each: each.id)]
    return [text for text in found if text is not None]


async def entries(session: Session, event: Event, carer: Carer, now: datetime = NOON) -> list[Scheduled]:
    """The same, as their calendar reads it."""
    return [check_scheduling(text) for text in await mail_goes_out(session, event, carer, now)]
