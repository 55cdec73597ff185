"""Importing the register of households and carers: all of a file or nothing."""

from asyncio import to_thread
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.constellations import oddities
from carers.file_outcome import FileOutcome, open_sheet, outcome
from carers.register_rows import COLUMNS, REQUIRED, HouseholdRow, read_register
from carers.register_update import RegisterUpdate
from carers.spreadsheet import Notes
from storage.engine import Session
from storage.households import ConstellationRole
from storage.households_queries import constellation_households, forget_contacts_of_ended
from storage.staff import StaffMember

_LONDON = ZoneInfo("Europe/London")
"""The zone of a service that has not set another."""


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
    # A large file takes seconds to read, in which the bot is to go on hearing what carers write.
    households = await to_thread(_read, name, content, notes, today)
    if isinstance(households, FileOutcome):
        return households
    await _note_constellations(session, households.values(), notes, today)
    update = RegisterUpdate(session, notes, now, today)
    async with session.begin_nested() as attempt:
        await update.run(households)
        if dry_run:
            await attempt.rollback()
        else:
            await record(session, now, by, "register.import", "", **update.changes.counts())
    changes = update.changes
    return outcome(
        notes,
        changes.homes,
        changes.people,
        done=not dry_run,
        besides=tuple(changes.made),
        changes=changes.in_order(),
    )


def _read(name: str, content: bytes, notes: Notes, today: date) -> Mapping[str, HouseholdRow] | FileOutcome:
    """The households of a file, or what is wrong with it."""
    sheet = open_sheet(name, content, COLUMNS, REQUIRED, notes)
    if isinstance(sheet, FileOutcome):
        return sheet
    households = read_register(sheet, notes, today)
    return outcome(notes) if notes.errors else households


async def forget_ended(session: Session, now: datetime, zone: ZoneInfo = _LONDON) -> int:
    """Erase name, email and phone of who has left, with their household or without it; returns of how many.

    For the daily purge: a household whose end was known in advance reaches it without an import.
    """
    return await forget_contacts_of_ended(session, now.astimezone(zone).date())


async def _note_constellations(
    session: Session, rows: Iterable[HouseholdRow], notes: Notes, today: date
) -> None:
    """Warn of constellations that are not as they should be, counting the file and what is known."""
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
    roles: dict[str, list[ConstellationRole | None]] = {}
    for name, role in placed.values():
        roles.setdefault(name, []).append(role)
    for name, number in touched.items():
        for odd in oddities(name, roles[name]):
            notes.warn(odd.text, number, odd.column)
