"""Departures: in order, a window of them at once, and whatever is claimed comes back exactly once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from broadcasts.departures import Departures, Time
from broadcasts.errands import Errand, Op, Unsent
from broadcasts.journal import NoJournal
from broadcasts.pace import Pace
from broadcasts.sender import FLOOD, Outcome, Refused, Retry, Sent, Unknown
from tests.support.cast import NOON

INF = float("inf")
FLOODED = Retry(timedelta(seconds=10), FLOOD, everyone=True)
NOT_CONNECTED = Retry(timedelta(seconds=2), "not_connected")


class ALane:
    """No more than a name: nothing is written down here."""

    name = "a lane"
    journaled = True


class FullDisk(NoJournal):
    """A journal that can, or cannot, write down that a request is about to go out."""

    def __init__(self) -> None:
        self.full = False
        self.broken = False
        self.started: list[int] = []
        self.accepted: list[int] = []

    def start(self, lane: str, id: int) -> bool:
        if self.broken:
            raise RuntimeError("the journal was not begun")
        if not self.full:
            self.started.append(id)
        return not self.full

    def accept(self, lane: str, id: int, message_id: int | None, photo: bool = False) -> None:
        self.accepted.append(id)


@dataclass
class Airfield:
    """Departures with a time and answers that the test gives by hand."""

    pace: Pace = field(default_factory=lambda: Pace(INF, per_chat=0))
    window: int = 3
    seconds: float = 0.0
    journal: FullDisk = field(default_factory=FullDisk)
    asked: list[int] = field(default_factory=list)
    """The errands for which a request was made, in order."""
    open: dict[int, asyncio.Future[Outcome]] = field(default_factory=dict)
    """Requests that wait for an answer."""
    most_at_once: int = 0
    landed: list[int] = field(default_factory=list)
    settled: dict[int, Outcome | Unsent] = field(default_factory=dict)
    keys: int = 0

    def __post_init__(self) -> None:
        time = Time(self.now, lambda: self.seconds)
        self.departures = Departures(
            self._perform, self.pace, self.window, self.journal, time, lambda e: self.landed.append(e.key)
        )

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def errand(self, rank: int = 40, at_once: int = 1) -> Errand[Any]:
        self.keys += 1
        lane: Any = ALane()
        return Errand(lane, None, self.keys, rank, Op.SEND, 1000 + self.keys, at_once, "en")

    async def add(self, *errands: Errand[Any]) -> None:
        self.departures.add(errands)
        await self.breathe()

    async def add_ranks(self, *ranks: int) -> None:
        await self.add(*(self.errand(rank) for rank in ranks))

    async def answer(self, outcome: Outcome | Exception, *keys: int) -> None:
        """Answer these requests, or the one that waits the longest."""
        for key in keys or list(self.open)[:1]:
            future = self.open.pop(key)
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        await self.breathe()

    async def forward(self, seconds: float) -> None:
        """Time passes; adding nothing makes what may leave now leave."""
        self.seconds += seconds
        await self.add()

    async def breathe(self) -> None:
        """Whatever can go on without an answer or time goes on."""
        for _ in range(4):
            await asyncio.sleep(0)

    def settle(self) -> None:
        """Write the results down, as a turn of the engine does."""
        finished = dict(self.departures.results)
        for errand, result in finished.items():
            assert errand.key not in self.settled, "written down twice"
            self.settled[errand.key] = result.outcome
        self.departures.settled(finished)

    def outcomes(self) -> dict[int, Outcome | Unsent]:
        self.settle()
        return self.settled

    async def _perform(self, errand: Errand[Any]) -> Outcome:
        self.asked.append(errand.key)
        self.open[errand.key] = asyncio.get_running_loop().create_future()
        self.most_at_once = max(self.most_at_once, len(self.open))
        try:
            return await self.open[errand.key]
        finally:
            self.open.pop(errand.key, None)


Opens = Callable[..., Airfield]


@pytest.fixture
async def airfield() -> AsyncIterator[Opens]:
    """Opens an airfield, and closes it after the test."""
    opened: list[Airfield] = []

    def opens(**options: Any) -> Airfield:
        opened.append(Airfield(**options))
        return opened[-1]

    yield opens
    for at in opened:
        await at.departures.close(0)


def keys(outcomes: dict[int, Outcome | Unsent], kind: type[object]) -> list[int]:
    return sorted(key for key, outcome in outcomes.items() if isinstance(outcome, kind))


async def test_the_most_urgent_leaves_first_and_equals_in_their_order(airfield: Opens) -> None:
    at = airfield(window=1)
    await at.add_ranks(40, 20, 0, 20, 10, 40, 0)
    while at.open:
        await at.answer(Sent(1))
    assert at.asked == [3, 7, 5, 2, 4, 1, 6]


async def test_what_comes_later_and_is_more_urgent_overtakes(airfield: Opens) -> None:
    at = airfield(window=1)
    await at.add_ranks(40, 40, 40)
    await at.add_ranks(0)
    await at.answer(Sent(1))
    assert at.asked == [1, 4]


async def test_every_tenth_departure_is_the_least_urgents(airfield: Opens) -> None:
    at = airfield(window=1)
    await at.add_ranks(*[0] * 30, 40, 40)
    while at.open:
        await at.answer(Sent(1))
    assert [place for place, key in enumerate(at.asked, 1) if key > 30] == [10, 20]


async def test_what_is_no_message_waits_for_no_slot(airfield: Opens) -> None:
    at = airfield(pace=Pace(1))
    await at.add_ranks(0, 0)
    await at.add(at.errand(0, at_once=0))
    assert at.asked == [1, 3]
    assert at.departures.waiting == at.departures.waiting_for_slots == 1


async def test_no_more_than_a_window_is_in_flight_and_the_next_leaves_as_one_comes_back(
    airfield: Opens,
) -> None:
    at = airfield(window=3)
    await at.add_ranks(*[40] * 5)
    assert (at.asked, at.departures.in_flight, at.departures.waiting) == ([1, 2, 3], 3, 2)
    await at.answer(Sent(1), 2)
    assert (at.asked, at.departures.in_flight, at.departures.waiting) == ([1, 2, 3, 4], 3, 1)
    assert at.landed == [2]


async def test_each_leaves_at_its_slot(airfield: Opens) -> None:
    at = airfield(pace=Pace(10), window=10)
    await at.add_ranks(*[40] * 3)
    assert at.asked == [1]
    await at.forward(0.05)
    assert at.asked == [1]
    await at.forward(0.06)
    assert at.asked == [1, 2]


async def test_the_alarm_wakes_for_the_next_slot_by_itself(airfield: Opens) -> None:
    at = airfield(pace=Pace(100), window=10)
    loop = asyncio.get_running_loop()
    at.departures.time = Time(at.now, loop.time)
    await at.add_ranks(*[40] * 3)
    async with asyncio.timeout(5):
        while len(at.asked) < 3:  # noqa: ASYNC110 - what is awaited is an alarm of the loop
            await asyncio.sleep(0.001)


async def test_a_deadline_for_all_sends_back_what_has_not_left(airfield: Opens) -> None:
    at = airfield(window=2)
    await at.add_ranks(*[40] * 4)
    await at.answer(FLOODED, 1)
    assert at.outcomes() == {1: FLOODED, 3: Unsent(), 4: Unsent()}
    await at.answer(Sent(9), 2)
    assert at.outcomes()[2] == Sent(9)
    await at.add_ranks(0)
    assert at.outcomes()[5] == Unsent()
    await at.forward(10)
    await at.add_ranks(0)
    assert at.asked == [1, 2, 6]


async def test_a_wait_of_one_chat_holds_up_no_other(airfield: Opens) -> None:
    at = airfield(window=1)
    await at.add_ranks(40, 40)
    await at.answer(NOT_CONNECTED)
    assert at.asked == [1, 2]


async def test_closing_sends_back_what_has_not_left_and_doubts_what_is_cut_off(airfield: Opens) -> None:
    at = airfield(window=2)
    await at.add_ranks(*[40] * 4)
    await at.departures.close(0)
    assert at.outcomes() == {1: Unknown("stopped"), 2: Unknown("stopped"), 3: Unsent(), 4: Unsent()}
    await at.add_ranks(0)
    assert at.outcomes()[5] == Unsent()
    at.departures.open()
    await at.add_ranks(0)
    assert at.asked == [1, 2, 6]


async def test_closing_lets_what_is_in_flight_finish_in_its_time(airfield: Opens) -> None:
    at = airfield(window=2)
    await at.add_ranks(*[40] * 3)
    closing = asyncio.create_task(at.departures.close(60))
    await at.breathe()
    await at.answer(Sent(7), 1, 2)
    await closing
    assert at.outcomes() == {1: Sent(7), 2: Sent(7), 3: Unsent()}


async def test_a_request_that_cannot_be_written_down_is_not_made(airfield: Opens) -> None:
    at = airfield(window=2)
    at.journal.full = True
    await at.add_ranks(40, 40)
    assert at.outcomes() == {1: Unsent(), 2: Unsent()}
    assert at.asked == []


async def test_a_journal_that_fails_leaves_a_doubt_and_no_errand_that_stays_claimed(airfield: Opens) -> None:
    at = airfield(window=2)
    at.journal.broken = True
    await at.add_ranks(40)
    assert at.outcomes() == {1: Unknown("RuntimeError")}
    assert at.asked == []


async def test_the_journal_knows_of_each_request_before_it_is_made_and_of_what_was_accepted(
    airfield: Opens,
) -> None:
    at = airfield(window=3)
    await at.add_ranks(40, 40, 40)
    assert at.journal.started == at.asked
    await at.answer(Sent(1), 1)
    await at.answer(Refused("no"), 2)
    await at.answer(RuntimeError("a bug"), 3)
    assert at.journal.accepted == [1]
    assert at.outcomes() == {1: Sent(1), 2: Refused("no"), 3: Unknown("RuntimeError")}


async def test_a_chat_is_busy_until_the_result_is_written_down(airfield: Opens) -> None:
    at = airfield(window=1)
    await at.add(at.errand(), at.errand(), at.errand(at_once=0))
    assert at.departures.busy() == {1001, 1002}
    while at.open:
        await at.answer(Sent(1))
    assert at.departures.busy() == {1001, 1002}
    assert not at.departures.is_idle(but=())
    assert at.departures.is_idle(but=at.departures.results)
    at.settle()
    assert at.departures.busy() == set()
    assert at.departures.is_idle(but=())


OUTCOMES = (
    Sent(1),
    Sent(None),
    Refused("no"),
    NOT_CONNECTED,
    FLOODED,
    Unknown("no_answer"),
    RuntimeError("x"),
)
RANKS = (0, 1, 10, 20, 30, 40)
STEPS = some.one_of(
    some.tuples(
        some.just("add"), some.lists(some.tuples(some.sampled_from(RANKS), some.booleans()), max_size=6)
    ),
    some.tuples(some.just("answer"), some.tuples(some.integers(0, 10), some.sampled_from(OUTCOMES))),
    some.tuples(some.just("forward"), some.sampled_from((0.01, 0.1, 1.0, 12.0))),
    some.tuples(some.just("halt"), some.sampled_from((0.05, 5.0))),
    some.tuples(some.just("disk"), some.booleans()),
    some.tuples(some.just("settle"), some.none()),
    some.tuples(some.just("close"), some.booleans()),
    some.tuples(some.just("open"), some.none()),
    some.tuples(some.just("all back"), some.sampled_from(OUTCOMES[:-1])),
)


@settings(max_examples=400)
@given(some.lists(STEPS, max_size=40), some.integers(1, 4), some.sampled_from((INF, 10.0)))
def test_whatever_happens_no_errand_is_lost_and_none_is_performed_twice(
    steps: list[tuple[str, Any]], window: int, rate: float
) -> None:
    asyncio.run(_play(steps, Airfield(Pace(rate), window)))


async def _play(steps: Iterable[tuple[str, Any]], at: Airfield) -> None:
    closed = False
    for step, what in steps:
        asked = len(at.asked)
        await _take(at, step, what)
        closed = step == "close" or (closed and step != "open")
        assert not closed or len(at.asked) == asked
        assert at.departures.in_flight <= at.window
        under_way = at.departures.waiting + at.departures.in_flight + len(at.departures.results)
        assert under_way + len(at.settled) == at.keys
    await at.departures.close(0)
    outcomes = at.outcomes()
    assert sorted(outcomes) == list(range(1, at.keys + 1))
    assert at.most_at_once <= at.window
    assert max(Counter(at.asked).values(), default=1) == 1
    assert keys(outcomes, Unsent) == sorted(set(outcomes) - set(at.asked))
    assert at.journal.started == at.asked
    assert sorted(at.journal.accepted) == keys(outcomes, Sent)
    assert sorted(at.landed) == sorted(outcomes)
    assert at.departures.is_idle(but=())


async def _take(at: Airfield, step: str, what: Any) -> None:
    match step:
        case "add":
            await at.add(*(at.errand(rank, at_once=int(paced)) for rank, paced in what))
        case "answer" if at.open:
            place, outcome = what
            await at.answer(outcome, list(at.open)[place % len(at.open)])
        case "forward":
            await at.forward(what)
        case "halt":
            at.pace.halt(at.seconds, what)
        case "disk":
            at.journal.full = what
        case "settle":
            at.settle()
        case "close":
            closing = asyncio.create_task(at.departures.close(2 if what else 0))
            await at.breathe()
            if what:
                await at.answer(Sent(1), *at.open)
            await closing
        case "open":
            at.departures.open()
        case "all back":
            back = asyncio.create_task(at.departures.all_back())
            await at.breathe()
            while at.open:
                await at.answer(what, *at.open)
            await back
