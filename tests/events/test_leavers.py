"""Households that leave give back what they hold at events to come, and come back if it was a mistake."""

from datetime import date, timedelta

from events.choices import Choice
from events.leavers import any_leavers, release_leavers
from events.listing import whats_on
from storage.engine import Database, Session
from storage.events import Allocation
from storage.households import Carer, Household
from storage.rsvp import RsvpState
from tests.events.acts import IN_TWO_WEEKS, give_card, invitation_of, invited_event, taps, told
from tests.support.cast import NOON, gather

GOING = Choice.GOING
TODAY = NOON.date()


async def leaves(session: Session, carer: Carer, on: date | None = TODAY) -> None:
    (await session.get_one(Household, carer.household_id)).ended_on = on
    await session.flush()


async def test_the_places_of_a_household_that_leaves_go_to_those_who_wait(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        amal, sam, lin = [await invitation_of(session, event, c) for c in (cast.amal, cast.sam, cast.lin)]
        card = await give_card(session, amal, cast.amal)
        await leaves(session, cast.amal)
        await leaves(session, cast.sam)
        assert await any_leavers(session, NOON)
        assert await release_leavers(session, NOON) == 3  # Jo's invitation as well
        assert (amal.state, sam.state) == (RsvpState.CANCELLED, RsvpState.CANCELLED)
        assert lin.state is RsvpState.OFFERED
        assert await told(session, "offer") == [cast.lin.id]
        assert event.taken == 1
        await session.refresh(card)
        assert card.stale
        assert not await any_leavers(session, NOON)
        assert await release_leavers(session, NOON) == 0


async def test_an_offer_and_an_entry_to_a_draw_end_too(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        full = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam):
            await taps(session, full, carer, GOING)
        await taps(session, full, cast.amal, Choice.NOT_GOING)
        closes = NOON + timedelta(days=5)
        draw = await invited_event(
            session, cast, capacity=1, allocation=Allocation.BALLOT, rsvp_deadline=closes
        )
        await taps(session, draw, cast.sam, GOING)
        await leaves(session, cast.sam)
        assert await release_leavers(session, NOON) == 2
        assert full.taken == 0
        for event in (full, draw):
            party = await invitation_of(session, event, cast.sam)
            assert (party.state, party.offer_expires_at) == (RsvpState.CANCELLED, None)


async def test_nothing_happens_before_the_day_or_to_events_that_have_begun(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.sam, GOING)
        await leaves(session, cast.sam, TODAY + timedelta(days=1))
        assert await release_leavers(session, NOON) == 0
        assert await release_leavers(session, IN_TWO_WEEKS) == 0
        # Local time: the day begins at midnight in London, an hour before it does in UTC.
        assert await release_leavers(session, NOON.replace(hour=23, minute=30)) == 1


async def test_what_is_on_is_nothing_for_a_household_that_has_left(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast)
        assert len((await whats_on(session, cast.sam, 1, NOON)).lines) == 1
        await leaves(session, cast.sam)
        assert (await whats_on(session, cast.sam, 1, NOON)).lines == ()


async def test_a_household_that_left_by_mistake_is_invited_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.sam, GOING)
        await leaves(session, cast.sam)
        await release_leavers(session, NOON)
        await leaves(session, cast.sam, None)
        assert await any_leavers(session, NOON)
        assert await release_leavers(session, NOON) == 0
        sam = await invitation_of(session, event, cast.sam)
        assert (sam.state, sam.mode, event.taken) == (RsvpState.INVITED, None, 0)
        await taps(session, event, cast.sam, GOING)
        assert sam.state is RsvpState.GOING
