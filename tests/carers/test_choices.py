from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from broadcasts.queue import Recipient, queue_notice
from carers.choices import (
    come_back,
    heard_from,
    pause,
    pause_until_day,
    quiet_hours_of,
    resume,
    set_language,
    set_quiet_hours,
    set_topic,
    stop,
    wanted_topics,
)
from carers.quiet_hours import read_day, read_hours
from carers.topics import Topic, topic_of
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database
from storage.households import Language
from tests.support.cast import NOON, gather
from tests.support.delivery import LONDON


def test_every_event_has_a_topic() -> None:
    assert topic_of("support_group") is Topic.SUPPORT_GROUPS
    assert topic_of("training") is Topic.TRAINING
    assert topic_of("tickets") is Topic.TICKETS
    assert topic_of("a kind of the service's own") is Topic.SOCIALS


async def test_every_kind_is_wanted_until_the_carer_turns_it_off(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await wanted_topics(session, cast.amal) == list(Topic)
        assert await set_topic(session, cast.amal, Topic.TICKETS, False, NOON)
        assert not await set_topic(session, cast.amal, Topic.TICKETS, False, NOON)
        assert Topic.TICKETS not in await wanted_topics(session, cast.amal)
        assert Topic.TICKETS in await wanted_topics(session, cast.jo)
        assert await set_topic(session, cast.amal, Topic.TICKETS, True, NOON)
        assert await wanted_topics(session, cast.amal) == list(Topic)


async def test_a_carer_chooses_their_language(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await set_language(session, cast.amal, Language.URDU, NOON)
        assert not await set_language(session, cast.amal, Language.URDU, NOON)
        assert cast.amal.language is Language.URDU


async def test_a_pause_ends_when_the_carer_says_so(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await pause(session, cast.amal, NOON + timedelta(days=14), NOON)
        assert cast.amal.paused_until == NOON + timedelta(days=14)
        await resume(session, cast.amal, NOON)
        assert cast.amal.paused_until is None


async def test_a_pause_lasts_until_a_day_of_the_year_to_come_on_the_clock_of_the_service(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for day in (NOON.date(), date(2025, 5, 5), date(2026, 5, 7)):
            assert not await pause_until_day(session, cast.amal, day, NOON, LONDON)
        assert cast.amal.paused_until is None
        assert await pause_until_day(session, cast.amal, date(2025, 12, 24), NOON, LONDON)
        assert cast.amal.paused_until == datetime(2025, 12, 24, tzinfo=UTC)
        assert await pause_until_day(session, cast.amal, date(2025, 8, 1), NOON, LONDON)
        assert cast.amal.paused_until == datetime(2025, 7, 31, 23, tzinfo=UTC)


async def test_quiet_hours_of_their_own_leave_two_hours_of_the_day(database: Database) -> None:
    night = time(21), time(8)
    async with database.write() as session:
        cast = await gather(session)
        assert not await set_quiet_hours(session, cast.amal, (time(9), time(20, 30)), night, NOON)
        assert quiet_hours_of(cast.amal) is None
        assert await set_quiet_hours(session, cast.amal, (time(9), time(20)), None, NOON)
        assert await set_quiet_hours(session, cast.amal, (time(9), time(19)), night, NOON)
        assert quiet_hours_of(cast.amal) == (time(9), time(19))
        assert await set_quiet_hours(session, cast.amal, None, night, NOON)
        assert quiet_hours_of(cast.amal) is None


async def test_what_was_held_back_is_looked_at_again_once_the_cause_is_gone(database: Database) -> None:
    later = NOON + timedelta(days=3)
    async with database.write() as session:
        cast = await gather(session)
        everyone = [Recipient(cast.amal.id), Recipient(cast.sam.id)]
        await queue_notice(session, "invitation", everyone, about="event:1", now=NOON, send_by=later)
        rows = {row.carer_id: row for row in (await session.scalars(select(Delivery))).all()}
        for row in rows.values():
            row.state, row.reason, row.due_at = DeliveryState.HELD, "paused", later
        cast.amal.paused_until = cast.sam.paused_until = later
        await session.flush()
        await set_quiet_hours(session, cast.amal, None, None, NOON)
        await session.refresh(rows[cast.amal.id])
        assert rows[cast.amal.id].due_at == later  # that was not what held it
        await come_back(session, cast.amal, NOON)
        for row in rows.values():
            await session.refresh(row)
        assert (rows[cast.amal.id].due_at, rows[cast.sam.id].due_at) == (NOON, later)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("19:30 to 9", (time(19, 30), time(9))),
        ("8pm-10am", (time(20), time(10))),
        ("From 7.30 pm until 9 a.m.", (time(19, 30), time(9))),
        ("٢٠:٠٠ - ١٠:٠٠", (time(20), time(10))),
        ("22 \u2013 24", (time(22), time(0))),
        ("25:00 to 3", None),
        ("13pm to 2am", None),
        ("9 to 9", None),
        ("evening", None),
    ],
)
def test_two_times_are_read_as_people_write_them(text: str, hours: tuple[time, time] | None) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24 December", date(2025, 12, 24)),
        ("24th of december 2026", date(2026, 12, 24)),
        ("5 May", date(2026, 5, 5)),
        ("1.6.", date(2025, 6, 1)),
        ("24/12/2025", date(2025, 12, 24)),
        ("٢٤/١٢/٢٠٢٥", date(2025, 12, 24)),
        ("2025-12-24", date(2025, 12, 24)),
        ("31 February", None),
        ("next week", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    assert read_day(text, NOON.date()) == day


async def test_stop_and_start_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await stop(session, cast.amal, NOON)
        assert not await stop(session, cast.amal, NOON + timedelta(hours=1))
        assert cast.amal.stopped_at == NOON
        assert await come_back(session, cast.amal, NOON)
        assert not await come_back(session, cast.amal, NOON)


async def test_who_writes_can_be_reached_after_all(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        cast.amal.unreachable_since, cast.amal.unreachable_reason = NOON, "blocked"
        await heard_from(session, cast.amal)
        assert not any([cast.amal.unreachable_since, cast.amal.unreachable_reason])
