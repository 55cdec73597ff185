"""Taking back what waits, and sending again what did not arrive."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcasts.corrections import Resend, resend
from storage.deliveries import DeliveryState
from storage.events_notices import cancel_waiting_of_event
from storage.staff import AuditEntry
from tests.broadcasts.stage import DAY, Stage
from tests.support.cast import NOON
from tests.support.fake_sender import NO_ANSWER, WRONG

HOUR = timedelta(hours=1)


async def ask(stage: Stage, delivery_id: int) -> Resend:
    async with stage.database.write() as session:
        return await resend(session, delivery_id, stage.cast.priya, NOON + HOUR)


@pytest.mark.parametrize("answer", [NO_ANSWER, WRONG])
async def test_staff_can_send_again_what_failed_or_may_not_have_arrived(stage: Stage, answer: object) -> None:
    stage.sender.will(answer)  # type: ignore[arg-type]
    await stage.queue("reminder", stage.cast.amal)
    await stage.go()
    assert await ask(stage, (await stage.delivery()).id) is Resend.QUEUED
    await stage.go(NOON + HOUR)
    assert await stage.stands() == [(DeliveryState.SENT, None)]
    async with stage.database.read() as session:
        (entry,) = (await session.scalars(select(AuditEntry))).all()
    assert (entry.actor, entry.action) == ("Priya Lane", "delivery.resend")


async def test_what_was_sent_or_still_waits_is_not_sent_again(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    await stage.go()
    await stage.queue("reminder", stage.cast.sam, due_at=NOON + DAY)
    for row in await stage.deliveries():
        assert await ask(stage, row.id) is Resend.NOT_NEEDED


async def test_what_is_stale_is_not_sent_again(stage: Stage) -> None:
    stage.sender.will(WRONG)
    await stage.queue("reminder", stage.cast.amal, send_by=NOON + HOUR)
    await stage.go()
    await stage.queue("reminder", stage.cast.jo, send_by=NOON)
    await stage.go()
    assert [await ask(stage, row.id) for row in await stage.deliveries()] == [Resend.STALE, Resend.STALE]


async def test_a_delivery_that_does_not_exist_is_not_found(stage: Stage) -> None:
    assert await ask(stage, 4711) is Resend.NOT_FOUND


async def test_what_has_not_gone_out_can_be_called_off(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    await stage.queue("reminder", stage.cast.amal, event_id=invitation.event_id)
    await stage.go()
    await stage.queue("nudge", stage.cast.jo, event_id=invitation.event_id)
    await stage.queue("nudge", stage.cast.sam, about="another event")
    async with stage.database.write() as session:
        assert await cancel_waiting_of_event(session, invitation.event_id, ("nudge",), "event_cancelled") == 1
    assert await stage.stands() == [
        (DeliveryState.SENT, None),
        (DeliveryState.CANCELLED, "event_cancelled"),
        (DeliveryState.QUEUED, None),
    ]
    await stage.go()
    assert stage.sender.sent_to(102) == []


async def test_only_the_kinds_that_are_named_are_called_off_or_all_others(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    for kind in ("nudge", "reminder", "change"):
        await stage.queue(kind, stage.cast.jo, event_id=invitation.event_id)
    async with stage.database.write() as session:
        assert await cancel_waiting_of_event(session, invitation.event_id, ("nudge",), "over") == 1
        assert await cancel_waiting_of_event(session, invitation.event_id, ("change",), "over", but=True) == 1
    assert [state for state, _ in await stage.stands()] == [
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
        DeliveryState.QUEUED,
    ]


async def test_what_is_called_off_during_its_request_stays_sent(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)

    class Late:
        async def send(self, chat_id: int, message: object) -> object:
            async with stage.database.write() as session:
                assert await cancel_waiting_of_event(session, invitation.event_id, ("reminder",), "late") == 0
            return await stage.sender.send(chat_id, message)

    stage.engine._sender = Late()  # type: ignore[assignment]
    await stage.queue("reminder", stage.cast.amal, event_id=invitation.event_id)
    await stage.go()
    assert await stage.stands() == [(DeliveryState.SENT, None)]
