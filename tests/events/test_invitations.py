"""Who is invited, when, and those who come late."""

from datetime import timedelta

from sqlalchemy import select

from events.invitations import (
    Invited,
    ask_to_tap_again,
    invite_newcomer,
    invite_the_missing,
    send_due_invitations,
    send_invitations_now,
)
from events.planning import cancel_event, plan_event
from events.rsvp import Choice
from storage.deliveries import DeliveryState
from storage.engine import Database
from storage.events import EventState
from storage.households import Carer, Group, GroupMember
from storage.rsvp import Invitation
from tests.events.acts import HOUSEHOLD, invitation_of, invited_event, plan, queued, taps, told
from tests.support.cast import NOON, gather

LATER = NOON + timedelta(hours=1)


async def test_due_invitations_go_to_the_whole_audience_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan_event(session, plan(), cast.priya, NOON)
        assert await send_due_invitations(session, NOON) == 4
        assert await send_due_invitations(session, LATER) == 0
        assert event.state is EventState.INVITED
        assert {row.send_by for row in await queued(session, "invitation")} == {event.starts_at}


async def test_a_household_is_one_party_and_both_carers_hear_of_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        parties = (await session.scalars(select(Invitation.party).order_by(Invitation.id))).all()
        assert parties == [f"h{home.id}" for home in (cast.reeds, cast.okafors, cast.marshes)]
        assert await told(session, "invitation") == [cast.amal.id, cast.jo.id, cast.sam.id, cast.lin.id]


async def test_a_group_is_invited_and_nobody_else(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = Group(name="baby-carers")
        session.add(group)
        await session.flush()
        session.add(GroupMember(group_id=group.id, carer_id=cast.sam.id))
        event = await invited_event(session, cast, audience="baby-carers")
        assert await told(session, "invitation") == [cast.sam.id]
        session.add(GroupMember(group_id=group.id, carer_id=cast.lin.id))
        assert await invite_the_missing(session, LATER) == 1
        assert await invite_the_missing(session, LATER) == 0
        assert (await invitation_of(session, event, cast.lin)).invited_at == LATER


async def test_staff_cannot_invite_to_what_is_cancelled_or_has_begun(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await plan_event(session, plan(draft=True), cast.priya, NOON)
        begun = await send_invitations_now(session, event.id, cast.priya, event.starts_at)
        assert begun.result is Invited.BEGUN
        await cancel_event(session, event.id, "", cast.priya, NOON)
        assert (await send_invitations_now(session, event.id, cast.priya, NOON)).result is Invited.CANCELLED
        assert (await send_invitations_now(session, 999, cast.priya, NOON)).result is Invited.NOT_FOUND


async def test_a_newcomer_gets_every_open_invitation_of_theirs(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session, linked=False)
        first = await invited_event(session, cast)
        await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        over = await invited_event(session, cast, rsvp_deadline=LATER)
        for row in await queued(session, "invitation"):
            row.state, row.reason = DeliveryState.SKIPPED, "no app"
        newcomer = Carer(ref="C9", household_id=cast.okafors.id, first_name="Ana", last_name="Okafor")
        session.add(newcomer)
        await session.flush()
        for carer, chat_id in ((cast.amal, 101), (newcomer, 109)):
            carer.chat_id, carer.linked_at = chat_id, LATER
            await session.flush()
            assert await invite_newcomer(session, carer, LATER) == 2
            assert await invite_newcomer(session, carer, LATER) == 0
        assert (await invitation_of(session, first, newcomer)).invited_at == LATER
        sent = [row for row in await queued(session, "invitation") if row.state is DeliveryState.QUEUED]
        assert over.id not in {row.event_id for row in sent}


async def test_a_newcomer_is_not_sent_what_is_on_its_way_to_them(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast)
        assert await invite_newcomer(session, cast.amal, LATER) == 0


async def test_who_moves_to_another_phone_gets_their_cards_there(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await invited_event(session, cast)
        for row in await queued(session, "invitation"):
            row.state, row.chat_id = DeliveryState.SENT, 101
        cast.amal.chat_id, cast.amal.linked_at = 555, LATER
        await session.flush()
        assert await invite_newcomer(session, cast.amal, LATER) == 1


async def test_after_a_gap_those_with_an_open_invitation_are_asked_once_to_tap_again(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        first = await invited_event(session, cast)
        second = await invited_event(session, cast)
        await taps(session, first, cast.amal, Choice.GOING)
        for carer_event in (first, second):
            await taps(session, carer_event, cast.lin, Choice.NOT_GOING)
        assert await ask_to_tap_again(session, LATER) == 3
        asked = {row.carer_id: row.invitation_id for row in await queued(session, "tap_again")}
        amal = await invitation_of(session, second, cast.amal)
        assert asked == {cast.amal.id: amal.id, cast.jo.id: None, cast.sam.id: None}
        assert amal.nudges == 1
        assert await ask_to_tap_again(session, LATER + timedelta(hours=1)) == 3
        assert await ask_to_tap_again(session, LATER + timedelta(hours=2)) == 0  # two nudges at most
