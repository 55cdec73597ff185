"""Staff note the answer of a party that phoned, with who is coming and what they need."""

import pytest
from sqlalchemy import select

from events.choices import Choice, Party, Result, party_of
from events.phoned import answer_for
from storage.engine import Database
from storage.rsvp import RsvpState
from storage.staff import AuditEntry
from tests.events.acts import HOUSEHOLD, HYBRID, invitation_of, invited_event, taps, told
from tests.support.cast import NOON, gather

GOING, NOT_GOING = Choice.GOING, Choice.NOT_GOING


async def test_one_call_notes_the_answer_the_party_and_the_needs(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=5)
        reeds = await invitation_of(session, event, cast.amal)
        outcome = await answer_for(
            session, reeds.id, GOING, cast.priya, NOON, party=Party(2, 1), needs=" step-free "
        )
        assert outcome.result is Result.GOING
        assert (party_of(reeds), reeds.needs, event.taken) == (Party(2, 1), "step-free", 3)
        assert await told(session, "answer_changed") == [cast.amal.id, cast.jo.id]
        details = await session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "rsvp.answer_for")
        )
        assert "step-free" not in str(details.all())


@pytest.mark.parametrize("standing", [GOING, NOT_GOING])
async def test_a_party_too_large_changes_nothing_of_a_place_that_is_held(
    database: Database, standing: Choice
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=2)
        reeds = await invitation_of(session, event, cast.amal)
        await taps(session, event, cast.amal, standing)
        outcome = await answer_for(
            session, reeds.id, GOING, cast.priya, NOON, party=Party(3), needs="step-free"
        )
        if standing is GOING:
            assert outcome.result is Result.FULL
            assert (party_of(reeds), reeds.needs, event.taken) == (Party(1), None, 1)
        else:
            assert outcome.result is Result.WAITLISTED
            assert (party_of(reeds), reeds.needs, event.taken) == (Party(3), "step-free", 0)


async def test_other_numbers_alone_are_saved_and_what_is_freed_goes_on(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=2)
        reeds = await invitation_of(session, event, cast.amal)
        await answer_for(session, reeds.id, GOING, cast.priya, NOON, party=Party(2))
        await taps(session, event, cast.sam, GOING)
        outcome = await answer_for(session, reeds.id, GOING, cast.priya, NOON, party=Party(1))
        assert (outcome.result, event.taken) == (Result.SAVED, 2)
        assert (await invitation_of(session, event, cast.sam)).state is RsvpState.OFFERED
        again = await answer_for(session, reeds.id, GOING, cast.priya, NOON, party=Party(1), needs="")
        assert again.result is Result.UNCHANGED
        noted = await answer_for(session, reeds.id, GOING, cast.priya, NOON, needs="step-free")
        assert (noted.result, reeds.needs) == (Result.SAVED, "step-free")


async def test_a_party_that_grows_and_goes_to_the_other_mode_is_counted_there(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(
            session, cast, rsvp_by=HOUSEHOLD, mode=HYBRID, capacity=1, online_capacity=3
        )
        reeds = await invitation_of(session, event, cast.amal)
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        await answer_for(session, reeds.id, Choice.ONLINE, cast.priya, NOON, party=Party(2, 1))
        assert (event.taken, event.online_taken) == (0, 3)
        await answer_for(session, reeds.id, NOT_GOING, cast.priya, NOON, party=Party(1))
        assert (event.taken, event.online_taken, party_of(reeds)) == (0, 0, Party(1))


async def test_a_larger_party_may_take_up_an_offer_only_if_all_of_it_fits(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, capacity=1)
        await taps(session, event, cast.amal, GOING)
        await taps(session, event, cast.sam, GOING)
        await taps(session, event, cast.amal, NOT_GOING)
        sam = await invitation_of(session, event, cast.sam)
        assert sam.state is RsvpState.OFFERED
        outcome = await answer_for(session, sam.id, GOING, cast.priya, NOON, party=Party(2))
        assert (outcome.result, sam.state, party_of(sam)) == (Result.FULL, RsvpState.OFFERED, Party(1))
        outcome = await answer_for(session, sam.id, GOING, cast.priya, NOON)
        assert (outcome.result, event.taken) == (Result.GOING, 1)


async def test_numbers_need_an_adult_and_a_household_that_answers(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        alone = await invited_event(session, cast)
        amal = await invitation_of(session, alone, cast.amal)
        family = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        reeds = await invitation_of(session, family, cast.amal)
        for invitation, party in ((amal, Party(1)), (reeds, Party(0, 2)), (reeds, Party(1, 99))):
            outcome = await answer_for(session, invitation.id, GOING, cast.priya, NOON, party=party)
            assert outcome.result is Result.NOT_VALID
            assert invitation.state is RsvpState.INVITED
