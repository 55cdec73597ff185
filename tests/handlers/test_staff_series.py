"""An event that comes again, and one from a template, made in the chat."""

from datetime import date

import pytest
from sqlalchemy import func, select

from carers.people import StaffMember
from events.holds import LONDON
from events.rhythm import TermDates
from events.terms import set_terms
from storage.events import Event, EventState
from storage.series import Series
from tests.handlers.chats import Chats
from tests.support.cast import NOON, gather

pytestmark = pytest.mark.one_database

PRIYA = 901


async def _ready(chats: Chats) -> StaffMember:
    async with chats.database.write() as session:
        return (await gather(session)).priya


async def _events(chats: Chats) -> list[Event]:
    async with chats.database.read() as session:
        return list((await session.scalars(select(Event).order_by(Event.starts_at))).all())


async def _coffee_afternoon_from_its_template(chats: Chats) -> None:
    await chats.write(PRIYA, "/newevent")
    await chats.tap(PRIYA, "Start from a template")
    await chats.tap(PRIYA, "Coffee Afternoon")
    await chats.write(PRIYA, "13/05/2025 14:00")
    await chats.write(PRIYA, "The Hall, 1 Mill Lane")
    await chats.tap(PRIYA, "Everyone")


async def test_a_template_leaves_only_when_where_and_for_whom(chats: Chats) -> None:
    await _ready(chats)
    await _coffee_afternoon_from_its_template(chats)
    assert "Tuesday 13 May, 2:00 pm – 4:00 pm" in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Keep it as a draft")
    (event,) = await _events(chats)
    assert (event.title, event.kind, event.state) == ("Coffee Afternoon", "social", EventState.DRAFT)


async def test_a_monthly_event_shows_its_days_before_they_are_made(chats: Chats) -> None:
    await _ready(chats)
    await _coffee_afternoon_from_its_template(chats)
    await chats.tap(PRIYA, "It comes again")
    await chats.tap(PRIYA, "Every month")
    said = chats.last(PRIYA).text
    assert "Every month, on the second Tuesday" in said
    assert "Tuesday 10 June, 2:00 pm" in said
    assert await _events(chats) == []
    await chats.tap(PRIYA, "Make these events")
    events = await _events(chats)
    assert f"{len(events)} events are in the programme" in chats.last(PRIYA).text
    assert len(events) >= 12
    assert {event.starts_at.astimezone(LONDON).hour for event in events} == {14}
    assert {event.state for event in events} == {EventState.PLANNED}


async def test_a_second_tap_on_make_makes_nothing_twice(chats: Chats) -> None:
    await _ready(chats)
    await _coffee_afternoon_from_its_template(chats)
    await chats.tap(PRIYA, "It comes again")
    await chats.tap(PRIYA, "Every three months")
    data = chats.last(PRIYA).buttons[0][0].data
    await chats.send_data(PRIYA, data)
    await chats.send_data(PRIYA, data)
    async with chats.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Series)) == 1


async def test_a_weekly_club_in_term_time_needs_terms_and_keeps_to_them(chats: Chats) -> None:
    priya = await _ready(chats)
    await _coffee_afternoon_from_its_template(chats)
    await chats.tap(PRIYA, "It comes again")
    await chats.tap(PRIYA, "Every week in term time")
    assert "no term dates" in chats.last(PRIYA).text
    terms = [
        TermDates("Summer 1", date(2025, 4, 28), date(2025, 5, 23)),
        TermDates("Summer 2", date(2025, 6, 2), date(2025, 7, 18)),
    ]
    async with chats.database.write() as session:
        await set_terms(session, terms, priya, NOON, LONDON)
    await chats.tap(PRIYA, "Another rhythm")
    await chats.tap(PRIYA, "Every week in term time")
    assert "Tuesday 27 May" not in chats.last(PRIYA).text
    await chats.tap(PRIYA, "Make these events")
    days = [event.starts_at.date() for event in await _events(chats)]
    assert days[:3] == [date(2025, 5, 13), date(2025, 5, 20), date(2025, 6, 3)]
    assert days[-1] == date(2025, 7, 15)


async def test_one_can_still_have_it_just_once(chats: Chats) -> None:
    await _ready(chats)
    await _coffee_afternoon_from_its_template(chats)
    await chats.tap(PRIYA, "It comes again")
    await chats.tap(PRIYA, "Just once")
    await chats.tap(PRIYA, "Send the invitations")
    assert len(await _events(chats)) == 1
