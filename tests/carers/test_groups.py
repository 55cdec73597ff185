"""Groups that staff make and fill and carers join and leave, and what follows for events."""

import asyncio

import pytest

from carers.groups import (
    GroupRefusal,
    GroupWords,
    Joined,
    add_carers,
    change_group,
    delete_group,
    find_to_add,
    list_groups,
    make_group,
    own_groups,
    view_group,
)
from events.group_members import add_to_group, join_group, leave_group
from events.holds import LONDON
from events.invitations import invite_member, send_invitations_now
from events.planning import plan_event
from storage.engine import Database, Session
from storage.events import RsvpBy
from storage.households import Group
from storage.rsvp_queries import invitations_of_event
from tests.events.acts import invitation_of, plan, told
from tests.support.cast import NOON, Cast, gather

TODAY = NOON.date()
EVENING = GroupWords("Evening support group", "Every first Tuesday.", is_open=True)


async def made(session: Session, cast: Cast, words: GroupWords = EVENING) -> Group:
    group = await make_group(session, words, cast.priya, NOON, TODAY)
    assert isinstance(group, Group)
    return group


async def test_a_carer_joins_and_is_invited_to_what_is_open_for_the_group(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        event = await plan_event(session, plan(audience=group.name, draft=True), cast.priya, NOON)
        other = await plan_event(session, plan(audience="Walkers", draft=True), cast.priya, NOON)
        for one in (event, other):
            await send_invitations_now(session, one.id, cast.priya, NOON, LONDON)
        done = await join_group(session, cast.amal, group.id, NOON)
        assert (done.result, done.invited) == (Joined.JOINED, 1)
        assert await told(session, "invitation") == [cast.amal.id]
        again = await join_group(session, cast.amal, group.id, NOON)
        assert (again.result, again.invited) == (Joined.SAME, 0)
        assert [line.carers for line in await list_groups(session, TODAY)] == [1]
        assert await invite_member(session, cast.amal, NOON) == 0


async def test_of_a_household_that_answers_together_the_second_to_join_is_not_invited_again(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        together = plan(audience=group.name, draft=True, rsvp_by=RsvpBy.HOUSEHOLD)
        event = await plan_event(session, together, cast.priya, NOON)
        await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
        done = await add_to_group(session, group.id, [cast.amal.id, cast.jo.id], cast.priya, NOON)
        assert done == ([cast.amal, cast.jo], 1)
        assert len(await invitations_of_event(session, event.id)) == 1
        assert sorted(await told(session, "invitation")) == [cast.amal.id, cast.jo.id]


async def test_who_leaves_keeps_their_invitations_and_is_not_nudged_about_them(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        event = await plan_event(session, plan(audience=group.name, draft=True), cast.priya, NOON)
        await add_carers(session, group.id, [cast.amal.id, cast.sam.id], cast.priya, NOON, TODAY)
        await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
        assert (await leave_group(session, cast.amal, group.id, NOON)).result is Joined.LEFT
        assert (await leave_group(session, cast.amal, group.id, NOON)).result is Joined.SAME
        invitation = await invitation_of(session, event, cast.amal)
        await session.refresh(invitation)
        assert invitation.nudges == 2
        assert (await invitation_of(session, event, cast.sam)).nudges == 0


@pytest.mark.parametrize("number", [0, 999])
async def test_a_group_that_is_closed_or_gone_is_not_joined(database: Database, number: int) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast, GroupWords("Working Together Group"))
        assert (await join_group(session, cast.amal, number or group.id, NOON)).result in (
            Joined.CLOSED,
            Joined.GONE,
        )
        assert (await own_groups(session, cast.amal)).mine == ()
        assert (await own_groups(session, cast.amal)).others == ()


async def test_a_new_name_follows_in_what_the_group_is_used_for(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        event = await plan_event(session, plan(audience=group.name, draft=True), cast.priya, NOON)
        new = GroupWords("Tuesday group", "", is_open=False)
        assert await change_group(session, group.id, EVENING, new, cast.priya, NOON, TODAY) is group
        await session.refresh(event)
        assert event.audience == "Tuesday group"
        late = await change_group(session, group.id, EVENING, EVENING, cast.dee, NOON, TODAY)
        assert late is GroupRefusal.CHANGED_MEANWHILE
        assert group.name == "Tuesday group"


async def test_a_group_that_something_to_come_is_for_is_not_deleted(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        event = await plan_event(session, plan(audience=group.name, draft=True), cast.priya, NOON)
        assert await delete_group(session, group.id, cast.priya, NOON) is GroupRefusal.IN_USE
        view = await view_group(session, group.id, NOON, LONDON)
        assert view is not None
        assert [(use.what, use.id, use.at) for use in view.uses] == [("event", event.id, event.starts_at)]
        assert await delete_group(session, group.id, cast.priya, event.ends_at) is None
        assert await delete_group(session, group.id, cast.priya, event.ends_at) is GroupRefusal.NOT_FOUND


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        (" ", GroupRefusal.NO_NAME),
        ("x" * 121, GroupRefusal.TOO_LONG),
        ("Tea; cake", GroupRefusal.SEMICOLON),
        ("EVENING support group", GroupRefusal.NAME_TAKEN),
        ("Saved:All", GroupRefusal.RESERVED),
    ],
)
async def test_a_name_that_cannot_be_is_refused(database: Database, name: str, refusal: GroupRefusal) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await made(session, cast)
        assert await make_group(session, GroupWords(name), cast.priya, NOON, TODAY) is refusal


async def test_a_social_worker_sees_the_carers_of_their_own_households_in_a_group(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        await add_carers(session, group.id, [cast.amal.id, cast.sam.id], cast.priya, NOON, TODAY)
        view = await view_group(session, group.id, NOON, LONDON, own_households=cast.tom.id)
        assert view is not None
        assert [member.name for member in view.members] == ["Amal Reed"]
        assert view.line.carers == 1
        found = await find_to_add(session, group.id, "reed", TODAY)
        assert [one.name for one in found] == ["Jo Reed"]
        assert await find_to_add(session, group.id, "%", TODAY) == []


async def test_who_has_left_is_counted_in_no_group_and_cannot_be_put_in(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)
        await add_carers(session, group.id, [cast.jo.id], cast.priya, NOON, TODAY)
        cast.jo.left_on = TODAY
        cast.okafors.ended_on = TODAY
        await session.flush()
        assert [line.carers for line in await list_groups(session, TODAY)] == [0]
        assert await add_carers(session, group.id, [cast.sam.id], cast.priya, NOON, TODAY) == []


async def test_two_taps_at_once_make_one_member(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        group = await made(session, cast)

    async def joins() -> Joined:
        async with database.write() as session:
            return (await join_group(session, cast.amal, group.id, NOON)).result

    results = await asyncio.gather(joins(), joins())
    assert sorted(results) == [Joined.JOINED, Joined.SAME]
