"""/events: all that a carer is invited to, whatever they answered, and two carers who never disagree."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from events.choices import Choice
from events.listing import PER_PAGE
from events.phoned import answer_for
from storage.engine import Database
from storage.events import Allocation, Event
from storage.rsvp import Invitation, RsvpState
from tests.events.acts import HOUSEHOLD, HYBRID, IN_TWO_WEEKS, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.handlers.test_ballot_chat import drawn
from tests.support.cast import Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM = 101, 102, 103


async def opened(chats: Chats, number: int = 1, **changes: Any) -> tuple[Cast, list[Event]]:
    """The cast, and so many walks, one a day."""
    async with chats.database.write() as session:
        cast = await gather(session)
        events = []
        for day in range(number):
            starts_at = IN_TWO_WEEKS + timedelta(days=day)
            plan: dict[str, Any] = {"title": f"Walk {day + 1}", "starts_at": starts_at} | changes
            events.append(await invited_event(session, cast, **plan))
    await chats.pass_time(A_MOMENT)
    return cast, events


def rows(chats: Chats, chat: int) -> list[str]:
    """The events of the list that is the newest message of this chat."""
    return [row[0] for row in chats.labels(chat) if " · " in row[0]]


async def test_the_list_marks_every_answer_and_leaves_none_out(chats: Chats, database: Database) -> None:
    states = [state for state in RsvpState if state is not RsvpState.CANCELLED]
    cast, events = await opened(chats, len(states) + 1)
    async with database.write() as session:
        for event, state in zip(events, [*states, RsvpState.CANCELLED], strict=True):
            theirs = await invitation_of(session, event, cast.amal)
            await session.execute(update(Invitation).where(Invitation.id == theirs.id).values(state=state))
    await chats.write(AMAL, "/events")
    shown = rows(chats, AMAL)
    await chats.tap(AMAL, "Later")
    shown += rows(chats, AMAL)
    assert {state: row.split(" ")[0] for state, row in zip(states, shown, strict=True)} == {
        RsvpState.INVITED: "Tue",
        RsvpState.GOING: "✅",
        RsvpState.MAYBE: "❔",
        RsvpState.NOT_GOING: "✖",
        RsvpState.WAITLISTED: "⏳",
        RsvpState.OFFERED: "❗",
        RsvpState.BALLOT_ENTERED: "🎟️",
        RsvpState.BALLOT_LOST: "➖",
    }


async def test_a_title_too_long_for_a_button_says_that_it_goes_on(chats: Chats) -> None:
    await opened(chats, title="A light trail at the stately home, the night before Christmas Eve")
    await chats.write(AMAL, "/events")
    (row,) = rows(chats, AMAL)
    assert row.endswith("the night b…")
    assert len(row) == 60


async def test_any_page_can_be_turned_to_at_any_time(chats: Chats) -> None:
    _, events = await opened(chats, 2 * PER_PAGE + 1)
    await chats.write(AMAL, "/events")
    for page, count in (("2", PER_PAGE), ("3", 1), ("99", 1), ("0", PER_PAGE), ("x", PER_PAGE)):
        await chats.send_data(AMAL, f"events:{page}", len(events) + 1)
        assert len(rows(chats, AMAL)) == count
    chats.now = events[-1].starts_at + timedelta(hours=3)
    await chats.send_data(AMAL, "events:3", len(events) + 1)
    assert "There is nothing on for you just now" in chats.last(AMAL).text


async def test_an_event_of_the_list_can_be_answered_and_changed_at_any_time(chats: Chats) -> None:
    await opened(chats, 2)
    for answer, said in (
        ("Going", "You are going."),
        ("Maybe", "You said maybe."),
        ("Can't go", "can't come"),
    ):
        await chats.write(AMAL, "/events")
        await chats.tap(AMAL, rows(chats, AMAL)[1])
        await chats.tap(AMAL, answer)
        assert said in chats.last(AMAL).text
        assert len([message for message in chats.all(AMAL) if said in message.text]) == 1


async def agree(chats: Chats, words: str, mark: str) -> None:
    """Both carers' cards say this, and both lists have this mark."""
    for chat in (AMAL, JO):
        cards = [m.text for m in chats.all(chat) if "📅" in m.text]
        assert words in cards[-1], chat
        await chats.write(chat, "/events")
        assert rows(chats, chat)[0].startswith(mark)


async def test_two_carers_of_a_household_never_disagree_whoever_answers(chats: Chats) -> None:
    cast, (event,) = await opened(chats, rsvp_by=HOUSEHOLD, capacity=4)
    await chats.tap(AMAL, "Going")
    await agree(chats, "You are going.", "✅")
    await chats.tap(JO, "Maybe")
    await agree(chats, "You said maybe.", "❔")
    await chats.tap(AMAL, "Can't go")
    await agree(chats, "You said that you can't come.", "✖")
    async with chats.database.write() as session:
        theirs = await invitation_of(session, event, cast.amal)
        await answer_for(session, theirs.id, Choice.GOING, cast.priya, chats.now)
    await chats.pass_time(A_MOMENT)
    await agree(chats, "You are going.", "✅")
    async with chats.database.read() as session:
        before = await invitation_of(session, event, cast.jo)
    await chats.send_data(JO, f"rsvp:{before.id}:maybe")  # from a message that is long gone from the screen
    await agree(chats, "You said maybe.", "❔")


async def test_two_carers_see_the_same_draw(chats: Chats) -> None:
    plan: dict[str, Any] = {"allocation": Allocation.BALLOT, "rsvp_by": HOUSEHOLD, "capacity": 1}
    _, (event,) = await opened(chats, **plan)
    await chats.tap(JO, "Going")
    await agree(chats, "You are in the draw.", "🎟️")
    await drawn(chats, event)
    await agree(chats, "You have been drawn", "❗")
    await chats.tap(AMAL, "Going")
    await agree(chats, "You are going.", "✅")
    await chats.tap(JO, "Can't go")
    await agree(chats, "You said that you can't come.", "✖")


async def test_where_each_carer_answers_the_other_is_not_spoken_for(chats: Chats) -> None:
    await opened(chats, mode=HYBRID, online_url="https://meet.example/secret")
    await chats.tap(AMAL, "Online")
    await chats.write(JO, "/events")
    assert not rows(chats, JO)[0].startswith("✅")
    assert "answered for your household" not in "".join(message.text for message in chats.all(JO))


async def test_every_button_works_after_a_restart(chats: Chats, tmp_path: Path) -> None:
    """All that a button needs is in the database: nothing was kept in the memory of the process before."""
    await opened(chats, PER_PAGE + 1, rsvp_by=HOUSEHOLD)
    await chats.tap(AMAL, "Going")
    await chats.write(AMAL, "/events")
    again = Chats(chats.database, tmp_path / "keys", chats.now)
    again.screens.messages.update(chats.screens.messages)
    again.screens.ids = chats.screens.ids
    for label in ("Later", "Earlier", rows(chats, AMAL)[0], "Change who is coming", "Done", "Can't go"):
        await again.tap(AMAL, label)
        assert "no longer in use" not in again.toast
    assert "You said that you can't come." in again.last(AMAL).text
