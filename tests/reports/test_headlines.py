"""The headline figures, and the years that there is something to say about."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from reports.headlines import headline_figures, headlines, years_on_record
from reports.years import FosteringYear
from storage.engine import Database
from storage.events import Event, EventState, Mode, RsvpBy
from tests.reports.register import LONDON, NOW, STAYING, YEAR, leaver, published, report_of, store

SINCE = date(2018, 4, 1)


async def years(database: Database, since: date | None = None, now: datetime = NOW) -> list[str]:
    async with database.read() as session:
        return [str(year) for year in await years_on_record(session, LONDON, since, now)]


@pytest.mark.parametrize("since", [None, SINCE, date(2021, 9, 1)])
async def test_the_headlines_are_those_of_the_whole_report(database: Database, since: date | None) -> None:
    await store(database, published())
    async with database.read() as session:
        quick = await headline_figures(session, year=YEAR, zone=LONDON, register_since=since, now=NOW)
    assert quick == headlines(await report_of(database, register_since=since))
    assert quick[0].numerator == 25


async def test_a_year_that_runs_is_never_compared_with_a_whole_one(database: Database) -> None:
    await store(database, [*published(), leaver(date(2015, 1, 1), date(2023, 5, 1))])
    running = FosteringYear(2023)
    async with database.read() as session:
        quick = await headline_figures(session, year=running, zone=LONDON, register_since=SINCE, now=NOW)
    assert quick == headlines(await report_of(database, year=running))
    assert quick[1].id == "change_on_same_days"
    assert (quick[1].numerator, quick[1].denominator) == (1, 0)
    assert "change_on_previous_year" not in {figure.id for figure in quick}


async def test_an_empty_register_has_no_years(database: Database) -> None:
    assert await years(database) == []


async def test_the_years_begin_with_the_first_household_known_to_have_left(database: Database) -> None:
    await store(database, [STAYING, leaver(date(2015, 1, 1), date(2021, 3, 31))])
    assert await years(database) == ["2023/24", "2022/23", "2021/22", "2020/21"]


async def test_the_years_begin_where_the_register_is_said_to_be_complete(database: Database) -> None:
    await store(database, [STAYING, leaver(date(2005, 1, 1), date(2011, 3, 31))])
    assert await years(database, since=date(2022, 4, 1)) == ["2023/24", "2022/23"]


async def test_where_nobody_left_yet_the_first_event_or_approval_is_the_beginning(database: Database) -> None:
    await store(database, [STAYING, replace(STAYING, approved_on=date(2022, 5, 1))])
    assert await years(database) == ["2023/24", "2022/23"]
    at = datetime(2021, 6, 1, 9, 0, tzinfo=UTC)
    async with database.write() as session:
        session.add(
            Event(
                ref="tea",
                title="Tea",
                kind="social",
                starts_at=at,
                ends_at=at,
                mode=Mode.IN_PERSON,
                rsvp_by=RsvpBy.CARER,
                state=EventState.INVITED,
                created_at=at,
                updated_at=at,
            )
        )
    assert (await years(database))[-1] == "2021/22"


async def test_what_has_not_begun_is_no_year(database: Database) -> None:
    await store(database, [replace(STAYING, approved_on=date(2024, 5, 1))])
    assert await years(database) == [str(FosteringYear(2023))]
