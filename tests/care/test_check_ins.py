"""Check-ins are noted once, by who may, and taken back; of nobody but the household anything is kept."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from care.check_ins import CheckedIn, CheckInHow, check_ins_of, note_check_in, take_back_check_in
from care.erasure import erase
from storage.engine import Database, Session
from storage.households import Household
from storage.staff import AuditEntry, StaffMember
from surveys.keys import RoundKeys
from tests.support.cast import NOON, Cast, gather

LONDON = ZoneInfo("Europe/London")
TODAY = NOON.date()


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


async def note(
    session: Session,
    household: int,
    by: StaffMember,
    on: date = TODAY,
    how: CheckInHow = CheckInHow.PHONE,
    own: int | None = None,
) -> CheckedIn:
    return (await note_check_in(session, household, on, how, by, NOON, LONDON, own)).result


async def test_a_check_in_is_noted_once_and_taken_back(database: Database, cast: Cast) -> None:
    home = cast.reeds.id
    async with database.write() as session:
        assert await note(session, home, cast.tom) is CheckedIn.NOTED
        assert await note(session, home, cast.tom) is CheckedIn.ALREADY
        assert await note(session, home, cast.priya) is CheckedIn.NOTED  # who spoke to them as well
        earlier = TODAY - timedelta(days=3)
        assert await note(session, home, cast.tom, earlier, CheckInHow.NO_ANSWER) is CheckedIn.NOTED
    async with database.read() as session:
        found = await check_ins_of(session, home)
        assert [(one.made_on, one.how.value, one.by) for one in found] == [
            (TODAY, "phone", "Priya Lane"),
            (TODAY, "phone", "Tom Birch"),
            (TODAY - timedelta(days=3), "no_answer", "Tom Birch"),
        ]
        entry = await session.get_one(AuditEntry, 1)
        assert (entry.action, entry.subject) == ("check_in.note", f"household:{cast.reeds.ref}")
        assert entry.detail == {"made_on": TODAY.isoformat(), "how": "phone"}
    async with database.write() as session:
        number = found[0].id
        assert await take_back_check_in(session, home, number, cast.tom, NOON) is CheckedIn.TAKEN_BACK
        assert await take_back_check_in(session, home, number, cast.tom, NOON) is CheckedIn.NOT_FOUND
        assert len(await check_ins_of(session, home)) == 2


async def test_a_day_that_cannot_be_and_a_household_of_others_are_refused(
    database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        (await session.get_one(Household, cast.marshes.id)).ended_on = TODAY
        (await session.get_one(Household, cast.okafors.id)).approved_on = TODAY
        refused = {
            CheckedIn.NOT_FOUND: await note(session, 999, cast.tom),
            CheckedIn.FUTURE: await note(session, cast.reeds.id, cast.tom, TODAY + timedelta(days=1)),
            CheckedIn.TOO_LONG_AGO: await note(session, cast.reeds.id, cast.tom, TODAY - timedelta(days=400)),
            CheckedIn.BEFORE_APPROVAL: await note(
                session, cast.okafors.id, cast.tom, TODAY - timedelta(days=1)
            ),
            CheckedIn.ENDED: await note(session, cast.marshes.id, cast.tom),
        }
        assert all(wanted is found for wanted, found in refused.items())
        assert await note(session, cast.okafors.id, cast.tom, own=cast.tom.id) is CheckedIn.NOT_FOUND
        assert await note(session, cast.okafors.id, cast.tom) is CheckedIn.NOTED
        [there] = await check_ins_of(session, cast.okafors.id)
        home, own = cast.okafors.id, cast.tom.id
        gone = await take_back_check_in(session, home, there.id, cast.tom, NOON, own)
        assert gone is CheckedIn.NOT_FOUND
        gone = await take_back_check_in(session, cast.reeds.id, there.id, cast.tom, NOON)
        assert gone is CheckedIn.NOT_FOUND  # it is not of this household


async def test_they_go_with_the_last_carer_of_a_household_who_is_erased(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    left, keys = [], RoundKeys(tmp_path)
    async with database.write() as session:
        await note(session, cast.reeds.id, cast.tom)
        for carer in (cast.amal, cast.jo):
            await erase(session, carer.id, carer.ref, keys, cast.dee, NOON)
            left.append(len(await check_ins_of(session, cast.reeds.id)))
    assert left == [1, 0]
