"""The waiting list: offers by the hold rules, to the first party that fits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events import rsvp
from events.holds import LONDON, held_until
from events.planning import change_event, plan_of
from events.rsvp import Choice, Party, Result
from events.waitlist import expire_offers, position
from storage.deliveries import DeliveryState
from storage.engine import Database
from storage.households import Household
from storage.rsvp import RsvpState
from tests.events.acts import HOUSEHOLD, IN_TWO_WEEKS, invitation_of, invited_event, queued, taps, told
from tests.support.cast import NOON, gather

GOING, NOT_GOING = Choice.GOING, Choice.NOT_GOING


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "starts_at", "until"),
    [
        # Normally 24 hours of a clock that runs from 08:00 to 21:00.
        ("2025-05-06 12:00", "2025-05-20 10:00", "2025-05-08 10:00"),
        ("2025-05-06 22:00", "2025-05-20 10:00", "2025-05-08 19:00"),
        # The day before: two hours.
        ("2025-05-06 12:00", "2025-05-07 19:00", "2025-05-06 14:00"),
        ("2025-05-06 20:30", "2025-05-07 19:00", "2025-05-07 09:30"),
        # On the day: half an hour. An offer made in the night is judged by the morning.
        ("2025-05-06 09:00", "2025-05-06 19:00", "2025-05-06 09:30"),
        ("2025-05-06 23:00", "2025-05-07 19:00", "2025-05-07 08:30"),
        # Inside the last two hours staff decide, also where the night leaves no more.
        ("2025-05-06 17:00", "2025-05-06 19:00", None),
        ("2025-05-06 22:00", "2025-05-07 09:45", None),
        # Never beyond the start.
        ("2025-05-06 20:45", "2025-05-07 10:05", "2025-05-07 09:45"),
    ],
)
def test_an_offer_is_held_by_the_running_clock(now: str, starts_at: str, until: str | None) -> None:
    assert held_until(london(now), london(starts_at), LONDON) == (london(until) if until else None)


def test_a_night_in_which_the_clocks_change_does_not_shorten_a_hold() -> None:
    before = datetime(2025, 10, 25, 19, 0, tzinfo=UTC)  # 20:00 in London, summer time's last evening
    assert held_until(before, before + timedelta(days=20), LONDON) == london("2025-10-27 18:00")


def test_the_hold_is_told_in_the_zone_of_the_caller() -> None:
    until = held_until(NOON, NOON + timedelta(days=9), ZoneInfo("Europe/London"))
    assert until is not None
    assert until.tzinfo is UTC


async def test_who_leaves_passes_the_place_to_the_first_in_line(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.amal, GOING)
        await taps(session, event, cast.sam, GOING)
        await taps(session, event, cast.lin, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        sam, lin = [await invitation_of(session, event, carer) for carer in (cast.sam, cast.lin)]
        assert sam.state is RsvpState.OFFERED
        assert sam.offer_expires_at == held_until(NOON, event.starts_at, LONDON)
        assert await told(session, "offer") == [cast.sam.id]
        assert await position(session, lin) == 1
        assert event.taken == 1  # the offer counts


async def test_a_household_that_has_left_is_offered_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        (await session.get_one(Household, cast.sam.household_id)).ended_on = NOON.date()
        await session.flush()
        await taps(session, event, cast.amal, NOT_GOING)
        assert await told(session, "offer") == [cast.lin.id]


async def test_an_offer_that_is_taken_up_keeps_its_place(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1, rsvp_deadline=NOON + timedelta(hours=1))
        await taps(session, event, cast.amal, GOING)
        await taps(session, event, cast.sam, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        # The deadline has passed; what was offered may still be taken.
        assert (await taps(session, event, cast.sam, GOING, NOON + timedelta(hours=2))).result is Result.GOING
        assert event.taken == 1
        assert [delivery.state for delivery in await queued(session, "offer")] == [DeliveryState.CANCELLED]


async def test_a_declined_offer_goes_to_the_next_party_that_fits(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        await taps(session, event, cast.sam, NOT_GOING)
        assert (await invitation_of(session, event, cast.lin)).state is RsvpState.OFFERED
        assert (await invitation_of(session, event, cast.sam)).state is RsvpState.NOT_GOING
        assert event.taken == 1


async def test_an_offer_that_lapses_goes_on_and_its_party_is_told(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        sam = await invitation_of(session, event, cast.sam)
        assert sam.offer_expires_at is not None
        assert await expire_offers(session, sam.offer_expires_at - timedelta(seconds=1)) == 0
        assert await expire_offers(session, sam.offer_expires_at) == 1
        assert sam.state is RsvpState.INVITED
        assert (await invitation_of(session, event, cast.lin)).state is RsvpState.OFFERED
        assert await told(session, "offer_lapsed") == [cast.sam.id]
        assert event.taken == 1


async def test_a_tap_on_a_lapsed_offer_joins_the_end_of_the_list(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        outcome = await taps(session, event, cast.sam, GOING, NOON + timedelta(days=3))
        assert (outcome.result, outcome.position) == (Result.WAITLISTED, 1)
        assert (await invitation_of(session, event, cast.lin)).state is RsvpState.OFFERED


async def test_a_party_too_large_is_passed_over_and_that_is_recorded(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=2)
        sam = await invitation_of(session, event, cast.sam)
        lin = await invitation_of(session, event, cast.lin)
        await taps(session, event, cast.amal, GOING)
        reeds = await invitation_of(session, event, cast.amal)
        await rsvp.set_party(session, reeds.id, cast.amal, Party(2), NOON)
        await rsvp.set_party(session, sam.id, cast.sam, Party(1, 1), NOON)
        await taps(session, event, cast.sam, GOING)
        await taps(session, event, cast.lin, GOING)
        await rsvp.set_party(session, reeds.id, cast.amal, Party(1), NOON)  # one place falls free
        assert (sam.state, sam.passed_over) == (RsvpState.WAITLISTED, 1)
        assert lin.state is RsvpState.OFFERED
        assert event.taken == 2


async def test_nobody_walks_past_those_who_wait_inside_the_last_two_hours(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.amal, GOING)
        await taps(session, event, cast.sam, GOING)
        late = IN_TWO_WEEKS - timedelta(hours=1)
        await taps(session, event, cast.amal, NOT_GOING, late)
        sam = await invitation_of(session, event, cast.sam)
        assert sam.state is RsvpState.WAITLISTED
        assert (await taps(session, event, cast.lin, GOING, late)).result is Result.WAITLISTED
        assert event.taken == 0
        # Staff decide.
        outcome = await rsvp.answer_for(session, sam.id, GOING, cast.priya, late)
        assert outcome.result is Result.GOING
        assert event.taken == 1


async def test_a_larger_capacity_is_offered_to_those_who_wait(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam, cast.lin):
            await taps(session, event, carer, GOING)
        outcome = await change_event(session, event.id, replace(plan_of(event), capacity=3), cast.priya, NOON)
        assert outcome.offered == 2
        assert await told(session, "offer") == [cast.sam.id, cast.lin.id]
        assert event.taken == 3
