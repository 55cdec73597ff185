"""The programme by month, and the list of events with its search."""

import re
from datetime import date, timedelta

import pytest

from events.planning import plan_event
from events.rhythm import TermDates
from events.terms import set_terms
from storage.engine import Database
from storage.events import EventState
from tests.events.acts import plan
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database


def day_of(html: str, day: date) -> str:
    """What the calendar shows on a day."""
    [field] = re.findall(rf'<td[^>]*>\s*<time[^>]*datetime="{day.isoformat()}".*?</td>', html, re.DOTALL)
    return str(field)


async def test_a_month_shows_its_events_on_their_days(console: Console, cast: Cast, busy: Busy) -> None:
    async with visitor(console, cast.tom) as tom:
        html = await tom.get("/events/calendar")
        assert "<h1" in html
        assert "May 2025" in html
        assert 'aria-current="date"' in day_of(html, date(2025, 5, 6))
        coffee = day_of(html, date(2025, 5, 15))
        assert f'href="/events/{busy.coffee}"' in coffee
        assert "2 of 2 places taken" in coffee
        assert "no school" not in html
        html = await tom.get("/events/calendar?month=2025-06")
        assert "Youth club" in day_of(html, date(2025, 6, 12))
        assert "This month" in html
        assert "May 2025" in await tom.get("/events/calendar?month=2025-13")
        table = await tom.get("/events/calendar.csv?month=2025-06&kind=youth_club")
        assert table.count("youth-club-2025-06-") == 2
        assert "Alpaca" not in table


async def test_several_days_a_late_evening_and_what_is_called_off(
    console: Console, cast: Cast, database: Database
) -> None:
    begins = NOON + timedelta(days=2)  # noon in London on 8 May
    async with database.write() as session:
        trip = plan(title="Trip", kind="trip", starts_at=begins, ends_at=begins + timedelta(days=2))
        late = plan(title="Dance", starts_at=begins, ends_at=begins + timedelta(hours=13))
        dance = await plan_event(session, late, cast.priya, NOON)
        await plan_event(session, trip, cast.priya, NOON)
        dance.state = EventState.CANCELLED
        terms = [
            TermDates("Spring", date(2025, 1, 6), date(2025, 5, 7)),
            TermDates("Summer", date(2025, 5, 12), date(2025, 7, 22)),
        ]
        await set_terms(session, terms, cast.priya, NOON, LONDON)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/calendar")
        assert ["Trip" in day_of(html, date(2025, 5, day)) for day in (7, 8, 9, 10, 11)] == [
            False,
            True,
            True,
            True,
            False,
        ]
        assert "day 2 of 3" in day_of(html, date(2025, 5, 9))
        assert "<s>Dance</s>" in day_of(html, date(2025, 5, 8))
        assert "Dance" not in day_of(html, date(2025, 5, 9))
        assert "no school" in day_of(html, date(2025, 5, 9))
        assert "no school" not in day_of(html, date(2025, 5, 10))  # a Saturday
        assert "Spring:" in html
        html = await priya.get("/events/calendar?kind=trip&month=2025-05")
        assert "Trip" in html
        assert "Dance" not in html
        html = await priya.get("/events/calendar?kind=trip&month=2025-08")
        assert "No event fits in August 2025." in html


async def test_events_are_found_by_words_kind_and_state_under_their_months(
    console: Console, cast: Cast, busy: Busy
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events")
        assert re.findall(r'id="month-(\d{4}-\d\d)', html) == ["2025-05", "2025-06"]
        html = await priya.get("/events?q=MILL+coffee")
        assert "Coffee afternoon" in html
        assert "Picnic" not in html
        html = await priya.get("/events?state=draft")
        assert "Alpaca walk" in html
        assert "Coffee afternoon" not in html
        html = await priya.get("/events?q=zzz&kind=social")
        assert "No event fits." in html
        assert 'value="zzz"' in html
        html = await priya.get("/events?state=gossip&kind=&page=99")
        assert "Coffee afternoon" in html
    console.now = NOON + timedelta(days=40)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/past?q=coffee")
        assert "Coffee afternoon" in html
        assert "Picnic" not in html
