"""What waits follows its carer from one way to another, is taken by one engine alone, and lost by none."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from broadcasts.broadcast_progress import pulse
from broadcasts.kinds import Priority
from broadcasts.ledger_views import not_reached
from broadcasts.queue import queue_for_audience
from broadcasts.stopping import Recalled, recall
from care.retention import CODES_KEPT_FOR
from carers.linking import new_link, redeem, unlink
from carers.pages import LIVES, Purpose, Shut, new_code, open_code
from carers.register_file import import_register
from storage.broadcasts import Broadcast, BroadcastState
from storage.copies import pause_waiting_broadcasts
from storage.deliveries import Delivery, DeliveryState
from storage.deliveries_due import due_deliveries
from storage.deliveries_moves import mark_sending
from storage.engine import Database, open_database
from storage.households import Carer, Channel
from storage.pages_queries import forget_codes
from storage.report_queries import carers_reached
from storage.routing import any_to_reroute, reroute
from storage.rsvp_inviting import silent_parties, unanswered
from storage.ways import note_mail
from tests.broadcasts.stage import DAY
from tests.broadcasts.two_ways import TwoWays, set_two_ways
from tests.support.cast import NOON
from tests.support.delivery import LONDON

APP, EMAIL, LETTER = Channel.APP, Channel.EMAIL, Channel.LETTER
SENT, QUEUED, SKIPPED = DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.SKIPPED
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stage(database: Database) -> TwoWays:
    return await set_two_ways(database)


async def rerouted(stage: TwoWays, carer: Carer | None = None) -> int:
    """What the job does, which looks first."""
    async with stage.database.read() as session:
        expected = await any_to_reroute(session, NOON)
    async with stage.database.write() as session:
        moved = await reroute(session, NOON, carer.id if carer else None)
    if carer is None:
        assert expected is bool(moved)
    return moved


async def test_what_waits_follows_the_carer_whichever_way(stage: TwoWays) -> None:
    amal, sam = stage.cast.amal, stage.cast.sam
    await stage.queue("reminder", amal, sam, stage.cast.priya)
    assert await rerouted(stage) == 0
    await stage.change(amal, channel=LETTER)
    await stage.change(sam, chat_id=103)
    assert await rerouted(stage, amal) == 1
    assert await stage.channels() == [LETTER, EMAIL, APP]
    assert await rerouted(stage) == 1
    assert await stage.channels() == [LETTER, APP, APP]


async def test_what_has_gone_out_stays_what_it_was(stage: TwoWays) -> None:
    await stage.queue("reminder", stage.cast.sam)
    await stage.mail()
    await stage.change(stage.cast.sam, chat_id=103, channel=APP)
    assert await rerouted(stage) == 0
    assert await stage.channels() == [EMAIL]


@pytest.mark.parametrize("way", [EMAIL, LETTER])
async def test_who_has_a_way_at_last_is_told_what_is_still_of_use(stage: TwoWays, way: Channel) -> None:
    lin = stage.cast.lin
    await stage.queue("invitation", lin)
    await stage.queue("reminder", lin, send_by=NOON + MINUTE)
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")] * 2
    await stage.change(lin, email="lin@example.org", channel=way)
    async with stage.database.write() as session:
        assert await reroute(session, NOON + MINUTE) == 1
    assert await stage.stands() == [(QUEUED, None), (SKIPPED, "no_app")]
    assert await stage.channels() == [way, APP]
    await stage.mail(NOON + MINUTE)
    assert stage.mailer.sent_to("lin@example.org") == (["invitation"] if way is EMAIL else [])


async def test_nothing_is_queued_again_for_who_connects_the_app(stage: TwoWays) -> None:
    await stage.queue("invitation", stage.cast.lin)
    await stage.go()
    await stage.change(stage.cast.lin, chat_id=104)
    assert await rerouted(stage) == 0


@pytest.mark.parametrize("state", [BroadcastState.CANCELLED, BroadcastState.RECALLED])
async def test_what_was_called_off_stays_so_for_who_has_a_way_at_last(
    stage: TwoWays, state: BroadcastState
) -> None:
    await broadcast(stage, state=state)
    await stage.go()
    await stage.change(stage.cast.lin, email="lin@example.org")
    assert await rerouted(stage) == 0


async def test_with_mail_switched_off_what_waits_goes_back_to_the_app(stage: TwoWays) -> None:
    await stage.queue("reminder", stage.cast.sam)
    async with stage.database.write() as session:
        await note_mail(session, False, NOON)
    assert await rerouted(stage) == 1
    await stage.go()
    assert await stage.stands() == [(SKIPPED, "no_app")]


async def test_whoever_claims_looks_at_the_way_once_more(stage: TwoWays) -> None:
    amal, jo, sam = stage.cast.amal, stage.cast.jo, stage.cast.sam
    await stage.queue("reminder", amal, jo, sam)
    await stage.change(amal, email="amal@example.org", channel=EMAIL)
    await stage.change(jo, channel=LETTER)
    await stage.change(sam, chat_id=103, channel=APP)
    await stage.go()
    await stage.mail()
    await stage.go()
    assert [(row.channel, row.state) for row in await stage.deliveries()] == [
        (EMAIL, SENT),
        (LETTER, QUEUED),
        (APP, SENT),
    ]
    assert len(stage.mailer.asked) == len(stage.sender.requests) == 1


async def test_connecting_and_disconnecting_takes_what_waits_along(stage: TwoWays) -> None:
    sam = stage.cast.sam
    await stage.change(sam, channel=LETTER)
    await stage.queue("reminder", sam)
    async with stage.database.write() as session:
        carer = await session.get_one(Carer, sam.id)
        await redeem(session, await new_link(session, carer, NOON), 103, NOON)
    assert await stage.channels() == [APP]
    async with stage.database.write() as session:
        await unlink(session, await session.get_one(Carer, sam.id), None, NOON)
    assert await stage.channels() == [EMAIL]


async def test_a_new_address_in_the_register_is_tried(stage: TwoWays) -> None:
    sam = stage.cast.sam
    await stage.change(sam, email_failed_at=NOON, email_failed_reason="no_such_address")
    await stage.queue("reminder", sam)
    await stage.go()
    for address, moved in (("sam@example.org", False), ("okafor@example.org", True)):
        columns = "household_ref,household_type,approved_on,carer_ref,email"
        file = f"{columns}\nH2,mainstream,2019-06-01,C3,{address}\n".encode()
        async with stage.database.write() as session:
            await import_register(session, "r.csv", file, NOON, NOON.date())
        assert await stage.channels() == [EMAIL if moved else APP]
        assert ((await stage.carer(sam)).email_failed_at is None) is moved


@pytest.mark.parametrize("reason", ["no_such_address", "bounced:no_such_address"])
@pytest.mark.parametrize("way", [EMAIL, LETTER])
async def test_what_failed_with_an_address_is_told_by_the_next_way(
    stage: TwoWays, way: Channel, reason: str
) -> None:
    sam = stage.cast.sam
    await stage.queue("invitation", sam)
    await stage.queue("reminder", sam, send_by=NOON + MINUTE)
    async with stage.database.write() as session:
        await session.execute(update(Delivery).values(state=DeliveryState.FAILED, reason=reason))
    await stage.change(sam, email_failed_at=NOON, email_failed_reason="no_such_address")
    assert await rerouted(stage, sam) == 0
    await stage.change(sam, email_failed_at=None, email="okafor@example.org", channel=way)
    async with stage.database.write() as session:
        assert await reroute(session, NOON + MINUTE) == 1
    assert await stage.stands() == [(QUEUED, None), (DeliveryState.FAILED, reason)]
    assert await stage.channels() == [way, EMAIL]


async def test_what_an_address_refused_for_another_reason_stays_refused(stage: TwoWays) -> None:
    await stage.queue("invitation", stage.cast.sam)
    async with stage.database.write() as session:
        await session.execute(update(Delivery).values(state=DeliveryState.FAILED, reason="mailbox_full"))
    assert await rerouted(stage) == 0


# Two engines, and somebody who moves what waits, at one database at once.


async def test_two_engines_at_once_send_each_row_once_by_its_own_way(stage: TwoWays) -> None:
    people = await crowd(stage, 60)
    await stage.queue("reminder", *people)
    await run_until(stage, lambda: len(stage.sender.arrived) + len(stage.mailer.arrived) == 60)
    told = Counter(request.chat_id for request in stage.sender.arrived)
    mailed = Counter(to.carer_id for to, _ in stage.mailer.arrived)
    assert told == {who.chat_id: 1 for who in people if who.chat_id}
    assert mailed == {who.id: 1 for who in people if not who.chat_id}
    assert {state for state, _ in await stage.stands()} == {SENT}


async def test_who_changes_their_way_all_the_time_is_told_once_nevertheless(stage: TwoWays) -> None:
    people = await crowd(stage, 40, app=True)
    stage.allow(window=2)
    chance = random.Random(1)

    async def change_their_minds() -> None:
        for turn in range(12):
            async with stage.database.write() as session:
                for who in chance.sample(people, 12):
                    (await session.get_one(Carer, who.id)).channel = chance.choice((APP, EMAIL))
                if turn % 3 == 2:
                    await session.flush()
                    await reroute(session, NOON)
            await asyncio.sleep(0)

    await stage.queue("reminder", *people)
    changing = asyncio.create_task(change_their_minds())
    await run_until(stage, lambda: len(stage.sender.arrived) + len(stage.mailer.arrived) >= 40)
    await changing
    told = Counter(request.chat_id for request in stage.sender.arrived)
    chats = {who.id: who.chat_id or 0 for who in people}
    told.update(chats[to.carer_id or 0] for to, _ in stage.mailer.arrived)
    assert told == {who.chat_id: 1 for who in people}
    assert {state for state, _ in await stage.stands()} == {SENT}


@pytest.mark.postgresql
async def test_a_delivery_that_is_being_claimed_is_not_moved(postgresql_url: str) -> None:
    """On SQLite the two never meet: it has one writer."""
    database = open_database(postgresql_url)
    stage = await set_two_ways(database)
    await stage.queue("reminder", stage.cast.amal)
    await stage.change(stage.cast.amal, email="amal@example.org", channel=EMAIL)
    async with database.write() as claiming:
        (row,) = await due_deliveries(claiming, APP, int(Priority.REMINDER), NOON, limit=1)
        async with asyncio.timeout(5):
            assert await rerouted(stage, stage.cast.amal) == 0
        assert await mark_sending(claiming, {row.id: 101}, NOON) == {row.id}
    assert await rerouted(stage) == 0
    assert await stage.channels() == [APP]
    await database.close()


# What staff see.


async def test_who_has_any_way_at_all_is_not_listed_as_not_reached(stage: TwoWays) -> None:
    amal, jo, sam, lin = stage.cast.amal, stage.cast.jo, stage.cast.sam, stage.cast.lin

    async def reasons() -> dict[str, str]:
        async with stage.database.read() as session:
            return {row.first_name: row.reason for row in await not_reached(session, NOON.date())}

    assert await reasons() == {"Lin": "no_app"}
    await stage.change(jo, email_failed_at=NOON)
    await stage.change(sam, stopped_at=NOON)
    await stage.change(amal, unreachable_since=NOON, unreachable_reason="blocked")
    assert await reasons() == {"Amal": "blocked", "Jo": "email_failed", "Sam": "stopped", "Lin": "no_app"}
    await stage.change(lin, channel=LETTER)
    await stage.change(amal, email="amal@example.org")
    assert await reasons() == {"Jo": "email_failed", "Sam": "stopped"}


async def test_a_report_counts_who_is_reached_by_email_while_mail_is_on(stage: TwoWays) -> None:
    for on, expected in ((True, 3), (False, 1)):
        async with stage.database.write() as session:
            await note_mail(session, on, NOON)
        async with stage.database.read() as session:
            assert await carers_reached(session, NOON.date(), NOON + DAY) == (expected, 4)


async def test_nudges_go_by_app_and_email_and_never_by_letter(stage: TwoWays) -> None:
    amal, jo, sam = stage.cast.amal, stage.cast.jo, stage.cast.sam
    invitation = await stage.invite(amal)
    about = {"invitation_id": invitation.id, "event_id": invitation.event_id}
    await stage.queue("invitation", amal, jo, sam, **about)  # type: ignore[arg-type]
    await stage.go()
    await stage.mail()
    await stage.change(sam, channel=LETTER)
    async with stage.database.read() as session:
        silent = await silent_parties(
            session, invitation.event_id, sent_by=NOON, not_asked_since=NOON, nudged_less_than=2
        )
        assert [row.carer_id for row in silent] == [amal.id, jo.id]
        assert [row[0] for row in await unanswered(session, NOON, 2)] == [amal.id]
    await stage.change(amal, email="amal@example.org", channel=EMAIL)
    async with stage.database.read() as session:
        assert await unanswered(session, NOON, 2) == []


async def test_a_recall_leaves_emails_and_letters_as_they_are_and_says_how_many(stage: TwoWays) -> None:
    await stage.change(stage.cast.lin, channel=LETTER)
    await broadcast(stage)
    await stage.go()
    await stage.mail()
    (letter,) = [row for row in await stage.deliveries() if row.channel == LETTER]
    await stage.change(letter, state=SENT, sent_at=NOON)
    async with stage.database.write() as session:
        found = await recall(session, 1, stage.cast.priya, NOON + MINUTE)
    assert found == Recalled(messages=1, too_old=0, in_doubt=0, by_email=2, by_hand=1)
    await stage.go(NOON + MINUTE)
    assert {row.channel: row.state for row in await stage.deliveries()} == {
        APP: DeliveryState.RECALLED,
        EMAIL: SENT,
        LETTER: SENT,
    }


async def test_a_broadcast_ends_when_emails_do(stage: TwoWays) -> None:
    await broadcast(stage)
    await stage.go()
    async with stage.database.read() as session:
        found = await pulse(session, 1, stage.policy, NOON)
    assert found is not None
    assert found.finishes_at == NOON + timedelta(seconds=2 / stage.policy.mail_rate)


async def test_after_a_restore_mail_of_a_finished_broadcast_waits_for_a_person(stage: TwoWays) -> None:
    await stage.change(stage.cast.amal, channel=LETTER)
    await broadcast(stage, state=BroadcastState.FINISHED)
    await stage.change(stage.cast.sam, channel=LETTER)
    await rerouted(stage)
    async with stage.database.write() as session:
        assert await pause_waiting_broadcasts(session, NOON) == 1
    async with stage.database.read() as session:
        assert (await session.get_one(Broadcast, 1)).state is BroadcastState.PAUSED
    await stage.mail()
    assert stage.mailer.asked == []


async def test_codes_are_kept_a_while_after_they_ran_out(stage: TwoWays) -> None:
    async with stage.database.write() as session:
        carer = await session.get_one(Carer, stage.cast.lin.id)
        code = await new_code(session, carer, Purpose.HOME, 0, "key", NOON)
    ends = NOON + LIVES[Purpose.HOME]
    for now, opens in ((ends, Shut.TOO_OLD), (ends + 31 * DAY, Shut.NOT_OURS)):
        async with stage.database.write() as session:
            await forget_codes(session, now - CODES_KEPT_FOR)
            assert await open_code(session, code, "key", now, LONDON) is opens


async def broadcast(stage: TwoWays, state: BroadcastState = BroadcastState.SENDING) -> None:
    async with stage.database.write() as session:
        notice, _ = await queue_for_audience(
            session, "broadcast", "all", about="1", now=NOON, today=NOON.date(), send_by=NOON + DAY
        )
        times = {"created_at": NOON, "changed_at": NOON, "started_at": NOON}
        session.add(Broadcast(id=1, texts={"en": "Hello"}, notice_id=notice, state=state, **times))


async def crowd(stage: TwoWays, count: int, app: bool = False) -> list[Carer]:
    """So many carers with an address; every other one, or all, have the app too and are told there."""
    people = [
        Carer(
            ref=f"X{number}",
            household_id=stage.cast.reeds.id,
            first_name="Robin",
            email=f"robin{number}@example.org",
            chat_id=2000 + number if app or number % 2 else None,
        )
        for number in range(count)
    ]
    await stage.add(*people)
    return people


async def run_until(stage: TwoWays, done: Callable[[], bool]) -> None:
    """Let both engines run as they do in the service, each in its own time."""
    stop = asyncio.Event()
    engines = (stage.engine, stage.mail_engine)
    for engine in engines:
        engine._clock = lambda: NOON
    running = asyncio.gather(*(engine.run(stop) for engine in engines))
    async with asyncio.timeout(30):
        while not done():  # noqa: ASYNC110 - two engines at once, and nothing that tells of both
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    stop.set()
    await running
