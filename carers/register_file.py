"""Importing the register of households and carers: all of a file or nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from carers.audit import record
from carers.file_outcome import FileOutcome, outcome
from carers.register_rows import COLUMNS, REQUIRED, HouseholdRow, read_register
from carers.register_update import RegisterUpdate
from carers.spreadsheet import Note, Notes, Unreadable, read_sheet
from storage.engine import Session
from storage.households import ConstellationRole
from storage.households_queries import constellation_households, forget_contacts_of_ended
from storage.staff import StaffMember

MOST_SATELLITES = 10
"""A Mockingbird constellation is one hub and up to ten satellite households."""


async def import_register(
    session: Session,
    name: str,
    content: bytes,
    now: datetime,
    today: date,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
) -> FileOutcome:
    """Take a register file, by its name and content. ``today`` is the service's local date.

    With ``dry_run`` everything is done and taken back, so that what it says is what would happen.
    """
    notes = Notes()
    try:
        sheet = read_sheet(name, content, COLUMNS, REQUIRED, notes)
    except Unreadable as reason:
        return FileOutcome(done=False, errors=(Note(str(reason)),))
    households = read_register(sheet, notes, today)
    if notes.errors:
        return outcome(notes)
    if not households:
        notes.warn("the file has no rows below its header")
    await _note_constellations(session, households.values(), notes, today)
    update = RegisterUpdate(session, notes, now, today)
    async with session.begin_nested() as attempt:
        await update.run(households)
        if dry_run:
            await attempt.rollback()
        else:
            await record(session, now, by, "register.import", "", **update.counts())
    return outcome(notes, update.homes, update.people, done=not dry_run, besides=tuple(update.made))


async def forget_ended(session: Session, now: datetime) -> int:
    """Erase name, email and phone where the approval has ended; returns of how many carers.

    For the daily purge: a household whose end was known in advance reaches it without an import.
    """
    return await forget_contacts_of_ended(session, now.date())


async def _note_constellations(
    session: Session, rows: Iterable[HouseholdRow], notes: Notes, today: date
) -> None:
    """Warn of constellations that are larger than one can be, counting the file and what is known."""
    placed = await constellation_households(session, today)
    touched: dict[str, int] = {}
    for row in rows:
        values = row.values
        ended = values.get("ended_on")
        name = values.get("constellation")
        if "constellation" in values:
            placed.pop(row.ref, None)
        if name and not (ended and ended <= today):
            placed[row.ref] = (name, values.get("constellation_role"))
            touched.setdefault(name, row.number)
    counts = Counter(placed.values())
    for name, number in touched.items():
        satellites, hubs = counts[name, ConstellationRole.SATELLITE], counts[name, ConstellationRole.HUB]
        if satellites > MOST_SATELLITES:
            notes.warn(
                f"{name} has {satellites} satellites, more than {MOST_SATELLITES}", number, "constellation"
            )
        if hubs > 1:
            notes.warn(f"{name} has {hubs} hubs", number, "constellation_role")
