"""/mygroups: joining and leaving in the chat."""

import pytest
from sqlalchemy import select

from events.holds import LONDON
from events.invitations import send_invitations_now
from events.planning import plan_event
from storage.households import Group, GroupMember
from tests.events.acts import plan
from tests.handlers.chats import Chats
from tests.support.cast import NOON, Cast, gather

pytestmark = pytest.mark.one_database
AMAL, STRANGER, PRIYA = 101, 555, 901


async def groups_in(chats: Chats) -> tuple[Cast, int, int]:
    """The cast, an open group and one that staff fill, with Amal in the second."""
    async with chats.database.write() as session:
        cast = await gather(session)
        walkers = Group(name="Walkers", about="On Sundays.", is_open=True)
        evening = Group(name="Evening group")
        session.add_all([walkers, evening])
        await session.flush()
        session.add(GroupMember(group_id=evening.id, carer_id=cast.amal.id))
        return cast, walkers.id, evening.id


async def members(chats: Chats) -> list[tuple[int, int]]:
    async with chats.database.read() as session:
        return [(row.group_id, row.carer_id) for row in await session.scalars(select(GroupMember))]


async def test_a_carer_joins_an_open_group_and_gets_its_invitations(chats: Chats) -> None:
    cast, walkers, _ = await groups_in(chats)
    async with chats.database.write() as session:
        event = await plan_event(session, plan(title="Long walk", audience="Walkers", draft=True), None, NOON)
        await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
    await chats.write(AMAL, "/mygroups")
    text = chats.last(AMAL).text
    assert "• Evening group" in text
    assert "• Walkers: On Sundays." in text
    assert chats.labels(AMAL) == [["Leave Evening group"], ["Join Walkers"]]
    await chats.tap(AMAL, "Join Walkers")
    shown = [message.text for message in chats.all(AMAL)]
    assert sum("Your groups" in text for text in shown) == 1, "edited in place"
    assert "You have joined Walkers. Its invitations follow." in shown[-2]
    assert "Long walk" in shown[-1]
    assert (walkers, cast.amal.id) in await members(chats)


async def test_what_is_open_is_left_at_once_and_joined_again(chats: Chats) -> None:
    cast, walkers, _ = await groups_in(chats)
    await chats.write(AMAL, "/mygroups")
    await chats.tap(AMAL, "Join Walkers")
    await chats.tap(AMAL, "Leave Walkers")
    assert "You have left Walkers." in chats.last(AMAL).text
    assert (walkers, cast.amal.id) not in await members(chats)
    await chats.tap(AMAL, "Join Walkers")
    assert (walkers, cast.amal.id) in await members(chats)


async def test_what_is_not_open_is_left_only_after_a_question(chats: Chats) -> None:
    cast, _, evening = await groups_in(chats)
    await chats.write(AMAL, "/mygroups")
    await chats.tap(AMAL, "Leave Evening group")
    assert "Leave Evening group?" in chats.last(AMAL).text
    await chats.tap(AMAL, "No, go back")
    assert (evening, cast.amal.id) in await members(chats)
    await chats.tap(AMAL, "Leave Evening group")
    await chats.tap(AMAL, "Yes, leave it")
    assert await members(chats) == []
    assert chats.labels(AMAL) == [["Join Walkers"]]


@pytest.mark.parametrize(
    "data", ["group", "group:x:join", "group:99:join", "group:2:join:yes", "group:1:leave:no", "group::leave"]
)
async def test_made_up_buttons_change_nothing(chats: Chats, data: str) -> None:
    cast, _, evening = await groups_in(chats)
    await chats.write(AMAL, "/mygroups")
    await chats.send_data(AMAL, data)
    assert await members(chats) == [(evening, cast.amal.id)]


async def test_a_group_that_was_closed_meanwhile_is_not_joined_and_it_is_said(chats: Chats) -> None:
    _, walkers, _ = await groups_in(chats)
    await chats.write(AMAL, "/mygroups")
    async with chats.database.write() as session:
        (await session.get_one(Group, walkers)).is_open = False
    await chats.tap(AMAL, "Join Walkers")
    assert "Walkers is no longer open to join." in chats.last(AMAL).text
    assert len(await members(chats)) == 1


@pytest.mark.parametrize("chat", [STRANGER, PRIYA])
async def test_who_is_no_carer_joins_nothing(chats: Chats, chat: int) -> None:
    _, walkers, _ = await groups_in(chats)
    await chats.write(chat, "/mygroups")
    assert "Walkers" not in chats.last(chat).text
    await chats.send_data(chat, f"group:{walkers}:join")
    assert len(await members(chats)) == 1


async def test_many_long_groups_still_fit_into_a_message(chats: Chats) -> None:
    await groups_in(chats)
    async with chats.database.write() as session:
        for number in range(40):
            name = f"Group {number:02} " + "x" * 110
            session.add(Group(name=name, about="y" * 500, is_open=True))
    await chats.write(AMAL, "/mygroups")
    assert len(chats.last(AMAL).text) < 4096
