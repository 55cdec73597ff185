"""A fair ballot as carers live it in the chat: entering, hearing how it went, and asking why."""

from datetime import timedelta
from typing import Any

import pytest

from broadcasts.quiet import QuietHours, parse_span
from events.ballot import draw_due, seed_fingerprint
from events.choices import closes_at
from events.holds import LONDON
from events.reminders import queue_due
from events.waitlist import expire_offers
from storage.engine import Database
from storage.events import Allocation, Event
from storage.rsvp import RsvpState
from tests.events.acts import HOUSEHOLD, HYBRID, IN_TWO_WEEKS, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, Chats
from tests.support.cast import STRANGER_CHAT, Cast, gather

pytestmark = pytest.mark.one_database

AMAL, JO, SAM, LIN = 101, 102, 103, 104
QUIET = QuietHours(parse_span("21:00-08:00"), LONDON)


async def opened(chats: Chats, **changes: Any) -> tuple[Cast, Event]:
    """The cast, and panto tickets for one family that are to be drawn."""
    plan: dict[str, Any] = {
        "title": "Panto",
        "allocation": Allocation.BALLOT,
        "capacity": 1,
        "rsvp_by": HOUSEHOLD,
    }
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, **plan | changes)
    await chats.pass_time(A_MOMENT)
    return cast, event


async def drawn(chats: Chats, event: Event) -> None:
    """The time of the draw comes."""
    chats.now = closes_at(event) + timedelta(seconds=5)
    async with chats.database.write() as session:
        await draw_due(session, chats.now)
    await chats.pass_time(A_MOMENT)


async def winner_and_losers(chats: Chats, event: Event, *chat_ids: int) -> tuple[int, list[int]]:
    """After all of them entered: whose chat has the offer, and whose have not."""
    for chat in chat_ids:
        await chats.tap(chat, "Going")
    await drawn(chats, event)
    won = [chat for chat in chat_ids if "You have been drawn" in chats.last(chat).text]
    return won[0], [chat for chat in chat_ids if chat not in won]


async def test_the_invitation_says_what_a_draw_is_and_that_going_enters_it(chats: Chats) -> None:
    _, event = await opened(chats)
    text = chats.last(SAM).text
    assert "a fair draw decides" in text
    assert "Tap “Going” to enter the draw. We draw on Tuesday 13 May, 12:00 pm." in text
    assert chats.labels(SAM) == [["Going", "Can't go"]]
    assert closes_at(event) == IN_TWO_WEEKS - timedelta(days=7)


async def test_a_draw_for_two_ways_of_coming_names_both(chats: Chats) -> None:
    await opened(chats, mode=HYBRID, online_capacity=1, online_url="https://meet.example/secret")
    assert "Tap “In person” or “Online” to enter the draw." in chats.last(SAM).text
    await chats.tap(SAM, "Online")
    assert "You are in the draw for a place online." in chats.last(SAM).text
    assert chats.labels(SAM)[0] == ["In person", "🎟️ Online", "Can't go"]


async def test_going_enters_and_both_carers_of_the_household_see_it(chats: Chats) -> None:
    await opened(chats)
    await chats.tap(AMAL, "Going")
    assert chats.toast == "You are in the draw on Tuesday 13 May, 12:00 pm. Good luck."
    for chat in (AMAL, JO):
        assert "You are in the draw." in chats.last(chat).text
        assert chats.labels(chat)[0] == ["🎟️ Going", "Can't go"]
        await chats.write(chat, "/events")
        assert chats.labels(chat) == [["🎟️ Tue 20 May · Panto"]]
    await chats.tap(JO, "🎟️ Tue 20 May · Panto")
    await chats.tap(JO, "Can't go")
    await chats.write(AMAL, "/events")
    assert chats.labels(AMAL) == [["✖ Tue 20 May · Panto"]]


async def test_who_is_drawn_is_told_until_when_and_takes_the_place_with_one_tap(chats: Chats) -> None:
    _, event = await opened(chats)
    winner, losers = await winner_and_losers(chats, event, AMAL, SAM, LIN)
    assert "Good news from the draw." in chats.last(winner).text
    assert "After that it is drawn again for someone else." in chats.last(winner).text
    assert "The time to answer has passed" not in chats.last(winner).text
    assert chats.labels(winner)[0] == ["Going", "Can't go"]
    await chats.tap(winner, "Going")
    assert "You are going." in chats.last(winner).text
    assert len(losers) == 2


async def test_who_is_not_drawn_hears_so_once_and_can_ask_why(chats: Chats) -> None:
    _, event = await opened(chats)
    _, losers = await winner_and_losers(chats, event, AMAL, SAM, LIN)
    for chat in losers:
        assert "You were not drawn this time." in chats.last(chat).text
        assert chats.labels(chat) == [["Can't go"], ["Why?"]]
        assert sum("not drawn" in message.text for message in chats.all(chat)) == 1
        await chats.tap(chat, "Why?")
        told = chats.last(chat).text
        assert "Entries: 3. Places: 1." in told
        assert "So you had the usual chance." in told
        assert "The last place went to number 1." in told
        assert seed_fingerprint(event) in told.splitlines()[-1]
    await chats.write(losers[0], "/events")
    assert chats.labels(losers[0]) == [["➖ Tue 20 May · Panto"]]


async def test_why_is_told_of_ones_own_entry_alone(chats: Chats) -> None:
    cast, event = await opened(chats)
    async with chats.database.read() as session:
        theirs = await invitation_of(session, event, cast.amal)
    await winner_and_losers(chats, event, AMAL, SAM)
    before = len(chats.all(LIN))
    for chat in (LIN, STRANGER_CHAT):
        for data in (f"ballot:{theirs.id}", "ballot:", "ballot:x", "ballot:1:2", "ballot:99999999999"):
            await chats.send_data(chat, data)
            assert chats.toast.startswith("This button is no longer in use")
    assert len(chats.all(LIN)) == before
    assert chats.all(STRANGER_CHAT) == []


async def test_a_winner_who_says_nothing_reads_what_happened_and_another_is_drawn(chats: Chats) -> None:
    _, event = await opened(chats)
    winner, losers = await winner_and_losers(chats, event, AMAL, SAM)
    chats.now += timedelta(days=2)
    async with chats.database.write() as session:
        await expire_offers(session, chats.now)
    await chats.pass_time(A_MOMENT)
    for message in chats.all(winner):
        assert "newer message" in message.text or "we did not hear from you in time" in message.text
        assert [button.label for row in message.buttons for button in row] == []
    assert "You have been drawn" in chats.last(losers[0]).text
    await chats.tap(losers[0], "Can't go")
    assert chats.toast == "Thank you for telling us."


@pytest.mark.parametrize("choice", ["maybe", "in_person", "going"])
async def test_a_button_that_the_draw_has_not_or_no_longer_gets_a_kind_line(
    chats: Chats, choice: str
) -> None:
    cast, event = await opened(chats)
    async with chats.database.read() as session:
        late = await invitation_of(session, event, cast.lin)
    if choice == "going":
        await winner_and_losers(chats, event, AMAL, SAM)
    await chats.send_data(LIN, f"rsvp:{late.id}:{choice}")
    assert ("Please use the newest message" in chats.toast) is (choice != "going")
    assert ("The time to answer has passed" in chats.toast) is (choice == "going")
    async with chats.database.read() as session:
        assert (await invitation_of(session, event, cast.lin)).state is RsvpState.INVITED


async def test_nobody_who_lost_is_reminded_or_asked_again(chats: Chats, database: Database) -> None:
    _, event = await opened(chats)
    winner, losers = await winner_and_losers(chats, event, AMAL, SAM)
    await chats.tap(winner, "Going")
    before = {chat: len(chats.all(chat)) for chat in (*losers, LIN)}
    for moment in (timedelta(days=6), timedelta(days=1), timedelta(hours=1)):
        chats.now = IN_TWO_WEEKS - moment
        async with database.write() as session:
            await queue_due(session, chats.now, QUIET)
        await chats.pass_time()
    assert "A reminder" in chats.last(winner).text
    assert {chat: len(chats.all(chat)) for chat in (*losers, LIN)} == before
