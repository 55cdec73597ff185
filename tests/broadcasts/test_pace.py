"""The pace: so many a second in all, one a second to a chat, and one deadline for all."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as some

from broadcasts.pace import Pace
from broadcasts.retries import Waits


def slots_of(pace: Pace, chats: Iterable[int], begin: float = 0.0, late: float = 0.0) -> list[float]:
    """When messages to these chats leave, all asked for at once; who waits for a slot wakes up ``late``."""
    slots: list[float] = []
    at = begin
    for chat in chats:
        slot = pace.next_slot(at)
        at = slot + late if slot > at else at
        pace.take(chat, at)
        slots.append(at)
    return slots


def fullest_second(slots: list[float]) -> int:
    return max(sum(first <= slot < first + 1 - 1e-9 for slot in slots) for first in slots)


def test_the_first_second_is_no_burst() -> None:
    slots = slots_of(Pace(rate=30), range(100), begin=1000.0)
    assert slots[0] == 1000.0
    assert min(later - earlier for earlier, later in pairwise(slots)) > 1 / 30


@given(some.floats(1, 1000), some.integers(2, 300), some.floats(0, 0.008))
def test_no_second_ever_holds_more_than_one_above_the_rate(rate: float, messages: int, late: float) -> None:
    assert fullest_second(slots_of(Pace(rate), range(messages), late=late)) <= rate + 1


@given(some.lists(some.floats(0, 0.1), min_size=2, max_size=300))
def test_late_wake_ups_never_come_back_as_a_burst(lateness: list[float]) -> None:
    pace, at, slots = Pace(rate=30), 0.0, []
    for chat, late in enumerate(lateness):
        at = max(at, pace.next_slot(at)) + late
        pace.take(chat, at)
        slots.append(at)
    assert fullest_second(slots) <= 31


def test_what_leaves_a_little_late_delays_nothing_after_it() -> None:
    slots = slots_of(Pace(rate=1000), range(5000), late=0.004)
    assert 5000 / (slots[-1] - slots[0]) >= 990


def test_one_chat_gets_one_message_a_second() -> None:
    pace = Pace(rate=1000)
    assert not pace.rests(7, 0.0)
    pace.take(7, 0.0)
    assert pace.rests(7, 0.999)
    assert pace.anyone_rests(0.999)
    assert not pace.rests(7, 1.0)
    assert not pace.anyone_rests(1.0)


def test_answers_to_taps_may_follow_each_other_before_one_a_second_holds() -> None:
    pace = Pace(rate=1000)
    for at in (0.0, 0.1, 0.2):
        assert not pace.rests(7, at, at_once=3)
        pace.take(7, at)
    assert pace.rests(7, 0.3, at_once=3)
    assert not pace.rests(7, 1.0, at_once=3)


def test_a_notice_waits_until_a_burst_of_answers_is_paid_for() -> None:
    pace = Pace(rate=1000)
    for at in (0.0, 0.1, 0.2):
        pace.take(7, at)
    assert pace.rests(7, 2.9)
    assert not pace.rests(7, 3.0)


def test_a_chat_that_rests_delays_nobody_else() -> None:
    pace = Pace(rate=1000)
    pace.take(7, 0.0)
    assert pace.rests(7, 0.1)
    assert not pace.rests(8, 0.1)
    assert pace.next_slot(0.01) == 0.01


def test_chats_that_rested_are_forgotten() -> None:
    pace = Pace(rate=1000)
    slots_of(pace, range(5000))
    assert len(pace._addresses) < 2100


def test_too_many_requests_is_one_deadline_for_all() -> None:
    pace = Pace(rate=30)
    pace.halt(2.0, 10)
    pace.halt(3.0, 2)
    assert pace.is_halted(11.9)
    assert pace.room(11.0, 11.9) == 0
    assert pace.next_slot(11.0) == 12.0
    assert not pace.is_halted(12.0)


def test_too_many_requests_lower_the_pace_once_and_it_rises_again() -> None:
    pace = Pace(rate=100)
    full = pace.rate
    for _ in range(20):
        pace.halt(1.0, 5, flood=True)
    assert pace.rate == full * 0.8
    slots = slots_of(pace, range(6000), begin=6.0)
    assert pace.rate == full
    first = [later - earlier for earlier, later in pairwise(slots)][:500]
    assert min(first) > 1 / 81


def test_a_server_that_goes_on_refusing_is_asked_ever_less_but_always_again() -> None:
    pace = Pace(rate=30)
    for burst in range(40):
        pace.halt(burst * 10.0, 5, flood=True)
    assert pace.rate == 1.0


def test_a_wrong_token_stops_everything_and_slows_nothing() -> None:
    pace = Pace(rate=30)
    full = pace.rate
    pace.halt(0.0, 30)
    assert pace.rate == full


def test_room_is_what_may_leave_by_then() -> None:
    pace = Pace(rate=10)
    assert pace.room(0.0, 0.35) == 4
    slots = slots_of(pace, range(5))
    assert [slot <= 0.35 for slot in slots] == [True] * 4 + [False]
    assert Pace(float("inf")).room(0.0, 0.0) > 10**6


def test_slots_that_were_not_used_in_time_do_not_add_up_to_a_burst() -> None:
    pace = Pace(rate=10)
    pace.take(1, 0.0)
    assert [round(slot, 1) for slot in slots_of(pace, (2, 3, 4), begin=5.0)] == [5.0, 5.1, 5.2]


def test_waits_grow_and_are_never_equal_for_all() -> None:
    waits = Waits(timedelta(seconds=2), timedelta(minutes=10), Random(1))
    for attempts, longest in ((1, 2), (2, 4), (5, 32), (12, 600), (400, 600)):
        drawn = {waits.after(attempts).total_seconds() for _ in range(50)}
        assert longest / 2 <= min(drawn) < max(drawn) <= longest
