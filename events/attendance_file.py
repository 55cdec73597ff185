"""Importing attendance that was taken elsewhere, as by a partner who trains: all of a file or nothing."""

from datetime import datetime

from carers.audit import record
from carers.cells import Cells
from carers.file_outcome import FileOutcome, Tally, open_sheet, outcome
from carers.spreadsheet import Notes, Row, Sheet
from storage.attendance import Attendance, AttendanceState
from storage.attendance_queries import attendance_at, hold_attendance
from storage.engine import Session
from storage.events import Event, EventState
from storage.events_queries import event_by_ref
from storage.households import Carer
from storage.households_queries import carers_by_ref
from storage.staff import StaffMember

COLUMNS = ("event_ref", "carer_ref", "state")
IGNORED = ("household_ref",)
"""An export has it; a carer's household is the one that the register says."""

_Known = tuple[Event, Carer, AttendanceState]


async def import_attendance(
    session: Session,
    name: str,
    content: bytes,
    now: datetime,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
) -> FileOutcome:
    """Take an attendance file, by its name and content. Carers who were not invited count too.

    A later file, and one after staff ticked the list, replaces what was noted of the same carer and event.
    """
    notes = Notes()
    sheet = open_sheet(name, content, (*COLUMNS, *IGNORED), COLUMNS, notes)
    if isinstance(sheet, FileOutcome):
        return sheet
    entries = await _read(session, sheet, notes, now)
    if notes.errors:
        return outcome(notes)
    tally = Tally("Attendance")
    async with session.begin_nested() as attempt:
        await _write(session, entries, tally, by, now)
        if dry_run:
            await attempt.rollback()
        else:
            counts = {"new": len(tally.new), "changed": len(tally.changed)}
            await record(session, now, by, "attendance.import", "", **counts)
    return outcome(notes, tally, done=not dry_run)


async def _read(session: Session, sheet: Sheet, notes: Notes, now: datetime) -> list[_Known]:
    refs = {row["event_ref"] for row in sheet.rows}
    events = {ref: await event_by_ref(session, ref) for ref in refs}
    carers = await carers_by_ref(session, {row["carer_ref"] for row in sheet.rows})
    first: dict[tuple[str, str], int] = {}
    entries = []
    for row in sheet.rows:
        cells = Cells(row, sheet.columns, notes)
        state = cells.choice("state", AttendanceState, required=True)
        event = _event(cells, events, now)
        carer = _carer(cells, carers)
        _note_repeated(row, first, notes)
        if event and carer and state:
            entries.append((event, carer, state))
    return entries


def _event(cells: Cells, events: dict[str, Event | None], now: datetime) -> Event | None:
    ref = cells.line("event_ref", 64, required=True)
    event = events.get(ref)
    if ref and event is None:
        cells.error("event_ref", f"there is no event {ref!r}")
    elif event is not None and event.state is EventState.CANCELLED:
        cells.warn("event_ref", f"{ref} was cancelled")
    elif event is not None and event.starts_at > now:
        cells.warn("event_ref", f"{ref} has not begun")
    return event


def _carer(cells: Cells, carers: dict[str, Carer]) -> Carer | None:
    ref = cells.line("carer_ref", 64, required=True)
    if ref and ref not in carers:
        cells.error("carer_ref", f"there is no carer {ref!r}")
    return carers.get(ref)


def _note_repeated(row: Row, first: dict[tuple[str, str], int], notes: Notes) -> None:
    key = row["event_ref"], row["carer_ref"]
    if all(key) and first.setdefault(key, row.number) != row.number:
        notes.error(f"is the same carer and event as in row {first[key]}", row.number, "carer_ref")


async def _write(
    session: Session, entries: list[_Known], tally: Tally, by: StaffMember | None, now: datetime
) -> None:
    events = {event.id for event, _, _ in entries}
    await hold_attendance(session, events, {carer.id for _, carer, _ in entries})
    noted = {
        event_id: {row.carer_id: row for row in await attendance_at(session, event_id)} for event_id in events
    }
    for event, carer, state in entries:
        row = noted[event.id].get(carer.id)
        name = f"{carer.ref} at {event.ref}"
        if row is None:
            row = Attendance(event_id=event.id, carer_id=carer.id, household_id=carer.household_id)
            session.add(row)
            tally.new.append(name)
        elif row.state is state:
            tally.unchanged += 1
            continue
        else:
            tally.changed[name] = ["state"]
        row.state, row.source, row.recorded_at = state, "import", now
        row.recorded_by_id = by.id if by else None
    await session.flush()
