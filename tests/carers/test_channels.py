"""By which way a carer is told: chosen, changed, and what waits going along."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcasts.queue import Recipient, queue_notice
from carers.channels import (
    AudienceWays,
    Channel,
    Chosen,
    choose_channel,
    clear_email_failure,
    letters_for_all,
    ways_of_audience,
)
from carers.directory import Contact, Search, count_by_contact, list_carers
from carers.handing_out import end_all_links, give_page
from carers.linking import new_link, redeem
from carers.pages import Opened, Purpose, Shut, open_code
from storage.deliveries import Delivery
from storage.engine import Database, Session
from storage.households import Carer
from storage.staff import AuditEntry
from storage.ways import note_mail
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.support.delivery import LONDON

DAY = timedelta(days=1)
TODAY = NOON.date()
KEY = "k" * 32


@pytest.fixture
async def cast(database: Database) -> Cast:
    """Lin has nothing, Sam an address alone, Amal and Jo the app; the service sends email."""
    async with database.write() as session:
        cast = await gather(session)
        cast.lin.chat_id = None
        cast.sam.chat_id, cast.sam.email = None, "sam@example.org"
        cast.jo.email = "jo@example.org"
        await note_mail(session, True, NOON)
        return cast


async def queue(session: Session, carers: Sequence[Carer]) -> None:
    people = [Recipient(carer_id=carer.id) for carer in carers]
    await queue_notice(session, "survey", people, about="a", now=NOON, send_by=NOON + 20 * DAY)


async def channels(database: Database) -> dict[int | None, str]:
    """Each carer's delivery by its channel."""
    async with database.read() as session:
        return {row.carer_id: row.channel for row in await session.scalars(select(Delivery))}


async def actions(database: Database) -> list[tuple[str, str]]:
    async with database.read() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject) for row in rows]


async def test_what_waits_goes_by_the_way_that_was_chosen(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        await queue(session, [cast.jo, cast.sam])
    assert await channels(database) == {cast.jo.id: "app", cast.sam.id: "email"}
    async with database.write() as session:
        assert await choose_channel(session, cast.jo.id, Channel.EMAIL, cast.priya, NOON) is Chosen.CHOSEN
        assert await choose_channel(session, cast.sam.id, Channel.LETTER, cast.priya, NOON) is Chosen.CHOSEN
        assert (
            await choose_channel(session, cast.sam.id, Channel.LETTER, cast.priya, NOON) is Chosen.UNCHANGED
        )
    assert await channels(database) == {cast.jo.id: "email", cast.sam.id: "letter"}
    async with database.write() as session:
        assert await choose_channel(session, cast.jo.id, Channel.APP, None, NOON) is Chosen.CHOSEN
        assert await choose_channel(session, cast.sam.id, None, cast.priya, NOON) is Chosen.CHOSEN
    assert await channels(database) == {cast.jo.id: "app", cast.sam.id: "email"}
    # What a carer chose for themselves is no deed of staff.
    assert [subject for _, subject in await actions(database)] == ["carer:C2", "carer:C3", "carer:C3"]


async def test_email_is_not_chosen_where_none_would_arrive(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        jo = await session.get_one(Carer, cast.jo.id)
        jo.email_failed_at, jo.email_failed_reason = NOON, "no_such_address"
        for carer in (cast.lin, cast.jo):
            assert await choose_channel(session, carer.id, Channel.EMAIL, cast.priya, NOON) is Chosen.NO_MAIL
        assert await choose_channel(session, 999, Channel.EMAIL, cast.priya, NOON) is Chosen.NOT_FOUND
        assert await clear_email_failure(session, cast.jo.id, cast.priya, NOON)
        assert not await clear_email_failure(session, cast.jo.id, cast.priya, NOON)
        assert await choose_channel(session, cast.jo.id, Channel.EMAIL, cast.priya, NOON) is Chosen.CHOSEN
        await note_mail(session, False, NOON)
        assert await choose_channel(session, cast.sam.id, Channel.EMAIL, cast.priya, NOON) is Chosen.NO_MAIL


async def test_letters_begin_for_those_alone_whom_nothing_reaches(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        jo = await session.get_one(Carer, cast.jo.id)
        jo.email, jo.unreachable_since, jo.stopped_at = None, NOON, NOON
        everyone = [cast.amal.id, cast.jo.id, cast.sam.id, cast.lin.id, 999]
        assert await letters_for_all(session, everyone, cast.priya, NOON) == 1
        assert await letters_for_all(session, everyone, cast.priya, NOON) == 0
        found = await list_carers(session, Search(way="letter"), NOON, LONDON)
        assert [line.name for line in found.lines] == ["Lin Marsh"]
        ways = await ways_of_audience(session, "all", TODAY)
        assert ways == AudienceWays(app=1, email=1, letter=1, none=1)
        assert await ways_of_audience(session, "no such group", TODAY) == AudienceWays()
    assert await actions(database) == [("carer.letters", "")]


async def test_how_carers_stand_is_counted_as_they_are_listed(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        jo = await session.get_one(Carer, cast.jo.id)
        jo.stopped_at, jo.paused_until, sam.chat_id, sam.paused_until = NOON, NOON + DAY, 900, NOON + DAY
        await session.flush()
        for worker in (None, cast.tom.id):
            counts = await count_by_contact(session, NOON, LONDON, worker)
            for contact in Contact:
                found = await list_carers(session, Search("", contact, worker), NOON, LONDON)
                assert counts[contact] == found.total
        counts = await count_by_contact(session, NOON, LONDON)
        assert [counts[one] for one in Contact] == [1, 0, 1, 1, 1]


async def test_who_connects_while_letters_begin_for_all_is_told_in_the_app(
    database: Database, cast: Cast
) -> None:
    async def letters() -> int:
        async with database.write() as session:
            return await letters_for_all(session, [cast.lin.id, cast.sam.id], cast.priya, NOON)

    async with database.write() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        sam.chat_id, sam.email = None, None
        token = await new_link(session, sam, NOON)
    async with database.write() as session:
        await redeem(session, token, STRANGER_CHAT, NOON)
        await session.flush()
        beginning = asyncio.create_task(letters())
        await asyncio.wait({beginning}, timeout=0.2)
        assert not beginning.done()
    await beginning
    async with database.read() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        assert (sam.chat_id, sam.channel) == (STRANGER_CHAT, None)


async def test_who_connects_to_the_app_is_told_there_from_then_on(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        await letters_for_all(session, [cast.lin.id], cast.priya, NOON)
        await queue(session, [cast.lin])
    assert await channels(database) == {cast.lin.id: "letter"}
    async with database.write() as session:
        lin = await session.get_one(Carer, cast.lin.id)
        await redeem(session, await new_link(session, lin, NOON), STRANGER_CHAT, NOON)
    assert await channels(database) == {cast.lin.id: "app"}


async def test_a_page_is_given_by_code_and_every_link_can_be_ended(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        given = await give_page(session, cast.lin.id, KEY, cast.priya, NOON, NOON.date())
        assert given is not None
        opened = await open_code(session, given.code, KEY, NOON, LONDON)
        assert isinstance(opened, Opened)
        assert (opened.carer.id, opened.purpose) == (cast.lin.id, Purpose.HOME)
        assert await end_all_links(session, cast.lin.id, cast.priya, NOON)
        assert await open_code(session, given.code, KEY, NOON, LONDON) is Shut.NOT_OURS
        assert not await end_all_links(session, 999, cast.priya, NOON)
        marshes = await session.get_one(type(cast.marshes), cast.marshes.id)
        marshes.ended_on = TODAY
        assert await give_page(session, cast.lin.id, KEY, cast.priya, NOON, NOON.date()) is None
    assert [action for action, _ in await actions(database)] == ["page.give", "page.end_links"]
