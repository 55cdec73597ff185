"""Whatever the order of taps, expiries, changes and cancellations, the books of an event balance."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from events import rsvp
from events.holds import LONDON, held_until
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice, Party
from events.waitlist import expire_offers, places_of
from storage.engine import Database, Session, open_database
from storage.events import Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.rsvp import Invitation, RsvpState
from tests.events.acts import invited_event
from tests.support import postgres
from tests.support.cast import NOON, Cast, gather

HOLDING = (RsvpState.GOING, RsvpState.OFFERED)
CARERS = ("amal", "jo", "sam", "lin")
PEOPLE = st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(0, 1))
# What is listed twice happens twice as often.
CARER_ACTS = ("come", "come", "all come", "party", "party", "maybe", "not_going", "not_going", "not_going")
STAFF_ACTS = ("answer", "answer", "capacity", "capacity", "mode", "no limit", "cancel")
CLOCK_ACTS = (
    *(timedelta(minutes=1), timedelta(minutes=31), timedelta(hours=2), timedelta(hours=25)),
    *("tick", "tick", "restart"),
)


class RsvpMachine(RuleBasedStateMachine):
    """One event and four carers. Each step is a transaction; at times the database is opened anew."""

    url = ""
    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(mkdtemp(prefix="hearthline-machine-"))
        if self.template is not None:
            self.url = f"sqlite:///{shutil.copyfile(self.template, self.folder / 'machine.db')}"
        self.database: Database = open_database(self.url)
        self.now = NOON
        self.cast: Cast
        self.event_id = 0

    def _do(self, act: Callable[[Session], Awaitable[object]]) -> None:
        async def run() -> None:
            async with self.database.write() as session:
                await act(session)

        self.loop.run_until_complete(run())

    def _look(self, act: Callable[[Session], Awaitable[object]]) -> None:
        async def run() -> None:
            async with self.database.read() as session:
                await act(session)

        self.loop.run_until_complete(run())

    @initialize(
        mode=st.sampled_from(Mode),
        rsvp_by=st.sampled_from(RsvpBy),
        capacity=st.integers(1, 2),
        online_capacity=st.integers(1, 2),
    )
    def invite(self, mode: Mode, rsvp_by: RsvpBy, capacity: int, online_capacity: int) -> None:
        async def act(session: Session) -> None:
            self.cast = await gather(session)
            event = await invited_event(
                session,
                self.cast,
                mode=mode,
                rsvp_by=rsvp_by,
                capacity=capacity,
                online_capacity=online_capacity if mode is Mode.HYBRID else None,
                ref=f"event-{id(self)}",
            )
            self.event_id = event.id

        self._do(act)

    @rule(who=st.sampled_from(CARERS), act=st.sampled_from(CARER_ACTS), online=st.booleans(), numbers=PEOPLE)
    def carer_acts(self, who: str, act: str, online: bool, numbers: tuple[int, int, int]) -> None:
        """Both kinds of buttons are tried: one that the event does not have changes nothing."""
        match act:
            case "come":
                self._tap(who, Choice.GOING)
                self._tap(who, Choice.ONLINE if online else Choice.IN_PERSON)
            case "all come":
                for each in CARERS:
                    self._tap(each, Choice.GOING)
                    self._tap(each, Choice.ONLINE if online else Choice.IN_PERSON)
            case "party":
                self._change_party(who, Party(*numbers))
            case _:
                self._tap(who, Choice(act))
                self._tap(who, Choice(act))  # a double tap

    @rule(
        act=st.sampled_from(STAFF_ACTS),
        who=st.sampled_from(CARERS),
        choice=st.sampled_from(Choice),
        mode=st.sampled_from(Mode),
        capacity=st.integers(1, 4),
    )
    def staff_act(self, act: str, who: str, choice: Choice, mode: Mode, capacity: int) -> None:
        match act:
            case "answer":
                self._answer_for(who, choice)
            case "capacity":
                self._change(capacity=capacity, online_capacity=capacity)
            case "no limit":
                self._change(capacity=None)
            case "mode":
                self._change(mode=mode)
            case "cancel":
                self._do(lambda session: cancel_event(session, self.event_id, "", self.cast.priya, self.now))

    @rule(act=st.sampled_from(CLOCK_ACTS))
    def the_clock_goes_on(self, act: timedelta | str) -> None:
        match act:
            case timedelta():
                self.now += act
            case "tick":
                self._do(lambda session: expire_offers(session, self.now))
            case "restart":
                self.loop.run_until_complete(self.database.close())
                self.database = open_database(self.url)

    def _tap(self, who: str, choice: Choice) -> None:
        async def act(session: Session) -> None:
            carer: Carer = getattr(self.cast, who)
            invitation = await _invitation(session, self.event_id, carer)
            await rsvp.answer(session, invitation.id, carer, choice, self.now)

        self._do(act)

    def _change_party(self, who: str, party: Party) -> None:
        async def act(session: Session) -> None:
            carer: Carer = getattr(self.cast, who)
            invitation = await _invitation(session, self.event_id, carer)
            await rsvp.set_party(session, invitation.id, carer, party, self.now)

        self._do(act)

    def _answer_for(self, who: str, choice: Choice) -> None:
        async def act(session: Session) -> None:
            invitation = await _invitation(session, self.event_id, getattr(self.cast, who))
            await rsvp.answer_for(session, invitation.id, choice, self.cast.priya, self.now)

        self._do(act)

    def _change(self, **changes: Any) -> None:
        async def act(session: Session) -> None:
            plan = plan_of(await session.get_one(Event, self.event_id))
            await change_event(session, self.event_id, replace(plan, **changes), self.cast.priya, self.now)

        self._do(act)

    @invariant()
    def the_books_balance(self) -> None:
        if self.event_id:
            self._look(self._audit)

    async def _audit(self, session: Session) -> None:
        event = await session.get_one(Event, self.event_id)
        parties = (
            await session.scalars(select(Invitation).where(Invitation.event_id == self.event_id))
        ).all()
        held = {Mode.IN_PERSON: 0, Mode.ONLINE: 0}
        for party in parties:
            if party.state in HOLDING:
                assert party.mode in held
                held[party.mode] += places_of(event, party)
            # One state at a time: what belongs to another is gone.
            assert (party.queue_key is not None) == (party.state is RsvpState.WAITLISTED)
            assert (party.offer_expires_at is not None) == (party.state is RsvpState.OFFERED)
        assert (event.taken, event.online_taken) == (held[Mode.IN_PERSON], held[Mode.ONLINE])
        limits = {mode: _limit(event, mode) for mode in held}
        assert all(limit is None or held[mode] <= limit for mode, limit in limits.items())
        if event.state is EventState.CANCELLED:
            assert not any(party.state in (*HOLDING, RsvpState.WAITLISTED) for party in parties)
        elif held_until(self.now, event.starts_at, LONDON) is not None:
            # No offer is lost: nobody waits for a place that is free.
            for party in parties:
                if party.state is RsvpState.WAITLISTED and party.mode is not None:
                    limit = limits[party.mode]
                    assert limit is not None
                    assert places_of(event, party) > limit - held[party.mode]

    def teardown(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _invitation(session: Session, event_id: int, carer: Carer) -> Invitation:
    query = select(Invitation).where(
        Invitation.event_id == event_id,
        Invitation.party.in_((f"c{carer.id}", f"h{carer.household_id}")),
    )
    return (await session.scalars(query)).one()


def _limit(event: Event, mode: Mode) -> int | None:
    if mode is Mode.IN_PERSON:
        return event.capacity
    if event.mode is Mode.ONLINE and event.online_capacity is None:
        return event.capacity
    return event.online_capacity


def _steady(examples: int, steps: int) -> settings:
    """Without shrinking: each step is a transaction, and two dozen of them can be read as they are."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )


def test_the_books_of_an_event_balance_on_sqlite(sqlite_url: str) -> None:
    class OnSqlite(RsvpMachine):
        template = Path(sqlite_url.removeprefix("sqlite:///"))

    run_state_machine_as_test(OnSqlite, settings=_steady(examples=30, steps=25))


@pytest.mark.postgresql
def test_the_books_of_an_event_balance_on_postgresql(postgres_url: str, postgresql_url: str) -> None:
    class OnPostgresql(RsvpMachine):
        def __init__(self) -> None:
            self.own = postgres.new_database(postgres_url, postgres.name_of(postgresql_url))
            self.url = self.own.__enter__()
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            self.own.__exit__(None, None, None)

    run_state_machine_as_test(OnPostgresql, settings=_steady(examples=8, steps=20))
