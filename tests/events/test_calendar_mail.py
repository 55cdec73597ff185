"""An event by mail: in the carer's calendar from the invitation on, moved and taken out as it happens."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.compose import all_composers
from broadcasts.sender import Content
from events.calendar_replies import take_reply
from events.phoned import answer_for
from events.planning import cancel_event, change_event, plan_of
from events.rsvp import Choice
from events.waitlist import expire_offers
from storage.calendar_queries import note_taken, taken_of
from storage.deliveries import DeliveryState
from storage.engine import Database, Session
from storage.events import Event
from storage.rsvp import RsvpState
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_TWO_WEEKS,
    invitation_of,
    invited_event,
    queued,
    taps,
)
from tests.events.calendars import ODD_TITLES, check_scheduling, read, reply_to
from tests.events.mailed import ORGANISER, brought, entries, mail_goes_out, told_by_mail
from tests.support.cast import NOON, gather

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LINK = "https://meet.example/secret-room"


async def move(session: Session, event: Event, now: datetime, by: timedelta = HOUR) -> None:
    moved = replace(plan_of(event), starts_at=event.starts_at + by, ends_at=event.ends_at + by)
    await change_event(session, event.id, moved, None, now)


async def test_an_invitation_by_mail_puts_the_event_into_the_calendar_and_asks(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal)
        event = await invited_event(session, cast, mode=HYBRID, online_url=LINK, description=f"At {LINK}")
        (text,) = await mail_goes_out(session, event, cast.amal)
        shown = check_scheduling(text)
        assert (shown.method, shown.said, shown.asks, shown.status) == (
            "REQUEST",
            "NEEDS-ACTION",
            True,
            "CONFIRMED",
        )
        assert (shown.attendee, shown.organizer) == ("mailto:amal@mail.example", f"mailto:{ORGANISER[1]}")
        assert (shown.starts, shown.place) == (IN_TWO_WEEKS, "The Hall")
        for private in ("meet.example", "Amal", "Reed", "VALARM"):
            assert private not in text


@pytest.mark.one_database
@pytest.mark.parametrize("title", ODD_TITLES)
async def test_odd_words_are_read_back_as_they_were(database: Database, title: str) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal)
        event = await invited_event(session, cast, title=title, venue=title)
        (text,) = await mail_goes_out(session, event, cast.amal)
        check_scheduling(text)
        shown = read(text)[0]
        assert (shown.title, shown.place) == (title.replace("\x07", " "),) * 2


async def test_a_second_try_of_the_same_mail_brings_the_same(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal)
        event = await invited_event(session, cast)
        (delivery,) = [each for each in await queued(session, "invitation") if each.carer_id == cast.amal.id]
        assert await brought(session, delivery, NOON) == await brought(session, delivery, NOON) is not None
        await cancel_event(session, event.id, "", None, NOON + HOUR)
        (update,) = await queued(session, "calendar_update")  # they had not answered: nothing else tells them
        for _ in range(2):
            assert "METHOD:CANCEL" in (await brought(session, update, NOON + HOUR) or "")


async def test_every_answer_is_followed_by_the_entry_as_it_stands_and_its_number_only_grows(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal)
        event = await invited_event(session, cast)
        now, shown = NOON, await entries(session, event, cast.amal)
        for choice in (Choice.GOING, Choice.MAYBE, Choice.NOT_GOING, Choice.GOING, Choice.GOING):
            now += SECOND
            await taps(session, event, cast.amal, choice, now)
            shown += await entries(session, event, cast.amal, now)
        assert [(each.method, each.said, each.status) for each in shown] == [
            ("REQUEST", "NEEDS-ACTION", "CONFIRMED"),
            ("REQUEST", "ACCEPTED", "CONFIRMED"),
            ("REQUEST", "TENTATIVE", "CONFIRMED"),
            ("CANCEL", "", ""),  # the event is on, but without this carer
            ("REQUEST", "ACCEPTED", "CONFIRMED"),
        ]
        numbers = [each.sequence for each in shown]
        assert numbers == sorted(set(numbers))


async def test_a_change_by_mail_brings_the_entry_along_and_no_second_mail_follows(database: Database) -> None:
    """To who has not answered nothing is said of a change, but their calendar moves with it."""
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.sam)
        event = await invited_event(session, cast)
        before = [await entries(session, event, carer) for carer in (cast.amal, cast.sam)]
        await taps(session, event, cast.amal, Choice.GOING, NOON + SECOND)
        before[0] += await entries(session, event, cast.amal, NOON + SECOND)
        await move(session, event, NOON + HOUR)
        for carer, said, was in zip((cast.amal, cast.sam), ("NEEDS-ACTION",) * 2, before, strict=True):
            (shown,) = await entries(session, event, carer, NOON + HOUR)
            assert (shown.method, shown.said, shown.starts) == ("REQUEST", said, IN_TWO_WEEKS + HOUR)
            assert shown.sequence > was[-1].sequence
        updates = {each.carer_id: each.state for each in await queued(session, "calendar_update")}
        assert updates == {cast.amal.id: DeliveryState.SKIPPED, cast.sam.id: DeliveryState.SENT}

        await taps(session, event, cast.amal, Choice.GOING, NOON + 2 * HOUR)  # yes, they still can
        assert [each.said for each in await entries(session, event, cast.amal, NOON + 2 * HOUR)] == [
            "ACCEPTED"
        ]


async def test_what_is_called_off_leaves_every_calendar_that_had_it_once(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.sam, cast.lin)
        event = await invited_event(session, cast)
        for carer, choice in ((cast.amal, Choice.GOING), (cast.lin, Choice.NOT_GOING)):
            await entries(session, event, carer)
            await taps(session, event, carer, choice, NOON + SECOND)
            await entries(session, event, carer, NOON + SECOND)
        await cancel_event(session, event.id, "Snow", cast.priya, NOON + HOUR)
        gone = [await entries(session, event, each, NOON + HOUR) for each in (cast.amal, cast.sam, cast.lin)]
        # Sam's invitation had not gone out, and Lin's calendar has it no more.
        assert [[(each.method, each.status) for each in got] for got in gone] == [
            [("CANCEL", "CANCELLED")],
            [],
            [],
        ]


async def test_both_carers_of_a_household_have_it_right_whoever_answered(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.jo)
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        for carer in (cast.amal, cast.jo):
            await entries(session, event, carer)
        await taps(session, event, cast.amal, Choice.GOING, NOON + SECOND)
        shown = [await entries(session, event, each, NOON + SECOND) for each in (cast.amal, cast.jo)]
        assert [[(one.said, one.attendee) for one in got] for got in shown] == [
            [("ACCEPTED", "mailto:amal@mail.example")],
            [("ACCEPTED", "mailto:jo@mail.example")],
        ]
        await answer_for(
            session, (await invitation_of(session, event, cast.jo)).id, Choice.MAYBE, cast.priya, NOON + HOUR
        )
        shown = [await entries(session, event, each, NOON + HOUR) for each in (cast.amal, cast.jo)]
        assert [[one.said for one in got] for got in shown] == [["TENTATIVE"]] * 2  # with what staff noted
        follow_ups = await queued(session, "calendar_follow_up")
        assert [each.state for each in follow_ups[-2:]] == [DeliveryState.SKIPPED] * 2


@pytest.mark.one_database
async def test_a_couple_with_one_address_has_an_entry_for_each_in_its_calendar(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.jo)
        cast.jo.email = "AMAL@mail.example"
        event = await invited_event(session, cast)
        (hers,), (his,) = [await mail_goes_out(session, event, carer) for carer in (cast.amal, cast.jo)]
        (first,), (second,) = read(hers), read(his)
        assert first.uid != second.uid
        assert (first.title, second.title) == (f"{event.title} (Amal)", f"{event.title} (Jo)")
        yes, no = reply_to(hers, "ACCEPTED", NOON + SECOND), reply_to(his, "DECLINED", NOON + SECOND)
        assert await take_reply(session, yes, None, cast.amal.id, NOON + SECOND)
        assert await take_reply(session, no, None, cast.amal.id, NOON + SECOND) is None
        assert await take_reply(session, no, None, cast.jo.id, NOON + SECOND)
        stands = [(await invitation_of(session, event, carer)).state for carer in (cast.amal, cast.jo)]
        assert stands == [RsvpState.GOING, RsvpState.NOT_GOING]


@pytest.mark.one_database
async def test_a_household_that_answers_as_one_has_one_entry_at_its_one_address(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.jo)
        cast.jo.email = cast.amal.email
        event = await invited_event(session, cast, rsvp_by=HOUSEHOLD)
        both = [await mail_goes_out(session, event, carer) for carer in (cast.amal, cast.jo)]
        assert len({read(text)[0].uid for (text,) in both}) == 1


async def test_who_waits_may_come_and_who_is_offered_a_place_is_asked(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal)
        event = await invited_event(session, cast, capacity=1)
        await entries(session, event, cast.amal)
        await taps(session, event, cast.lin, Choice.GOING)
        await taps(session, event, cast.amal, Choice.GOING, NOON + SECOND)
        shown = await entries(session, event, cast.amal, NOON + SECOND)
        await taps(session, event, cast.lin, Choice.NOT_GOING, NOON + HOUR)
        shown += await entries(session, event, cast.amal, NOON + HOUR)
        await expire_offers(session, NOON + 3 * DAY)
        shown += await entries(session, event, cast.amal, NOON + 3 * DAY)
        assert [(each.said, each.status, each.asks) for each in shown] == [
            ("TENTATIVE", "TENTATIVE", True),
            ("NEEDS-ACTION", "CONFIRMED", True),
            ("NEEDS-ACTION", "CONFIRMED", True),
        ]


async def test_an_event_that_moves_while_its_invitations_go_out_ends_at_its_new_time(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.sam)
        event = await invited_event(session, cast)
        by_carer = {each.carer_id: each for each in await queued(session, "invitation")}
        await move(session, event, NOON)
        # Sam's mail was written before the change was to be seen, and noted after.
        await note_taken(session, {(by_carer[cast.sam.id].invitation_id or 0, cast.sam.id): 0})
        by_carer[cast.sam.id].state, by_carer[cast.sam.id].sent_at = DeliveryState.SENT, NOON
        await session.flush()
        for carer, mails in ((cast.sam, 1), (cast.amal, 1)):
            shown = await entries(session, event, carer, NOON)
            assert [each.starts for each in shown] == [IN_TWO_WEEKS + HOUR] * mails


async def test_a_number_never_falls_whoever_writes_it_last(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast)
        key = ((await invitation_of(session, event, cast.amal)).id, cast.amal.id)
        for number in (4, 9, 6):
            await note_taken(session, {key: number})
        assert await taken_of(session, *key) == 9


async def test_who_has_the_app_gets_no_entry_by_mail(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.sam)
        event = await invited_event(session, cast)
        await taps(session, event, cast.amal, Choice.GOING)
        assert await queued(session, "calendar_update") == []


async def test_a_mail_for_the_calendar_says_how_things_stand(database: Database) -> None:
    """Where in the line they are, or that it is off: nothing else tells who had not answered."""
    async with database.write() as session:
        cast = await gather(session)
        await told_by_mail(session, cast.amal, cast.sam)
        event = await invited_event(session, cast, capacity=1)
        for carer in (cast.amal, cast.sam):
            await entries(session, event, carer)
        await taps(session, event, cast.lin, Choice.GOING)
        await taps(session, event, cast.amal, Choice.GOING, NOON + SECOND)
        waits = (await queued(session, "calendar_update"))[-1]
        content = await all_composers()[waits.kind](session, waits, NOON + SECOND)
        assert isinstance(content, Content)
        assert (content.kind, content.params["position"]) == ("calendar_update", 1)
        await cancel_event(session, event.id, "Snow", None, NOON + HOUR)
        off = next(each for each in await queued(session, "calendar_update") if each.carer_id == cast.sam.id)
        content = await all_composers()[off.kind](session, off, NOON + HOUR)
        assert isinstance(content, Content)
        assert (content.kind, content.params["reason"]) == ("cancellation", "Snow")
