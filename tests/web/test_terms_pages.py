"""The term dates in the console: adding, changing and removing them, and what follows."""

from datetime import date, timedelta
from typing import Any

import pytest

from events.invitations import send_invitations_now
from events.terms import TermDates, set_terms, term_dates
from storage.events import Event
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.test_events_pages import count, shown_fields
from tests.web.test_series_pages import GROUP, events_in, sent_along

pytestmark = pytest.mark.one_database


def row(number: int, name: str, starts: date, ends: date) -> dict[str, Any]:
    return {
        f"name-{number}": name,
        **{f"starts-{number}-{part}": getattr(starts, part) for part in ("day", "month", "year")},
        **{f"ends-{number}-{part}": getattr(ends, part) for part in ("day", "month", "year")},
    }


SUMMER = row(0, "Summer, second half", date(2025, 6, 2), date(2025, 7, 22))
AUTUMN = row(1, "Autumn, first half", date(2025, 9, 2), date(2025, 10, 24))
TERMS = "/events/terms"


async def test_rows_are_added_changed_and_removed(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(TERMS)
        html = await priya.post(TERMS, {**SUMMER, "then": "add"})
        assert priya.status == 200
        assert 'name="name-3"' in html
        assert 'value="Summer, second half"' in html
        html = await priya.post(TERMS, {**AUTUMN, **SUMMER})
        assert "The term dates are saved." in html
        html = await priya.post(TERMS, {**shown_fields(html), "ends-1-day": "23"})
        assert "The term dates are saved." in html
        shown = shown_fields(html)
        assert "Nothing was changed." in await priya.post(TERMS, shown)
        await priya.post(TERMS, {**shown, "remove-0": "yes"})
    async with console.database.read() as session:
        terms = await term_dates(session)
    assert [(term.name, term.ends_on) for term in terms] == [("Autumn, first half", date(2025, 10, 23))]


async def test_school_years_that_are_over_are_folded_away_and_stay_saved(
    console: Console, cast: Cast
) -> None:
    long_ago = row(0, "Autumn long ago", date(2023, 9, 4), date(2023, 10, 20))
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(TERMS)
        assert "Earlier school years" not in html
        summer = {name.replace("-0", "-1", 1): value for name, value in SUMMER.items()}
        html = await priya.post(TERMS, {**long_ago, **summer})
        assert "Earlier school years (1 term)" in html
        assert html.index("Autumn long ago") < html.index("</details>") < html.index("Summer, second half")
        assert "Nothing was changed." in await priya.post(TERMS, shown_fields(html))
        html = await priya.post(TERMS, {**shown_fields(html), "name-0": ""})
        assert "Earlier school years" not in html, "what is wrong stays in sight"


async def test_a_list_longer_than_the_form_offers_loses_nothing(console: Console, cast: Cast) -> None:
    many = [TermDates(f"Term {year}", date(year, 9, 4), date(year, 10, 20)) for year in range(1980, 2022)]
    async with console.database.write() as session:
        await set_terms(session, many, cast.priya, NOON, LONDON)
    async with visitor(console, cast.priya) as priya:
        html = await priya.get(TERMS)
        assert "Nothing was changed." in await priya.post(TERMS, shown_fields(html))


async def test_what_is_wrong_with_a_term_is_said_beside_it(console: Console, cast: Cast) -> None:
    overlap = row(1, "Again", date(2025, 7, 1), date(2025, 6, 1) + timedelta(days=60))
    async with visitor(console, cast.priya) as priya:
        await priya.get(TERMS)
        html = await priya.post(TERMS, {**SUMMER, **overlap})
        assert 'href="#starts-1-day"' in html
        assert "It begins before another of these terms has ended" in html
        html = await priya.post(TERMS, {**SUMMER, "name-1": "Half"})
        assert "Enter the first day" in html
        html = await priya.post(TERMS, {**SUMMER, "ends-0-year": "2026"})
        assert "longer than 20 weeks" in html


async def test_the_second_of_two_who_change_the_terms_is_told(console: Console, cast: Cast) -> None:
    async with visitor(console, cast.priya) as priya, visitor(console, cast.dee) as dee:
        await priya.get(TERMS)
        await dee.get(TERMS)
        await dee.post(TERMS, SUMMER)
        html = await priya.post(TERMS, {**AUTUMN})
        assert "Somebody else changed the term dates" in html
        assert "Summer, second half" in html
        assert 'value="Autumn, first half"' in html


async def test_the_programme_follows_and_staff_decide_about_whom_they_invited(
    console: Console, cast: Cast
) -> None:
    async with visitor(console, cast.priya) as priya:
        await priya.get(TERMS)
        await priya.post(TERMS, SUMMER)
        await priya.get("/events/new")
        html = await priya.post("/events/new", {**GROUP, "repeat": "weekly-term-time"})
        await priya.post("/events/new", sent_along(html))
        first = (await events_in(console.database))[0]
        async with console.database.write() as session:
            await send_invitations_now(session, first.id, cast.priya, NOON, LONDON)
        await priya.get(TERMS)
        later = row(0, "Summer, second half", date(2025, 6, 23), date(2025, 7, 22))
        html = await priya.post(TERMS, {**later, **AUTUMN})
        assert "Decide about events in the holidays" in html
        assert "8 events added, 1 event taken out" in html
        assert f'href="/events/{first.id}/cancel"' in html
    assert await count(console.database, Event) == 7 - 1 + 8
