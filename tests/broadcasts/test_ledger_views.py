"""What staff see of the ledger."""

from datetime import date, timedelta

from broadcasts import ledger_views
from storage.deliveries import DeliveryState
from tests.broadcasts.stage import DAY, Stage
from tests.support.cast import NOON
from tests.support.fake_sender import NO_ANSWER, WRONG

TODAY = date(2025, 5, 6)


async def test_deliveries_are_counted_by_state_and_reason(stage: Stage) -> None:
    stage.allow(window=1)
    stage.sender.will(WRONG, NO_ANSWER)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin)
    await stage.queue("cancellation", stage.cast.sam, due_at=NOON + DAY)
    await stage.go()
    notice = (await stage.deliveries())[0].notice_id
    async with stage.database.read() as session:
        counts = await ledger_views.counts(session, notice_id=notice)
        everything = await ledger_views.counts(session)
    assert sorted((count.state, count.reason, count.deliveries) for count in counts) == [
        (DeliveryState.FAILED, "message is too long", 1),
        (DeliveryState.SENT, None, 2),
        (DeliveryState.UNKNOWN, "no_answer", 1),
    ]
    assert sum(count.deliveries for count in everything) == 5


async def test_what_went_wrong_is_listed_with_the_carer_and_the_event(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    stage.sender.will(NO_ANSWER)
    await stage.queue(
        "invitation", stage.cast.amal, event_id=invitation.event_id, invitation_id=invitation.id
    )
    await stage.go()
    await stage.queue("reminder", stage.cast.sam)
    await stage.go()
    async with stage.database.read() as session:
        (row,) = await ledger_views.troubled(session)
        assert await ledger_views.troubled(session, event_id=invitation.event_id) == [row]
        assert await ledger_views.troubled(session, social_worker_id=stage.cast.tom.id) == [row]
        assert await ledger_views.troubled(session, social_worker_id=stage.cast.priya.id) == []
        assert await ledger_views.count_troubled(session) == 1
    assert (row.kind, row.event_title, row.first_name) == ("invitation", "Coffee afternoon", "Amal")


async def test_who_is_not_reached_is_listed_with_the_reason(stage: Stage) -> None:
    await stage.change(stage.cast.amal, chat_id=None)
    await stage.change(stage.cast.jo, unreachable_since=NOON, unreachable_reason="blocked")
    await stage.change(stage.cast.sam, stopped_at=NOON)
    async with stage.database.read() as session:
        people = await ledger_views.not_reached(session, TODAY)
        counted = await ledger_views.count_not_reached(session, TODAY)
        of_tom = await ledger_views.not_reached(session, TODAY, social_worker_id=stage.cast.tom.id)
    assert [(who.first_name, who.reason, who.since) for who in people] == [
        ("Sam", "stopped", NOON),
        ("Amal", "no_app", None),
        ("Jo", "blocked", NOON),
    ]
    assert [who.first_name for who in of_tom] == ["Amal", "Jo"]
    assert counted == {
        stage.cast.tom.id: ledger_views.NotReached(carers=2, without_a_way=2),
        None: ledger_views.NotReached(carers=1, without_a_way=0),
    }


async def test_who_has_left_fostering_is_not_on_the_list(stage: Stage) -> None:
    await stage.change(stage.cast.amal, chat_id=None)
    await stage.change(stage.cast.reeds, ended_on=TODAY - DAY)
    async with stage.database.read() as session:
        assert await ledger_views.not_reached(session, TODAY) == []


async def test_the_export_has_a_row_a_delivery_and_a_time_only_where_it_was_accepted(stage: Stage) -> None:
    invitation = await stage.invite(stage.cast.amal)
    stage.allow(window=1)
    stage.sender.will(NO_ANSWER)
    for carer in (stage.cast.amal, stage.cast.jo):
        await stage.queue("reminder", carer, event_id=invitation.event_id)
    await stage.go()
    async with stage.database.read() as session:
        first, second = await ledger_views.export_deliveries(session)
    assert (first.kind, first.event_ref, first.carer_ref, first.channel) == (
        "reminder",
        "social-1",
        "C1",
        "app",
    )
    assert (first.state, first.reason, first.message_id, first.sent_at) == (
        "unknown",
        "no_answer",
        None,
        None,
    )
    assert (second.state, second.message_id, second.sent_at) == ("sent", stage.sender.last_id, NOON)


async def test_the_queues_length_is_what_is_due_and_has_not_gone(stage: Stage) -> None:
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo)
    await stage.queue("reminder", stage.cast.sam, about="b", due_at=NOON + timedelta(hours=1))
    await stage.reply(101, "hello")
    async with stage.database.read() as session:
        assert await ledger_views.waiting(session, NOON) == (2, 1)
