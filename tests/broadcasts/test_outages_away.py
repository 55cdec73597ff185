"""Telegram is away for hours, or calls the token wrong: what is still useful goes out afterwards."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from broadcasts.departures import LONGEST_CUT_OFF
from broadcasts.kinds import KINDS, Priority
from broadcasts.pace import Pace
from sandbox.faults import reset, unauthorized
from storage.deliveries import DeliveryState
from storage.households import Carer
from tests.broadcasts.outages import Wire

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SIX_HOURS = 6 * HOUR
MORNING = datetime(2025, 5, 6, 8, 0, tzinfo=UTC)
"""Nine o'clock in London."""
AFTERNOON = datetime(2025, 5, 6, 14, 30, tzinfo=UTC)
"""Half past three in London: six hours on it is half past nine at night."""
LONGEST_WAIT = timedelta(seconds=LONGEST_CUT_OFF)
HELD, MISSED, SENT = DeliveryState.HELD, DeliveryState.MISSED, DeliveryState.SENT
EACH = 5
"""Carers for each kind."""


async def queue_everything(wire: Wire) -> dict[str, list[Carer]]:
    """News of every priority, still useful tomorrow; and some that is stale in two hours' time."""
    soon, tomorrow = wire.now + 2 * HOUR, wire.now + 30 * HOUR
    carers = iter(await wire.crowd(6 * EACH))
    people = {}
    for kind in ("broadcast", "invitation", "reminder", "cancellation"):
        people[kind] = [next(carers) for _ in range(EACH)]
        await wire.queue(kind, *people[kind], about="a", send_by=tomorrow)
    for kind in ("broadcast", "reminder"):
        people[f"stale {kind}"] = [next(carers) for _ in range(EACH)]
        # The event begins, the offer of the broadcast ends.
        await wire.queue(kind, *people[f"stale {kind}"], about="soon", send_by=soon)
    return people


async def six_hours_away(wire: Wire, step: timedelta = 5 * MINUTE) -> None:
    await wire.cut()
    back = wire.now + SIX_HOURS
    while wire.now < back:
        await wire.later(step)
    await wire.mend()


async def test_after_six_hours_what_is_still_useful_goes_out_once_and_what_is_stale_is_missed(
    wire: Wire,
) -> None:
    wire.clock.now = MORNING
    await queue_everything(wire)
    await six_hours_away(wire)
    assert wire.requests == []
    for _ in range(5):
        await wire.later(LONGEST_WAIT / 5)
    rows = await wire.deliveries()
    for row in rows:
        stale = row.dedupe_key.split(":")[1] == "soon"
        assert row.state is (MISSED if stale else SENT), row.dedupe_key
    assert len(wire.requests) == len(set(wire.arrivals)) == 4 * EACH
    await wire.the_chats_bear_the_ledger_out()
    await wire.later(24 * HOUR)
    assert len(wire.requests) == 4 * EACH


async def test_afterwards_the_most_urgent_goes_first(file_wire: Wire) -> None:
    wire = file_wire
    wire.clock.now = MORNING
    await queue_everything(wire)
    await six_hours_away(wire)
    # Nobody waits for a turn of its own, although each was tried at another time.
    wire.clock.now += LONGEST_WAIT
    wire.start(Pace(30))
    await wire.reply(wire.cast.sam.chat_id or 0, "an answer")
    await wire.pass_time(2)
    ranks = [_rank(words) for words in wire.arrivals]
    left, out_of_turn = Counter(ranks), 0
    for rank in ranks:
        # Every so often it is the least urgent's turn, so that none starves.
        assert rank in (min(left), max(left))
        out_of_turn += rank != min(left)
        left -= Counter([rank])
    assert ranks[:4] == [0, Priority.URGENT, Priority.URGENT, Priority.URGENT]
    assert out_of_turn <= len(ranks) / 10


def _rank(words: str) -> int:
    kind = KINDS.get(words.split(":")[0])
    return 0 if kind is None else int(kind.priority)


async def test_at_night_only_what_cannot_wait_goes_out_and_the_rest_comes_in_the_morning(wire: Wire) -> None:
    wire.clock.now = AFTERNOON
    people = await queue_everything(wire)
    await six_hours_away(wire)
    await wire.later(LONGEST_WAIT)
    assert {words.split(":")[0] for words in wire.arrivals} == {"cancellation"}
    assert await wire.states() == {
        (SENT, None): EACH,
        (HELD, "quiet_hours"): 3 * EACH,
        (MISSED, "not_connected"): 2 * EACH,
    }
    quiet_until = datetime(2025, 5, 7, 7, 0, tzinfo=UTC)
    assert {row.due_at for row in await wire.deliveries() if row.state is HELD} == {quiet_until}
    wire.clock.now = quiet_until - MINUTE
    await wire.go()
    assert len(wire.arrivals) == EACH
    await wire.later(MINUTE)
    assert len(wire.arrivals) == len(set(wire.arrivals)) == 4 * EACH
    assert all(wire.shown(carer.chat_id) == [] for carer in people["stale reminder"])
    await wire.the_chats_bear_the_ledger_out()


async def test_while_the_server_is_away_one_at_a_time_looks_for_it_and_the_waits_grow(
    file_wire: Wire,
) -> None:
    wire = file_wire
    await wire.queue("reminder", *await wire.crowd(6), send_by=wire.now + SIX_HOURS)
    await wire.cut()
    begun, tries = wire.now, 0
    looks: list[float] = []
    while wire.now < begun + 2 * MINUTE:
        await wire.go()
        attempts = sum(row.attempts for row in await wire.deliveries())
        if attempts > tries:
            # At first nobody knows, and all that are under way find it out.
            assert attempts - tries == (1 if looks else 6)
            looks.append((wire.now - begun).total_seconds())
        tries = attempts
        wire.clock.now += timedelta(seconds=0.5)
    waits = [later - earlier for earlier, later in pairwise(looks)]
    assert waits == [2, 4, 8, *[LONGEST_CUT_OFF] * (len(waits) - 3)]
    assert len(waits) == 3 + (120 - 14) // LONGEST_CUT_OFF


async def test_a_cancellation_made_while_the_server_was_away_is_first_when_it_is_back(
    file_wire: Wire,
) -> None:
    wire = file_wire
    carers = await wire.crowd(40)
    await wire.queue("broadcast", *carers[:20])
    await wire.cut()
    for _ in range(30):
        await wire.later(timedelta(seconds=20))
    await wire.queue("cancellation", *carers[20:])
    await wire.mend()
    wire.clock.now += LONGEST_WAIT
    await wire.turn()
    await wire.turn()
    assert [words.split(":")[0] for words in wire.arrivals[:18]].count("cancellation") >= 16
    await wire.go()
    assert len(wire.arrivals) == len(set(wire.arrivals)) == 40


async def test_a_connection_that_breaks_in_the_middle_costs_doubt_only_for_what_was_under_way(
    file_wire: Wire,
) -> None:
    wire = file_wire
    carers = await wire.crowd(30)
    await wire.queue("reminder", *carers)
    wire.start(Pace(30))
    await wire.pass_time(0.5)
    before = len(wire.arrivals)
    assert 0 < before < 30
    await wire.sandbox.go_offline()
    # Nobody listens any more, and the connection that was open breaks as it is used.
    wire.spoil(reset(method="sendMessage"))
    await wire.pass_time(3)
    wire.sandbox.faults.clear()
    await wire.mend()
    await wire.later(LONGEST_WAIT)
    for _ in range(60):
        await wire.later(MINUTE)
    states = await wire.states()
    assert states[SENT, None] + states[DeliveryState.UNKNOWN, "no_answer"] == 30
    assert 1 <= states[DeliveryState.UNKNOWN, "no_answer"] <= 2
    assert len(wire.arrivals) == len(set(wire.arrivals)) == states[SENT, None]
    await wire.the_chats_bear_the_ledger_out()


async def test_a_wrong_token_that_is_put_right_loses_nobody(wire: Wire) -> None:
    carers = await wire.crowd(40)
    await wire.queue("reminder", *carers[:20])
    await wire.queue("broadcast", *carers[20:])
    await wire.reply(wire.cast.sam.chat_id or 0, "an answer")
    wire.start(Pace(30))
    full = wire.pace.rate
    fault = wire.spoil(unauthorized("*"))
    await wire.pass_time(20 * 60, step=10)
    # One request in half a minute is enough to see that the token is still wrong.
    assert wire.refused == 2 * 20
    assert wire.arrivals == []
    assert not [carer for carer in carers if (await wire.carer(carer)).unreachable_since]
    fault.times = 0
    await wire.pass_time(30, step=10)
    assert wire.pace.rate == full
    await wire.pass_time(3)
    assert wire.arrivals[0] == "an answer"
    for _ in range(12):
        await wire.later(MINUTE)
        await wire.pass_time(1)
    assert await wire.states() == {(SENT, None): 40}
    assert len(wire.arrivals) == len(set(wire.arrivals)) == 41
    await wire.the_chats_bear_the_ledger_out()
