"""A backup is whole, comes back on either kind of database, and replaces nothing."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from carers.conversations import expect
from storage.attendance import Attendance, AttendanceState
from storage.ballot import Draw, DrawEntry
from storage.broadcasts import Attachment
from storage.carer_years import CarerYear
from storage.copies import CopyRefused, back_up, pause_waiting_broadcasts, restore
from storage.deliveries import Delivery, DeliveryState, Notice
from storage.engine import Database, Session, open_database
from storage.events import Event, Mode, RsvpBy
from storage.households import Carer, Household
from storage.rsvp import Invitation
from storage.series import EventTemplate, KindRule, Series, Term
from storage.tables import metadata
from tests.support.cast import NOON, gather


@pytest.fixture
def target_url(empty_database_url: str, tmp_path: Path) -> str:
    """Another database to restore into, on SQLite and on PostgreSQL."""
    is_postgresql = empty_database_url.startswith("postgresql")
    return empty_database_url if is_postgresql else f"sqlite:///{tmp_path / 'target.db'}"


async def fill(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        await expect(session, 101, "message", NOON, answers=["Zoë", 3])
        await plan(session)


async def plan(session: Session) -> None:
    """A series with an event of its own, whose places were drawn for, and what goes with both."""
    since: dict[str, Any] = {"created_at": NOON, "updated_at": NOON}
    flyer = Attachment(filename="a.png", mime="image/png", is_photo=True, content=b"a", created_at=NOON)
    series = Series(
        ref="coffee", pattern={}, rhythm={}, first_on=NOON.date(), skipped=["2025-05-13"], **since
    )
    session.add_all([flyer, series])
    await session.flush()
    event = Event(
        ref="coffee-1",
        title="Coffee",
        kind="social",
        starts_at=NOON,
        ends_at=NOON,
        mode=Mode.IN_PERSON,
        rsvp_by=RsvpBy.HOUSEHOLD,
        series_id=series.id,
        flyer_id=flyer.id,
        **since,
    )
    session.add_all(
        [
            event,
            Term(name="Summer", starts_on=NOON.date(), ends_on=NOON.date()),
            EventTemplate(name="Coffee", pattern={"minutes": 90}, **since),
            KindRule(kind="social", remind_days=[7, 1], updated_at=NOON),
        ]
    )
    await session.flush()
    draw = Draw(event_id=event.id, mode=Mode.IN_PERSON, number=1, seed="s", places=2, drawn_at=NOON)
    party = Invitation(event_id=event.id, household_id=1, party="h1", invited_at=NOON)
    session.add_all([draw, party])
    await session.flush()
    numbers = {"turn": 1, "seats": 2, "received": 0, "losses": 1}
    session.add(DrawEntry(draw_id=draw.id, invitation_id=party.id, household_id=1, won=True, **numbers))
    came = {"state": AttendanceState.ATTENDED, "source": "console", "recorded_at": NOON}
    session.add_all(
        Attendance(event_id=event.id, carer_id=carer, household_id=home, **came)
        for carer, home in ((1, 1), (2, 1), (3, 2))
    )


async def counts(database: Database) -> dict[str, int]:
    async with database.read() as session:
        return {
            table.name: (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


async def who_came(database: Database) -> list[Any]:
    """What reports read of the attendance: no row of it is copied, the other database counts for itself."""
    async with database.read() as session:
        columns = CarerYear.__table__.columns
        return [tuple(row) for row in await session.execute(select(*columns).order_by(*columns))]


async def restored(url: str, copy: Path) -> Database:
    target = open_database(url)
    await target.migrate()
    await restore(target, copy)
    return target


async def test_what_was_backed_up_comes_back_on_either_database(
    database: Database, target_url: str, tmp_path: Path
) -> None:
    await fill(database)
    copy = tmp_path / "copy.backup"
    assert await back_up(database, copy) == copy.stat().st_size
    target = await restored(target_url, copy)
    assert await counts(target) == await counts(database)
    assert {name for name, rows in (await counts(target)).items() if rows} >= {
        *("series", "terms", "event_templates", "kind_rules", "draws", "draw_entries", "attachments")
    }
    assert await who_came(target) == await who_came(database) != []
    async with target.write() as session:
        amal = (await session.scalars(select(Carer).where(Carer.ref == "C1"))).one()
        assert amal.linked_at == NOON
        # Numbers go on after the highest that came back.
        session.add(
            Household(ref="H9", type=(await session.get_one(Household, 1)).type, approved_on=NOON.date())
        )
        await session.flush()
    await target.close()


async def test_a_backup_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    await fill(database)
    await back_up(database, folder / "copy.backup")
    assert stat.S_IMODE((folder / "copy.backup").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["copy.backup"]


async def test_a_backup_replaces_no_file_and_a_restore_no_data(database: Database, tmp_path: Path) -> None:
    await fill(database)
    copy = tmp_path / "copy.backup"
    await back_up(database, copy)
    with pytest.raises(CopyRefused, match="exists already"):
        await back_up(database, copy)
    with pytest.raises(CopyRefused, match="not empty"):
        await restore(database, copy)


async def test_what_is_no_backup_is_refused_in_plain_words(database: Database, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Amal, " * 200)
    with pytest.raises(CopyRefused, match="no backup that Hearthline made"):
        await restore(database, letter)
    with pytest.raises(CopyRefused, match="no file"):
        await restore(database, tmp_path / "nothing")


async def test_after_a_restore_a_broadcast_waits_for_a_person(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for number, kind in enumerate(("broadcast", "reminder"), start=1):
            session.add(Notice(id=number, key=kind, kind=kind, created_at=NOON))
            await session.flush()
            session.add(
                Delivery(
                    notice_id=number,
                    kind=kind,
                    carer_id=cast.amal.id,
                    dedupe_key=kind,
                    priority=40,
                    state=DeliveryState.QUEUED,
                    queued_at=NOON,
                    due_at=NOON,
                    send_by=NOON,
                )
            )
        await session.flush()
        assert await pause_waiting_broadcasts(session, NOON) == 1
        assert (await session.get_one(Notice, 1, populate_existing=True)).paused_reason == "restored"
        assert (await session.get_one(Notice, 2, populate_existing=True)).paused_at is None
