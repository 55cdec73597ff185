"""Importing the register of households and carers: all of a file or nothing."""

from asyncio import to_thread
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.constellations import oddities
from carers.file_outcome import FileOutcome, open_sheet, outcome
from carers.pace import Pace
from carers.register_rows import COLUMNS, REQUIRED, HouseholdRow, read_register
from carers.register_update import RegisterUpdate
from carers.spreadsheet import Notes
from storage.engine import Session
from storage.households import ConstellationRole
from storage.households_queries import constellation_households, forget_contacts_of_ended
from storage.staff import StaffMember

_LONDON = ZoneInfo("Europe/London")
"""The zone of a service that has not set another."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A register file that was read and not compared yet. What it says is used up when it is taken in.

    ``households`` is what came of it where it cannot be taken in at all.
    """

    notes: Notes
    households: Mapping[str, HouseholdRow] | FileOutcome

    @property
    def rows(self) -> int:
        """How many rows there are to go through: one a household and two a carer, see `RegisterUpdate`."""
        if isinstance(self.households, FileOutcome):
            return 0
        return sum(1 + 2 * len(row.carers) for row in self.households.values())


async def read_file(name: str, content: bytes, today: date) -> ReadFile:
    """Read a file, which needs no database: a large one takes seconds, in which others are not to wait for
    its writer. ``today`` is the service's local date."""
    notes = Notes()
    # In a thread, for the bot is to go on hearing what carers write.
    return ReadFile(notes, await to_thread(_read, name, content, notes, today))


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
    return await import_read(
        session, await read_file(name, content, today), now, today, by=by, dry_run=dry_run
    )


async def import_read(
    session: Session,
    read: ReadFile,
    now: datetime,
    today: date,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
    pace: Pace | None = None,
) -> FileOutcome:
    """The same of a file that was read already; ``pace`` hears of each row out of `ReadFile.rows`."""
    notes, households = read.notes, read.households
    if isinstance(households, FileOutcome):
        return households
    await _note_constellations(session, households.values(), notes, today)
    update = RegisterUpdate(session, notes, now, today, pace=pace or Pace())
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
