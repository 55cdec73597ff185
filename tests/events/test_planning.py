"""Planning, changing and calling off: who is told what, and what never happens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from events import rsvp
from events.invitations import send_due_invitations
from events.planning import (
    Changed,
    Problem,
    cancel_event,
    change_event,
    plan_event,
    plan_of,
    problems,
)
from events.rsvp import Choice, Party
from storage.deliveries import DeliveryState
from storage.engine import Database
from storage.events import EventState
from storage.rsvp import RsvpState
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

LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"title": "  "}, Problem.NO_TITLE),
        ({"ends_at": IN_TWO_WEEKS}, Problem.ENDS_BEFORE_IT_STARTS),
        ({"rsvp_deadline": IN_TWO_WEEKS + timedelta(minutes=1)}, Problem.DEADLINE_AFTER_START),
        ({"invite_at": IN_TWO_WEEKS}, Problem.INVITES_AFTER_START),
        ({"capacity": 0}, Problem.CAPACITY_BELOW_ONE),
    ],
)
def test_a_plan_that_cannot_be_says_what_is_wrong(wrong: dict[str, object], problem: Problem) -> None:
    assert problems(plan(**wrong)) == (problem,)


async def test_invitations_are_planned_28_days_ahead_or_at_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        near = await plan_event(session, plan(), cast.priya, NOON)
        far = await plan_event(session, plan(starts_at=NOON + timedelta(days=40)), cast.priya, NOON)
        draft = await plan_event(session, plan(draft=True), cast.priya, NOON)
        assert near.invite_at == NOON
        assert far.invite_at == NOON + timedelta(days=12)
        assert (draft.invite_at, draft.state) == (None, EventState.DRAFT)


async def test_events_of_one_name_and_day_get_refs_of_their_own(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        refs = [(await plan_event(session, plan(), cast.priya, NOON)).ref for _ in range(3)]
        assert refs == [f"coffee-afternoon-2025-05-20{end}" for end in ("", "-2", "-3")]


async def test_a_change_of_time_asks_again_those_who_said_yes_and_informs_those_who_wait(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.amal, Choice.GOING)
        await taps(session, event, cast.jo, Choice.NOT_GOING)
        await taps(session, event, cast.sam, Choice.GOING)
        moved = replace(
            plan_of(event),
            starts_at=event.starts_at + timedelta(days=1),
            ends_at=event.ends_at + timedelta(days=1),
        )
        outcome = await change_event(session, event.id, moved, cast.priya, LATER)
        assert outcome.result is Changed.CHANGED
        assert outcome.fields == ("ends_at", "starts_at")
        assert await told(session, "change") == [cast.amal.id, cast.sam.id]
        amal, sam = [await invitation_of(session, event, carer) for carer in (cast.amal, cast.sam)]
        assert amal.asked_again_at == LATER
        assert amal.state is RsvpState.GOING
        assert sam.asked_again_at is None
        assert (event.sequence, event.timing_changed_at) == (1, LATER)


async def test_a_new_venue_does_not_ask_again_those_who_come_online(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID)
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        await taps(session, event, cast.sam, Choice.ONLINE)
        await change_event(session, event.id, replace(plan_of(event), venue="Library"), cast.priya, LATER)
        amal, sam = [await invitation_of(session, event, carer) for carer in (cast.amal, cast.sam)]
        assert amal.asked_again_at == LATER
        assert sam.asked_again_at is None
        assert await told(session, "change") == [cast.amal.id, cast.sam.id]


async def test_a_new_description_tells_nobody_but_redraws_the_cards(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        card = await give_card(session, await invitation_of(session, event, cast.amal), cast.amal)
        outcome = await change_event(
            session, event.id, replace(plan_of(event), description="With cake"), cast.priya, LATER
        )
        await session.refresh(card)
        assert (outcome.told, card.stale, event.sequence) == (0, True, 0)


async def test_the_same_plan_again_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        without_time = replace(plan_of(event), invite_at=None)
        for same in (plan_of(event), without_time):
            outcome = await change_event(session, event.id, same, cast.priya, LATER)
            assert outcome.result is Changed.UNCHANGED
        assert event.version == 1


async def test_a_form_that_was_read_before_somebody_elses_change_is_refused(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        first = replace(plan_of(event), title="Coffee and cake")
        await change_event(session, event.id, first, cast.priya, LATER, version=1)
        second = replace(plan_of(event), title="Tea")
        outcome = await change_event(session, event.id, second, cast.tom, LATER, version=1)
        assert outcome.result is Changed.OUTDATED
        assert event.title == "Coffee and cake"


async def test_a_capacity_below_the_places_taken_is_refused(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=5)
        for carer in (cast.amal, cast.sam):
            await taps(session, event, carer, Choice.GOING)
        outcome = await change_event(
            session, event.id, replace(plan_of(event), capacity=1), cast.priya, LATER
        )
        assert outcome.result is Changed.TOO_FEW_PLACES
        assert event.capacity == 5


async def test_who_answers_is_fixed_once_invitations_are_out(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        other = replace(plan_of(event), rsvp_by=HOUSEHOLD)
        outcome = await change_event(session, event.id, other, cast.priya, LATER)
        assert outcome.result is Changed.ANSWERS_FIXED


async def test_an_event_that_moves_online_takes_its_parties_along(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD, mode=HYBRID, capacity=9)
        await taps(session, event, cast.amal, Choice.IN_PERSON)
        reeds = await invitation_of(session, event, cast.amal)
        await rsvp.set_party(session, reeds.id, cast.amal, Party(2, 1), NOON)
        await taps(session, event, cast.sam, Choice.ONLINE)
        online = replace(plan_of(event), mode=ONLINE, venue="")
        await change_event(session, event.id, online, cast.priya, LATER)
        assert (event.taken, event.online_taken) == (0, 4)
        assert reeds.mode is ONLINE
        back = replace(plan_of(event), mode=IN_PERSON, venue="Library", capacity=3)
        assert (
            await change_event(session, event.id, back, cast.priya, LATER)
        ).result is Changed.TOO_FEW_PLACES


async def test_a_cancellation_goes_to_all_who_count_on_the_event_and_stops_the_rest(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, capacity=1)
        await taps(session, event, cast.amal, Choice.GOING)
        await taps(session, event, cast.jo, Choice.MAYBE)
        await taps(session, event, cast.sam, Choice.GOING)
        outcome = await cancel_event(session, event.id, " Snow ", cast.priya, LATER)
        assert outcome.told == 3
        assert await told(session, "cancellation") == [cast.amal.id, cast.jo.id, cast.sam.id]
        assert {row.state for row in await queued(session, "invitation")} == {DeliveryState.CANCELLED}
        assert event.cancel_reason == "Snow"
        assert (event.taken, event.sequence) == (0, 1)
        again = await cancel_event(session, event.id, "Snow", cast.priya, LATER)
        assert again.result is Changed.ALREADY_CANCELLED
        assert len(await queued(session, "cancellation")) == 3


async def test_an_event_that_is_over_cannot_be_cancelled(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        outcome = await cancel_event(session, event.id, "", cast.priya, event.ends_at)
        assert outcome.result is Changed.OVER


async def test_a_draft_becomes_planned_and_is_sent_when_its_time_comes(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan_event(session, plan(draft=True), cast.priya, NOON)
        assert await send_due_invitations(session, LATER) == 0
        await change_event(session, event.id, replace(plan_of(event), draft=False), cast.priya, NOON)
        assert event.state is EventState.PLANNED
        assert await send_due_invitations(session, LATER) == 4


async def test_every_decision_is_in_the_audit_log(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await change_event(session, event.id, replace(plan_of(event), title="Tea"), cast.tom, LATER)
        await cancel_event(session, event.id, "", None, LATER)
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
        assert [(entry.action, entry.actor) for entry in entries] == [
            ("event.plan", "Priya Lane"),
            ("event.invite", "Priya Lane"),
            ("event.change", "Tom Birch"),
            ("event.cancel", "command line"),
        ]
