"""The post: what is printed, what is rung about, who gets nothing, and what counts as sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen

from bot.compose import Composers
from broadcasts.ledger_views import export_deliveries
from broadcasts.post import (
    About,
    PostRoom,
    count_post,
    mark_posted,
    mark_told,
    miss_stale,
    only,
    print_letters,
    to_post,
)
from broadcasts.queue import Recipient, queue_notice
from carers.channels import Channel, choose_channel
from carers.choices import pause, set_topic, stop
from carers.linking import new_link, redeem
from carers.pages import Opened, Purpose, open_code
from carers.topics import Topic
from events.choices import Choice
from events.invitations import send_invitations_now
from events.phoned import answer_for
from events.planning import EventPlan, cancel_event, plan_event
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database, Session
from storage.households import Carer
from storage.staff import AuditEntry, StaffMember
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.support.delivery import LONDON, POLICY

DAY = timedelta(days=1)
KEY = "k" * 32


@dataclass
class Office:
    """The Reeds and Sam get letters; Lin has the app. There is coffee in twelve days, and all are invited."""

    database: Database
    cast: Cast
    coffee: int = 0

    async def room(
        self, now: datetime = NOON, own: int | None = None, about: About | None = None
    ) -> PostRoom:
        async with self.database.read() as session:
            return await to_post(session, now, own, Composers(), POLICY, about)

    async def print(self, now: datetime = NOON) -> list[int]:
        """Print all that there is; the deliveries."""
        async with self.database.write() as session:
            room = only(await to_post(session, now, None, Composers(), POLICY), printed=False)
            codes = await print_letters(session, room, KEY, self.cast.priya, now)
        return list(codes)

    async def post(self, ids: list[int], by: StaffMember | None = None, own: int | None = None) -> int:
        async with self.database.write() as session:
            return len(await mark_posted(session, ids, by or self.cast.priya, NOON, own))

    async def rows(self) -> list[Delivery]:
        async with self.database.read() as session:
            return list((await session.scalars(select(Delivery).order_by(Delivery.id))).all())

    async def row_of(self, carer: Carer) -> Delivery:
        return next(row for row in await self.rows() if row.carer_id == carer.id)


def names(lines: list[Any]) -> list[str]:
    return [line.name for line in lines]


@pytest.fixture
async def office(database: Database) -> Office:
    async with database.write() as session:
        cast = await gather(session, linked=True)
        for carer in (cast.amal, cast.jo, cast.sam):
            carer.chat_id, carer.channel = None, Channel.LETTER
        await session.flush()
        office = Office(database, cast)
        office.coffee = await invite(session, cast, 12)
        return office


async def invite(session: Session, cast: Cast, days: float, title: str = "Coffee afternoon") -> int:
    starts = NOON + days * DAY
    plan = EventPlan(
        title=title, kind="social", starts_at=starts, ends_at=starts + timedelta(hours=2), draft=True
    )
    event = await plan_event(session, plan, cast.priya, NOON)
    await send_invitations_now(session, event.id, cast.priya, NOON, LONDON)
    return event.id


async def test_letters_wait_for_those_who_get_them_and_for_nobody_else(office: Office) -> None:
    room = await office.room()
    assert names(room.to_print) == ["Amal Reed", "Jo Reed", "Sam Okafor"]
    assert room.to_ring == []
    assert {(line.kind, line.about, line.household_ref) for line in room.to_print[:2]} == {
        ("invitation", "Coffee afternoon", "H1")
    }
    assert room.to_print[0].content.params["title"] == "Coffee afternoon"


async def test_many_letters_are_read_in_as_many_statements_as_few(office: Office) -> None:
    async def statements(own: int | None) -> int:
        seen: list[object] = []
        async with office.database.read() as session:
            connection = (await session.connection()).sync_connection
            listen(connection, "before_cursor_execute", lambda *details: seen.append(details[2]))
            await to_post(session, NOON, own, Composers(), POLICY)
        return len(seen)

    few, many = await office.room(own=office.cast.tom.id), await office.room()
    assert (len(few.to_print), len(many.to_print)) == (2, 3)
    assert await statements(office.cast.tom.id) == await statements(None)


async def test_a_social_worker_finds_the_letters_of_their_own_households(office: Office) -> None:
    tom = office.cast.tom
    assert names((await office.room(own=tom.id)).to_print) == ["Amal Reed", "Jo Reed"]
    ids = await office.print()
    assert await office.post(ids, tom, own=tom.id) == 2
    assert (await office.row_of(office.cast.sam)).state is DeliveryState.QUEUED
    async with office.database.write() as session:
        sams = (await office.row_of(office.cast.sam)).id
        assert not await mark_told(session, sams, tom, NOON, tom.id)


async def test_what_is_posted_counts_as_sent_and_only_once(office: Office) -> None:
    ids = await office.print()
    assert all(line.printed for line in (await office.room()).to_print)
    assert await office.post([*ids, 12_345]) == 3
    assert await office.post(ids) == 0
    posted = await office.row_of(office.cast.sam)
    assert (posted.state, posted.channel, posted.sent_at, posted.reason) == ("sent", "letter", NOON, None)
    assert not (await office.room()).to_print
    async with office.database.read() as session:
        log = (await session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("letters")))).all()
        assert [(row.action, row.detail) for row in log] == [
            ("letters.print", {"letters": 3}),
            ("letters.post", {"letters": 3}),
        ]


async def test_each_letter_has_a_code_that_opens_what_it_is_about(office: Office) -> None:
    async with office.database.write() as session:
        room = await to_post(session, NOON, None, Composers(), POLICY)
        codes = await print_letters(session, room, KEY, office.cast.priya, NOON)
        assert len(set(codes.values())) == 3
        for line in room.to_print:
            opened = await open_code(session, codes[line.delivery_id], KEY, NOON + 30 * DAY, LONDON)
            assert isinstance(opened, Opened)
            assert (opened.carer.id, opened.purpose, opened.about) == (
                line.carer_id,
                Purpose.INVITATION,
                line.invitation_id,
            )


async def test_who_does_not_want_it_or_asked_for_nothing_gets_no_letter(office: Office) -> None:
    cast = office.cast
    async with office.database.write() as session:
        amal, jo, sam = [await session.get_one(Carer, one.id) for one in (cast.amal, cast.jo, cast.sam)]
        await set_topic(session, amal, Topic.SOCIALS, False, NOON)
        await stop(session, jo, NOON)
        await pause(session, sam, NOON + 2 * DAY, NOON)
    assert not (await office.room()).to_print
    assert await office.print() == []
    assert [(row.state, row.reason) for row in await office.rows() if row.channel == "letter"] == [
        ("skipped", "opted_out"),
        ("skipped", "stopped"),
        ("held", "paused"),
    ]
    assert names((await office.room(NOON + 3 * DAY)).to_print) == ["Sam Okafor"]


async def test_what_they_said_yes_to_reaches_them_whatever_they_turned_off(office: Office) -> None:
    cast = office.cast
    await office.post(await office.print())
    async with office.database.write() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        invitation = (await office.row_of(cast.sam)).invitation_id
        assert invitation is not None
        await answer_for(session, invitation, Choice.GOING, cast.priya, NOON, LONDON)
        await stop(session, sam, NOON)
        await cancel_event(session, office.coffee, "The hall is flooded", cast.priya, NOON)
    room = await office.room()
    assert [(line.name, line.kind) for line in room.to_print] == [("Sam Okafor", "cancellation")]


async def test_what_would_come_too_late_is_rung_about(office: Office) -> None:
    async with office.database.write() as session:
        await invite(session, office.cast, 3, "Breakfast")
    room = await office.room()
    assert {line.about for line in room.to_print} == {"Coffee afternoon"}
    assert [(line.name, line.about) for line in room.to_ring] == [
        ("Amal Reed", "Breakfast"),
        ("Jo Reed", "Breakfast"),
        ("Sam Okafor", "Breakfast"),
    ]
    async with office.database.read() as session:
        assert await count_post(session, NOON, None) == (3, 3)
        assert await count_post(session, NOON, office.cast.tom.id, About(event_id=office.coffee)) == (2, 0)
    # Nine days later the coffee has come near as well: nobody posted its letters, so they are rung about.
    later = await office.room(NOON + 9 * DAY, about=About(event_id=office.coffee))
    assert (later.to_print, len(later.to_ring)) == ([], 3)


async def test_what_was_told_on_the_telephone_says_so(office: Office) -> None:
    row = await office.row_of(office.cast.amal)
    async with office.database.write() as session:
        assert await mark_told(session, row.id, office.cast.tom, NOON, office.cast.tom.id)
        assert not await mark_told(session, row.id, office.cast.tom, NOON, office.cast.tom.id)
    async with office.database.read() as session:
        exported = [one for one in await export_deliveries(session) if one.carer_ref == "C1"]
        entry = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()))).first()
    assert [(one.channel, one.state, one.sent_at) for one in exported] == [("phone", "sent", NOON)]
    assert entry is not None
    assert (entry.action, entry.subject) == ("letters.told", "carer:C1")


async def test_who_connects_while_their_letter_waits_gets_it_in_the_app(office: Office) -> None:
    cast = office.cast
    ids = await office.print()
    async with office.database.write() as session:
        sam = await session.get_one(Carer, cast.sam.id)
        await redeem(session, await new_link(session, sam, NOON), STRANGER_CHAT, NOON)
    assert names((await office.room()).to_print) == ["Amal Reed", "Jo Reed"]
    assert await office.post(ids) == 2
    assert (await office.row_of(cast.sam)).channel == "app"


async def test_nobody_is_asked_by_letter_what_they_have_answered(office: Office) -> None:
    cast = office.cast
    invitation = (await office.row_of(cast.sam)).invitation_id
    assert invitation is not None
    async with office.database.write() as session:
        await answer_for(session, invitation, Choice.NOT_GOING, cast.priya, NOON, LONDON)
    assert names((await office.room()).to_print) == ["Amal Reed", "Jo Reed"]
    async with office.database.write() as session:
        assert await miss_stale(session, NOON) >= 1
    row = await office.row_of(cast.sam)
    assert (row.state, row.reason) == ("skipped", "already answered")


async def test_a_stale_letter_is_missed(office: Office) -> None:
    await office.print()
    async with office.database.write() as session:
        assert await miss_stale(session, NOON + DAY) == 0
        assert await miss_stale(session, NOON + 12 * DAY) == 3
        assert await miss_stale(session, NOON + 12 * DAY) == 0
    row = await office.row_of(office.cast.sam)
    assert (row.state, row.reason) == ("missed", "printed")
    assert await office.post([row.id]) == 0


async def test_nobody_is_rung_for_a_reminder(office: Office) -> None:
    async with office.database.write() as session:
        sam = [Recipient(carer_id=office.cast.sam.id)]
        await queue_notice(session, "survey_reminder", sam, about="x", now=NOON, send_by=NOON + 9 * DAY)
    assert len((await office.room()).to_print) == 3
    async with office.database.write() as session:
        assert await miss_stale(session, NOON) == 1
    assert [(row.state, row.reason) for row in await office.rows()][-1] == ("skipped", "not_by_letter")


async def test_a_household_gets_no_more_letters_a_week_than_messages(office: Office) -> None:
    async with office.database.write() as session:
        for day in range(6):
            await invite(session, office.cast, 14 + day, f"Walk {day}")
    room = await office.room()
    assert len([line for line in room.to_print if line.name == "Sam Okafor"]) == POLICY.weekly_cap
    await office.post(await office.print())
    assert not (await office.room()).to_print
    assert len({line.about for line in (await office.room(NOON + 8 * DAY)).to_print}) == 2


async def test_a_message_that_is_paused_is_not_printed(office: Office) -> None:
    async with office.database.write() as session:
        notice = await session.get_one(Notice, (await office.row_of(office.cast.sam)).notice_id)
        notice.paused_at = NOON
    assert not (await office.room()).to_print


async def test_a_carer_who_gets_letters_no_more_is_off_the_list(office: Office) -> None:
    async with office.database.write() as session:
        await choose_channel(session, office.cast.sam.id, None, office.cast.priya, NOON)
    assert names((await office.room()).to_print) == ["Amal Reed", "Jo Reed"]
