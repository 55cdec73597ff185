"""Whatever the order of taps, calls, draws, expiries and changes, the books of an event balance."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from events import ballot, rsvp
from events.cards import card_for
from events.choices import closes_at
from events.holds import STAFF_DECIDE
from events.leavers import release_leavers
from events.line import move_in_line
from events.planning import cancel_event, change_event, plan_of, problems
from events.rsvp import Choice, Party, Result
from events.waitlist import expire_offers
from storage.ballot import Draw
from storage.engine import Database, Session, open_database
from storage.events import Allocation, Event, Mode, RsvpBy
from storage.households import Carer, Household
from storage.rsvp import Card, Invitation, RsvpState
from tests.events.acts import give_card, invitation_of, invited_event
from tests.events.books import HOLDING, Shown, audit, going_undrawn, next_in_line, shown
from tests.events.machines import on_postgresql, on_sqlite, play
from tests.support.cast import NOON, Cast, gather

CARERS = ("amal", "jo", "sam", "lin")
PEOPLE = st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(0, 1))
# What is listed twice happens twice as often.
CARER_ACTS = (
    *("come", "all come", "party", "party", "maybe", "any", "other place", "other place"),
    *("give up", "give up", "give up"),
)
STAFF_ACTS = (
    *("phone", "phone", "move", "capacity", "capacity", "capacity", "online_capacity", "mode"),
    *("move", "move", "move", "time", "time", "venue", "deadline", "leave", "leave", "come back", "draw"),
)
SHIFTS = (timedelta(minutes=100), timedelta(minutes=110), timedelta(hours=27), timedelta(days=12))
CLOCK_ACTS = (
    *(timedelta(minutes=31), timedelta(hours=25), "tick", "restart"),
    *("next deadline", "next deadline", "next deadline", "next deadline"),
)


class RsvpMachine(RuleBasedStateMachine):
    """One event and four carers. Each act is a transaction; at times the database is opened anew."""

    url = ""
    template: Path | None = None
    mode = Mode.IN_PERSON
    rsvp_by = RsvpBy.CARER
    allocation = Allocation.FIRST_COME

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
        self.shown: dict[int, Shown] = {}
        self.wanted: dict[int, int] = {}
        self.drawn_by_its_owner: int | None = None
        self.verified: set[int] = set()
        self.given_by_staff: set[int] = set()

    def _do(self, act: Callable[[Session], Awaitable[object]]) -> None:
        """One transaction, a second after the one before."""
        self.now += timedelta(seconds=1)

        async def run() -> None:
            async with self.database.write() as session:
                await act(session)

        self.loop.run_until_complete(run())

    @initialize(
        capacity=st.sampled_from((1, 1, 2, 3)),
        online_capacity=st.integers(1, 2),
        full=st.sampled_from((True, True, False)),
    )
    def invite(self, capacity: int, online_capacity: int, full: bool) -> None:
        by_household = self.rsvp_by is RsvpBy.HOUSEHOLD

        async def act(session: Session) -> None:
            self.cast = await gather(session)
            event = await invited_event(
                session,
                self.cast,
                mode=self.mode,
                rsvp_by=self.rsvp_by,
                allocation=self.allocation,
                capacity=capacity + 2 * by_household,
                online_capacity=online_capacity + by_household if self.mode is Mode.HYBRID else None,
                ref=f"event-{id(self)}",
            )
            self.event_id = event.id
            for message_id, name in enumerate(CARERS, 1):
                carer: Carer = getattr(self.cast, name)
                await give_card(session, await invitation_of(session, event, carer), carer, message_id)

        self._do(act)
        self._change_party("amal", Party(2, 1))
        self._change_party("sam", Party(2))
        if full:
            self._come("amal", "sam", online=False)
            self._come("jo", "lin", online=capacity == 1)

    @rule(
        who=st.sampled_from(CARERS),
        act=st.sampled_from(CARER_ACTS),
        choice=st.sampled_from(Choice),
        online=st.booleans(),
        numbers=PEOPLE,
    )
    def carer_acts(
        self, who: str, act: str, choice: Choice, online: bool, numbers: tuple[int, int, int]
    ) -> None:
        """All kinds of buttons are tried: one that the event does not have, or no more, changes nothing."""
        match act:
            case "come":
                self._come(who, online=online)
            case "all come":
                self._come(*CARERS, online=online)
            case "party":
                self._change_party(who, Party(*numbers))
            case "any":
                self._tap(who, choice)
            case "maybe":
                self._tap(who, Choice.MAYBE)
            case "other place":
                self._choose_the_other_place(CARERS.index(who))
            case "give up":
                self._give_up(CARERS.index(who), and_back=online)

    @rule(
        act=st.sampled_from(STAFF_ACTS),
        who=st.sampled_from(CARERS),
        choice=st.sampled_from(Choice),
        mode=st.sampled_from(Mode),
        number=st.integers(1, 5),
        shift=st.sampled_from(SHIFTS),
        numbers=st.none() | PEOPLE,
    )
    def staff_act(
        self,
        act: str,
        who: str,
        choice: Choice,
        mode: Mode,
        number: int,
        shift: timedelta,
        numbers: tuple[int, int, int] | None,
    ) -> None:
        match act:
            case "phone":
                self._answer_for(who, choice, Party(*numbers) if numbers else None)
            case "capacity" | "online_capacity":
                self._change_places(act, number)
            case "mode":
                self._change(mode=mode)
            case "venue":
                self._change(venue=f"Hall {number}")
            case "time":
                starts_at = self.now + shift
                self._change(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), rsvp_deadline=None)
                if shift < STAFF_DECIDE:
                    self._give_up(number, and_back=True)
            case "deadline":
                self._change(rsvp_deadline=self.now + shift)
            case "move":
                self._move(who, number)
            case "leave" | "come back":
                self._leave(who, act == "leave")
            case "draw":
                self._do(lambda session: ballot.draw_now(session, self.event_id, self.cast.priya, self.now))

    @rule(act=st.sampled_from(CLOCK_ACTS))
    def the_clock_goes_on(self, act: timedelta | str) -> None:
        match act:
            case timedelta():
                self.now += act
            case "tick":
                self._tick()
            case "next deadline":
                self._do(self._go_on_to_the_next_deadline)
                self._tick()
            case "restart":
                self.loop.run_until_complete(self.database.close())
                self.database = open_database(self.url)

    def _come(self, *those: str, online: bool) -> None:
        """If several, then in one transaction as when many tap at once."""

        async def act(session: Session) -> None:
            for who in those:
                await self._say_yes(session, who, online)

        self._do(act)

    async def _say_yes(self, session: Session, who: str, online: bool) -> None:
        """By the button that the event has for it."""
        event = await session.get_one(Event, self.event_id)
        place = Choice.ONLINE if online else Choice.IN_PERSON
        await self._answer(session, who, place if event.mode is Mode.HYBRID else Choice.GOING)

    def _tap(self, who: str, choice: Choice) -> None:
        self._do(lambda session: self._answer(session, who, choice))

    async def _answer(self, session: Session, who: str, choice: Choice) -> None:
        carer, invitation = await self._found(session, who)
        first = await next_in_line(session, self.event_id, self.now)
        before = invitation.state
        outcome = await rsvp.answer(session, invitation.id, carer, choice, self.now)
        if outcome.changed and outcome.event is not None:
            assert rsvp.chosen(outcome.event, invitation) is choice
        if outcome.result is Result.GOING and before not in HOLDING:
            others = {mode for waiting, mode in first if waiting != invitation.id}
            assert invitation.mode not in others, "walks past those who wait"

    def _give_up(self, number: int, and_back: bool) -> None:
        """One of those who hold a place or wait cannot come, says so twice, and perhaps can again."""

        async def act(session: Session) -> None:
            who, online = await self._one_who_counts_on_it(session, number)
            await self._answer(session, who, Choice.NOT_GOING)
            await self._answer(session, who, Choice.NOT_GOING)
            if and_back:
                await self._say_yes(session, who, online)

        self._do(act)

    def _choose_the_other_place(self, number: int) -> None:
        """One of those who hold a place or wait would rather come the other way, if there is one."""

        async def act(session: Session) -> None:
            who, online = await self._one_who_counts_on_it(session, number)
            await self._say_yes(session, who, not online)

        self._do(act)

    async def _one_who_counts_on_it(self, session: Session, number: int) -> tuple[str, bool]:
        """A carer whose party holds a place or waits for one, and whether online; else anybody."""
        query = select(Invitation).where(Invitation.state.in_((*HOLDING, RsvpState.WAITLISTED)))
        parties = (await session.scalars(query.order_by(Invitation.queue_key, Invitation.id))).all()
        if not parties:
            return CARERS[number % len(CARERS)], False
        party = parties[number % len(parties)]
        who = next(name for name in CARERS if rsvp.belongs_to(party, getattr(self.cast, name)))
        return who, party.mode is Mode.ONLINE

    def _change_party(self, who: str, party: Party) -> None:
        async def act(session: Session) -> None:
            carer, invitation = await self._found(session, who)
            await rsvp.set_party(session, invitation.id, carer, party, self.now)
            self.drawn_by_its_owner = carer.id

        self._do(act)

    def _answer_for(self, who: str, choice: Choice, party: Party | None) -> None:
        async def act(session: Session) -> None:
            _, invitation = await self._found(session, who)
            await rsvp.answer_for(session, invitation.id, choice, self.cast.priya, self.now, party=party)
            self.given_by_staff.add(invitation.id)

        self._do(act)

    def _move(self, who: str, to_place: int) -> None:
        """One of those who wait; if fewer than two do, more come first."""
        query = select(Invitation.id).where(Invitation.queue_key.is_not(None)).order_by(Invitation.id)

        async def fill(session: Session) -> None:
            if len((await session.scalars(query)).all()) < 2:
                for each in CARERS:
                    await self._say_yes(session, each, online=False)

        async def move(session: Session) -> None:
            waiting = (await session.scalars(query)).all()
            if waiting:
                chosen = waiting[CARERS.index(who) % len(waiting)]
                await move_in_line(session, chosen, to_place, "came first", self.cast.priya, self.now)

        self._do(fill)
        self.the_books_balance()
        self._do(move)

    def _change_places(self, which: str, number: int) -> None:
        """One less than are taken, as many, one or two more; or no limit."""

        async def act(session: Session) -> None:
            event = await session.get_one(Event, self.event_id)
            online = which == "online_capacity" or event.mode is Mode.ONLINE
            taken = event.online_taken if online else event.taken
            places = None if number == 5 else max(1, taken + number - 2)
            changes: dict[str, Any] = {which: places}
            plan = replace(plan_of(event), **changes)
            await change_event(session, self.event_id, plan, self.cast.priya, self.now)

        self._do(act)

    def _change(self, **changes: Any) -> None:
        async def act(session: Session) -> None:
            plan = replace(plan_of(await session.get_one(Event, self.event_id)), **changes)
            if not problems(plan):
                await change_event(session, self.event_id, plan, self.cast.priya, self.now)

        self._do(act)

    def _leave(self, who: str, leaves: bool) -> None:
        """The register is changed, and the next look releases what they hold."""

        async def act(session: Session) -> None:
            carer: Carer = getattr(self.cast, who)
            household = await session.get_one(Household, carer.household_id)
            household.ended_on = self.now.date() if leaves else None
            await session.flush()
            await release_leavers(session, self.now)

        self._do(act)

    def _tick(self) -> None:
        async def act(session: Session) -> None:
            await release_leavers(session, self.now)
            await expire_offers(session, self.now)
            await ballot.draw_due(session, self.now)

        self._do(act)

    async def _go_on_to_the_next_deadline(self, session: Session) -> None:
        """The draw, or the end of the first offer to lapse."""
        event = await session.get_one(Event, self.event_id)
        if event.allocation is Allocation.BALLOT and event.drawn_at is None:
            until: datetime | None = closes_at(event)
        else:
            until = await session.scalar(select(func.min(Invitation.offer_expires_at)))
        self.now = max(self.now, until or self.now)

    async def _found(self, session: Session, who: str) -> tuple[Carer, Invitation]:
        carer: Carer = getattr(self.cast, who)
        event = await session.get_one(Event, self.event_id)
        return carer, await invitation_of(session, event, carer)

    @invariant()
    def the_books_balance(self) -> None:
        async def run() -> None:
            async with self.database.read() as session:
                await audit(session, self.event_id, self.now)
                await self._cards_follow(session)
                await self._draws_can_be_drawn_again(session)
                assert await going_undrawn(session, self.event_id) <= self.given_by_staff

        if self.event_id:
            self.loop.run_until_complete(run())

    async def _cards_follow(self, session: Session) -> None:
        """Where a card has to say something new, it has been marked; both carers of a home read the same."""
        says = await shown(session, self.event_id)
        cards = (await session.scalars(select(Card))).all()
        for card in cards:
            said = self.shown.get(card.invitation_id, says[card.invitation_id])
            if says[card.invitation_id] != said and card.carer_id != self.drawn_by_its_owner:
                assert card.stale
                assert card.wanted > self.wanted[card.id], "a card goes on saying what is no longer so"
        if says != self.shown:
            await self._both_read(session, says)
        self.shown, self.wanted = says, {card.id: card.wanted for card in cards}
        self.drawn_by_its_owner = None

    async def _both_read(self, session: Session, says: dict[int, Shown]) -> None:
        _, invitation = await self._found(session, "amal")
        if invitation.carer_id is not None:
            return
        amal, jo = [
            await card_for(session, invitation.id, carer, self.now)
            for carer in (self.cast.amal, self.cast.jo)
        ]
        assert amal is not None
        assert jo is not None
        assert amal | {"answered_by": ""} == jo | {"answered_by": ""}
        said = says[invitation.id]
        assert (amal["state"], amal["position"]) == (said.state, said.position)

    async def _draws_can_be_drawn_again(self, session: Session) -> None:
        for draw_id in set((await session.scalars(select(Draw.id))).all()) - self.verified:
            assert await ballot.verify(session, draw_id)
            self.verified.add(draw_id)

    def _end_the_story(self) -> None:
        """What chance may have left out: all come, give up, bring fewer, choose anew; then it is off."""
        acts: list[Callable[[], None]] = [
            partial(self._come, *CARERS, online=False),
            *(partial(self._give_up, number, and_back=True) for number in range(3)),
            *(partial(self._change_party, who, Party(1)) for who in ("amal", "sam")),
            partial(self._come, *CARERS, online=True),
            lambda: self._do(
                lambda session: cancel_event(session, self.event_id, "", self.cast.priya, self.now)
            ),
            partial(self._come, *CARERS, online=True),
        ]
        for act in acts:
            act()
            self.the_books_balance()

    def teardown(self) -> None:
        try:
            if self.event_id and sys.exc_info()[0] is None:
                self._end_the_story()
        finally:
            self.loop.run_until_complete(self.database.close())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


SORTS = [
    {"mode": mode, "rsvp_by": rsvp_by, "allocation": allocation}
    for mode, rsvp_by, allocation in product(Mode, RsvpBy, Allocation)
]


def test_the_books_of_an_event_balance_on_sqlite(sqlite_url: str) -> None:
    play(on_sqlite(RsvpMachine, sqlite_url), SORTS, examples=2, steps=15)


@pytest.mark.postgresql
def test_the_books_of_an_event_balance_on_postgresql(postgres_url: str, postgresql_url: str) -> None:
    play(on_postgresql(RsvpMachine, postgres_url, postgresql_url), SORTS, examples=1, steps=10)
