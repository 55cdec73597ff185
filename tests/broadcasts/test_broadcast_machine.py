"""Whatever the order of deeds, ticks and failures, nobody gets a broadcast twice and nobody is forgotten."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from broadcasts.launching import back_to_draft, send_back
from storage.broadcasts import Broadcast, BroadcastState
from storage.deliveries import WAITING, Delivery, DeliveryState, Notice
from storage.engine import open_database
from tests.broadcasts.broadcasting import Desk, open_desk
from tests.support import postgres
from tests.support.fake_sender import BLOCKED, NO_ANSWER, NOT_CONNECTED, WRONG

DRAFT, AWAITING, SCHEDULED = (
    BroadcastState.DRAFT,
    BroadcastState.AWAITING_APPROVAL,
    BroadcastState.SCHEDULED,
)
SENDING, PAUSED, FINISHED = BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.FINISHED
CANCELLED, RECALLED = BroadcastState.CANCELLED, BroadcastState.RECALLED
ALLOWED = {
    DRAFT: {AWAITING, SCHEDULED},
    AWAITING: {DRAFT, SCHEDULED, CANCELLED},
    SCHEDULED: {DRAFT, SENDING, CANCELLED},
    SENDING: {PAUSED, FINISHED, CANCELLED, RECALLED},
    PAUSED: {SENDING, CANCELLED, RECALLED},
    FINISHED: {RECALLED},
    CANCELLED: {RECALLED},
    RECALLED: set[BroadcastState](),
}
EVERYBODY = {101, 102, 103, 104}
DEEDS = (
    "approve",
    "send back",
    "back",
    "pause",
    "resume",
    "resume",
    "cancel",
    "recall",
    "correct",
    "confirm",
)
ANSWERS = (None, None, None, NOT_CONNECTED, NO_ANSWER, WRONG, WRONG, BLOCKED)
MINUTES = (0.1, 0.1, 1.1, 10.0, 24 * 60.0)
ONE_OF_THREE = st.integers(0, 2)
SEND = st.tuples(st.just("send"), st.lists(st.sampled_from(ANSWERS), max_size=4), st.integers(1, 3))
STEPS = st.one_of(
    st.tuples(st.just("launch"), ONE_OF_THREE),
    st.tuples(st.just("act"), ONE_OF_THREE, st.sampled_from(DEEDS)),
    st.tuples(st.just("act"), ONE_OF_THREE, st.sampled_from(DEEDS)),
    st.tuples(st.just("pass_time"), st.sampled_from(MINUTES)),
    SEND,
    SEND,
    st.just(("restart",)),
    st.just(("finish",)),
)


@dataclass
class World:
    """Three broadcasts to four carers. Each step is a transaction, or a turn of the engine."""

    desk: Desk
    numbers: list[int] = field(default_factory=list)
    before: dict[int, BroadcastState] = field(default_factory=dict)

    async def live(self, steps: list[tuple[Any, ...]]) -> None:
        """Take these steps, looking at everything after each, and then let all that was begun end."""
        self.numbers = [await self.desk.draft(f"Message {number}.") for number in range(3)]
        for name, *arguments in steps:
            await getattr(self, name)(*arguments)
            await self.look()
        await self.end()

    async def launch(self, which: int) -> None:
        """The straight way to where most can go wrong."""
        await self.act(which, "confirm")
        await self.look()
        await self.act(which, "approve")
        await self.look()
        await self.pass_time(1.1)

    async def act(self, which: int, deed: str) -> None:
        desk, number = self.desk, self.numbers[which]
        deeds: dict[str, Callable[[], Awaitable[Any]]] = {
            "confirm": partial(desk.confirm, number),
            "approve": partial(desk.approve, number),
            "send back": partial(desk.do, send_back, number, desk.cast.dee, desk.now),
            "back": partial(desk.do, back_to_draft, number, desk.cast.dee, desk.now),
            "pause": partial(desk.pause, number),
            "resume": partial(desk.resume, number),
            "cancel": partial(desk.cancel, number),
            "recall": partial(desk.recall, number),
            "correct": partial(desk.correct, number, f"Message {which}. Corrected"),
        }
        await deeds[deed]()

    async def pass_time(self, minutes: float) -> None:
        self.desk.now += timedelta(minutes=minutes)
        await self.desk.start_due()

    async def send(self, answers: list[Any], turns: int) -> None:
        sender = self.desk.sender
        sender.script.clear()
        sender.will(*(answer or sender._accept for answer in answers))
        for _ in range(turns):
            await self.desk.engine.work_once(self.desk.now)

    async def restart(self) -> None:
        self.desk.start_again()
        await self.desk.engine.recover(self.desk.now)

    async def finish(self) -> None:
        await self.desk.finish_done()

    async def look(self) -> None:
        """What holds at every moment."""
        async with self.desk.database.read() as session:
            broadcasts = list(await session.scalars(select(Broadcast).order_by(Broadcast.id)))
            rows = list(await session.scalars(select(Delivery).where(Delivery.kind == "broadcast")))
            paused = set(await session.scalars(select(Notice.id).where(Notice.paused_at.is_not(None))))
        for broadcast in broadcasts:
            was = self.before.get(broadcast.id, broadcast.state)
            assert broadcast.state is was or broadcast.state in ALLOWED[was], (was, broadcast.state)
            self.before[broadcast.id] = broadcast.state
            assert (broadcast.notice_id in paused) == (broadcast.state is PAUSED)
            _fits(broadcast, [row.state for row in rows if row.notice_id == broadcast.notice_id])
        arrived = Counter(self._arrivals())
        assert not arrived or max(arrived.values()) == 1, arrived
        for row in rows:
            if row.state is DeliveryState.SENT:
                assert row.message_id is not None
                assert (row.chat_id, row.notice_id) in self._by_notice(broadcasts, arrived)

    def _arrivals(self) -> Iterator[tuple[int, str]]:
        """(chat, first words) of every broadcast that arrived; a correction begins with the same words."""
        for request in self.desk.sender.arrived:
            if request.op == "send" and request.text.startswith("Message"):
                yield request.chat_id, request.text.partition(".")[0]

    def _by_notice(
        self, broadcasts: list[Broadcast], arrived: Counter[tuple[int, str]]
    ) -> set[tuple[int, int | None]]:
        notices = {row.texts["en"].partition(".")[0]: row.notice_id for row in broadcasts}
        return {(chat_id, notices[words]) for chat_id, words in arrived}

    async def end(self) -> None:
        """What was begun and not called off finishes, and has a fate for everybody."""
        desk = self.desk
        desk.sender.script.clear()
        for _ in range(10):
            for number in self.numbers:
                await desk.resume(number)  # what failed for too many in a row is paused again
            await desk.start_due()
            await desk.go()
            await self.look()
            desk.now += timedelta(days=1)
        await desk.finish_done()
        await self.look()
        for number in self.numbers:
            assert await desk.state(number) in (DRAFT, AWAITING, FINISHED, CANCELLED, RECALLED)


def _fits(broadcast: Broadcast, states: list[DeliveryState]) -> None:
    """The rows of a broadcast: none before it begins, then everybody's, and none that waits in the end."""
    begun = broadcast.notice_id is not None
    assert len(states) == (len(EVERYBODY) if begun else 0)
    assert begun == (broadcast.started_at is not None)
    if broadcast.state in (DRAFT, AWAITING, SCHEDULED):
        assert not begun
    if broadcast.state in (FINISHED, CANCELLED, RECALLED):
        assert not {*WAITING, DeliveryState.SENDING} & set(states)


async def live(url: str, steps: list[tuple[Any, ...]], approval: bool, cap: int | None) -> World:
    """One whole life of a new database."""
    database = open_database(url)
    desk = await open_desk(database)
    desk.allow(approval_above=3 if approval else None, weekly_cap=cap, failures_in_a_row=2)
    world = World(desk)
    try:
        await world.live(steps)
    finally:
        await database.close()
    return world


def lives(new: Callable[[], AbstractContextManager[str]], examples: int) -> None:
    """As many lives of two dozen steps, each in a database of its own; short enough to read unshrunk."""

    @settings(
        max_examples=examples,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(st.lists(STEPS, min_size=24, max_size=24), st.booleans(), st.sampled_from([None, 2]))
    def one(steps: list[tuple[Any, ...]], approval: bool, cap: int | None) -> None:
        with new() as url:
            asyncio.run(live(url, steps, approval, cap))

    one()


def test_nobody_is_repeated_or_forgotten_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    template = Path(sqlite_url.removeprefix("sqlite:///"))

    @contextmanager
    def new() -> Iterator[str]:
        path = Path(shutil.copyfile(template, tmp_path / "life.db"))
        yield f"sqlite:///{path}"
        for part in tmp_path.glob("life.db*"):
            part.unlink()

    lives(new, examples=25)


@pytest.mark.postgresql
def test_nobody_is_repeated_or_forgotten_on_postgresql(postgres_url: str, postgresql_url: str) -> None:
    lives(partial(postgres.new_database, postgres_url, postgres.name_of(postgresql_url)), examples=6)
