"""Calls that cannot wait: who is told that a carer with letters has to be rung, about what, and once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcasts.calls import any_calls, tell_of_calls
from broadcasts.post import mark_told
from broadcasts.queue import Recipient, queue_notice
from carers.channels import Channel
from events.planning import cancel_event
from storage.deliveries import Delivery, Notice
from storage.engine import Database, Session
from storage.rsvp import Invitation, RsvpState
from tests.broadcasts.test_post import DAY, invite
from tests.handlers.chats import SERVICE
from tests.support.cast import NOON, Cast, gather
from tests.support.delivery import LONDON
from texts.render import Texts


@pytest.fixture
async def cast(database: Database) -> Cast:
    """Jo and Sam get letters. Tom is the Reeds' social worker."""
    async with database.write() as session:
        cast = await gather(session)
        for carer in (cast.jo, cast.sam):
            carer.chat_id, carer.channel = None, Channel.LETTER
        return cast


async def alerts(session: Session) -> list[tuple[str, str, list[int | None]]]:
    """Whom to ring, what the alert says about it, and which staff get it."""
    notices = await session.scalars(select(Notice).where(Notice.kind == "staff_alert").order_by(Notice.id))
    found = []
    for notice in notices.all():
        told = select(Delivery.staff_id).where(Delivery.notice_id == notice.id).order_by(Delivery.staff_id)
        params = dict(notice.params)
        text = Texts(SERVICE, LONDON).render(params.pop("text"), params).text
        found.append((params["carer"], text, list((await session.scalars(told)).all())))
    return found


async def test_an_event_called_off_for_tomorrow_is_rung_about_and_an_invitation_is_not(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        soon, later = await invite(session, cast, 1, "Breakfast"), await invite(session, cast, 12)
        for party in (await session.scalars(select(Invitation))).all():
            party.state = RsvpState.GOING
        for event in (soon, later):
            await cancel_event(session, event, "The hall is flooded", cast.priya, NOON)
    async with database.write() as session:
        assert await any_calls(session, NOON)
        assert await tell_of_calls(session, NOON) == 2
        assert await tell_of_calls(session, NOON) == 0
        jo, sam = sorted(await alerts(session))
    assert (jo[0], jo[2]) == ("Jo Reed", [cast.priya.id, cast.tom.id])
    assert (sam[0], sam[2]) == ("Sam Okafor", [cast.priya.id])
    assert "Breakfast is called off" in sam[1]


async def test_an_offer_is_rung_about_until_it_is_taken_up_or_somebody_rang(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        event = await invite(session, cast, 12)
        parties = (await session.scalars(select(Invitation).order_by(Invitation.id))).all()
        offered = {party.carer_id: party for party in parties}
        for carer in (cast.jo, cast.sam):
            party = offered[carer.id]
            party.state, party.offer_expires_at = RsvpState.OFFERED, NOON + DAY
            await queue_notice(
                session,
                "offer",
                [Recipient(carer.id, invitation_id=party.id)],
                about=f"invitation:{party.id}",
                now=NOON,
                send_by=NOON + DAY,
                event_id=event,
            )
        offered[cast.jo.id].state = RsvpState.GOING
    async with database.write() as session:
        assert await tell_of_calls(session, NOON) == 1
        ((name, text, _),) = await alerts(session)
    assert name == "Sam Okafor"
    assert "a place is free for them at Coffee afternoon until Wednesday 7 May" in text


async def test_what_somebody_has_told_them_needs_no_alert(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        event = await invite(session, cast, 1)
        for party in (await session.scalars(select(Invitation))).all():
            party.state = RsvpState.GOING
        await cancel_event(session, event, "", cast.priya, NOON)
        called_off = select(Delivery.id).where(Delivery.kind == "cancellation", Delivery.channel == "letter")
        for delivery in (await session.scalars(called_off)).all():
            assert await mark_told(session, delivery, cast.priya, NOON)
        assert not await any_calls(session, NOON + timedelta(minutes=1))
