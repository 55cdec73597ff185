"""Two forms at the same moment: what the later of them had seen is compared once the earlier is through.

On SQLite writers are alone in any case.
"""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from carers.channels import Channel, choose_channel
from carers.groups import GroupWords, change_group
from events.choices import Choice, Party
from events.line import move_in_line
from events.phoned import answer_for
from storage.engine import Database, open_database
from storage.households import Carer
from storage.rsvp import RsvpState
from storage.ways import note_mail
from tests.support.cast import NOON, Cast
from tests.support.console import LONDON, Console, visitor
from tests.web.conftest import Busy, invitation_of
from tests.web.crowds import with_a_waiting_list

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[Database]:
    opened = open_database(postgresql_url)
    yield opened
    await opened.close()


async def somebody_waits(database: Database) -> None:
    """Until another transaction waits for a lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        while True:
            async with database.read() as session:
                if await session.scalar(waits):
                    return
            await asyncio.sleep(0.01)


async def test_an_answer_noted_at_the_same_moment_is_told_of(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/events/{busy.picnic}/parties/{busy.reeds}"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        async with database.write() as session:
            await answer_for(
                session, busy.reeds, Choice.NOT_GOING, cast.dee, NOON, LONDON, party=Party(1, 0, 0)
            )
            late = asyncio.create_task(priya.post(path, {"choice": "maybe", "adults": "2"}))
            await somebody_waits(database)
        assert "Their answer changed while you had this open" in await late
    assert (await invitation_of(database, busy.reeds)).state is RsvpState.NOT_GOING


async def test_a_line_that_moves_at_the_same_moment_is_looked_at_again(
    console: Console, database: Database, cast: Cast
) -> None:
    crowd = await with_a_waiting_list(database, cast, waiting=3)
    _, first, second = crowd.invitations
    path = f"/events/{crowd.event}/parties/{first}/move"
    async with visitor(console, cast.priya) as priya:
        await priya.get(path)
        async with database.write() as session:
            await move_in_line(session, second, 1, "A long drive", cast.dee, NOON)
            late = asyncio.create_task(priya.post(path, {"to": "2", "reason": "A word of mine"}))
            await somebody_waits(database)
        assert "Nobody was moved yet" in await late


async def test_a_way_chosen_at_the_same_moment_stays(
    console: Console, database: Database, cast: Cast
) -> None:
    path = f"/carers/{cast.lin.id}/way"
    async with database.write() as session:
        await note_mail(session, True, NOON)
        lin = await session.get_one(Carer, cast.lin.id)
        lin.channel, lin.email = Channel.LETTER, "lin@example.org"
    async with visitor(console, cast.priya) as priya:
        await priya.get(f"/carers/{cast.lin.id}")
        async with database.write() as session:
            await choose_channel(session, cast.lin.id, Channel.APP, cast.dee, NOON)
            late = asyncio.create_task(priya.post(path, {"way": "email"}))
            await somebody_waits(database)
        assert "the way was changed meanwhile" in await late
    async with database.read() as session:
        assert (await session.get_one(Carer, cast.lin.id)).channel is None


async def test_a_group_renamed_at_the_same_moment_keeps_that_name(
    console: Console, database: Database, cast: Cast, busy: Busy
) -> None:
    path = f"/groups/{busy.circle}/edit"
    async with visitor(console, cast.priya) as priya:
        shown = dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', await priya.get(path)))
        async with database.write() as session:
            was, renamed = GroupWords("Evening support group", "", True), GroupWords("Dusk", "", True)
            await change_group(session, busy.circle, was, renamed, cast.dee, NOON, NOON.date())
            mine = {**shown, "name": "Evening", "who": "open"}
            late = asyncio.create_task(priya.post(path, mine))
            await somebody_waits(database)
        assert "Somebody else changed this group while you had it open" in await late
