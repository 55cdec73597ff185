"""Answers: who may give one, what it takes, and that giving it twice changes nothing."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from events import rsvp
from events.planning import cancel_event, plan_event
from events.rsvp import Choice, Party, Result
from storage.engine import Database, Session
from storage.events import Event
from storage.events_queries import take_places
from storage.households import Carer, Household, HouseholdType
from storage.rsvp import Invitation, RsvpState
from storage.staff import AuditEntry
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_PERSON,
    IN_TWO_WEEKS,
    ONLINE,
    give_card,
    invitation_of,
    invited_event,
    plan,
    queued,
    taps,
    told,
)
from tests.support.cast import NOON, gather

GOING, MAYBE, NOT_GOING = Choice.GOING, Choice.MAYBE, Choice.NOT_GOING


async def test_one_tap_on_going_takes_one_place(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=5)
        outcome = await taps(session, event, cast.amal, GOING)
        assert outcome.result is Result.GOING
        assert outcome.invitation is not None
        assert outcome.invitation.answered_by_id == cast.amal.id
        assert (event.taken, event.online_taken) == (1, 0)


async def test_the_same_tap_again_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=5)
        await taps(session, event, cast.amal, GOING)
        again = await taps(session, event, cast.amal, GOING, NOON + timedelta(hours=1))
        assert again.result is Result.UNCHANGED
        assert again.invitation is not None
        assert again.invitation.answered_at == NOON
        assert event.taken == 1


async def test_changing_to_not_going_gives_the_place_back(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=5)
        await taps(session, event, cast.amal, GOING)
        assert (await taps(session, event, cast.amal, NOT_GOING)).result is Result.NOT_GOING
        assert event.taken == 0
        assert (await taps(session, event, cast.amal, MAYBE)).result is Result.MAYBE
        assert event.taken == 0


async def test_going_on_a_full_event_joins_the_waiting_list_and_says_so(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.amal, GOING)
        first = await taps(session, event, cast.sam, GOING)
        second = await taps(session, event, cast.lin, GOING)
        assert (first.result, first.position) == (Result.WAITLISTED, 1)
        assert (second.result, second.position) == (Result.WAITLISTED, 2)
        assert event.taken == 1


async def test_a_stranger_to_the_invitation_cannot_answer_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        for other in (cast.jo, cast.sam):
            outcome = await rsvp.answer(session, invitation.id, other, GOING, NOON)
            assert outcome.result is Result.NOT_YOURS
        assert (await rsvp.answer(session, 999_999, cast.amal, GOING, NOON)).result is Result.NOT_YOURS
        assert invitation.state is RsvpState.INVITED


async def test_in_a_household_either_carer_answers_and_the_last_answer_stands(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=10)
        invitation = await invitation_of(session, event, cast.amal)
        card = await give_card(session, invitation, cast.amal)
        await taps(session, event, cast.amal, GOING)
        await taps(session, event, cast.jo, NOT_GOING)
        await session.refresh(invitation)
        await session.refresh(card)
        assert invitation.state is RsvpState.NOT_GOING
        assert invitation.answered_by_id == cast.jo.id
        assert card.stale
        assert event.taken == 0


async def test_after_the_deadline_nobody_joins_but_who_cannot_come_can_still_say_so(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_deadline=NOON + timedelta(days=1))
        await taps(session, event, cast.amal, GOING)
        late = NOON + timedelta(days=2)
        assert (await taps(session, event, cast.sam, GOING, late)).result is Result.CLOSED
        assert (await taps(session, event, cast.amal, MAYBE, late)).result is Result.CLOSED
        assert (await taps(session, event, cast.amal, NOT_GOING, late)).result is Result.NOT_GOING
        assert event.taken == 0


async def test_an_event_that_has_begun_or_is_cancelled_takes_no_answers(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        assert (await taps(session, event, cast.amal, GOING, IN_TWO_WEEKS)).result is Result.BEGUN
        await cancel_event(session, event.id, "", cast.priya, NOON)
        assert (await taps(session, event, cast.amal, GOING)).result is Result.CANCELLED
        assert event.taken == 0


async def test_a_draft_takes_no_answers(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan_event(session, plan(draft=True), cast.priya, NOON)
        session.add(
            Invitation(
                event_id=event.id,
                household_id=cast.reeds.id,
                carer_id=cast.amal.id,
                party=f"c{cast.amal.id}",
                invited_at=NOON,
            )
        )
        await session.flush()
        assert (await taps(session, event, cast.amal, GOING)).result is Result.CANCELLED


async def test_a_hybrid_event_counts_each_mode_apart(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID, capacity=1, online_capacity=2)
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        await taps(session, event, cast.jo, Choice.ONLINE)
        assert (event.taken, event.online_taken) == (1, 1)
        assert (await taps(session, event, cast.sam, Choice.IN_PERSON)).result is Result.WAITLISTED
        assert (await taps(session, event, cast.sam, Choice.ONLINE)).result is Result.GOING
        assert (event.taken, event.online_taken) == (1, 2)


async def test_who_has_a_place_does_not_lose_it_for_a_mode_that_is_full(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID, capacity=1, online_capacity=5)
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        await taps(session, event, cast.jo, Choice.ONLINE)
        outcome = await taps(session, event, cast.jo, Choice.IN_PERSON)
        assert outcome.result is Result.FULL
        assert (event.taken, event.online_taken) == (1, 1)


@pytest.mark.parametrize("choice", [Choice.IN_PERSON, Choice.ONLINE])
async def test_a_button_that_the_event_does_not_have_changes_nothing(
    database: Database, choice: Choice
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        assert (await taps(session, event, cast.amal, choice)).result is Result.NOT_ON_OFFER
        assert event.taken == 0


async def test_an_online_event_may_name_its_places_in_either_column(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=ONLINE, capacity=1)
        assert (await taps(session, event, cast.amal, GOING)).result is Result.GOING
        assert (await taps(session, event, cast.sam, GOING)).result is Result.WAITLISTED
        assert (event.taken, event.online_taken) == (0, 1)


async def test_a_household_takes_a_place_for_each_person(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=5)
        invitation = await invitation_of(session, event, cast.amal)
        await taps(session, event, cast.amal, GOING)
        outcome = await rsvp.set_party(session, invitation.id, cast.amal, Party(2, 1, 0, 1, 0), NOON)
        assert outcome.result is Result.SAVED
        assert event.taken == 4
        await rsvp.set_party(session, invitation.id, cast.jo, Party(1, 1), NOON)
        assert event.taken == 2


async def test_a_party_that_would_not_fit_stays_as_it_was(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=3)
        await taps(session, event, cast.sam, GOING)
        await taps(session, event, cast.amal, GOING)
        invitation = await invitation_of(session, event, cast.amal)
        outcome = await rsvp.set_party(session, invitation.id, cast.amal, Party(2, 2), NOON)
        assert outcome.result is Result.FULL
        assert (invitation.people, event.taken) == (1, 2)


@pytest.mark.parametrize("party", [Party(0, 1), Party(1, -1), Party(1, 21)])
async def test_a_party_has_an_adult_and_no_odd_numbers(database: Database, party: Party) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        invitation = await invitation_of(session, event, cast.amal)
        outcome = await rsvp.set_party(session, invitation.id, cast.amal, party, NOON)
        assert outcome.result is Result.NOT_VALID


async def test_where_carers_answer_nobody_counts_families(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        outcome = await rsvp.set_party(session, invitation.id, cast.amal, Party(2), NOON)
        assert outcome.result is Result.NOT_VALID


async def test_staff_answer_for_a_carer_who_phoned_and_the_audit_log_says_so(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_deadline=NOON + timedelta(days=1))
        invitation = await invitation_of(session, event, cast.sam)
        late = NOON + timedelta(days=2)
        outcome = await rsvp.answer_for(session, invitation.id, GOING, cast.priya, late)
        assert outcome.result is Result.GOING
        assert await told(session, "answer_changed") == [cast.sam.id]
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.action == "rsvp.answer_for"))
        assert [entry.actor for entry in entries] == ["Priya Lane"]


async def test_needs_are_kept_for_the_organiser_and_erased_within_a_week(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, GOING)
        invitation = await invitation_of(session, event, cast.amal)
        assert (await rsvp.set_needs(session, invitation.id, cast.sam, "x", NOON)).result is Result.NOT_YOURS
        await rsvp.set_needs(session, invitation.id, cast.amal, "  No nuts please ", NOON)
        assert invitation.needs == "No nuts please"
        assert await rsvp.purge_needs(session, event.ends_at + timedelta(days=1)) == 0
        assert await rsvp.purge_needs(session, event.ends_at + timedelta(days=6)) == 1
        await session.refresh(invitation)
        assert invitation.needs is None


async def _crowd(session: Session, count: int) -> list[Carer]:
    """So many carers, each a household of their own."""
    carers = []
    for number in range(count):
        household = Household(ref=f"R{number}", type=HouseholdType.MAINSTREAM, approved_on=NOON.date())
        session.add(household)
        await session.flush()
        carers.append(Carer(ref=f"R{number}", household_id=household.id, first_name=f"Carer {number}"))
    session.add_all(carers)
    await session.flush()
    return carers


async def test_ten_carers_at_once_never_get_more_than_the_three_places(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        crowd = await _crowd(session, 10)
        event = await invited_event(session, cast, capacity=3)
        keys = [(await invitation_of(session, event, carer)).id for carer in crowd]

    async def tap(carer: Carer, invitation_id: int) -> Result:
        async with database.write() as session:
            return (await rsvp.answer(session, invitation_id, carer, GOING, NOON)).result

    results = await asyncio.gather(*map(tap, crowd, keys))
    assert sorted(results) == [Result.GOING] * 3 + [Result.WAITLISTED] * 7
    async with database.read() as session:
        event = await session.get_one(Event, event.id)
        assert event.taken == 3


async def test_without_the_lock_and_the_condition_the_same_race_oversells(database: Database) -> None:
    """The proof that the test above tests something: look first, then write, and everybody gets in."""
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=3)
    looked = asyncio.Barrier(8)

    async def look_then_take() -> bool:
        async with database.read() as session:
            seen = await session.get_one(Event, event.id)
            free = seen.taken < (seen.capacity or 0)
        await looked.wait()
        async with database.write() as session:
            row = await session.get_one(Event, event.id, with_for_update=True)
            row.taken += free
        return free

    async def take() -> bool:
        await looked.wait()
        async with database.write() as session:
            return await take_places(session, await session.get_one(Event, event.id), IN_PERSON, 1)

    assert sum(await asyncio.gather(*(look_then_take() for _ in range(8)))) == 8
    async with database.write() as session:
        (await session.get_one(Event, event.id)).taken = 0
    assert sum(await asyncio.gather(*(take() for _ in range(8)))) == 3


async def test_answering_queues_nothing_unasked(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, GOING)
        assert await queued(session, "answer_changed") == []
