"""Two ways at the same moment, by two connections to one database: one answer comes of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from events import rsvp
from events.calendar_replies import take_reply
from events.rsvp import Choice, Result
from storage.engine import Database, open_database
from storage.events import Event
from storage.households import Carer
from storage.rsvp import Card, Invitation, RsvpState
from storage.staff import StaffMember
from tests.events.acts import HOUSEHOLD, give_card, invitation_of, invited_event
from tests.events.books import audit
from tests.events.calendars import reply_to
from tests.events.mailed import mail_goes_out, told_by_mail
from tests.support.cast import NOON, Cast, gather

SECOND = timedelta(seconds=1)
CARERS, MAILED = ("amal", "jo", "sam", "lin"), ("jo", "sam")
TIMES = 5


async def knows_and_leaves(database: Database, invitation_id: int, other: asyncio.Barrier) -> None:
    """How not to do it: look at what the party holds, then give it back."""
    async with database.read() as session:
        party = await session.get_one(Invitation, invitation_id)
        holds = party.people if party.state is RsvpState.GOING else 0
    await other.wait()
    async with database.write() as session:
        party = await session.get_one(Invitation, invitation_id)
        party.state = RsvpState.NOT_GOING
        event = await session.get_one(Event, party.event_id)
        event.taken -= holds


@dataclass
class Scene:
    """An event with two places, seen by two connections: the page has the first, all else the second."""

    first: Database
    second: Database
    cast: Cast
    event_id: int
    invitations: dict[str, int]
    mails: dict[str, str]

    async def on_the_page(self, who: str, choice: Choice, now: datetime) -> Result:
        async with self.first.write() as session:
            carer = await session.get_one(Carer, getattr(self.cast, who).id)
            return (await rsvp.answer(session, self.invitations[who], carer, choice, now)).result

    async def on_the_phone(self, who: str, choice: Choice, now: datetime) -> Result:
        async with self.second.write() as session:
            by = await session.get_one(StaffMember, self.cast.priya.id)
            return (await rsvp.answer_for(session, self.invitations[who], choice, by, now)).result

    async def in_the_calendar(self, who: str, said: str, now: datetime) -> Result:
        async with self.second.write() as session:
            carer_id = getattr(self.cast, who).id
            outcome = await take_reply(session, reply_to(self.mails[who], said, now), None, carer_id, now)
            assert outcome is not None
            return outcome.result

    async def ended(self, now: datetime) -> tuple[Event, dict[str, Invitation]]:
        async with self.first.read() as session:
            await audit(session, self.event_id, now)
            cards = (await session.scalars(select(Card))).all()
            assert all(card.stale for card in cards if card.invitation_id == self.invitations["amal"])
            found = {who: await session.get_one(Invitation, key) for who, key in self.invitations.items()}
            return await session.get_one(Event, self.event_id), found


@pytest.fixture
async def scenes(database: Database, database_url: str) -> AsyncIterator[list[Scene]]:
    """As many as there are races, for each of which Amal's card is up to date and Jo and Sam have mail."""
    other = open_database(database_url)
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.jo, cast.sam)
    made = []
    for number in range(TIMES):
        async with database.write() as session:
            event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=2, ref=f"race-{number}")
            parties = {who: await invitation_of(session, event, getattr(cast, who)) for who in CARERS}
            await give_card(session, parties["amal"], cast.amal, number + 1)
            (jo,), (sam,) = [await mail_goes_out(session, event, getattr(cast, who)) for who in MAILED]
            keys = {who: party.id for who, party in parties.items()}
            made.append(Scene(database, other, cast, event.id, keys, {"jo": jo, "sam": sam}))
    yield made
    await other.close()


async def test_who_looks_first_and_leaves_then_gives_the_same_places_back_twice(scenes: list[Scene]) -> None:
    """Without the lock: the proof that the races below are races."""
    for scene in scenes:
        await scene.on_the_page("sam", Choice.GOING, NOON + SECOND)
        other = asyncio.Barrier(2)
        await asyncio.gather(
            knows_and_leaves(scene.first, scene.invitations["sam"], other),
            knows_and_leaves(scene.second, scene.invitations["sam"], other),
        )
        async with scene.first.read() as session:
            assert (await session.get_one(Event, scene.event_id)).taken == -1


async def test_a_page_and_a_telephone_call_at_once_give_a_place_back_once(scenes: list[Scene]) -> None:
    for scene in scenes:
        await scene.on_the_page("amal", Choice.GOING, NOON + SECOND)
        now = NOON + 2 * SECOND
        results = await asyncio.gather(
            scene.on_the_page("amal", Choice.NOT_GOING, now), scene.on_the_phone("jo", Choice.NOT_GOING, now)
        )
        event, parties = await scene.ended(now)
        assert sorted(results) == [Result.NOT_GOING, Result.UNCHANGED]
        assert (event.taken, parties["amal"].state) == (0, RsvpState.NOT_GOING)


async def test_a_page_and_a_calendar_that_say_different_things_at_once_end_in_what_the_page_says(
    scenes: list[Scene],
) -> None:
    """A calendar tells whole seconds; in the same one it gives way, whichever comes first."""
    for scene in scenes:
        now = NOON + SECOND
        await asyncio.gather(
            scene.on_the_page("amal", Choice.GOING, now), scene.in_the_calendar("jo", "DECLINED", now)
        )
        event, parties = await scene.ended(now)
        assert (parties["amal"].state, event.taken) == (RsvpState.GOING, 1)
        assert parties["amal"].answered_by_id == scene.cast.amal.id


async def test_a_calendar_and_a_page_that_want_the_last_place_do_not_both_get_it(scenes: list[Scene]) -> None:
    for scene in scenes:
        await scene.on_the_phone("lin", Choice.GOING, NOON + SECOND)
        now = NOON + 2 * SECOND
        results = await asyncio.gather(
            scene.on_the_page("amal", Choice.GOING, now), scene.in_the_calendar("sam", "ACCEPTED", now)
        )
        event, parties = await scene.ended(now)
        assert sorted(results) == [Result.GOING, Result.WAITLISTED]
        assert event.taken == 2
        assert {parties["amal"].state, parties["sam"].state} == {RsvpState.GOING, RsvpState.WAITLISTED}
