"""Who had places in a year, on a page and as a file."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from events.fairness import Fairness
from storage.engine import Database, open_database
from storage.staff import AuditEntry
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.crowds import Crowd, with_a_waiting_list
from tests.web.files import rows_of
from web.staff.fairness import bars, meaning

LATER = NOON + timedelta(days=40)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """SQLite alone: what these pages read is tested on both where it is read."""
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def visit(console: Console, database: Database, cast: Cast) -> Crowd:
    """Five households had two places each at a farm visit that is over; the two others had none."""
    crowd = await with_a_waiting_list(database, cast, waiting=0)
    console.now = LATER
    return crowd


def spread(*places: int) -> Fairness:
    counts = {one: places.count(one) for one in places}
    total = sum(places)
    none = places.count(0)
    return Fairness("all", NOON, LATER, len(places), total, none, counts, 0.5, 0.5, ())


def test_few_places_have_a_bar_each_and_many_share_bands_of_equal_width() -> None:
    assert [(bar.label, bar.households) for bar in bars(spread(0, 0, 1, 3))] == [
        ("0", 2),
        ("1", 1),
        ("2", 0),
        ("3", 1),
    ]
    many = bars(spread(0, 4, 10, 11, 105))
    assert [bar.label for bar in many][:3] == ["0", "1 to 10", "11 to 20"]
    assert [bar.households for bar in many][:3] == [1, 2, 1]
    assert many[-1].households == 1
    assert len(many) <= 12
    assert sum(bar.households for bar in many) == 5


def test_the_sentence_on_the_gini_follows_the_figure() -> None:
    told = [meaning(gini) for gini in (0.0, 0.3, 0.5, 0.9)]
    assert len(set(told)) == 4
    assert "evenly" in told[0]
    assert "very unevenly" in told[3]


async def test_the_page_shows_the_spread_and_who_had_least_first(
    console: Console, cast: Cast, visit: Crowd
) -> None:
    async with visitor(console, cast.priya) as priya:
        assert 'href="/events/fairness"' in await priya.get("/events")
        html = await priya.get("/events/fairness")
    assert "over 7 households" in html
    assert "0 places: 2 households; 1 place: 0 households; 2 places: 5 households" in html
    names = re.findall(r'<th scope="row" class="govuk-table__header">([^<]*) <span', html)
    assert set(names[:2]) == {"Sam Okafor", "Lin Marsh"}
    assert "Amal Reed and Jo Reed" in names
    assert ">0.29<" in html  # of 0, 0, 2, 2, 2, 2, 2


async def test_the_households_come_by_the_page_and_the_spread_is_of_all(
    console: Console, cast: Cast, visit: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.staff.fairness.PER_PAGE", 2)
    async with visitor(console, cast.priya) as priya:
        await priya.get("/events/fairness?page=1")
        assert "Page 1 of 4" in priya.html
        assert "Sam Okafor" in priya.html
        last = await priya.get("/events/fairness?page=99")
        assert "Page 4 of 4" in last
        assert "Sam Okafor" not in last
        assert "0 places: 2 households; 1 place: 0 households; 2 places: 5 households" in last
        assert len(rows_of(await priya.get("/events/fairness.csv?page=4"))) == 7


async def test_ballots_alone_are_counted_apart(
    console: Console, database: Database, cast: Cast, visit: Crowd
) -> None:
    async with visitor(console, cast.priya) as priya:
        html = await priya.get("/events/fairness?by=ballot")
        assert "No household has had a place by ballot in these twelve months." in html
        assert 'aria-current="page">Ballots only' in html


async def test_a_social_worker_sees_the_spread_and_their_own_households(
    console: Console, cast: Cast, visit: Crowd
) -> None:
    async with visitor(console, cast.tom) as tom:
        html = await tom.get("/events/fairness")
        assert "over 7 households" in html
        assert "Amal Reed and Jo Reed" in html
        assert "Okafor" not in html
        rows = rows_of(await tom.get("/events/fairness.csv"))
    assert [row["Household"] for row in rows] == ["H1"]
    assert rows[0]["Places"] == "2"


async def test_the_file_holds_no_formula_and_taking_it_is_noted(
    console: Console, database: Database, cast: Cast, visit: Crowd
) -> None:
    async with database.write() as session:
        cast.lin.first_name = "@SUM(A1)"
        await session.merge(cast.lin)
    async with visitor(console, cast.priya) as priya:
        rows = rows_of(await priya.get("/events/fairness.csv?by=all"))
    assert len(rows) == 7
    assert [row["Carers"] for row in rows if row["Household"] == "H3"] == ["'@SUM(A1) Marsh"]
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "fairness.read"))).one()
    assert (entry.actor, entry.detail["rows"]) == ("Priya Lane", 7)
