"""The calendar file: one entry for ever, replaced when the event moves, taken out when it is off."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.compose import all_composers
from broadcasts.kinds import KINDS
from broadcasts.sender import Content, Skip
from carers.people import Carer
from events.calendar import CalendarFile, calendar_file, whole_calendar
from events.phoned import answer_for
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice
from storage.deliveries import Delivery, DeliveryState
from storage.engine import Database, Session
from storage.events import Event
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_TWO_WEEKS,
    give_card,
    invitation_of,
    invited_event,
    queued,
    taps,
)
from tests.events.calendars import ODD_TITLES, method_of, read
from tests.support.cast import NOON, gather

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LINK = "https://meet.example/secret-room"
UPDATE, FOLLOW_UP = "calendar_update", "calendar_follow_up"


async def file_for(session: Session, event: Event, carer: Carer, now: datetime = NOON) -> CalendarFile:
    """The carer taps the button for the file."""
    invitation = await invitation_of(session, event, carer)
    file = await calendar_file(session, invitation.id, carer, now)
    assert file is not None
    return file


async def composed(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    return await all_composers()[delivery.kind](session, delivery, now)


async def followed(session: Session, kind: str, now: datetime) -> list[tuple[int, str]]:
    """To whom a file follows, and with which method."""
    found = []
    for delivery in await queued(session, kind):
        if delivery.state is DeliveryState.QUEUED:
            content = await composed(session, delivery, now)
            assert isinstance(content, Content)
            found.append((delivery.carer_id or 0, method_of(content.params["document"]["content"])))
    return sorted(found)


async def move(session: Session, event: Event, now: datetime, by: timedelta = HOUR) -> None:
    moved = replace(plan_of(event), starts_at=event.starts_at + by, ends_at=event.ends_at + by)
    await change_event(session, event.id, moved, None, now)


async def test_an_entry_keeps_its_uid_and_counts_its_changes(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(
            session, cast, title="Tea, cake; more", mode=HYBRID, online_url=LINK, description=f"At {LINK}"
        )
        await taps(session, event, cast.amal, Choice.ONLINE)
        files = [await file_for(session, event, cast.amal)]
        await move(session, event, NOON)
        files.append(await file_for(session, event, cast.amal))
        await cancel_event(session, event.id, "", cast.priya, NOON)
        files.append(await file_for(session, event, cast.amal))
        entries = [read(file.content)[0] for file in files]
        assert len({entry.uid for entry in entries}) == 1
        assert entries[0].sequence < entries[1].sequence < entries[2].sequence
        assert [method_of(file.content) for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
        assert [entry.status for entry in entries] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert [file.cancelled for file in files] == [False, False, True]
        assert entries[0].starts == IN_TWO_WEEKS
        assert entries[1].starts == IN_TWO_WEEKS + HOUR
        assert entries[0].title == "Tea, cake; more"
        assert entries[0].place == "Online"
        assert not any("meet.example" in file.content for file in files)


@pytest.mark.parametrize("title", ODD_TITLES)
async def test_any_title_place_and_description_are_read_back_as_they_were(
    database: Database, title: str
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, title=title, venue=title, description=title)
        await taps(session, event, cast.amal, Choice.GOING)
        shown = read((await file_for(session, event, cast.amal)).content)[0]
        expected = title.replace("\x07", " ")
        assert (shown.title, shown.place) == (expected, expected)
        assert shown.description == expected.strip()


async def test_a_long_description_is_cut_short(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, description="Bring a coat. " * 100)
        await taps(session, event, cast.amal, Choice.GOING)
        shown = read((await file_for(session, event, cast.amal)).content)[0]
        assert len(shown.description) <= 300
        assert shown.description.endswith("…")


@pytest.mark.parametrize("between", [timedelta(), SECOND], ids=["at the same moment", "a second apart"])
async def test_the_number_never_falls_and_grows_whenever_the_entry_leaves_or_comes_back(
    database: Database, between: timedelta
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID)
        await give_card(session, await invitation_of(session, event, cast.amal), cast.amal)
        now, entries = NOON, []
        for choice in (Choice.ONLINE, Choice.IN_PERSON, Choice.NOT_GOING, Choice.IN_PERSON, Choice.NOT_GOING):
            await taps(session, event, cast.amal, choice, now)
            entries.append(read((await file_for(session, event, cast.amal, now)).content)[0])
            now += between
        numbers = [entry.sequence for entry in entries]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) == (5 if between else 4)  # a switch within a second is told by its stamp
        assert [entry.status == "CANCELLED" for entry in entries] == [False, False, True, False, True]
        assert [entry.place for entry in entries[:2]] == ["Online", "The Hall"]


async def test_the_same_file_again_is_the_same(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        await give_card(session, await invitation_of(session, event, cast.amal), cast.amal)
        files = [(await file_for(session, event, cast.amal)).content for _ in range(2)]
        assert files[0] == files[1]


async def test_who_took_a_file_gets_the_next_by_itself_when_the_event_moves_and_when_it_is_off(
    database: Database,
) -> None:
    """And nobody else: not who took none, not who took it out again."""
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        for carer in (cast.amal, cast.sam, cast.lin):
            await give_card(session, await invitation_of(session, event, carer), carer)
            await taps(session, event, carer, Choice.GOING)
        for carer in (cast.amal, cast.lin):
            await file_for(session, event, carer)
        await taps(session, event, cast.lin, Choice.NOT_GOING, NOON + SECOND)
        assert await followed(session, UPDATE, NOON + SECOND) == [(cast.lin.id, "CANCEL")]
        await move(session, event, NOON + HOUR)
        assert await followed(session, UPDATE, NOON + HOUR) == [(cast.amal.id, "PUBLISH")]
        await cancel_event(session, event.id, "", None, NOON + 2 * HOUR)
        assert await followed(session, UPDATE, NOON + 2 * HOUR) == [(cast.amal.id, "CANCEL")]
        assert await queued(session, FOLLOW_UP) == []


async def test_a_file_that_waits_is_overtaken_by_the_next(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await give_card(session, await invitation_of(session, event, cast.amal), cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        await file_for(session, event, cast.amal)
        await move(session, event, NOON)
        await move(session, event, NOON + SECOND)
        first, second = await queued(session, UPDATE)
        assert first.state is DeliveryState.CANCELLED
        content = await composed(session, second, NOON + HOUR)
        assert isinstance(content, Content)
        assert read(content.params["document"]["content"])[0].starts == IN_TWO_WEEKS + 2 * HOUR


async def test_other_words_for_an_event_send_nobody_a_file(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        await give_card(session, await invitation_of(session, event, cast.amal), cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        first = read((await file_for(session, event, cast.amal)).content)[0]
        await change_event(session, event.id, replace(plan_of(event), title="Tea"), None, NOON)
        assert await queued(session, UPDATE) == []
        again = read((await file_for(session, event, cast.amal)).content)[0]
        assert (again.title, again.sequence > first.sequence) == ("Tea", True)


async def test_the_other_carer_of_a_household_hears_of_it_outside_quiet_hours_only(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        invitation = await invitation_of(session, event, cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        for carer in (cast.amal, cast.jo):
            await give_card(session, invitation, carer)
            await file_for(session, event, carer)
        await taps(session, event, cast.amal, Choice.NOT_GOING, NOON + SECOND)
        assert await followed(session, UPDATE, NOON + SECOND) == [(cast.amal.id, "CANCEL")]
        assert await followed(session, FOLLOW_UP, NOON + SECOND) == [(cast.jo.id, "CANCEL")]
        assert KINDS[UPDATE].always
        assert not KINDS[FOLLOW_UP].always
        assert not KINDS[UPDATE].repeats  # never twice after a crash
        assert not KINDS[FOLLOW_UP].repeats


async def test_what_staff_note_for_a_party_that_phoned_reaches_its_calendars(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        await give_card(session, invitation, cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        await whole_calendar(session, cast.amal, NOON)  # /calendar counts like the button of the card
        await answer_for(session, invitation.id, Choice.MAYBE, cast.priya, NOON + HOUR)
        assert await followed(session, FOLLOW_UP, NOON + HOUR) == [(cast.amal.id, "PUBLISH")]
        assert read((await file_for(session, event, cast.amal)).content)[0].status == "TENTATIVE"


async def test_nothing_follows_once_the_event_is_over(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        await give_card(session, invitation, cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)
        await file_for(session, event, cast.amal)
        await move(session, event, event.ends_at, timedelta(hours=-1))
        assert await queued(session, UPDATE) == []


async def test_the_whole_calendar_holds_what_a_carer_is_going_to(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        events = [await invited_event(session, cast, title=title) for title in ("One", "Two", "Three")]
        assert await whole_calendar(session, cast.amal, NOON) is None
        for event, choice in zip(events, (Choice.GOING, Choice.MAYBE, Choice.GOING), strict=True):
            await taps(session, event, cast.amal, choice)
        file = await whole_calendar(session, cast.amal, NOON)
        assert file is not None
        assert [shown.title for shown in read(file.content)] == ["One", "Three"]


async def test_nobody_gets_the_file_of_somebody_elses_invitation(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        assert await calendar_file(session, invitation.id, cast.sam, NOON) is None
        assert await calendar_file(session, 999_999, cast.sam, NOON) is None


async def test_a_file_taken_while_the_event_moves_is_either_right_or_followed_by_one_that_is(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        await give_card(session, invitation, cast.amal)
        await taps(session, event, cast.amal, Choice.GOING)

    async def taken() -> datetime:
        async with database.write() as session:
            file = await calendar_file(session, invitation.id, cast.amal, NOON)
            assert file is not None
            return read(file.content)[0].starts

    async def moved() -> None:
        async with database.write() as session:
            await move(session, await session.get_one(Event, event.id), NOON)

    starts, _ = await asyncio.gather(taken(), moved())
    async with database.read() as session:
        followed_by = [delivery.carer_id for delivery in await queued(session, UPDATE)]
    assert (starts, followed_by) in ((IN_TWO_WEEKS, [cast.amal.id]), (IN_TWO_WEEKS + HOUR, []))
