"""The pace: so many a second in all, one a second to a chat, and one deadline for all."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as some

from broadcasts.pace import Pace
from broadcasts.retries import Waits


def slots_of(pace: Pace, chats: Iterable[int], at_once: int = 1) -> list[float]:
    """The slots that messages to these chats get when all are asked for at the start."""
    return [pace.take(chat, 0.0, at_once) for chat in chats]


def test_the_first_second_is_no_burst() -> None:
    slots = slots_of(Pace(rate=30), range(100))
    assert slots[0] == 0.0
    assert sum(slot < 1.0 for slot in slots) <= 31


@given(some.floats(1, 1000), some.integers(2, 300))
def test_no_second_ever_holds_more_than_one_above_the_rate(rate: float, messages: int) -> None:
    slots = slots_of(Pace(rate), range(messages))
    for first in slots:
        assert sum(first <= slot < first + 1 - 1e-9 for slot in slots) <= rate + 1


def test_one_chat_gets_one_message_a_second() -> None:
    assert slots_of(Pace(rate=1000), [7, 7, 7]) == [0.0, 1.0, 2.0]


def test_answers_to_taps_may_follow_each_other_before_one_a_second_holds() -> None:
    slots = slots_of(Pace(rate=1000), [7] * 5, at_once=3)
    assert [round(slot) for slot in slots] == [0, 0, 0, 1, 2]


def test_a_notice_waits_until_a_burst_of_answers_is_paid_for() -> None:
    pace = Pace(rate=1000)
    slots_of(pace, [7, 7, 7], at_once=3)
    assert pace.resting(0.5, 0.6) == {7}
    assert pace.take(7, 0.5) == 3.0


def test_a_chat_that_rests_delays_nobody_else() -> None:
    pace = Pace(rate=1000)
    pace.take(7, 0.0)
    assert pace.rests(7, 0.1, 0.2)
    assert not pace.rests(8, 0.1, 0.2)
    assert pace.take(8, 0.0) < 0.01


def test_too_many_requests_is_one_deadline_for_all() -> None:
    pace = Pace(rate=30)
    pace.halt(12.0)
    pace.halt(5.0)
    assert pace.is_halted(11.9)
    assert pace.room(11.0, 11.9) == 0
    assert pace.take(7, 11.0) == 12.0


def test_room_is_what_may_leave_by_then() -> None:
    pace = Pace(rate=10)
    assert pace.room(0.0, 0.35) == 4
    assert [slot <= 0.35 for slot in slots_of(pace, range(5))] == [True] * 4 + [False]


def test_slots_that_were_not_used_in_time_do_not_add_up_to_a_burst() -> None:
    pace = Pace(rate=10)
    pace.take(1, 0.0)
    assert [round(pace.take(chat, 5.0), 3) for chat in (2, 3, 4)] == [5.0, 5.1, 5.2]


def test_waits_grow_and_are_never_equal_for_all() -> None:
    waits = Waits(timedelta(seconds=2), timedelta(minutes=10), Random(1))
    for attempts, longest in ((1, 2), (2, 4), (5, 32), (12, 600), (400, 600)):
        drawn = {waits.after(attempts).total_seconds() for _ in range(50)}
        assert longest / 2 <= min(drawn) < max(drawn) <= longest
