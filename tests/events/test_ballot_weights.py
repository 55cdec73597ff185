"""What a household had and missed in a year, as a draw finds it."""

from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from carers.people import Carer
from events.ballot import draw_due, draws_of, explain
from events.choices import Choice
from events.phoned import answer_for
from events.planning import cancel_event
from storage.ballot import DrawEntry
from storage.engine import Database, Session
from storage.events import Allocation, Event
from storage.rsvp import Invitation, RsvpState
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event, taps
from tests.support.cast import NOON, Cast, gather

GOING, NOT_GOING = Choice.GOING, Choice.NOT_GOING
YEAR = timedelta(days=365)


async def ballot_at(
    session: Session,
    cast: Cast,
    drawn_at: datetime,
    *carers: Carer,
    capacity: int = 1,
    by_household: bool = True,
) -> Event:
    """A ballot that these carers entered, drawn at this moment; nobody has taken a place up yet."""
    opened = drawn_at - timedelta(days=3)
    event = await invited_event(
        session,
        cast,
        opened,
        title="Tickets",
        kind="tickets",
        allocation=Allocation.BALLOT,
        capacity=capacity,
        starts_at=drawn_at + timedelta(days=20),
        rsvp_deadline=drawn_at,
        **({"rsvp_by": HOUSEHOLD} if by_household else {}),
    )
    for carer in carers:
        await taps(session, event, carer, GOING, opened)
    assert await draw_due(session, drawn_at) == 1
    return event


async def facts(session: Session, event: Event, carer: Carer) -> tuple[int, int]:
    """What the latest draw of this event found for the carer's household: received and losses."""
    told = await explain(session, (await invitation_of(session, event, carer)).id, carer)
    assert told is not None
    assert told.weight == Fraction(1 + told.losses, 1 + told.received)
    return told.received, told.losses


async def next_draw(session: Session, cast: Cast, at: datetime, *carers: Carer) -> Event:
    return await ballot_at(session, cast, at, *(carers or (cast.amal,)), capacity=9)


async def test_a_ballot_that_gave_places_counts_once_whatever_the_number_of_people(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        first = await ballot_at(session, cast, NOON, cast.amal, cast.jo, capacity=9, by_household=False)
        assert first.taken == 2  # both carers of one household
        event = await next_draw(session, cast, NOON + timedelta(days=9), cast.amal, cast.sam)
        assert await facts(session, event, cast.amal) == (1, 0)
        assert await facts(session, event, cast.sam) == (0, 0)


async def test_what_lies_more_than_a_year_back_does_not_count(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await ballot_at(session, cast, NOON, cast.amal)
        just = await next_draw(session, cast, NOON + YEAR - timedelta(seconds=1))
        assert await facts(session, just, cast.amal) == (1, 0)
        later = await next_draw(session, cast, NOON + YEAR)
        assert await facts(session, later, cast.amal) == (1, 0)  # only the one just before


async def test_losses_count_since_the_household_last_had_places(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for week, capacity in enumerate((1, 9, 1, 1)):  # the party of four fits into the second only
            event = await invited_event(
                session,
                cast,
                title="Tickets",
                kind="tickets",
                allocation=Allocation.BALLOT,
                rsvp_by=HOUSEHOLD,
                capacity=capacity,
                starts_at=NOON + timedelta(days=60),
                rsvp_deadline=NOON + timedelta(weeks=week, hours=1),
            )
            party = await invitation_of(session, event, cast.amal)
            party.adults = 4
            await taps(session, event, cast.amal, GOING)
            await draw_due(session, NOON + timedelta(weeks=week, hours=1))
        event = await next_draw(session, cast, NOON + timedelta(weeks=5))
        assert await facts(session, event, cast.amal) == (1, 2)


async def test_who_loses_a_draw_and_wins_the_next_of_the_same_event_has_not_lost(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await ballot_at(session, cast, NOON, cast.sam, cast.lin)
        parties = {carer.id: await invitation_of(session, event, carer) for carer in (cast.sam, cast.lin)}
        [winner] = [c for c in (cast.sam, cast.lin) if parties[c.id].state is RsvpState.OFFERED]
        [loser] = [c for c in (cast.sam, cast.lin) if c is not winner]
        await taps(session, event, winner, NOT_GOING, NOON)
        assert parties[loser.id].state is RsvpState.OFFERED
        after = await next_draw(session, cast, NOON + timedelta(days=9), cast.sam, cast.lin)
        assert await facts(session, after, loser) == (1, 0)
        assert await facts(session, after, winner) == (0, 0)  # given back in time: neither had nor lost


async def test_a_ticket_given_back_too_late_for_others_was_had(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await ballot_at(session, cast, NOON, cast.amal)
        await taps(session, event, cast.amal, GOING, NOON)
        await taps(session, event, cast.amal, NOT_GOING, event.starts_at - timedelta(hours=1))
        after = await next_draw(session, cast, NOON + timedelta(days=30))
        assert await facts(session, after, cast.amal) == (1, 0)


async def test_a_place_that_staff_gave_after_the_draw_was_had(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await ballot_at(session, cast, NOON, cast.amal, capacity=2)
        party = await invitation_of(session, event, cast.sam)
        await answer_for(session, party.id, GOING, cast.priya, NOON)
        assert party.state is RsvpState.GOING
        after = await next_draw(session, cast, NOON + timedelta(days=9), cast.sam)
        assert await facts(session, after, cast.sam) == (1, 0)


async def test_a_cancelled_event_gave_nobody_anything(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await ballot_at(session, cast, NOON, cast.sam, cast.lin)
        await cancel_event(session, event.id, "", cast.priya, NOON)
        after = await next_draw(session, cast, NOON + timedelta(days=9), cast.sam, cast.lin)
        assert await facts(session, after, cast.sam) == await facts(session, after, cast.lin) == (0, 0)


async def test_the_record_keeps_the_weights_as_they_were(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        first = await ballot_at(session, cast, NOON, cast.amal)
        await next_draw(session, cast, NOON + timedelta(days=9))
        [page] = await draws_of(session, first.id)
        assert [(entry.received, entry.losses) for entry in page.entries] == [(0, 0)]
        count = select(func.count()).select_from(DrawEntry).join(Invitation)
        assert await session.scalar(count.where(Invitation.event_id == first.id)) == 1
