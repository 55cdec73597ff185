"""A carer's private calendar feed: what it shows, and to whom it stays shut."""

from datetime import datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import event as sqlalchemy_event

from carers.linking import unlink
from carers.pages import end_links
from events.calendar import calendar_file
from events.feed import KEPT, Feeds, end_feed, new_feed, read
from events.planning import cancel_event
from events.rsvp import Choice
from storage.engine import Database, Session
from storage.households import Carer
from tests.events import calendars
from tests.events.acts import (
    HOUSEHOLD,
    HYBRID,
    IN_TWO_WEEKS,
    give_card,
    invitation_of,
    invited_event,
    taps,
)
from tests.events.calendars import ODD_TITLES
from tests.support.cast import NOON, gather

KEY = "k" * 32
FEEDS = Feeds(KEY, "https://riverside.example")
DAY = timedelta(days=1)


def secret_of(carer: Carer, feeds: Feeds = FEEDS) -> str:
    link = feeds.link_of(carer)
    assert link is not None
    return link.removeprefix("https://riverside.example/calendar/").removesuffix(".ics")


async def opened(session: Session, secret: str, now: datetime = NOON) -> str | None:
    return await read(session, secret, KEY, "Riverside Fostering", now)


async def test_it_shows_what_a_carer_is_going_to_may_go_to_and_what_was_called_off(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        link = "https://meet.example/secret-room"
        titles = {
            "Going": Choice.GOING,
            "Perhaps": Choice.MAYBE,
            "No": Choice.NOT_GOING,
            "Off": Choice.GOING,
            "Never answered": None,
        }
        for title, choice in titles.items():
            event = await invited_event(session, cast, title=title, description="Cake", rsvp_by=HOUSEHOLD)
            if choice is not None:
                await taps(session, event, cast.jo, choice)
            if title in ("Off", "Never answered"):
                await cancel_event(session, event.id, "", cast.priya, NOON)
        online = await invited_event(session, cast, title="Online", mode=HYBRID, online_url=link)
        await taps(session, online, cast.amal, Choice.ONLINE)
        text = await opened(session, secret_of(cast.amal))
        assert text is not None
        shown = {(one.title, one.status, one.place) for one in calendars.read(text)}
        assert shown == {
            ("Going", "CONFIRMED", "The Hall"),
            ("Perhaps", "TENTATIVE", "The Hall"),
            ("Off", "CANCELLED", "The Hall"),
            ("Online", "CONFIRMED", "Online"),
        }
        assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in text
        assert "X-PUBLISHED-TTL:PT4H" in text
        assert "X-WR-CALNAME:Riverside Fostering" in text
        for private in (link, "Amal", "Reed", "VALARM", "ATTENDEE", "ORGANIZER"):
            assert private not in text
        # The same facts make the same text, whenever it is read; so a calendar that has it need not read it.
        assert await opened(session, secret_of(cast.amal), NOON + DAY) == text


async def test_what_is_over_or_off_stays_for_thirty_days(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        for title in ("Over", "Off"):
            event = await invited_event(session, cast, title=title, starts_at=NOON + DAY)
            await taps(session, event, cast.amal, Choice.GOING)
            if title == "Off":
                await cancel_event(session, event.id, "", cast.priya, NOON)
        for now, titles in (
            (NOON + KEPT, ["Over", "Off"]),
            (NOON + KEPT + DAY, ["Over"]),
            (NOON + KEPT + 2 * DAY, []),
        ):
            text = await opened(session, secret_of(cast.amal), now)
            assert text is not None
            assert [one.title for one in calendars.read(text)] == titles


async def test_odd_titles_are_read_back_by_both_parsers(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        for title in ODD_TITLES:
            event = await invited_event(session, cast, title=title, venue=title)
            await taps(session, event, cast.amal, Choice.GOING)
        text = await opened(session, secret_of(cast.amal))
        assert text is not None
        assert [one.title for one in calendars.read(text)] == [
            title.replace("\x07", " ") for title in ODD_TITLES
        ]


async def test_a_number_in_the_feed_is_never_lower_than_that_of_a_file(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        event = await invited_event(session, cast)
        invitation = await invitation_of(session, event, cast.amal)
        await give_card(session, invitation, cast.amal)
        files = []
        for choice in (Choice.GOING, Choice.NOT_GOING, Choice.GOING):
            await taps(session, event, cast.amal, choice)
            files.append(await calendar_file(session, invitation.id, cast.amal, NOON))
        text, file = await opened(session, secret_of(cast.amal)), files[-1]
        assert text is not None
        assert file is not None
        assert calendars.read(text)[0].sequence == calendars.read(file.content)[0].sequence


async def test_a_new_link_ends_those_before_and_switching_off_ends_all_for_good(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert FEEDS.link_of(cast.amal) is None
        await new_feed(session, cast.amal, NOON)
        first = secret_of(cast.amal)
        assert await opened(session, first) is not None
        await new_feed(session, cast.amal, NOON)
        second = secret_of(cast.amal)
        assert await opened(session, first) is None
        assert await opened(session, second) is not None
        assert await end_feed(session, cast.amal, NOON)
        assert not await end_feed(session, cast.amal, NOON)
        assert FEEDS.link_of(cast.amal) is None
        await new_feed(session, cast.amal, NOON)
        assert [await opened(session, old) for old in (first, second)] == [None, None]
        assert await opened(session, secret_of(cast.amal)) is not None


async def test_a_secret_that_this_service_did_not_make_opens_nothing(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        mine = secret_of(cast.amal)
        await new_feed(session, cast.sam, NOON)
        payload, signature = mine.split(".")
        other_payload, other_signature = secret_of(cast.sam).split(".")
        foreign = secret_of(cast.amal, Feeds("x" * 32, "https://riverside.example"))
        unsalted = URLSafeSerializer(KEY).dumps([cast.amal.id, 1])
        for secret in (
            f"{other_payload}.{signature}",
            f"{payload}.{other_signature}",
            f"{payload}.",
            payload,
            foreign,
            str(unsalted),
            mine[:-1],
            mine + "A" * 300,
            "",
            "1",
            "../../etc",
        ):
            assert await opened(session, secret) is None


@pytest.mark.parametrize("fate", ["left", "leaves today", "disconnected", "links ended", "erased"])
async def test_it_ends_with_who_it_is_for(database: Database, fate: str) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.lin, NOON)
        secret = secret_of(cast.lin)
        assert await opened(session, secret) is not None
        match fate:
            case "left" | "leaves today":
                cast.marshes.ended_on = (NOON if fate == "leaves today" else NOON - DAY).date()
            case "disconnected":
                await unlink(session, cast.lin, cast.priya, NOON)
            case "links ended":
                await end_links(session, cast.lin)
            case "erased":
                await session.delete(cast.lin)
        await session.flush()
        assert await opened(session, secret) is None


async def test_nobody_needs_the_app_for_it_and_an_address_that_ended_with_a_telephone_stays_ended(
    database: Database,
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.lin, NOON)
        lost = secret_of(cast.lin)
        await unlink(session, cast.lin, cast.priya, NOON)
        await new_feed(session, cast.lin, NOON)
        assert await opened(session, secret_of(cast.lin)) is not None
        assert await opened(session, lost) is None


async def test_who_leaves_tomorrow_may_still_read_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.lin, NOON)
        cast.marshes.ended_on = (NOON + DAY).date()
        await session.flush()
        assert await opened(session, secret_of(cast.lin)) is not None


async def test_two_queries_are_enough_however_much_is_on(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await new_feed(session, cast.amal, NOON)
        for number in range(12):
            event = await invited_event(session, cast, starts_at=IN_TWO_WEEKS + number * DAY)
            await taps(session, event, cast.amal, Choice.GOING)
        secret = secret_of(cast.amal)
    statements: list[str] = []
    async with database.read() as session:
        sqlalchemy_event.listen(
            session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        text = await opened(session, secret)
    assert text is not None
    assert len(calendars.read(text)) == 12
    assert len([one for one in statements if one.lstrip().startswith("SELECT")]) == 2
