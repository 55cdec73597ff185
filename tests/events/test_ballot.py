"""Scarce tickets: who enters, the draw, what is not taken up, and how it is told and checked."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.event import listen

from bot.jobs import due_work
from carers.people import Carer
from events import ballot, rsvp
from events.ballot import Drawn, closes_at, draw_due, draw_now, draws_of, explain, verify
from events.choices import Choice, Party, Result, choices
from events.holds import LONDON
from events.invitations import ask_to_tap_again
from events.phoned import answer_for
from events.planning import cancel_event, change_event, plan_of
from events.waitlist import expire_offers
from storage.ballot import Draw, DrawEntry
from storage.engine import Database, Session
from storage.events import Allocation, Event
from storage.households import Household, HouseholdType
from storage.rsvp import Invitation, RsvpState
from storage.rsvp_hold import let_go, take_hold
from storage.staff import AuditEntry
from surveys.keys import RoundKeys
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_TWO_WEEKS,
    give_card,
    invitation_of,
    invited_event,
    queued,
    taps,
    told,
)
from tests.support.cast import NOON, Cast, gather
from tests.support.delivery import POLICY

GOING, NOT_GOING = Choice.GOING, Choice.NOT_GOING
ENTERED, LOST, OFFERED = RsvpState.BALLOT_ENTERED, RsvpState.BALLOT_LOST, RsvpState.OFFERED
CLOSES = NOON + timedelta(days=5)
DRAWN = CLOSES + timedelta(seconds=5)


async def tickets(session: Session, cast: Cast, capacity: int | None = 1, **changes: Any) -> Event:
    described = {"title": "Panto", "kind": "tickets", "allocation": Allocation.BALLOT} | changes
    return await invited_event(session, cast, capacity=capacity, rsvp_deadline=CLOSES, **described)


async def entered(session: Session, event: Event, *carers: Carer) -> list[Invitation]:
    for carer in carers:
        outcome = await taps(session, event, carer, GOING)
        assert outcome.result in (Result.BALLOT_ENTERED, Result.UNCHANGED)
    return [await invitation_of(session, event, carer) for carer in carers]


async def drawn_event(session: Session, cast: Cast, **changes: Any) -> tuple[Event, list[Invitation]]:
    """One place, four who want it, and the draw is over: the winner first, then the others."""
    event = await tickets(session, cast, **changes)
    parties = await entered(session, event, cast.amal, cast.jo, cast.sam, cast.lin)
    assert await draw_due(session, DRAWN) == 1
    return event, sorted(parties, key=lambda party: party.state is not OFFERED)


async def carer_of(session: Session, party: Invitation) -> Carer:
    assert party.carer_id is not None
    return await session.get_one(Carer, party.carer_id)


async def rows(session: Session, event: Event) -> Sequence[Draw]:
    return (await session.scalars(select(Draw).where(Draw.event_id == event.id).order_by(Draw.id))).all()


async def test_going_on_a_ballot_enters_the_draw_and_takes_no_place(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        outcome = await taps(session, event, cast.amal, GOING)
        assert outcome.result is Result.BALLOT_ENTERED
        assert outcome.changed
        [party] = await entered(session, event, cast.amal)
        assert (party.state, event.taken) == (ENTERED, 0)
        assert (await taps(session, event, cast.amal, Choice.MAYBE)).result is Result.NOT_ON_OFFER
        assert (await taps(session, event, cast.amal, NOT_GOING)).result is Result.NOT_GOING
        assert (await taps(session, event, cast.amal, GOING)).result is Result.BALLOT_ENTERED


async def test_entries_close_at_the_deadline_and_who_is_in_may_still_step_back(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        [party] = await entered(session, event, cast.amal)
        assert (await taps(session, event, cast.sam, GOING, CLOSES)).result is Result.CLOSED
        assert choices(event, party, CLOSES) == (NOT_GOING,)
        assert (await taps(session, event, cast.amal, NOT_GOING, CLOSES)).result is Result.NOT_GOING
        assert await draw_due(session, CLOSES) == 1
        assert await rows(session, event) == []


@pytest.mark.parametrize(
    ("invited_before", "closes_before"),
    [(timedelta(days=28), timedelta(days=7)), (timedelta(days=10), timedelta(days=5))],
)
def test_without_a_deadline_a_ballot_closes_a_week_before_or_halfway_where_that_is_later(
    invited_before: timedelta, closes_before: timedelta
) -> None:
    event = Event(starts_at=IN_TWO_WEEKS, invited_at=IN_TWO_WEEKS - invited_before)
    assert closes_at(event) == IN_TWO_WEEKS - closes_before


async def test_the_draw_offers_the_places_and_tells_the_others_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast, capacity=2)
        parties = await entered(session, event, cast.amal, cast.jo, cast.sam, cast.lin)
        card = await give_card(session, parties[0], cast.amal)
        assert await draw_due(session, CLOSES - timedelta(seconds=1)) == 0
        assert await ballot.any_to_draw(session, DRAWN)
        assert await draw_due(session, DRAWN) == 1
        assert (event.taken, event.drawn_at) == (2, DRAWN)
        won = [party for party in parties if party.state is OFFERED]
        lost = [party for party in parties if party.state is LOST]
        assert (len(won), len(lost)) == (2, 2)
        assert all(party.offered_at == DRAWN and party.offer_expires_at for party in won)
        assert await told(session, "offer") == sorted(party.carer_id or 0 for party in won)
        assert await told(session, "ballot_lost") == sorted(party.carer_id or 0 for party in lost)
        await session.refresh(card)
        assert card.stale
        assert not await ballot.any_to_draw(session, DRAWN)
        assert await draw_due(session, DRAWN + timedelta(minutes=1)) == 0


async def test_what_was_drawn_is_in_the_database_as_it_is_in_memory(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, parties = await drawn_event(session, cast)
        states = {party.id: (party.state, party.offer_expires_at) for party in parties}
    async with database.read() as session:
        for party in await session.scalars(select(Invitation).where(Invitation.event_id == event.id)):
            assert (party.state, party.offer_expires_at) == states[party.id]
        assert (await session.get_one(Event, event.id)).taken == 1


async def test_a_winner_takes_the_place_up(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, *_] = await drawn_event(session, cast)
        assert choices(event, winner, DRAWN) == (GOING, NOT_GOING)
        outcome = await taps(session, event, await carer_of(session, winner), GOING, DRAWN)
        assert (outcome.result, event.taken) == (Result.GOING, 1)
        assert len(await rows(session, event)) == 1


async def test_a_declined_ticket_is_drawn_again_among_those_who_lost(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, *losers] = await drawn_event(session, cast)
        await taps(session, event, await carer_of(session, winner), NOT_GOING, DRAWN)
        assert [party.state for party in losers].count(OFFERED) == 1
        assert (winner.state, event.taken) == (RsvpState.NOT_GOING, 1)
        first, second = await rows(session, event)
        assert (first.number, second.number, second.places) == (1, 2, 1)
        in_second = await session.scalars(
            select(DrawEntry.invitation_id).where(DrawEntry.draw_id == second.id)
        )
        assert set(in_second) == {party.id for party in losers}
        assert len(await queued(session, "ballot_lost")) == 3  # nobody is told twice
        assert len(await queued(session, "offer")) == 2


async def test_an_offer_that_lapses_is_drawn_again_and_its_party_is_out(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, *losers] = await drawn_event(session, cast)
        assert winner.offer_expires_at is not None
        late = winner.offer_expires_at
        assert await expire_offers(session, late) == 1
        assert winner.state is RsvpState.INVITED
        assert choices(event, winner, late) == ()
        assert [party.state for party in losers].count(OFFERED) == 1
        assert await told(session, "offer_lapsed") == [winner.carer_id]
        [second] = [party for party in losers if party.state is OFFERED]
        await taps(session, event, await carer_of(session, second), NOT_GOING, late)
        assert winner.state is RsvpState.INVITED


async def test_who_lost_may_step_out_of_the_next_draws(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, *losers] = await drawn_event(session, cast)
        for party in losers[:2]:
            outcome = await taps(session, event, await carer_of(session, party), NOT_GOING, DRAWN)
            assert outcome.result is Result.NOT_GOING
        await taps(session, event, await carer_of(session, winner), NOT_GOING, DRAWN)
        assert losers[2].state is OFFERED


async def test_parties_stay_whole_and_the_next_that_fits_is_drawn(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast, capacity=3, rsvp_by=HOUSEHOLD)
        parties = await entered(session, event, cast.amal, cast.sam, cast.lin)
        await rsvp.set_party(session, parties[0].id, cast.amal, Party(2, 2), NOON)
        await rsvp.set_party(session, parties[1].id, cast.sam, Party(1, 1), NOON)
        await draw_due(session, DRAWN)
        assert [party.state for party in parties] == [LOST, OFFERED, OFFERED]
        assert event.taken == 3
        why = await explain(session, parties[0].id, cast.jo)
        assert why is not None
        assert (why.seats, why.won) == (4, False)
        # Nobody fits into what is free: nothing is drawn, and nothing recorded.
        await taps(session, event, cast.lin, NOT_GOING, DRAWN)
        assert len(await rows(session, event)) == 1


async def test_a_party_of_the_other_mode_is_drawn_apart(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast, mode=HYBRID, online_capacity=1)
        for carer, choice in ((cast.amal, Choice.IN_PERSON), (cast.sam, Choice.ONLINE)):
            assert (await taps(session, event, carer, choice)).result is Result.BALLOT_ENTERED
        assert (await taps(session, event, cast.amal, Choice.ONLINE)).result is Result.BALLOT_ENTERED
        await taps(session, event, cast.lin, Choice.IN_PERSON)
        await draw_due(session, DRAWN)
        assert (event.taken, event.online_taken) == (1, 1)
        assert [(one.mode.value, one.number) for one in await rows(session, event)] == [
            ("in_person", 1),
            ("online", 1),
        ]


async def test_a_larger_capacity_after_the_draw_is_drawn_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, _ = await drawn_event(session, cast)
        outcome = await change_event(
            session, event.id, replace(plan_of(event), capacity=3), cast.priya, DRAWN
        )
        assert (outcome.offered, event.taken) == (2, 3)


async def test_a_household_that_left_is_not_drawn(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        parties = await entered(session, event, cast.sam, cast.lin)
        (await session.get_one(Household, cast.sam.household_id)).ended_on = CLOSES.date()
        await draw_due(session, DRAWN)
        assert [party.state for party in parties] == [ENTERED, OFFERED]


async def test_cancelling_a_ballot_tells_those_who_entered(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        [party] = await entered(session, event, cast.amal)
        await cancel_event(session, event.id, "The company is ill.", cast.priya, NOON)
        assert await told(session, "cancellation") == [cast.amal.id]
        assert party.state is RsvpState.CANCELLED
        assert await draw_due(session, DRAWN) == 0


async def test_moving_a_ballot_event_tells_those_who_entered_and_keeps_them_in_the_draw(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        [party] = await entered(session, event, cast.amal)
        later = plan_of(event)
        later = replace(
            later, starts_at=later.starts_at + timedelta(days=1), ends_at=later.ends_at + timedelta(days=1)
        )
        await change_event(session, event.id, later, cast.priya, NOON)
        assert await told(session, "change") == [cast.amal.id]
        assert party.state is ENTERED


async def test_inside_the_last_two_hours_staff_decide(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, loser, other, _] = await drawn_event(session, cast)
        await taps(session, event, await carer_of(session, winner), GOING, DRAWN)
        late = IN_TWO_WEEKS - timedelta(hours=1)
        await taps(session, event, await carer_of(session, winner), NOT_GOING, late)
        assert (event.taken, len(await rows(session, event))) == (0, 1)
        given = await answer_for(session, loser.id, GOING, cast.priya, late)
        assert (given.result, event.taken) == (Result.GOING, 1)
        # Nobody waits on a ballot.
        assert (await answer_for(session, other.id, GOING, cast.priya, late)).result is Result.FULL
        assert other.state is LOST


async def test_a_draw_that_comes_late_keeps_the_places_until_the_start(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        [party] = await entered(session, event, cast.amal)
        await draw_due(session, IN_TWO_WEEKS - timedelta(minutes=30))
        assert (party.state, party.offer_expires_at) == (OFFERED, IN_TWO_WEEKS)


async def test_staff_enter_a_party_that_phoned_and_draw_when_entries_have_closed(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        party = await invitation_of(session, event, cast.sam)
        outcome = await answer_for(session, party.id, GOING, cast.priya, NOON)
        assert outcome.result is Result.BALLOT_ENTERED
        assert await draw_now(session, event.id, cast.priya, NOON) is Drawn.NOT_YET
        assert await draw_now(session, event.id, cast.priya, CLOSES) is Drawn.DRAWN
        assert await draw_now(session, event.id, cast.priya, CLOSES) is Drawn.ALREADY
        assert await draw_now(session, 999_999, cast.priya, CLOSES) is Drawn.NO_BALLOT
        [page] = await draws_of(session, event.id)
        assert page.drawn_by == cast.priya.name
        noted = select(func.count()).where(AuditEntry.action == "ballot.draw")
        assert await session.scalar(noted) == 1


async def test_a_draw_can_be_made_again_from_its_record_and_a_forged_one_is_found_out(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        fingerprint = ballot.seed_fingerprint(event)
        await entered(session, event, cast.amal, cast.jo, cast.sam, cast.lin)
        await draw_due(session, DRAWN)
        [page] = await draws_of(session, event.id)
        assert fingerprint == sha256(page.seed.encode()).hexdigest()
        assert await verify(session, page.id)
        assert [entry.turn for entry in page.entries] == [1, 2, 3, 4]
        assert {entry.names for entry in page.entries} == {
            "Amal Reed",
            "Jo Reed",
            "Sam Okafor",
            "Lin Marsh",
        }
        last = select(DrawEntry.invitation_id).where(DrawEntry.draw_id == page.id, DrawEntry.turn == 4)
        forged = await session.scalar(last)
        await session.execute(
            update(DrawEntry)
            .where(DrawEntry.draw_id == page.id)
            .values(won=DrawEntry.invitation_id == forged)
        )
        assert not await verify(session, page.id)
        assert not await verify(session, 999_999)


async def test_each_household_can_see_why_and_nobody_elses(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        _, [winner, loser, *_] = await drawn_event(session, cast)
        why = await explain(session, loser.id, await carer_of(session, loser))
        assert why is not None
        assert (why.entries, why.places, why.won, why.last_turn) == (4, 1, False, 1)
        assert (why.received, why.losses, why.weight) == (0, 0, Fraction(1))
        assert why.turn > 1
        assert await explain(session, loser.id, await carer_of(session, winner)) is None


async def test_an_event_of_old_gets_its_seed_at_the_draw(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        event.ballot_seed = None
        await entered(session, event, cast.amal)
        await draw_due(session, DRAWN)
        [page] = await draws_of(session, event.id)
        assert await verify(session, page.id)


async def test_two_processes_that_draw_at_once_make_one_draw(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        await entered(session, event, cast.amal, cast.jo, cast.sam, cast.lin)

    async def tick() -> int:
        async with database.write() as session:
            return await draw_due(session, DRAWN)

    assert sum(await asyncio.gather(*(tick() for _ in range(4)))) == 1
    async with database.read() as session:
        assert len(await rows(session, event)) == 1
        assert (await session.get_one(Event, event.id)).taken == 1


async def test_many_taps_in_one_transaction_enter_a_ballot_and_draw_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        carers = (cast.amal, cast.jo, cast.sam, cast.lin)
        ids = {carer.id: (await invitation_of(session, event, carer)).id for carer in carers}
    async with database.write() as session:
        await take_hold(session, set(ids.values()))
        for carer in carers:
            outcome = await rsvp.answer(session, ids[carer.id], carer, GOING, NOON)
            assert outcome.result is Result.BALLOT_ENTERED
        await let_go(session)
    async with database.write() as session:
        await draw_due(session, DRAWN)
    async with database.write() as session:
        await take_hold(session, set(ids.values()))
        for _ in carers:  # whoever is drawn declines, until nobody is left
            parties = {carer.id: await invitation_of(session, event, carer) for carer in carers}
            [winner] = [carer for carer in carers if parties[carer.id].state is OFFERED]
            outcome = await rsvp.answer(session, ids[winner.id], winner, NOT_GOING, DRAWN)
            assert outcome.result is Result.NOT_GOING
        await let_go(session)
    async with database.read() as session:
        states = await session.scalars(select(Invitation.state).where(Invitation.event_id == event.id))
        assert set(states) == {RsvpState.NOT_GOING}
        assert (await session.get_one(Event, event.id)).taken == 0
        assert [one.number for one in await rows(session, event)] == [1, 2, 3, 4]


async def test_nobody_is_asked_again_once_entries_have_closed(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        await session.execute(update(Event).where(Event.id == event.id).values(rsvp_deadline=None))
        await session.refresh(event)
        assert await ask_to_tap_again(session, closes_at(event)) == 0
        assert await ask_to_tap_again(session, NOON) == 4


async def test_a_draw_takes_no_statement_for_each_party(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast, capacity=50, rsvp_by=HOUSEHOLD)
        await crowd(session, event, 300)
    async with database.write() as session:
        connection = (await session.connection()).sync_connection
        statements: list[object] = []
        listen(connection, "before_cursor_execute", lambda *details: statements.append(details[2]))
        assert await draw_due(session, DRAWN) == 1
        assert len(statements) < 30
        assert (await session.get_one(Event, event.id)).taken == 50
        [page] = await draws_of(session, event.id)
        assert len(page.entries) == 300
        assert await verify(session, page.id)


async def crowd(session: Session, event: Event, size: int) -> None:
    """So many households, all of them in the draw."""
    homes = [
        Household(ref=f"R{number}", type=HouseholdType.MAINSTREAM, approved_on=NOON.date())
        for number in range(size)
    ]
    session.add_all(homes)
    await session.flush()
    shared = {"event_id": event.id, "state": ENTERED, "mode": event.mode, "invited_at": NOON}
    session.add_all(Invitation(household_id=home.id, party=f"h{home.id}", **shared) for home in homes)
    await session.flush()


async def test_the_heartbeat_draws_and_lets_leavers_go(database: Database, tmp_path: Path) -> None:
    jobs = {job.name: job for job in due_work(LONDON, lambda: POLICY, RoundKeys(tmp_path))}
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast)
        await entered(session, event, cast.sam, cast.lin)
        (await session.get_one(Household, cast.sam.household_id)).ended_on = NOON.date()
    assert await jobs["leavers"].work(database, NOON) == 1
    assert await jobs["ballots"].work(database, NOON) == 0
    assert await jobs["ballots"].work(database, DRAWN) == 1
    async with database.read() as session:
        assert (await invitation_of(session, event, cast.lin)).state is OFFERED


async def test_what_a_household_is_told_agrees_with_the_record(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await tickets(session, cast, capacity=3, rsvp_by=HOUSEHOLD)
        parties = await entered(session, event, cast.amal, cast.sam, cast.lin)
        for party in parties:
            party.adults = 2  # one party fits, and then one place is left
        await session.flush()
        await draw_due(session, DRAWN)
        [page] = await draws_of(session, event.id)
        told_by_party = {}
        for party, carer in zip(parties, (cast.amal, cast.sam, cast.lin), strict=True):
            why = await explain(session, party.id, carer)
            assert why is not None
            assert (why.entries, why.last_turn, why.places) == (3, 1, 3)
            told_by_party[party.party] = (why.turn, why.won, why.too_large, why.weight)
        assert told_by_party == {
            entry.party: (entry.turn, entry.won, entry.too_large, entry.weight) for entry in page.entries
        }
        assert [entry.too_large for entry in page.entries] == [False, True, True]


async def test_the_seed_of_a_redraw_cannot_be_told_from_that_of_the_draw(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event, [winner, *_] = await drawn_event(session, cast)
        await taps(session, event, await carer_of(session, winner), NOT_GOING, DRAWN)
        first, second = sorted(await draws_of(session, event.id), key=lambda page: page.number)
        assert first.seed != second.seed
        assert event.ballot_seed not in (first.seed, second.seed)
        assert await verify(session, second.id)
