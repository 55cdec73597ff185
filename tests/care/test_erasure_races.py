"""Somebody writes, edits or imports while a carer is being erased: nothing of them comes back with it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from care.desk import Desk
from care.erasure import Erased, erase
from care.inbox import receive
from carers.household_edits import CarerFacts, Edited, edit_carer, facts_of_carer, mark
from carers.people import person_of_chat
from carers.register_file import import_register
from events.holds import LONDON
from storage.conversations import CarerMessage, Thread
from storage.engine import Database, Session
from storage.households import Carer
from surveys.keys import RoundKeys
from tests.data_files.files import csv_of
from tests.support.cast import NOON, Cast, gather

FILE = csv_of(
    [
        {
            "household_ref": "H1",
            "household_type": "mainstream",
            "approved_on": "2019-06-01",
            "carer_ref": "C1",
            "first_name": "Marker",
            "email": "marker@example.org",
        }
    ]
)


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def import_the_file(session: Session, cast: Cast) -> None:
    await import_register(session, "register.csv", FILE, NOON, NOON.date())


async def edit_by_hand(session: Session, cast: Cast) -> None:
    was = mark(facts_of_carer(cast.amal))
    edited = await edit_carer(
        session, cast.amal.id, CarerFacts("Marker", "Reed"), was, cast.priya, NOON, LONDON
    )
    assert edited.result in (Edited.SAVED, Edited.NOT_KEPT)


async def write_a_message(session: Session, cast: Cast) -> None:
    carer = (await person_of_chat(session, 101, hold=True)).carer
    if carer is not None:
        await receive(session, carer, "Marker", NOON, Desk(), chat_id=101, message_id=5)


@pytest.mark.parametrize("come_between", [import_the_file, edit_by_hand, write_a_message])
@pytest.mark.parametrize("first", ["erasure", "other"])
async def test_nothing_comes_back_with_what_happens_at_the_same_time(
    database: Database,
    cast: Cast,
    tmp_path: Path,
    come_between: Callable[[Session, Cast], Awaitable[None]],
    first: str,
) -> None:
    begun = asyncio.Event()

    async def erasing() -> None:
        async with database.write() as session:
            done = await erase(session, cast.amal.id, "C1", RoundKeys(tmp_path), cast.dee, NOON)
            begun.set()
            await asyncio.sleep(0.2)  # the other one reads, and comes to where it has to wait
        assert done is Erased.ERASED

    async def other() -> None:
        async with database.write() as session:
            await come_between(session, cast)
            begun.set()
            await asyncio.sleep(0.2)

    both = [erasing(), other()] if first == "erasure" else [other(), erasing()]
    sooner = asyncio.create_task(both[0])
    await begun.wait()
    await both[1]
    await sooner
    async with database.read() as session:
        amal = await session.get_one(Carer, cast.amal.id)
        assert (amal.first_name, amal.last_name, amal.email) == ("", "", None)
        for table in (CarerMessage, Thread):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
