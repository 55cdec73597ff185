"""Chats that take nothing any more, carers who come back, and broadcasts that fail for one after another."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.compose import Composers
from bot.telegram import make_application
from bot.turns import Turns
from broadcasts import ledger_views
from broadcasts.pace import Pace
from care.inbox import Desk as DutyDesk
from sandbox.faults import Fault
from sandbox.users import User
from storage.broadcasts import BroadcastState
from storage.deliveries import DeliveryState
from storage.households import Carer
from surveys.keys import RoundKeys
from tests.broadcasts.broadcasting import Desk
from tests.broadcasts.outages import Wire
from tests.support.delivery import LONDON
from texts.render import Service, Texts

TODAY = date(2025, 5, 6)
MINUTE = timedelta(minutes=1)
CANCELLED, FAILED, QUEUED, SENT, SKIPPED = (
    DeliveryState.CANCELLED,
    DeliveryState.FAILED,
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.SKIPPED,
)
REAL_TEXTS = Texts(Service("Fostering Rowdale", "01709 000000"), LONDON)


async def not_reached(wire: Wire) -> dict[int, str]:
    """Whom staff see as not reached, by carer, and why."""
    async with wire.database.read() as session:
        return {row.carer_id: row.reason for row in await ledger_views.not_reached(session, TODAY)}


def person(wire: Wire, carer: Carer) -> User:
    return next(user for user in wire.sandbox.users if user.id == carer.chat_id)


def goes_away(wire: Wire, carer: Carer, how: str) -> None:
    if how == "blocked":
        person(wire, carer).block()
    elif how == "deactivated":
        person(wire, carer).deactivate()
    else:
        wire.sandbox.state.people.pop(carer.chat_id or 0)


async def everything_said_is_heard(wire: Wire, folder: Path) -> None:
    """What people wrote to the bot goes through the real handlers."""
    turns = Turns(
        make_application(wire.bot),
        wire.clock.read,
        LONDON,
        lambda: DutyDesk(danger_words=("suicide",)),
        "http://console",
        RoundKeys(folder),
        lambda: wire.policy,
    )
    await turns._application.initialize()
    for update in await wire.bot.raw_updates(None, 0):
        async with wire.database.write() as session:
            await turns.handle(session, update)


@pytest.mark.parametrize("how", ["blocked", "deactivated", "chat_not_found"])
async def test_a_chat_that_takes_nothing_puts_its_carer_on_the_list_of_the_not_reached(
    wire: Wire, how: str
) -> None:
    amal, sam = wire.cast.amal, wire.cast.sam
    goes_away(wire, amal, how)
    await wire.queue("reminder", amal, sam)
    await wire.go()
    assert await wire.states() == {(FAILED, how): 1, (SENT, None): 1}
    assert await not_reached(wire) == {amal.id: how}
    assert (await wire.carer(amal)).unreachable_since == wire.now
    # Nobody knocks in vain again, not even with what is urgent.
    await wire.queue("cancellation", amal, sam, about="b")
    await wire.later(MINUTE)
    assert await wire.states("cancellation") == {(SKIPPED, how): 1, (SENT, None): 1}
    assert len(wire.requests) == 3
    await wire.the_chats_bear_the_ledger_out()


async def test_who_writes_again_is_reached_again_and_gets_the_next_notice(wire: Wire, tmp_path: Path) -> None:
    amal = wire.cast.amal
    person(wire, amal).block()
    await wire.queue("reminder", amal)
    await wire.go()
    await everything_said_is_heard(wire, tmp_path)
    assert await not_reached(wire) == {amal.id: "blocked"}
    person(wire, amal).unblock()
    person(wire, amal).say("I am here again")
    await everything_said_is_heard(wire, tmp_path)
    assert await not_reached(wire) == {}
    assert (await wire.carer(amal)).unreachable_reason is None
    wire.start(renderer=REAL_TEXTS)
    await wire.go()
    assert wire.shown(amal.chat_id)  # the answer to what was written
    wire.start()
    await wire.queue("reminder", amal, about="b")
    await wire.go()
    assert wire.shown(amal.chat_id)[-1] == f"reminder:b:c{amal.id}"
    # What was lost is not repeated behind anybody's back: staff see it as failed.
    assert await wire.states("reminder") == {(FAILED, "blocked"): 1, (SENT, None): 1}
    await wire.the_chats_bear_the_ledger_out()


async def test_a_third_of_a_broadcast_that_blocked_the_bot_costs_the_others_nothing(file_wire: Wire) -> None:
    wire = file_wire
    carers = await wire.crowd(60)
    for carer in carers[::3]:
        person(wire, carer).block()
    await wire.queue("broadcast", *carers)
    await wire.go()
    assert await wire.states() == {(SENT, None): 40, (FAILED, "blocked"): 20}
    assert await not_reached(wire) == {carer.id: "blocked" for carer in carers[::3]}
    await wire.the_chats_bear_the_ledger_out()


async def begun_broadcast(wire: Wire) -> tuple[Desk, int]:
    """A real broadcast to everybody, that has begun, and the desk at which it was written."""
    desk = Desk(wire.database, wire.cast)
    desk.allow(approval_above=None)
    number = await desk.begun("Hello {first_name}, *the hall* is closed")
    desk.engine = wire.engine
    wire.clock.now = desk.now
    return desk, number


def refuses_every_message(**where: object) -> Fault:
    words = "Bad Request: message is too long"
    return Fault("error", "sendMessage", code=400, description=words, **where)  # type: ignore[arg-type]


async def test_failures_in_a_row_pause_a_broadcast_and_going_on_reaches_exactly_who_is_left(
    wire: Wire,
) -> None:
    await wire.crowd(40)
    wire.start(Pace(30), Composers(), REAL_TEXTS, failures_in_a_row=5)
    desk, number = await begun_broadcast(wire)
    # Two failures with a success after them do not count; then one fails after the other.
    wire.spoil(refuses_every_message(skip=12, times=2))
    fault = wire.spoil(refuses_every_message(skip=16, times=5))
    await wire.pass_time(3)
    assert fault.struck == 5
    assert await desk.state(number) is BroadcastState.PAUSED
    assert await wire.states("staff_alert") == {(SENT, None): 2}
    assert all("5" in wire.shown(chat)[0] for chat in (901, 904))
    await wire.pass_time(30 * 60, step=60)
    assert len(wire.arrivals) == 12 + 2 + 2
    assert len(await wire.deliveries("staff_alert")) == 2

    left = {row.id for row in await desk.deliveries() if row.state is QUEUED}
    assert len(left) == 44 - 12 - 2 - 2 - 5
    desk.now = wire.now
    assert await desk.resume(number)
    before = len(wire.requests)
    await wire.pass_time(3)
    after = [request.arguments["chat_id"] for request in wire.requests[before:]]
    assert sorted(after) == sorted(row.chat_id or 0 for row in await desk.deliveries() if row.id in left)
    assert await wire.states("broadcast") == {(SENT, None): 37, (FAILED, "Message is too long"): 7}
    assert Counter(len(wire.shown(row.chat_id)) for row in await desk.deliveries()) == {1: 37, 0: 7}


async def test_a_window_of_failures_at_once_makes_one_alert(file_wire: Wire) -> None:
    wire = file_wire
    await wire.crowd(120)
    wire.start(None, Composers(), REAL_TEXTS, failures_in_a_row=5)
    desk, number = await begun_broadcast(wire)
    wire.spoil(refuses_every_message(for_seconds=10))
    await wire.turn()
    wire.sandbox.faults.clear()
    await wire.go()
    assert await desk.state(number) is BroadcastState.PAUSED
    assert (await desk.pulse(number)).failed <= wire.policy.window
    assert [len(wire.shown(chat)) for chat in (901, 904)] == [1, 1]


async def test_an_outage_pauses_no_broadcast(file_wire: Wire) -> None:
    wire = file_wire
    await wire.crowd(30)
    wire.start(None, Composers(), REAL_TEXTS, failures_in_a_row=5)
    desk, number = await begun_broadcast(wire)
    await wire.cut()
    for _ in range(10):
        await wire.later(MINUTE)
    assert await desk.state(number) is BroadcastState.SENDING
    desk.now = wire.now
    assert (await desk.pulse(number)).retrying == 34
    await wire.mend()
    for _ in range(5):
        await wire.later(MINUTE)
    assert await wire.states() == {(SENT, None): 34}
    assert await wire.deliveries("staff_alert") == []


async def test_what_never_answers_pauses_a_broadcast_and_shows_how_many_are_in_doubt(wire: Wire) -> None:
    await wire.crowd(30)
    wire.start(Pace(30), Composers(), REAL_TEXTS, failures_in_a_row=5)
    desk, number = await begun_broadcast(wire)
    wire.spoil(Fault("reset", "sendMessage", when="after", skip=10, times=5))
    await wire.pass_time(3)
    desk.now = wire.now
    pulse = await desk.pulse(number)
    assert (pulse.sent, pulse.unknown, pulse.waiting) == (10, 5, 19)
    assert await desk.state(number) is BroadcastState.PAUSED
    await desk.cancel(number)
    await wire.later(MINUTE)
    assert await wire.states("broadcast") == {
        (SENT, None): 10,
        (DeliveryState.UNKNOWN, "no_answer"): 5,
        (CANCELLED, None): 19,
    }
