"""429, "too many requests": one deadline for everybody, after which everybody is served, once, and slower."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from broadcasts.pace import Pace
from sandbox.faults import Fault, too_many_requests
from sandbox.limits import Limits
from storage.deliveries import DeliveryState
from tests.broadcasts.outages import Wire

SENT = DeliveryState.SENT
SECOND = timedelta(seconds=1)
FULL = Pace(30).rate


def flood(retry_after: int, **where: object) -> Fault:
    return too_many_requests(retry_after, method="sendMessage", **where)


async def everyone_has_it_once(wire: Wire) -> None:
    assert set(await wire.states()) == {(SENT, None)}
    assert set(Counter(wire.arrivals).values()) == {1}
    await wire.the_chats_bear_the_ledger_out()


async def test_a_429_in_the_middle_of_a_broadcast_is_one_deadline_for_everybody(wire: Wire) -> None:
    carers = await wire.crowd(120)
    await wire.queue("broadcast", *carers)
    wire.start(Pace(30))
    wire.spoil(flood(30, skip=60, times=1))
    while not wire.refused:
        await wire.pass_time(0.1)
    deadline = wire.requests[-1].at + 30 * SECOND
    assert len(wire.requests) == 61

    # What is news in the meantime waits as well, be it for others, and be it more urgent.
    tap = wire.sandbox.users[-1].send_callback(1, "a tap")
    for carer in carers[:3]:
        await wire.reply(carer.chat_id or 0, f"an answer to {carer.ref}")
    await wire.reply(carers[0].chat_id or 0, "saved", op="toast", callback_id=tap.id)
    await wire.queue("cancellation", wire.cast.amal)
    await wire.pass_time((deadline - wire.now).total_seconds() - 0.001, step=0.7)
    await wire.turn()
    assert len(wire.requests) == 61
    assert not wire.sandbox.requests_of("answerCallbackQuery")

    wire.clock.now = deadline
    await wire.pass_time(4)
    first = [request.arguments["text"] for request in wire.requests[61:66]]
    answers = [words for words in first if words.startswith("an answer")]
    assert len(answers) == 3
    assert len([words for words in first if words.startswith("broadcast")]) <= 1
    assert tap.answered
    assert len(wire.requests) == 61 + 60 + 3 + 1
    await everyone_has_it_once(wire)


async def test_after_a_429_the_pace_is_a_fifth_lower_and_rises_again(file_wire: Wire) -> None:
    wire = file_wire
    carers = await wire.crowd(60)
    wire.start(Pace(30))
    wire.spoil(flood(5, skip=5, times=1))
    await wire.queue("broadcast", *carers[:50])
    await wire.pass_time(9)
    assert wire.pace.rate == FULL * 0.8
    after = [request.at for request in wire.requests[6:]]
    assert (after[-1] - after[0]).total_seconds() >= (len(after) - 1) / 24 - 0.05
    rates: list[float] = []
    for carer in carers[50:]:
        await wire.queue("broadcast", carer)
        await wire.later(10 * SECOND)
        rates.append(wire.pace.rate)
    assert all(earlier <= later <= earlier + FULL / 20 + 1e-9 for earlier, later in pairwise(rates))
    assert rates[-1] == FULL
    await everyone_has_it_once(wire)


async def test_a_storm_of_429s_costs_one_refusal_each_deadline_and_nobody_the_message(
    file_wire: Wire,
) -> None:
    wire = file_wire
    await wire.queue("broadcast", *await wire.crowd(60))
    wire.start(Pace(30))
    wire.spoil(flood(5, skip=20, for_seconds=60))
    await wire.pass_time(1)
    await wire.pass_time(66, step=1)
    await wire.pass_time(3)
    await wire.pass_time(60, step=1)
    # Each deadline is of five seconds, and one request is enough to learn of the next.
    assert 10 <= wire.refused <= 12
    await everyone_has_it_once(wire)


async def test_with_a_window_in_flight_a_storm_refuses_no_more_than_a_window_each_deadline(
    file_wire: Wire,
) -> None:
    wire = file_wire
    carers = await wire.crowd(120)
    await wire.queue("broadcast", *carers)
    wire.spoil(flood(10, for_seconds=30))
    for seconds in range(31):
        before = wire.refused
        await wire.go()
        assert wire.refused - before <= wire.policy.window
        assert wire.refused == before or seconds % 10 == 0
        wire.clock.now += SECOND
    assert 0 < wire.refused <= 3 * wire.policy.window
    await everyone_has_it_once(wire)


async def test_a_server_that_permits_a_third_of_the_pace_is_soon_asked_no_faster(file_wire: Wire) -> None:
    wire = file_wire
    await wire.queue("broadcast", *await wire.crowd(100))
    wire.sandbox.api.limit(Limits(global_rate=10, global_burst=10))
    wire.start(Pace(30))
    await wire.pass_time(30, step=0.07)
    # 30 slowed by a fifth six times is less than 8, and it rises again between.
    assert wire.refused <= 9
    await everyone_has_it_once(wire)


async def test_with_the_usual_limits_and_the_usual_pace_there_is_no_429(file_wire: Wire) -> None:
    wire = file_wire
    carers = await wire.crowd(90)
    wire.sandbox.api.limit(Limits(global_burst=2, chat_burst=3))
    wire.start(Pace(30))
    await wire.queue("broadcast", *carers)
    await wire.queue("reminder", *carers[:10])
    for carer in carers[:5]:
        for number in range(3):
            await wire.reply(carer.chat_id or 0, f"answer {number} to {carer.ref}")
    await wire.pass_time(7)
    assert wire.refused == 0
    assert len(wire.arrivals) == 90 + 10 + 15
    await everyone_has_it_once(wire)
