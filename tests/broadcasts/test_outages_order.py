"""Who goes first when there is more to say than the pace allows, and that nobody waits for ever."""

from datetime import datetime
from itertools import cycle, pairwise

import pytest

from broadcasts.pace import Pace
from storage.deliveries import DeliveryState
from tests.broadcasts.outages import Wire

SLOT = 1 / 29.85
"""Seconds from one message to the next at thirty a second."""


def kinds_of(wire: Wire) -> list[str]:
    return [words.split(":")[0] for words in wire.arrivals]


async def a_stream_of_answers(wire: Wire, seconds: float, step: float, waiting: int = 15) -> None:
    """For so long there are always ``waiting`` answers to taps that want to leave."""
    round_and_round = cycle([carer.chat_id or 0 for carer in await wire.crowd(3 * waiting)])
    for _ in range(waiting):
        await wire.reply(next(round_and_round), "answer")
    end = wire.now.timestamp() + seconds
    while wire.now.timestamp() < end:
        seen = len(wire.requests)
        await wire.pass_time(SLOT, step)
        for request in wire.requests[seen:]:
            if request.arguments["text"] == "answer":
                await wire.reply(next(round_and_round), "answer")


@pytest.mark.parametrize("step", [SLOT, SLOT / 2])
async def test_a_stream_of_answers_leaves_reminders_one_slot_in_ten(file_wire: Wire, step: float) -> None:
    wire = file_wire
    await wire.queue("reminder", *await wire.crowd(40))
    wire.start(Pace(30, per_chat=0))
    await a_stream_of_answers(wire, 3, step)
    kinds = kinds_of(wire)
    assert len(kinds) >= 85
    assert kinds.count("answer") >= 0.8 * len(kinds)
    reminders = [place for place, kind in enumerate(kinds) if kind == "reminder"]
    assert reminders[0] <= 10
    assert max(later - earlier for earlier, later in pairwise(reminders)) <= 10


async def test_a_stream_of_answers_does_not_let_broadcasts_go_before_reminders(file_wire: Wire) -> None:
    wire = file_wire
    carers = await wire.crowd(80)
    await wire.queue("broadcast", *carers[:40])
    await wire.queue("reminder", *carers[40:])
    wire.start(Pace(30, per_chat=0))
    await a_stream_of_answers(wire, 5, SLOT)
    kinds = kinds_of(wire)
    assert kinds.count("reminder") > kinds.count("broadcast")
    assert kinds.count("reminder") + kinds.count("broadcast") >= len(kinds) // 10


async def test_an_answer_queued_behind_a_backlog_leaves_within_five_slots(file_wire: Wire) -> None:
    wire = file_wire
    carers = await wire.crowd(500)
    await wire.queue("broadcast", *carers)
    wire.start(Pace(30))
    for number, carer in enumerate(carers[-10:]):
        await wire.pass_time(0.1 + 0.023 * number)
        before = len(wire.requests)
        await wire.reply(carer.chat_id or 0, f"answer:{carer.ref}")
        await wire.pass_time(5 * SLOT)
        assert f"answer:{carer.ref}" in [request.arguments["text"] for request in wire.requests[before:]]
    assert (DeliveryState.QUEUED, None) in await wire.states()


def times_of(wire: Wire, chat_id: int | None) -> list[datetime]:
    return [request.at for request in wire.requests if request.arguments["chat_id"] == chat_id]


async def test_a_chat_gets_one_notice_a_second(file_wire: Wire) -> None:
    wire = file_wire
    amal = wire.cast.amal
    wire.start(Pace(30))
    for number in range(5):
        await wire.queue("reminder", amal, about=str(number))
    await wire.queue("broadcast", *await wire.crowd(30))
    await wire.pass_time(6)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times_of(wire, amal.chat_id))]
    assert len(gaps) == 4
    assert 1 <= min(gaps) <= max(gaps) <= 1.2
    # Who rests delays nobody else.
    assert all(request.at <= wire.requests[0].at.replace(second=2) for request in wire.requests[:30])


async def test_answers_to_one_chat_may_come_three_at_once_and_then_one_a_second(file_wire: Wire) -> None:
    wire = file_wire
    amal = wire.cast.amal
    wire.start(Pace(30))
    for number in range(6):
        await wire.reply(amal.chat_id or 0, f"answer {number}")
    await wire.queue("reminder", amal)
    await wire.pass_time(9)
    assert wire.shown(amal.chat_id) == [f"answer {number}" for number in range(6)] + [
        f"reminder:a:c{amal.id}"
    ]
    begun = times_of(wire, amal.chat_id)[0]
    after = [(at - begun).total_seconds() for at in times_of(wire, amal.chat_id)]
    assert after[2] < 0.2
    assert after[3] >= 1
    assert min(later - earlier for earlier, later in pairwise(after[3:])) >= 0.9
    assert after[6] >= 6
    assert wire.refused == 0
