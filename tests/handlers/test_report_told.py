"""Managers are told the year in figures by itself, once, and never a number of few people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.report_jobs import Reporting, count_at_night, report_jobs, tell_due
from care.report_notices import HowOften
from events.holds import LONDON
from reports.kept import reports_to_keep
from storage.deliveries import Delivery
from storage.engine import Database
from storage.households import Carer, Household, HouseholdType
from storage.staff import Role, StaffMember
from storage.ways import note_mail
from tests.handlers.chats import Chats
from tests.support.cast import gather
from tests.support.delivery import POLICY

MONDAY_AT_NINE = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEE, PRIYA = 903, 901
REPORTING = Reporting(
    zone=LONDON,
    register_since=date(2015, 4, 1),
    address="http://console",
    policy=lambda: POLICY,
    service=lambda: "Fostering Rowdale",
    how_often=lambda: HowOften.MONTHLY,
)


async def settle_in(database: Database, left: int = 2) -> None:
    """The cast, and sixty-one households: so many left in April 2026, one in 2020."""
    async with database.write() as session:
        await gather(session)
        for number in range(61):
            gone = date(2026, 4, 9) if number < left else None if number < 60 else date(2020, 6, 1)
            session.add(
                Household(
                    ref=f"L{number}",
                    type=HouseholdType.MAINSTREAM,
                    approved_on=date(2018, 5, 1),
                    ended_on=gone,
                )
            )


async def told(database: Database) -> Sequence[tuple[int | None, str]]:
    async with database.read() as session:
        rows = await session.execute(
            select(Delivery.staff_id, Delivery.channel).where(Delivery.kind == "staff_report")
        )
        return [(row[0], row[1]) for row in rows]


async def test_a_manager_is_told_once_in_the_app_and_a_restart_does_not_repeat_it(
    chats: Chats,
) -> None:
    await settle_in(chats.database, left=7)
    chats.now = MONDAY_AT_NINE
    *_, job = report_jobs(REPORTING)
    assert await job.work(chats.database, MONDAY_AT_NINE - timedelta(minutes=1)) == 0
    assert await job.work(chats.database, MONDAY_AT_NINE) == 1
    assert await tell_due(chats.database, REPORTING, MONDAY_AT_NINE + timedelta(days=2)) == 0
    await chats.pass_time()
    [said] = chats.all(DEE)
    assert said.text.startswith("<b>The year 2026/27 so far</b>\nAs counted on 4 May 2026.\n")
    assert "7 of 63 households approved at any time so far in 2026/27 have left" in said.text
    assert "Figures that could point at fewer than five people are not in this message" in said.text
    assert said.text.endswith("http://console/reports?year=2026/27")
    assert chats.all(PRIYA) == []


@pytest.mark.one_database
async def test_a_number_of_few_people_stays_in_the_console(chats: Chats) -> None:
    await settle_in(chats.database)
    chats.now = MONDAY_AT_NINE
    assert await tell_due(chats.database, REPORTING, chats.now) == 1
    await chats.pass_time()
    said = chats.last(DEE).text
    assert "Every figure of this year could point at fewer than five people" in said
    assert "left" not in said


@pytest.mark.one_database
async def test_after_an_outage_it_is_told_late_and_at_night_in_the_morning(chats: Chats) -> None:
    await settle_in(chats.database)
    chats.now = MONDAY_AT_NINE + timedelta(hours=14)
    assert await tell_due(chats.database, REPORTING, chats.now) == 1
    await chats.pass_time()
    assert chats.all(DEE) == []
    await chats.pass_time(timedelta(hours=9, minutes=1))
    assert len(chats.all(DEE)) == 1


@pytest.mark.one_database
async def test_the_finished_year_is_told_in_april(chats: Chats) -> None:
    await settle_in(chats.database)
    chats.now = datetime(2027, 4, 8, 8, 0, tzinfo=UTC)
    assert await tell_due(chats.database, REPORTING, chats.now) == 1
    await chats.pass_time()
    assert chats.last(DEE).text.startswith("<b>The year 2026/27</b>\n")


@pytest.mark.one_database
async def test_who_chose_email_is_told_by_email_and_with_nobody_to_tell_it_waits(
    database: Database, tmp_path: Path
) -> None:
    await settle_in(database)
    async with database.write() as session:
        await note_mail(session, True, MONDAY_AT_NINE)
        await session.execute(update(StaffMember).values(chat_id=None))
    assert await tell_due(database, REPORTING, MONDAY_AT_NINE) == 0
    async with database.write() as session:
        dee = await session.scalar(select(StaffMember).where(StaffMember.role == Role.MANAGER))
        assert dee is not None
        dee.email, dee.channel = "dee@rowdale.example", "email"
    assert await tell_due(database, REPORTING, MONDAY_AT_NINE + timedelta(hours=1)) == 1
    assert await told(database) == [(dee.id, "email")]


@pytest.mark.one_database
async def test_who_is_no_manager_any_more_as_it_goes_out_is_told_nothing(chats: Chats) -> None:
    await settle_in(chats.database)
    chats.now = MONDAY_AT_NINE
    await tell_due(chats.database, REPORTING, chats.now)
    async with chats.database.write() as session:
        await session.execute(
            update(StaffMember).where(StaffMember.chat_id == DEE).values(role=Role.SOCIAL_WORKER)
        )
    await chats.pass_time()
    assert chats.all(DEE) == []


@pytest.mark.one_database
async def test_nothing_is_told_where_nobody_wants_it_or_nothing_is_on_record(database: Database) -> None:
    await settle_in(database)
    never = replace(REPORTING, how_often=lambda: HowOften.NEVER)
    assert await tell_due(database, never, MONDAY_AT_NINE) == 0
    async with database.write() as session:
        await session.execute(delete(Carer))
        await session.execute(delete(Household))
    assert await tell_due(database, REPORTING, MONDAY_AT_NINE) == 0


async def test_of_a_large_register_the_figures_of_the_night_are_told_and_are_waited_for(
    chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.kept.LARGE", 10)
    await settle_in(chats.database, left=7)
    chats.now = MONDAY_AT_NINE
    assert await tell_due(chats.database, REPORTING, chats.now) == 0
    await chats.write(PRIYA, "/report")
    assert "The figures of 2026/27 are being counted" in chats.last(PRIYA).text
    assert await count_at_night(chats.database, REPORTING, chats.now) == 4
    assert await tell_due(chats.database, REPORTING, chats.now) == 1
    await chats.pass_time()
    assert "7 of 63 households" in chats.last(DEE).text
    chats.now += 20 * HOUR
    await chats.write(PRIYA, "/report")
    assert "As counted on 4 May 2026" in chats.last(PRIYA).text
    await chats.write(PRIYA, "/report 2020/21")
    assert "counted when you ask for them in the console: http://console/reports" in chats.last(PRIYA).text


@pytest.mark.one_database
async def test_figures_are_counted_once_a_night_and_at_once_where_those_kept_are_of_no_use(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.kept.LARGE", 10)
    monkeypatch.setattr("bot.report_jobs.reports_to_keep", lambda *given: reports_to_keep(*given)[:1])
    await settle_in(database)
    evening = datetime(2027, 3, 30, 22, 0, tzinfo=UTC)
    moments = {
        "first": (evening, REPORTING),
        "again": (evening + HOUR, REPORTING),
        "before three": (evening + 3 * HOUR, REPORTING),
        "at three": (evening + 4 * HOUR, REPORTING),
        "another record": (evening + 5 * HOUR, replace(REPORTING, register_since=date(2016, 4, 1))),
        "a new year, at midnight": (evening + 25 * HOUR, replace(REPORTING, register_since=date(2016, 4, 1))),
    }
    counted = {
        name: await count_at_night(database, reporting, now) for name, (now, reporting) in moments.items()
    }
    assert {name for name, reports in counted.items() if reports} == {
        "first",
        "at three",
        "another record",
        "a new year, at midnight",
    }


@pytest.mark.one_database
async def test_of_a_small_register_nothing_is_kept(database: Database) -> None:
    await settle_in(database)
    assert await count_at_night(database, REPORTING, MONDAY_AT_NINE) == 0
