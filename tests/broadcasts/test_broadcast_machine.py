"""Whatever the order of deeds, ticks and failures, nobody gets a broadcast twice and nobody is forgotten."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
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
    "confirm",
    "confirm",
    "approve",
    "send back",
    "back",
    "pause",
    "resume",
    "resume",
    "cancel",
    "recall",
    "correct",
)
ANSWERS = st.lists(st.sampled_from([None, None, None, NOT_CONNECTED, NO_ANSWER, WRONG, BLOCKED]), max_size=3)
TIMES = (
    timedelta(seconds=1),
    timedelta(seconds=61),
    timedelta(minutes=10),
    timedelta(hours=11),
    timedelta(days=1),
)


class BroadcastMachine(RuleBasedStateMachine):
    """Up to three broadcasts to four carers. Each step is a transaction, or a turn of the engine."""

    url = ""
    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(mkdtemp(prefix="hearthline-machine-"))
        if self.template is not None:
            self.url = f"sqlite:///{shutil.copyfile(self.template, self.folder / 'machine.db')}"
        self.desk: Desk
        self.numbers: list[int] = []
        self.before: dict[int, BroadcastState] = {}

    def _do(self, deed: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(deed)

    @initialize(needs_approval=st.booleans(), cap=st.sampled_from([None, 2]))
    def open(self, needs_approval: bool, cap: int | None) -> None:
        self.desk = self._do(open_desk(open_database(self.url)))
        self.desk.allow(approval_above=3 if needs_approval else None, weekly_cap=cap, failures_in_a_row=2)
        self.write()

    @rule()
    def write(self) -> None:
        if len(self.numbers) < 3:
            self.numbers.append(self._do(self.desk.draft(f"Message {len(self.numbers)}.")))

    @rule(which=st.integers(0, 2), deed=st.sampled_from(DEEDS))
    def act(self, which: int, deed: str) -> None:
        desk, number = self.desk, self.numbers[which % len(self.numbers)]
        match deed:
            case "confirm":
                self._do(desk.confirm(number))
            case "approve":
                self._do(desk.approve(number))
            case "send back":
                self._do(desk.do(send_back, number, desk.cast.dee, desk.now))
            case "back":
                self._do(desk.do(back_to_draft, number, desk.cast.dee, desk.now))
            case "correct":
                self._do(desk.correct(number, f"Message {which % len(self.numbers)}. Corrected"))
            case "pause":
                self._do(desk.pause(number))
            case "resume":
                self._do(desk.resume(number))
            case "cancel":
                self._do(desk.cancel(number))
            case _:
                self._do(desk.recall(number))

    @rule(by=st.sampled_from(TIMES))
    def pass_time(self, by: timedelta) -> None:
        self.desk.now += by
        self._do(self.desk.start_due())

    @rule(answers=ANSWERS, turns=st.integers(1, 3))
    def send(self, answers: list[Any], turns: int) -> None:
        self.desk.sender.script.clear()
        accepted = self.desk.sender._accept
        self.desk.sender.will(*(answer or accepted for answer in answers))
        for _ in range(turns):
            self._do(self.desk.engine.work_once(self.desk.now))

    @rule()
    def restart(self) -> None:
        self.desk.start_again()
        self._do(self.desk.engine.recover(self.desk.now))

    @rule()
    def finish(self) -> None:
        self._do(self.desk.finish_done())

    @invariant()
    def states_change_as_they_may(self) -> None:
        for row in self._do(self._rows(Broadcast)):
            was = self.before.get(row.id, row.state)
            assert row.state is was or row.state in ALLOWED[was], (was, row.state)
            self.before[row.id] = row.state

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        got = Counter(
            (request.chat_id, request.text.partition(".")[0])
            for request in self.desk.sender.arrived
            if request.op == "send" and request.text.startswith("Message")
        )
        assert not got or max(got.values()) == 1, got

    @invariant()
    def the_ledger_fits_the_state(self) -> None:
        rows, notices = self._do(self._rows(Delivery)), self._do(self._rows(Notice))
        for broadcast in self._do(self._rows(Broadcast)):
            own = [row for row in rows if row.notice_id == broadcast.notice_id]
            paused = any(notice.paused_at for notice in notices if notice.id == broadcast.notice_id)
            assert len(own) == (len(EVERYBODY) if broadcast.notice_id else 0)
            assert paused == (broadcast.state is PAUSED)
            if broadcast.state in (FINISHED, CANCELLED, RECALLED):
                assert not [row for row in own if row.state in (*WAITING, DeliveryState.SENDING)]
            if broadcast.state in (DRAFT, AWAITING, SCHEDULED):
                assert not own

    @invariant()
    def what_is_sent_has_arrived(self) -> None:
        arrived = {request.chat_id for request in self.desk.sender.arrived if request.op == "send"}
        for row in self._do(self._rows(Delivery)):
            if row.kind == "broadcast" and row.state is DeliveryState.SENT:
                assert row.chat_id in arrived
                assert row.message_id is not None

    async def _rows(self, table: type[Any]) -> list[Any]:
        async with self.desk.database.read() as session:
            return list((await session.scalars(select(table).order_by(table.id))).all())

    def teardown(self) -> None:
        """In the end what was begun and not called off finishes, and has a fate for everybody."""
        if self.numbers:
            self._do(self._end())
            self._do(self.desk.database.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _end(self) -> None:
        desk = self.desk
        desk.sender.script.clear()
        for number in self.numbers:
            await desk.resume(number)
        for _ in range(10):
            await desk.start_due()
            await desk.go()
            desk.now += timedelta(days=1)
        await desk.finish_done()
        for number in self.numbers:
            assert await desk.state(number) in (DRAFT, AWAITING, FINISHED, CANCELLED, RECALLED)


def _steady(examples: int, steps: int) -> settings:
    """Without shrinking: each step is a transaction, and two dozen of them can be read as they are."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )


def test_nobody_is_repeated_or_forgotten_on_sqlite(sqlite_url: str) -> None:
    class OnSqlite(BroadcastMachine):
        template = Path(sqlite_url.removeprefix("sqlite:///"))

    run_state_machine_as_test(OnSqlite, settings=_steady(examples=25, steps=30))


@pytest.mark.postgresql
def test_nobody_is_repeated_or_forgotten_on_postgresql(postgres_url: str, postgresql_url: str) -> None:
    class OnPostgresql(BroadcastMachine):
        def __init__(self) -> None:
            self.own = postgres.new_database(postgres_url, postgres.name_of(postgresql_url))
            self.url = self.own.__enter__()
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            self.own.__exit__(None, None, None)

    run_state_machine_as_test(OnPostgresql, settings=_steady(examples=6, steps=25))
