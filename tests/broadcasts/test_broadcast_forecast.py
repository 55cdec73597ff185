"""The forecast says what the engine will do, to the carer; and what each of them would read."""

import asyncio
import random
from collections import Counter
from datetime import datetime, time, timedelta
from time import perf_counter

import pytest

from benchmarks.people import NATION, add_carers
from broadcasts.forecast import (
    RecipientLine,
    Tally,
    find_recipients,
    finish_time,
    forecast,
    preview,
)
from broadcasts.policy import Policy
from broadcasts.queue import queue_for_audience
from broadcasts.quiet import QuietHours, parse_span
from broadcasts.sender import Content
from storage.broadcasts import Broadcast
from storage.bulk import insert_rows
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database
from storage.households import Carer, Channel, Group, GroupMember, Household, HouseholdType, Language, OptOut
from storage.ways import note_mail
from tests.broadcasts.broadcasting import DAY, HOUR, MINUTE, Desk, open_desk
from tests.support.cast import NOON
from tests.support.delivery import LONDON, POLICY


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await open_desk(database)


def as_dict(tallies: list[Tally]) -> dict[str, int]:
    return {tally.name: tally.carers for tally in tallies}


async def test_everybody_reachable_is_counted(desk: Desk) -> None:
    found = await desk.forecast(await desk.draft())
    assert (found.audience_carers, found.going, found.needs_approval) == (4, 4, False)
    assert (found.by_channel, found.by_language) == ([Tally("app", 4)], [Tally("en", 4)])
    assert (found.held, found.left_out, found.missing_translations) == ([], [], [])
    assert found.starts_at == desk.now + MINUTE
    assert found.counted_at == desk.now
    assert found.same_as is None


async def test_each_is_counted_by_their_way_and_email_has_a_finish_of_its_own(desk: Desk) -> None:
    cast = desk.cast
    async with desk.database.write() as session:
        await note_mail(session, True, NOON)
    await desk.change(
        cast.amal, unreachable_since=NOON, unreachable_reason="blocked", email="amal@example.org"
    )
    await desk.change(cast.jo, chat_id=None, email="jo@example.org")
    await desk.change(cast.lin, chat_id=None, channel=Channel.LETTER)
    found = await desk.forecast(await desk.draft())
    assert as_dict(found.by_channel) == {"email": 2, "app": 1, "letter": 1}
    assert (found.going, found.left_out) == (4, [])
    assert found.finishes_at == found.starts_at + timedelta(seconds=1 / 30)
    assert found.email_finishes_at == found.starts_at + timedelta(seconds=1)
    await desk.change(cast.jo, stopped_at=NOON)
    await desk.change(cast.amal, email_failed_at=NOON)
    found = await desk.forecast(await desk.draft())
    assert as_dict(found.left_out) == {"blocked": 1, "stopped": 1}
    assert (as_dict(found.by_channel), found.email_finishes_at) == ({"app": 1, "letter": 1}, None)


async def test_who_is_left_out_is_counted_by_the_first_reason(desk: Desk) -> None:
    cast = desk.cast
    await desk.change(cast.amal, chat_id=None, stopped_at=desk.now)
    await desk.change(cast.jo, unreachable_since=desk.now, unreachable_reason="blocked", stopped_at=desk.now)
    await desk.change(cast.sam, stopped_at=desk.now)
    await desk.change(cast.lin, unreachable_since=desk.now)
    found = await desk.forecast(await desk.draft())
    assert as_dict(found.left_out) == {"no_app": 1, "blocked": 1, "stopped": 1, "unreachable": 1}
    assert found.going == 0


async def test_only_who_turned_this_topic_off_is_spared_it(desk: Desk) -> None:
    await desk.add(
        OptOut(carer_id=desk.cast.sam.id, topic="training"),
        OptOut(carer_id=desk.cast.lin.id, topic="socials"),
    )
    assert as_dict((await desk.forecast(await desk.draft(topic="training"))).left_out) == {"opted_out": 1}
    assert (await desk.forecast(await desk.draft("Service news"))).left_out == []


async def test_a_pause_holds_and_one_that_is_too_long_leaves_out(desk: Desk) -> None:
    await desk.change(desk.cast.amal, paused_until=desk.now + DAY)
    await desk.change(desk.cast.jo, paused_until=desk.now + 4 * DAY)
    await desk.change(desk.cast.sam, paused_until=desk.now - DAY)
    found = await desk.forecast(await desk.draft())
    assert (as_dict(found.held), as_dict(found.left_out), found.going) == ({"paused": 1}, {"paused": 1}, 3)


async def test_quiet_hours_hold_everybody_until_they_end(desk: Desk) -> None:
    desk.now = desk.now.replace(hour=21)
    found = await desk.forecast(await desk.draft())
    assert (as_dict(found.held), found.going) == ({"quiet_hours": 4}, 4)
    morning = (desk.now + DAY).replace(hour=7)  # 08:00 in London
    assert morning < found.finishes_at < morning + MINUTE


async def test_quiet_hours_of_their_own_hold_those_alone_who_have_them_now(desk: Desk) -> None:
    cast = desk.cast  # at 12:00 in London
    await desk.change(cast.amal, quiet_from=time(9), quiet_until=time(17))
    await desk.change(cast.jo, quiet_from=time(20), quiet_until=time(12))
    await desk.change(cast.sam, quiet_from=time(11), quiet_until=time(10))
    await desk.change(cast.lin, quiet_from=time(12), quiet_until=time(13), channel=Channel.LETTER)
    found = await desk.forecast(await desk.draft())
    assert (as_dict(found.held), found.going) == ({"quiet_hours": 2}, 4)
    desk.now = desk.now.replace(hour=21)
    found = await desk.forecast(await desk.draft())
    assert as_dict(found.held) == {"quiet_hours": 3}


async def test_a_household_that_had_enough_this_week_is_held(desk: Desk) -> None:
    desk.allow(weekly_cap=2)
    for days, people in ((6, [desk.cast.amal, desk.cast.jo]), (5, [desk.cast.amal]), (1, [desk.cast.lin])):
        await went_out(desk, days, people)
    found = await desk.forecast(await desk.draft())
    # The Reeds had two, for what both of them got counts once; the Marshes one.
    assert (as_dict(found.held), found.going) == ({"weekly_cap": 2}, 4)
    await went_out(desk, 2, [desk.cast.jo])
    # Now the second latest is five days old: room for another comes in two days, and that is in time.
    assert as_dict((await desk.forecast(await desk.draft())).held) == {"weekly_cap": 2}
    await went_out(desk, 1, [desk.cast.jo])
    # Now it is two days old: room comes in five, when the broadcast is no use any more.
    found = await desk.forecast(await desk.draft())
    assert (as_dict(found.left_out), found.held, found.going) == ({"weekly_cap": 2}, [], 2)


async def went_out(desk: Desk, days_ago: float, people: list[Carer], kind: str = "invitation") -> None:
    """A notice of this kind went out to these people so long ago."""
    at = desk.now - days_ago * DAY
    async with desk.database.write() as session:
        notice = Notice(key=f"{kind}:{at}:{random.random()}", kind=kind, created_at=at)
        session.add(notice)
        await session.flush()
        session.add_all(
            Delivery(
                notice_id=notice.id,
                kind=kind,
                carer_id=carer.id,
                dedupe_key=f"{notice.key}:c{carer.id}",
                priority=30,
                state=DeliveryState.SENT,
                queued_at=at,
                due_at=at,
                send_by=at + DAY,
                sent_at=at,
            )
            for carer in people
        )


async def test_what_counts_for_no_cap_fills_none(desk: Desk) -> None:
    desk.allow(weekly_cap=1)
    await went_out(desk, 1, [desk.cast.sam], kind="reminder")
    await went_out(desk, 8, [desk.cast.lin])
    assert (await desk.forecast(await desk.draft())).held == []


async def test_missing_translations_are_counted_by_language(desk: Desk) -> None:
    await desk.change(desk.cast.amal, language=Language.URDU)
    await desk.change(desk.cast.jo, language=Language.ARABIC)
    await desk.change(desk.cast.sam, language=Language.URDU, stopped_at=desk.now)
    found = await desk.forecast(await desk.draft(texts={"ar": "مرحبا"}))
    assert as_dict(found.by_language) == {"en": 1, "ur": 1, "ar": 1}
    assert as_dict(found.missing_translations) == {"ur": 1}


async def test_an_audience_that_does_not_exist_has_nobody(desk: Desk) -> None:
    found = await desk.forecast(await desk.draft(audience="gone"))
    assert (found.audience_carers, found.going, found.by_channel) == (0, 0, [])
    async with desk.database.read() as session:
        assert await forecast(session, 99, POLICY, LONDON, desk.now) is None


async def test_the_forecast_is_what_the_engine_then_does(desk: Desk) -> None:
    """Sixty carers in every combination of what can stand in the way; the engine is asked about each."""
    chance = random.Random(7)
    desk.allow(weekly_cap=2)
    people = await crowd(desk, chance)
    for carer in people:
        for _ in range(chance.choice([0, 0, 1, 2, 3])):
            await went_out(desk, chance.choice([0.5, 3.5, 4.5, 6.5, 7.5]), [carer])
    number = await desk.draft(topic="tickets")
    foretold = await desk.forecast(number)
    await desk.confirm(number)
    desk.now += MINUTE
    await desk.start_due()
    await desk.go()
    rows = await desk.deliveries()
    at_first = Counter((row.state, row.reason) for row in rows)
    held = {str(why): n for (state, why), n in at_first.items() if state is DeliveryState.HELD}
    too_late = Counter(
        str(row.reason) for row in rows if row.state is DeliveryState.HELD and row.due_at >= row.send_by
    )
    skipped = {str(why): n for (state, why), n in at_first.items() if state is DeliveryState.SKIPPED}
    assert as_dict(foretold.held) == dict(Counter(held) - too_late)
    assert as_dict(foretold.left_out) == dict(Counter(skipped) + too_late)
    assert foretold.going == len(rows) - sum(skipped.values()) - too_late.total()
    assert len(desk.sender.arrived) == foretold.going - sum(as_dict(foretold.held).values())
    assert held.keys() == {"paused", "weekly_cap"}
    assert skipped.keys() == {"no_app", "blocked", "unreachable", "stopped", "opted_out"}
    assert too_late.keys() == {"paused", "weekly_cap"}


async def crowd(desk: Desk, chance: random.Random) -> list[Carer]:
    people: list[Carer] = []
    async with desk.database.write() as session:
        for home in range(100, 130):
            household = Household(ref=f"H{home}", type=HouseholdType.MAINSTREAM, approved_on=NOON.date())
            session.add(household)
            await session.flush()
            for one in (1, 2):
                blocked = chance.random() < 0.15
                carer = Carer(
                    ref=f"C{home}-{one}",
                    household_id=household.id,
                    first_name="Kit",
                    chat_id=home * 10 + one if chance.random() < 0.85 else None,
                    unreachable_since=NOON if blocked else None,
                    unreachable_reason=chance.choice(["blocked", None]) if blocked else None,
                    stopped_at=NOON if chance.random() < 0.15 else None,
                    paused_until=chance.choice([None, None, NOON, NOON + DAY, NOON + 9 * DAY]),
                )
                session.add(carer)
                people.append(carer)
        await session.flush()
        session.add_all(OptOut(carer_id=one.id, topic="tickets") for one in people if chance.random() < 0.15)
    return people


@pytest.mark.parametrize(
    ("start", "messages", "finish"),
    [
        ("2025-05-06 11:00", 3600, "2025-05-06 11:02"),
        ("2025-05-06 19:59", 1800, "2025-05-06 20:00"),
        ("2025-05-06 19:59", 3600, "2025-05-07 07:01"),  # quiet from 21:00 to 08:00 in London
        ("2025-05-06 22:00", 0, "2025-05-07 07:00"),
        ("2025-10-25 19:59", 3600, "2025-10-26 08:01"),  # the night on which the clocks go back
        ("2025-05-06 11:00", 30 * 60 * 60 * 20, "2025-05-07 18:00"),  # twenty hours of sending
    ],
)
def test_the_finish_time_leaves_quiet_hours_out(start: str, messages: int, finish: str) -> None:
    begins, ends = (datetime.fromisoformat(f"{text}+00:00") for text in (start, finish))
    assert finish_time(begins, messages, POLICY) == ends


def test_without_quiet_hours_the_finish_time_is_a_division() -> None:
    policy = Policy(QuietHours(None, LONDON), rate=10)
    assert finish_time(NOON, 36_000, policy) == NOON + HOUR
    all_but_an_hour = Policy(QuietHours(parse_span("13:00-12:00"), LONDON), rate=1)
    assert finish_time(NOON, 2 * 3600, all_but_an_hour) == NOON + DAY + HOUR


async def test_a_preview_is_what_that_carer_would_get(desk: Desk) -> None:
    await desk.change(desk.cast.sam, language=Language.URDU, first_name="Sam <3")
    await desk.change(desk.cast.lin, language=Language.PUNJABI)
    number = await desk.draft("*Hello* {first_name}", texts={"ur": "{first_name} سلام"})

    async def shown(language: str | None = None, carer: int | None = None) -> Content | None:
        async with desk.database.read() as session:
            return await preview(session, number, language, carer)

    assert await shown() == Content("broadcast", {"html": "<b>Hello</b> [first name]"})
    assert await shown("ur") == Content("broadcast", {"html": "[first name] سلام"})
    assert await shown(carer=desk.cast.sam.id) == Content("broadcast", {"html": "Sam &lt;3 سلام"})
    assert await shown("en", desk.cast.sam.id) == Content("broadcast", {"html": "<b>Hello</b> Sam &lt;3"})
    assert await shown(carer=desk.cast.lin.id) == Content("broadcast", {"html": "<b>Hello</b> Lin"})
    assert await shown(carer=99) is None


async def test_recipients_are_found_by_parts_of_their_name_within_the_audience(desk: Desk) -> None:
    group = Group(name="baby carers")
    await desk.add(group)
    await desk.add(GroupMember(group_id=group.id, carer_id=desk.cast.amal.id))
    everyone, some = await desk.draft(), await desk.draft(audience="baby carers")

    async def found(number: int, search: str) -> list[str]:
        async with desk.database.read() as session:
            return [row.name for row in await find_recipients(session, number, search, desk.now, LONDON)]

    assert await found(everyone, "ree") == ["Amal Reed", "Jo Reed"]
    assert await found(everyone, "reed jo") == ["Jo Reed"]
    assert await found(everyone, "c3") == ["Sam Okafor"]
    assert await found(some, "") == ["Amal Reed"]
    assert await found(everyone, "100%") == []
    assert await found(99, "") == []
    async with desk.database.read() as session:
        (line,) = await find_recipients(session, some, "", desk.now, LONDON, limit=5)
    assert line == RecipientLine(desk.cast.amal.id, "Amal Reed", "en")


@pytest.mark.one_database
async def test_a_nation_is_counted_in_well_under_a_second(database: Database) -> None:
    await add_carers(database, NATION)
    week = NOON - timedelta(days=2)
    async with database.write() as session:
        for number in (1, 2):
            await queue_for_audience(
                session, "survey", "all", about=str(number), now=week, today=NOON.date(), send_by=NOON
            )
        session.add(Broadcast(id=1, texts={"en": "Hello"}, created_at=NOON, changed_at=NOON))
        await insert_rows(session, OptOut, [{"carer_id": n, "topic": "socials"} for n in range(1, 6000)])
    found, best = None, 9.0
    for _ in range(3):
        async with database.read() as session:
            begun = perf_counter()
            found = await forecast(session, 1, POLICY, LONDON, NOON)
            best = min(best, perf_counter() - begun)
        await asyncio.sleep(0)
    assert found is not None
    assert found.going == NATION
    assert found.needs_approval
    assert best < 0.8
