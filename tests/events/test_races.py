"""Two processes want the same thing at the same moment: no place is sold twice, no book is left open.

Each race is run `TIMES` over on either database, each time about an event of its own. What it would be
without the lock and the condition shows first.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from broadcasts.queue import Recipient, queue_notice
from events import rsvp
from events.ballot import draw_due
from events.planning import Changed, cancel_event, change_event, plan_of
from events.rsvp import Choice, Result
from events.waitlist import expire_offers, places_of
from storage.ballot import Draw
from storage.engine import Database, Session
from storage.events import Allocation, Event, EventState, Mode, RsvpBy
from storage.households import Carer
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_hold import let_go, take_hold
from storage.rsvp_queries import members_of
from tests.events.acts import IN_TWO_WEEKS
from tests.events.books import HOLDING, audit
from tests.events.racing import Act, Pair, Racer, close, open_at
from tests.support.cast import NOON, Cast, gather

TIMES = 24
MINUTE = timedelta(minutes=1)
CARERS = ("amal", "jo", "sam", "lin")


@pytest.fixture(scope="module")
def processes() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.end()


@pytest.fixture
async def pair(processes: Pair, database: Database, database_url: str) -> AsyncIterator[Pair]:
    """Both processes have this test's database open."""
    processes.race(partial(open_at, database_url), partial(open_at, database_url))
    yield processes
    processes.race(close, close)


# What a racer does. Each is one transaction, as it is in the service.


async def looks_then_takes(invitation_id: int, racer: Racer) -> None:
    """How not to do it: count who is going; if there is room, go."""
    async with racer.database.read() as session:
        event_id = (await session.get_one(Invitation, invitation_id)).event_id
        going = select(func.count()).where(
            Invitation.event_id == event_id, Invitation.state == RsvpState.GOING
        )
        capacity = (await session.get_one(Event, event_id)).capacity or 0
        free = (await session.scalars(going)).one() < capacity
    racer.meet()
    async with racer.database.write() as session:
        if free:
            (await session.get_one(Invitation, invitation_id)).state = RsvpState.GOING


async def answers(
    invitation_id: int, carer_id: int, choice: Choice, now: datetime, held: bool, racer: Racer
) -> Result:
    """A tap; ``held``: among others, the way in which taps by the thousand are taken."""
    async with racer.database.write() as session:
        carer = await session.get_one(Carer, carer_id)
        if held:
            await take_hold(session, {invitation_id})
        outcome = await rsvp.answer(session, invitation_id, carer, choice, now)
        await let_go(session)
        return outcome.result


async def sets_capacity(event_id: int, capacity: int, now: datetime, racer: Racer) -> Changed:
    async with racer.database.write() as session:
        plan = replace(plan_of(await session.get_one(Event, event_id)), capacity=capacity)
        return (await change_event(session, event_id, plan, None, now)).result


async def cancels(event_id: int, now: datetime, racer: Racer) -> Changed:
    async with racer.database.write() as session:
        return (await cancel_event(session, event_id, "Snow", None, now)).result


async def expires(now: datetime, racer: Racer) -> int:
    async with racer.database.write() as session:
        return await expire_offers(session, now)


async def draws(now: datetime, racer: Racer) -> int:
    async with racer.database.write() as session:
        return await draw_due(session, now)


@dataclass(frozen=True)
class Scene:
    """One event of a race, and the invitations of the cast by first name."""

    event_id: int
    now: datetime
    number: int
    invitations: Mapping[str, int]
    carers: Mapping[str, int]

    def tap(self, who: str, choice: Choice) -> Act:
        """Every other time as one of many taps that are taken together."""
        held = (self.number + len(who)) % 2 == 0
        return partial(answers, self.invitations[who], self.carers[who], choice, self.now, held)


class Stage:
    """Sets the scenes of a race, and looks how they ended."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def scenes(
        self, states: Mapping[str, RsvpState] | None = None, times: int = TIMES, **event: Any
    ) -> list[Scene]:
        """As many events as there are races, a minute apart, with the parties in these states.

        An offer runs out, and entries close, at the moment of the scene.
        """
        async with self.database.write() as session:
            cast = await gather(session)
            return [await self._scene(session, cast, number, states or {}, event) for number in range(times)]

    async def _scene(
        self,
        session: Session,
        cast: Cast,
        number: int,
        states: Mapping[str, RsvpState],
        described: Mapping[str, Any],
    ) -> Scene:
        now = NOON + (number + 1) * MINUTE
        event = Event(
            ref=f"race-{number}",
            title="Last seat",
            kind="social",
            starts_at=IN_TWO_WEEKS,
            ends_at=IN_TWO_WEEKS + timedelta(hours=2),
            **{"mode": Mode.IN_PERSON, "rsvp_by": RsvpBy.CARER, **described},
            state=EventState.INVITED,
            invited_at=NOON,
            created_at=NOON,
            updated_at=NOON,
            taken=0,
        )
        if event.allocation is Allocation.BALLOT:
            event.rsvp_deadline = now
        session.add(event)
        await session.flush()
        parties: dict[str, Invitation] = {}
        for place, name in enumerate(CARERS, 1):
            carer: Carer = getattr(cast, name)
            key = f"h{carer.household_id}" if event.rsvp_by is RsvpBy.HOUSEHOLD else f"c{carer.id}"
            same = next((party for party in parties.values() if party.party == key), None)
            parties[name] = same or await self._party(
                session, event, carer, key, place, states.get(name), now
            )
        await session.flush()
        return Scene(
            event.id,
            now,
            number,
            {name: party.id for name, party in parties.items()},
            {name: getattr(cast, name).id for name in CARERS},
        )

    async def _party(
        self,
        session: Session,
        event: Event,
        carer: Carer,
        key: str,
        place: int,
        state: RsvpState | None,
        now: datetime,
    ) -> Invitation:
        party = Invitation(
            event_id=event.id,
            household_id=carer.household_id,
            carer_id=carer.id if event.rsvp_by is RsvpBy.CARER else None,
            party=key,
            state=state or RsvpState.INVITED,
            mode=Mode.IN_PERSON if state else None,
            invited_at=NOON,
            answered_at=NOON if state else None,
            adults=1,
        )
        session.add(party)
        await session.flush()
        if state in HOLDING:
            event.taken += places_of(event, party)
        if state is RsvpState.WAITLISTED:
            party.waiting_since, party.queue_key = NOON, place
        if state is RsvpState.OFFERED:
            party.waiting_since = party.offered_at = NOON
            party.offer_expires_at = now
            people = await members_of(session, party.id)
            await queue_notice(
                session,
                "offer",
                [Recipient(person.carer_id, invitation_id=party.id) for person in people],
                about=f"invitation:{party.id}",
                now=NOON,
                send_by=now,
                event_id=event.id,
            )
        return party

    async def ended(self, scene: Scene) -> tuple[Event, dict[str, RsvpState]]:
        """The event, and the state of each of the cast, once the books have been found in order."""
        async with self.database.read() as session:
            await audit(session, scene.event_id, scene.now)
            event = await session.get_one(Event, scene.event_id)
            states = {
                name: (await session.get_one(Invitation, key)).state
                for name, key in scene.invitations.items()
            }
            return event, states


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def test_who_looks_first_and_takes_then_sells_every_last_seat_twice(stage: Stage, pair: Pair) -> None:
    """Without the lock and the condition: the proof that the races below are races."""
    for scene in await stage.scenes(capacity=1):
        first, second = scene.invitations["amal"], scene.invitations["sam"]
        pair.race(partial(looks_then_takes, first), partial(looks_then_takes, second))
        async with stage.database.read() as session:
            going = select(func.count()).where(
                Invitation.event_id == scene.event_id, Invitation.state == RsvpState.GOING
            )
            assert (await session.scalars(going)).one() == 2


async def test_of_two_who_want_the_last_seat_one_gets_it_and_the_other_waits(
    stage: Stage, pair: Pair
) -> None:
    for scene in await stage.scenes({"lin": RsvpState.GOING}, capacity=2):
        results = pair.race(scene.tap("amal", Choice.GOING), scene.tap("sam", Choice.GOING))
        assert sorted(results) == [Result.GOING, Result.WAITLISTED]
        event, states = await stage.ended(scene)
        assert event.taken == 2
        assert {states["amal"], states["sam"]} == {RsvpState.GOING, RsvpState.WAITLISTED}


async def test_a_place_given_back_goes_to_who_waits_and_not_to_who_taps_at_that_moment(
    stage: Stage, pair: Pair
) -> None:
    before = {"lin": RsvpState.GOING, "sam": RsvpState.WAITLISTED}
    for scene in await stage.scenes(before, capacity=1):
        pair.race(scene.tap("lin", Choice.NOT_GOING), scene.tap("amal", Choice.GOING))
        _, states = await stage.ended(scene)
        assert (states["sam"], states["amal"]) == (RsvpState.OFFERED, RsvpState.WAITLISTED)


async def test_the_last_offered_place_is_taken_or_passed_on_and_never_both(stage: Stage, pair: Pair) -> None:
    """One carer of the household takes it up while the other declines it."""
    before = {"amal": RsvpState.OFFERED, "sam": RsvpState.WAITLISTED}
    taken = Counter[RsvpState]()
    for scene in await stage.scenes(before, capacity=1, rsvp_by=RsvpBy.HOUSEHOLD):
        scene = replace(scene, now=NOON)  # the offer still stands
        pair.race(scene.tap("amal", Choice.GOING), scene.tap("jo", Choice.NOT_GOING))
        _, states = await stage.ended(scene)
        # The last answer stands. Who says no last gives the place to who waits, in either order.
        assert states["sam"] in (RsvpState.OFFERED, RsvpState.WAITLISTED)
        taken[states["amal"]] += 1
        assert (states["sam"] is RsvpState.OFFERED) == (states["amal"] is not RsvpState.GOING)
    assert set(taken) <= {RsvpState.NOT_GOING, RsvpState.WAITLISTED, RsvpState.GOING}


async def test_two_carers_of_a_household_who_answer_differently_end_in_one_answer(
    stage: Stage, pair: Pair
) -> None:
    for scene in await stage.scenes(capacity=1, rsvp_by=RsvpBy.HOUSEHOLD):
        other = (Choice.NOT_GOING, Choice.MAYBE, Choice.GOING)[scene.number % 3]
        results = pair.race(scene.tap("amal", Choice.GOING), scene.tap("jo", other))
        event, states = await stage.ended(scene)
        assert states["amal"] == states["jo"]
        assert event.taken == (states["amal"] is RsvpState.GOING)
        if other is Choice.GOING:
            assert sorted(results) == [Result.GOING, Result.UNCHANGED]
        async with stage.database.read() as session:
            party = await session.get_one(Invitation, scene.invitations["amal"])
            by = {scene.carers["amal"]: RsvpState.GOING, scene.carers["jo"]: RsvpState(other.value)}
            assert party.state is by[party.answered_by_id or 0]


async def test_a_capacity_that_shrinks_at_the_moment_of_a_tap_is_never_exceeded(
    stage: Stage, pair: Pair
) -> None:
    for scene in await stage.scenes({"lin": RsvpState.GOING}, capacity=2):
        shrunk, tapped = pair.race(
            partial(sets_capacity, scene.event_id, 1, scene.now), scene.tap("sam", Choice.GOING)
        )
        event, states = await stage.ended(scene)
        if shrunk is Changed.CHANGED:
            assert (event.capacity, tapped, states["sam"]) == (1, Result.WAITLISTED, RsvpState.WAITLISTED)
        else:
            assert shrunk is Changed.TOO_FEW_PLACES
            assert (event.capacity, tapped, states["sam"]) == (2, Result.GOING, RsvpState.GOING)


async def test_a_capacity_that_grows_as_somebody_leaves_offers_each_place_once(
    stage: Stage, pair: Pair
) -> None:
    before = {"lin": RsvpState.GOING, "sam": RsvpState.WAITLISTED, "amal": RsvpState.WAITLISTED}
    for scene in await stage.scenes(before, capacity=1):
        pair.race(partial(sets_capacity, scene.event_id, 2, scene.now), scene.tap("lin", Choice.NOT_GOING))
        event, states = await stage.ended(scene)
        assert (event.taken, states["sam"], states["amal"]) == (2, RsvpState.OFFERED, RsvpState.OFFERED)


async def test_expiring_passing_on_and_cancelling_at_once_leave_no_book_open(
    stage: Stage, pair: Pair
) -> None:
    before = {
        "amal": RsvpState.OFFERED,
        "sam": RsvpState.GOING,
        "jo": RsvpState.WAITLISTED,
        "lin": RsvpState.WAITLISTED,
    }
    for scene in await stage.scenes(before, capacity=2):
        expire = partial(expires, scene.now)
        cancel = partial(cancels, scene.event_id, scene.now)
        leave = scene.tap("sam", Choice.NOT_GOING)
        too_late = scene.tap("amal", Choice.GOING)
        races = ((expire, cancel), (leave, expire), (cancel, leave), (too_late, expire), (expire, expire))
        first, second = races[scene.number % len(races)]
        pair.race(first, second)
        event, states = await stage.ended(scene)
        if cancel in (first, second):
            assert event.state is EventState.CANCELLED
            assert event.taken == 0
        else:
            assert states["jo"] is RsvpState.OFFERED
            # The offer ran out, and who taps too late stands at the end of the line.
            assert states["amal"] is (RsvpState.WAITLISTED if first is too_late else RsvpState.INVITED)


async def test_two_processes_draw_a_ballot_once_and_what_both_winners_give_back_goes_to_the_losers(
    stage: Stage, pair: Pair
) -> None:
    entered = dict.fromkeys(CARERS, RsvpState.BALLOT_ENTERED)
    # Fewer, for each draw looks at all of those before it.
    for scene in await stage.scenes(entered, TIMES // 3, capacity=2, allocation=Allocation.BALLOT):
        first, second = pair.race(partial(draws, scene.now), partial(draws, scene.now))
        assert first + second == 1
        event, states = await stage.ended(scene)
        assert event.taken == 2
        assert Counter(states.values()) == {RsvpState.OFFERED: 2, RsvpState.BALLOT_LOST: 2}

        winners = [name for name, state in states.items() if state is RsvpState.OFFERED]
        pair.race(*(scene.tap(name, Choice.NOT_GOING) for name in winners))
        event, states = await stage.ended(scene)
        assert event.taken == 2
        assert {states[name] for name in CARERS if name not in winners} == {RsvpState.OFFERED}
        async with stage.database.read() as session:
            drawn = await session.scalars(select(Draw.number).where(Draw.event_id == scene.event_id))
            assert sorted(drawn) == [1, 2, 3]
