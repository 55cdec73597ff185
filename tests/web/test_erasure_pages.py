"""Erasing a carer in the console, and the page that says how long things are kept."""

import pytest

from care.erasure import ask
from care.retention import Keeping, note_purge, periods
from storage.conversations import CarerMessage
from storage.engine import Database
from storage.households import Carer
from tests.support.cast import NOON, Cast
from tests.support.console import Console, visitor
from tests.web.conftest import Busy

pytestmark = pytest.mark.one_database


async def amal_of(database: Database, cast: Cast) -> Carer:
    async with database.read() as session:
        return await session.get_one(Carer, cast.amal.id)


async def asked(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        await ask(session, await session.get_one(Carer, cast.amal.id), NOON)


async def test_who_asked_is_looked_at_confirmed_twice_and_erased(
    console: Console, cast: Cast, busy: Busy, database: Database
) -> None:
    page = f"/carers/{cast.amal.id}/erase"
    async with visitor(console, cast.dee) as dee:
        await dee.get("/erasures")
        assert "Nobody is waiting" in dee.html
        await asked(database, cast)
        await dee.get("/erasures")
        assert "Amal Reed" in dee.html
        await dee.get(page)
        assert "messages between them and the service" in dee.html
        assert "nobody can find it" in dee.html
        await dee.get(f"{page}/sure")
        for wrong in ("", "C2"):
            await dee.post(f"{page}/sure", {"number": wrong})
            assert dee.status == 422
            assert "There is a problem" in dee.html
        assert (await amal_of(database, cast)).first_name == "Amal"
        await dee.post(f"{page}/sure", {"number": "c1"})
        assert dee.path.startswith("/erasures?")
        assert "C1 is erased." in dee.html
        assert "Amal" not in dee.html
        await dee.get(page)
        assert dee.status == 404
    amal = await amal_of(database, cast)
    assert (amal.first_name, amal.chat_id, amal.erased_at is not None) == ("", None, True)


async def test_a_request_that_is_settled_otherwise_leaves_the_list(
    console: Console, cast: Cast, database: Database
) -> None:
    await asked(database, cast)
    async with visitor(console, cast.ash) as ash:
        await ash.get(f"/carers/{cast.amal.id}/erase")
        await ash.post(f"/carers/{cast.amal.id}/erase/refuse")
        assert "off the list" in ash.html
        assert "Nobody is waiting" in ash.html
    assert (await amal_of(database, cast)).erased_at is None


async def test_how_long_things_are_kept_what_went_last_and_what_would_go_now(
    console: Console, cast: Cast, database: Database
) -> None:
    async with database.write() as session:
        old = NOON.replace(year=2024)
        session.add(CarerMessage(carer_id=cast.amal.id, text="x", received_at=old))
    async with visitor(console, cast.dee) as dee:
        await dee.get("/retention")
        assert "It has not run yet." in dee.html
        for period in periods(Keeping()):
            assert period.kept in dee.html
        await dee.post("/retention")
        assert dee.status == 200
        assert "would go now. Nothing was deleted." in dee.html
        async with database.write() as session:
            await note_purge(session, {"messages": 3}, NOON)
        await dee.get("/retention")
        assert "It ran last on" in dee.html
    async with database.read() as session:
        assert await session.get(CarerMessage, 1) is not None
