from typing import Any

from carers.file_outcome import FileOutcome
from events.attendance_file import import_attendance
from events.planning import cancel_event
from events.programme_file import import_programme
from storage.attendance import AttendanceState
from storage.attendance_queries import attendance_at
from storage.engine import Database, Session
from storage.events import Event
from storage.events_queries import event_by_ref
from tests.data_files.files import COFFEE, LONDON, PROGRAMME_COLUMNS, csv_of, said
from tests.support.cast import NOON, gather

COLUMNS = ["event_ref", "carer_ref", "state"]
PAST = COFFEE | {"starts_at": "2025-05-01 13:00", "ends_at": "2025-05-01 15:00"}


def entry(event: str, carer: str, state: str) -> dict[str, str]:
    return {"event_ref": event, "carer_ref": carer, "state": state}


async def bring(session: Session, *rows: dict[str, str], **how: Any) -> FileOutcome:
    return await import_attendance(session, "attendance.csv", csv_of(rows, COLUMNS), NOON, **how)


async def hold(session: Session, *rows: dict[str, str]) -> Event:
    await import_programme(session, "p.csv", csv_of(rows, PROGRAMME_COLUMNS), NOON, LONDON)
    event = await event_by_ref(session, rows[0]["event_ref"])
    assert event is not None
    return event


async def test_who_came_is_noted_and_a_later_file_corrects_it(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await hold(session, PAST)
        rows = [entry("coffee-06", "C1", "attended"), entry("coffee-06", "C3", "attended")]
        outcome = await bring(session, *rows)
        assert outcome.done
        assert said(outcome) == []
        rows[1] = entry("coffee-06", "C3", "no_show")
        tally = (await bring(session, *rows)).tallies[0]
        assert (tally.changed, tally.unchanged) == ({"C3 at coffee-06": ["state"]}, 1)
        noted = {row.carer_id: row for row in await attendance_at(session, event.id)}
        assert (noted[cast.sam.id].state, noted[cast.sam.id].source) == (AttendanceState.NO_SHOW, "import")
        assert noted[cast.amal.id].household_id == cast.reeds.id


async def test_every_error_is_told_with_row_and_column_and_nothing_is_noted(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        event = await hold(session, PAST)
        outcome = await bring(
            session,
            entry("coffee-06", "C1", "attended"),
            entry("tea", "C1", "attended"),
            entry("coffee-06", "C77", "maybe"),
            entry("coffee-06", "C1", "no_show"),
            entry("", "C1", ""),
        )
        assert {(note.row, note.column) for note in outcome.errors} == {
            (3, "event_ref"),
            (4, "carer_ref"),
            (4, "state"),
            (5, "carer_ref"),
            (6, "event_ref"),
            (6, "state"),
        }
        assert list(await attendance_at(session, event.id)) == []


async def test_a_dry_run_notes_nothing(database: Database) -> None:
    async with database.write() as session:
        await gather(session)
        event = await hold(session, PAST)
        outcome = await bring(session, entry("coffee-06", "C1", "attended"), dry_run=True)
        assert (outcome.done, str(outcome.tallies[0])) == (False, "Attendance: 1 new, 0 changed, 0 unchanged")
        assert list(await attendance_at(session, event.id)) == []


async def test_attendance_of_what_has_not_begun_or_was_cancelled_is_warned_of(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        event = await hold(session, COFFEE)
        assert said(await bring(session, entry("coffee-06", "C1", "attended"))) == [
            "row 2, event_ref: coffee-06 has not begun"
        ]
        await cancel_event(session, event.id, "Snow", cast.priya, NOON)
        assert said(await bring(session, entry("coffee-06", "C1", "attended"))) == [
            "row 2, event_ref: coffee-06 was cancelled"
        ]
