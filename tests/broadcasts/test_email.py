"""Deliveries by email: the same ledger, rules and engine as by the app, and one never holds up the other."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from broadcasts.departures import LONGEST_CUT_OFF
from broadcasts.kinds import KINDS
from broadcasts.pace import Pace
from broadcasts.queue import queue_for_audience
from broadcasts.sender import MailTo, Retry, Unknown
from carers.choices import set_topic
from carers.topics import Topic
from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import DeliveryState
from storage.deliveries_due import _due
from storage.deliveries_moves import requeue
from storage.engine import Database
from storage.households import Carer, Channel
from storage.ways import note_mail
from tests.broadcasts.stage import DAY
from tests.broadcasts.two_ways import NO_SUCH_ADDRESS, REJECTED, SERVER_AWAY, TwoWays, set_two_ways
from tests.support.cast import NOON
from tests.support.fake_sender import NOT_CONNECTED, Killed

APP, EMAIL, LETTER = Channel.APP, Channel.EMAIL, Channel.LETTER
SENT, UNKNOWN, FAILED, SKIPPED = (
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
)
QUEUED, RETRYING, HELD, MISSED = (
    DeliveryState.QUEUED,
    DeliveryState.RETRYING,
    DeliveryState.HELD,
    DeliveryState.MISSED,
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stage(database: Database) -> TwoWays:
    return await set_two_ways(database)


async def test_each_is_told_by_the_way_that_reaches_them(stage: TwoWays) -> None:
    cast = stage.cast
    await stage.queue("reminder", cast.amal, cast.jo, cast.sam, cast.lin, cast.priya)
    assert await stage.channels() == [APP, EMAIL, EMAIL, APP, APP]
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [SENT, QUEUED, QUEUED, SKIPPED, SENT]
    await stage.mail()
    assert (await stage.stands())[1:4] == [(SENT, None), (SENT, None), (SKIPPED, "no_app")]
    assert stage.mailer.sent_to("Jo@example.org") == ["reminder"]
    assert [request.chat_id for request in stage.sender.requests] == [101, 901]
    by_mail = (await stage.deliveries())[1]
    assert (by_mail.chat_id, by_mail.message_id, by_mail.sent_at, by_mail.attempts) == (None, None, NOON, 1)


async def test_an_email_is_told_what_it_is_about(stage: TwoWays) -> None:
    sam = stage.cast.sam
    invitation = await stage.invite(sam)
    await stage.queue("invitation", sam, invitation_id=invitation.id, event_id=invitation.event_id)
    await stage.mail()
    ((to, _),) = stage.mailer.arrived
    (delivery,) = await stage.deliveries()
    assert (to.address, to.carer_id, to.page_number) == ("sam@example.org", sam.id, 1)
    assert (to.delivery_id, to.kind, to.topic) == (delivery.id, "invitation", Topic.SOCIALS)
    assert (to.event_id, to.invitation_id, to.round_id) == (invitation.event_id, invitation.id, None)
    assert (to.first_name, to.language) == ("Sam", "en")
    assert await stage.cards() == []


async def test_a_broadcast_is_queued_for_each_by_their_way(stage: TwoWays) -> None:
    await stage.change(stage.cast.lin, channel=LETTER)
    async with stage.database.write() as session:
        await queue_for_audience(
            session, "broadcast", "all", about="1", now=NOON, today=NOON.date(), send_by=NOON + DAY
        )
    assert await stage.channels() == [APP, EMAIL, EMAIL, LETTER]


@pytest.mark.parametrize(("chosen", "expected"), [(EMAIL, EMAIL), (LETTER, LETTER), (APP, APP), (None, APP)])
async def test_what_was_chosen_for_a_carer_goes_before_the_app(
    stage: TwoWays, chosen: Channel | None, expected: Channel
) -> None:
    await stage.change(stage.cast.amal, email="amal@example.org", channel=chosen)
    await stage.queue("reminder", stage.cast.amal)
    assert await stage.channels() == [expected]


async def test_a_letter_is_taken_by_no_engine(stage: TwoWays) -> None:
    await stage.change(stage.cast.amal, channel=LETTER)
    await stage.queue("invitation", stage.cast.amal)
    assert (await stage.go(), await stage.mail()) == (0, 0)
    assert await stage.stands() == [(QUEUED, None)]


async def test_without_mail_an_address_is_no_way(stage: TwoWays) -> None:
    async with stage.database.write() as session:
        await note_mail(session, False, NOON)
    await stage.queue("reminder", stage.cast.sam)
    assert await stage.channels() == [APP]
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")]


async def test_what_makes_no_sense_outside_the_app_is_not_mailed(stage: TwoWays) -> None:
    assert [kind.name for kind in KINDS.values() if not kind.email] == [
        "tap_again",
        "staff_urgent",
    ]
    await stage.queue("tap_again", stage.cast.sam)
    await stage.mail()
    assert await stage.stands() == [(SKIPPED, "app_only")]
    assert stage.mailer.asked == []


async def test_the_rules_are_the_same_by_email(stage: TwoWays) -> None:
    jo, sam = stage.cast.jo, stage.cast.sam
    midnight = NOON + timedelta(hours=12)
    await stage.change(jo, paused_until=NOON + DAY)
    async with stage.database.write() as session:
        await set_topic(session, await session.get_one(Carer, sam.id), Topic.SURVEYS, False, NOON)
    await stage.queue("survey", jo, sam)
    await stage.queue("reminder", sam, about="late", send_by=NOON)
    await stage.queue("reminder", sam, about="night", due_at=midnight)
    await stage.queue("cancellation", sam, about="night", due_at=midnight)
    await stage.mail()
    assert (await stage.stands())[:3] == [(HELD, "paused"), (SKIPPED, "opted_out"), (MISSED, "late")]
    await stage.mail(midnight)
    assert (await stage.stands())[3:] == [(HELD, "quiet_hours"), (SENT, None)]
    await stage.change(sam, stopped_at=NOON)
    await stage.queue("invitation", sam, about="stopped")
    await stage.mail(NOON + DAY)
    assert (await stage.stands())[-1] == (SKIPPED, "stopped")


async def test_the_weekly_cap_is_one_for_both_ways(stage: TwoWays) -> None:
    stage.allow(weekly_cap=2)
    amal, jo = stage.cast.amal, stage.cast.jo
    await stage.queue("invitation", amal, jo, about="1")
    await stage.queue("survey", jo, about="2")
    await stage.queue("feedback", amal, jo, about="3")
    await stage.mail()
    await stage.go(NOON + MINUTE)
    assert await stage.stands() == [
        (SENT, None),
        (SENT, None),
        (SENT, None),
        (HELD, "weekly_cap"),
        (HELD, "weekly_cap"),
    ]


async def test_two_channels_that_claim_for_one_household_at_once_keep_the_cap(stage: TwoWays) -> None:
    stage.allow(weekly_cap=1)
    for turn in range(8):
        now = NOON + turn * 8 * DAY
        for who, about in ((stage.cast.amal, "app"), (stage.cast.jo, "mail")):
            send_by = now + DAY
            await stage.queue("survey", who, about=f"{about}{turn}", now=now, send_by=send_by)
        await asyncio.gather(stage.go(now), stage.mail(now))
        went = [row for row in await stage.deliveries() if row.sent_at == now and row.state is SENT]
        assert len(went) == 1


async def test_a_couple_that_shares_an_address_gets_one_message_a_second(stage: TwoWays) -> None:
    await stage.change(stage.cast.amal, chat_id=None, email="jo@EXAMPLE.org")
    stage.mail_engine = stage._mail_engine(Pace(100.0))
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    assert await stage.mail_engine.work_once(NOON) > 0
    assert await stage.mail_engine.work_once(NOON + timedelta(seconds=0.5)) > 0
    told = sorted(to.carer_id or 0 for to, _ in stage.mailer.arrived)
    assert told == [stage.cast.amal.id, stage.cast.sam.id]
    await stage.mail(NOON + timedelta(seconds=1.5))
    assert len(stage.mailer.arrived) == 3


def test_an_address_is_the_same_in_whatever_case() -> None:
    rest = (1, 1, 1, "reminder", None, None, None, None, "Jo", "en")
    upper, lower = MailTo("Jo@Example.org", *rest), MailTo("jo@example.org", *rest)
    other = MailTo("amal@example.org", *rest)
    assert (len({upper, lower}), upper == other, upper == 101) == (1, False, False)


async def test_email_that_waits_for_its_slot_asks_for_no_transaction(stage: TwoWays) -> None:
    stage.mail_engine = stage._mail_engine(Pace(2.0))
    await stage.queue("reminder", stage.cast.jo, stage.cast.sam)
    assert await stage.mail_engine.work_once(NOON) > 0
    async with asyncio.timeout(5), stage.database.write():
        assert await stage.mail_engine.work_once(NOON + timedelta(seconds=0.2)) == 0
    assert await stage.mail_engine.work_once(NOON + timedelta(seconds=0.6)) > 0


@pytest.mark.one_database
@pytest.mark.parametrize("channel", [APP, EMAIL])
async def test_what_waits_for_one_channel_is_found_without_a_look_at_the_other(
    stage: TwoWays, channel: Channel
) -> None:
    """On SQLite: what PostgreSQL plans depends on how many rows there are."""
    asked = _due(channel).compile(dialect=sqlite_dialect(), compile_kwargs={"render_postcompile": True})
    values = {"priority": 40, "now": NOON.isoformat(), "most": 100}
    statement = f"EXPLAIN QUERY PLAN {asked}"
    async with stage.database.read() as session:
        connection = await session.connection()
        plan = await connection.exec_driver_sql(
            statement, tuple(values.get(name, channel) for name in asked.positiontup or ())
        )
        lines = [row[-1] for row in plan]
    assert any("ix_deliveries_waiting (channel=? AND priority=? AND due_at<?)" in line for line in lines), (
        lines
    )


# Outages and failures.


async def test_an_outage_of_email_does_not_hold_up_the_app(stage: TwoWays) -> None:
    stage.mailer.will(*[SERVER_AWAY] * 3)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.mail()
    await stage.go()
    assert [state for state, _ in await stage.stands()] == [SENT, RETRYING, RETRYING]
    await stage.mail(NOON + timedelta(seconds=2 * LONGEST_CUT_OFF))
    await stage.mail(NOON + timedelta(seconds=4 * LONGEST_CUT_OFF))
    assert [state for state, _ in await stage.stands()] == [SENT, SENT, SENT]


async def test_an_outage_of_the_app_does_not_hold_up_email(stage: TwoWays) -> None:
    stage.sender.will(*[Retry(NOT_CONNECTED.after, "not_connected", everyone=True)] * 3)
    await stage.queue("reminder", stage.cast.amal, stage.cast.jo, stage.cast.sam)
    await stage.go()
    await stage.mail()
    assert [state for state, _ in await stage.stands()] == [RETRYING, SENT, SENT]


async def test_an_address_that_is_gone_is_noted_for_all_who_have_it(stage: TwoWays) -> None:
    amal, jo, sam = stage.cast.amal, stage.cast.jo, stage.cast.sam
    await stage.change(amal, email="jo@example.org")
    stage.mailer.will(NO_SUCH_ADDRESS)
    await stage.queue("reminder", jo, about="1")
    await stage.queue("reminder", jo, sam, about="2", due_at=NOON + MINUTE)
    await stage.mail()
    assert (await stage.stands())[0] == (FAILED, "no_such_address")
    for who in (amal, jo):
        now = await stage.carer(who)
        assert (now.email_failed_at, now.email_failed_reason) == (NOON, "no_such_address")
        assert now.unreachable_since is None
    assert await stage.channels() == [EMAIL, APP, EMAIL]
    await stage.mail(NOON + MINUTE)
    await stage.go(NOON + MINUTE)
    assert (await stage.stands())[1:] == [(SKIPPED, "no_app"), (SENT, None)]


async def test_who_has_another_way_gets_by_that_what_the_first_refused(stage: TwoWays) -> None:
    amal, sam = stage.cast.amal, stage.cast.sam
    await stage.change(amal, email="amal@example.org", channel=EMAIL)
    await stage.change(sam, chat_id=103)
    stage.mailer.will(NO_SUCH_ADDRESS)
    stage.sender.will(NO_SUCH_ADDRESS)
    await stage.queue("cancellation", amal, sam)
    assert await stage.channels() == [EMAIL, APP]
    await stage.go()
    await stage.mail()
    await stage.go()
    assert await stage.channels() == [APP, EMAIL]
    assert await stage.stands() == [(SENT, None), (SENT, None)]
    assert (stage.sender.sent_to(101), stage.mailer.sent_to("sam@example.org")) == (
        ["cancellation"],
        ["cancellation"],
    )


@pytest.mark.parametrize(("answer", "pauses"), [(NO_SUCH_ADDRESS, False), (REJECTED, True)])
async def test_addresses_that_are_gone_pause_no_broadcast_and_a_server_that_refuses_does(
    stage: TwoWays, answer: object, pauses: bool
) -> None:
    stage.allow(failures_in_a_row=2)
    stage.mailer.will(answer, answer)  # type: ignore[arg-type]
    async with stage.database.write() as session:
        notice, _ = await queue_for_audience(
            session, "broadcast", "all", about="1", now=NOON, today=NOON.date(), send_by=NOON + DAY
        )
        times = {"created_at": NOON, "changed_at": NOON}
        session.add(Broadcast(id=1, texts={}, notice_id=notice, state=BroadcastState.SENDING, **times))
    await stage.mail()
    async with stage.database.read() as session:
        state = (await session.get_one(Broadcast, 1)).state
    assert state is (BroadcastState.PAUSED if pauses else BroadcastState.SENDING)


async def test_what_staff_send_again_goes_by_the_way_that_reaches_the_carer_now(stage: TwoWays) -> None:
    stage.mailer.will(REJECTED)
    await stage.queue("reminder", stage.cast.sam)
    await stage.mail()
    await stage.change(stage.cast.sam, chat_id=103, channel=None)
    (row,) = await stage.deliveries()
    async with stage.database.write() as session:
        assert await requeue(session, row.id, (FAILED,), NOON)
    assert await stage.channels() == [APP]


# Crashes.


async def kill_mail(stage: TwoWays, now: datetime = NOON) -> None:
    stage.mailer.script.appendleft(Killed)
    with pytest.raises(Killed):
        await stage.mail_engine.work_once(now)
    stage.start_again()


async def test_an_email_that_was_on_its_way_is_unknown_and_one_that_is_harmless_twice_goes_again(
    stage: TwoWays,
) -> None:
    stage.allow(window=1)
    await stage.queue("cancellation", stage.cast.sam)
    await kill_mail(stage)
    await stage.mail_engine.recover(NOON + MINUTE)
    await stage.queue("reminder", stage.cast.jo, due_at=NOON - MINUTE)
    assert await stage.stands() == [(RETRYING, "interrupted"), (QUEUED, None)]
    await stage.mail(NOON + MINUTE)
    assert stage.mailer.sent_to("sam@example.org") == ["cancellation"] * 2
    await stage.queue("reminder", stage.cast.jo, about="b")
    await kill_mail(stage, NOON + MINUTE)
    await stage.mail_engine.recover(NOON + 2 * MINUTE)
    await stage.mail(NOON + 2 * MINUTE)
    assert await stage.stands() == [(SENT, None), (SENT, None), (UNKNOWN, "interrupted")]
    assert stage.mailer.sent_to("Jo@example.org") == ["reminder"] * 2


async def test_each_engine_recovers_its_own_rows_with_its_own_journal(stage: TwoWays, tmp_path: Path) -> None:
    stage.journal, stage.mail_journal = tmp_path / "app.journal", tmp_path / "mail.journal"
    stage.allow(window=1)
    amal, jo, sam = stage.cast.amal, stage.cast.jo, stage.cast.sam
    await stage.queue("reminder", amal, jo, sam)
    stage.sender.script.append(Killed)
    with pytest.raises(Killed):
        await stage.engine.work_once(NOON)
    await kill_mail(stage)
    await stage.mail_engine.recover(NOON + MINUTE)
    # One mail was on its way, the other had not left; the app's row is not for this engine to judge.
    states = [state for state, _ in await stage.stands()]
    assert states[0] is DeliveryState.SENDING
    assert Counter(states[1:]) == {UNKNOWN: 1, QUEUED: 1}
    await stage.engine.recover(NOON + MINUTE)
    await stage.go(NOON + MINUTE)
    await stage.mail(NOON + MINUTE)
    assert Counter(state for state, _ in await stage.stands()) == {UNKNOWN: 2, SENT: 1}
    assert len(stage.mailer.asked) == 2
    assert len(stage.sender.requests) == 1


async def test_a_mail_without_an_answer_is_in_doubt(stage: TwoWays) -> None:
    stage.mailer.will(Unknown("no_answer"))
    await stage.queue("reminder", stage.cast.sam)
    await stage.mail()
    await stage.mail(NOON + DAY)
    assert await stage.stands() == [(UNKNOWN, "no_answer")]
    assert len(stage.mailer.asked) == 1
