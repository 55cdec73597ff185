"""Where the secrets of a chat are kept: in one column each, read from every table there is, and in no log."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.purge import purge_all
from events.feed import Feeds
from events.holds import LONDON
from events.programme_export import attendance_table, deliveries_table, rsvps_table
from events.reminders import queue_due
from storage.engine import Database
from storage.households import Carer
from storage.tables import metadata
from tests.events.acts import HYBRID, IN_TWO_WEEKS, invitation_of, invited_event
from tests.handlers.chats import A_MOMENT, POLICY, Chats
from tests.support.cast import gather

AMAL, JO, SAM = 101, 102, 103
LINK = "https://meet.example/secret-room"
NEEDS = "Step-free, and no nuts"


async def holding(database: Database, words: str) -> set[str]:
    """The columns of all tables in which these words stand."""
    found = set()
    async with database.read() as session:
        for table in metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                found |= {f"{table.name}.{name}" for name, value in row.items() if words in str(value)}
    return found


@pytest.fixture
async def opened(chats: Chats, caplog: pytest.LogCaptureFixture) -> Chats:
    """Amal and Sam join a group online, and Amal has said what she needs."""
    caplog.set_level(logging.INFO)
    async with chats.database.write() as session:
        cast = await gather(session)
        event = await invited_event(session, cast, mode=HYBRID, online_url=LINK)
        amals = await invitation_of(session, event, cast.amal)
    await chats.pass_time(A_MOMENT)
    for chat_id in (AMAL, SAM):
        await chats.tap(chat_id, "Online")
    await chats.pass_time(A_MOMENT)
    await chats.send_data(AMAL, f"needs:{amals.id}")
    await chats.write(AMAL, NEEDS)
    await chats.pass_time(A_MOMENT)
    return chats


async def test_what_somebody_needs_is_kept_once_and_gone_within_a_week(
    opened: Chats, caplog: pytest.LogCaptureFixture
) -> None:
    database = opened.database
    assert await holding(database, NEEDS) == {"invitations.needs"}
    assert not [message for chat in (JO, SAM) for message in opened.all(chat) if NEEDS in message.text]
    async with database.read() as session:
        tables = [
            await rsvps_table(session, LONDON),
            await deliveries_table(session, LONDON),
            await attendance_table(session),
        ]
    assert NEEDS not in str(tables)
    await purge_all(database, IN_TWO_WEEKS + timedelta(days=1))
    assert await holding(database, NEEDS) == {"invitations.needs"}
    await purge_all(database, IN_TWO_WEEKS + timedelta(days=6))
    assert await holding(database, NEEDS) == set()
    assert NEEDS not in caplog.text


async def test_the_join_link_stays_with_its_event_once_it_is_given_out(
    opened: Chats, caplog: pytest.LogCaptureFixture
) -> None:
    opened.now = IN_TWO_WEEKS - timedelta(minutes=59)
    async with opened.database.write() as session:
        await queue_due(session, opened.now, POLICY.quiet)
    await opened.pass_time(A_MOMENT)
    await opened.tap(AMAL, "Join online")
    given = [chat for chat in (AMAL, JO, SAM) for message in opened.all(chat) if LINK in message.text]
    assert given == [AMAL, AMAL, SAM]
    assert await holding(opened.database, "secret-room") == {"events.online_url"}
    assert "secret-room" not in caplog.text


async def test_the_secret_of_a_calendar_is_kept_nowhere(
    opened: Chats, caplog: pytest.LogCaptureFixture
) -> None:
    await opened.send_data(AMAL, "feed:show")
    async with opened.database.read() as session:
        amal = (await session.scalars(select(Carer).where(Carer.chat_id == AMAL))).one()
        link = Feeds("k" * 32, "https://riverside.example").link_of(amal)
    assert link is not None
    assert any(link in message.text for message in opened.all(AMAL))
    secret = link.rpartition("/")[2].removesuffix(".ics")
    assert await holding(opened.database, secret) == set()
    assert secret not in caplog.text
