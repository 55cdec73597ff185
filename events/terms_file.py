"""Importing the term dates from a spreadsheet, one row a term: all of a file or nothing.

A name that is known gets the row's dates. Terms that the file does not mention stay.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.cells import Cells, repeated
from carers.file_outcome import FileOutcome, Tally, open_sheet, outcome
from carers.spreadsheet import Notes
from events.rhythm import TermDates
from events.terms import LONGEST_NAME, TermProblem, TermsOutcome, problems, set_terms, term_dates
from storage.engine import Session
from storage.staff import StaffMember

COLUMNS = ("name", "starts_on", "ends_on")
_WRONG = {
    TermProblem.NO_NAME: ("name", "must not be empty"),
    TermProblem.ENDS_FIRST: ("ends_on", "is before starts_on"),
    TermProblem.OVERLAP: ("starts_on", "is before another term has ended"),
    TermProblem.TOO_LONG: ("ends_on", "makes it longer than 20 weeks; are the holidays missing?"),
}


async def import_terms(
    session: Session,
    name: str,
    content: bytes,
    now: datetime,
    zone: ZoneInfo,
    *,
    by: StaffMember | None = None,
    dry_run: bool = False,
) -> FileOutcome:
    """Take a file of term dates, by its name and content, and let the series that keep to them follow."""
    notes = Notes()
    sheet = open_sheet(name, content, COLUMNS, COLUMNS, notes)
    if isinstance(sheet, FileOutcome):
        return sheet
    for number, first in repeated((row.number, row["name"].casefold()) for row in sheet.rows).items():
        notes.error(f"is the same as in row {first}", number, "name")
    rows = [(row.number, _term(Cells(row, sheet.columns, notes))) for row in sheet.rows]
    given = {term.name.casefold(): (number, term) for number, term in rows if term is not None}
    known = {term.name.casefold(): term for term in await term_dates(session)}
    others = [term for key, term in known.items() if key not in given]
    merged = [*others, *(term for _, term in given.values())]
    for at, problem in problems(merged).items():
        if at >= len(others):
            column, message = _WRONG[problem]
            notes.error(message, list(given.values())[at - len(others)][0], column)
    if notes.errors:
        return outcome(notes)
    async with session.begin_nested() as attempt:
        done = await set_terms(session, merged, by, now, zone)
        if dry_run:
            await attempt.rollback()
    return outcome(notes, _tally(known, given), done=not dry_run, besides=_besides(done))


def _term(cells: Cells) -> TermDates | None:
    name = cells.line("name", LONGEST_NAME, required=True)
    starts_on, ends_on = cells.day("starts_on", required=True), cells.day("ends_on", required=True)
    return TermDates(name, starts_on, ends_on) if name and starts_on and ends_on else None


def _tally(known: dict[str, TermDates], given: dict[str, tuple[int, TermDates]]) -> Tally:
    tally = Tally("Terms")
    for key, (_, term) in given.items():
        if key not in known:
            tally.new.append(term.name)
        elif changed := _changed(known[key], term):
            tally.changed[term.name] = changed
        else:
            tally.unchanged += 1
    return tally


def _changed(was: TermDates, term: TermDates) -> list[str]:
    dates: dict[str, tuple[date, date]] = {
        "starts_on": (was.starts_on, term.starts_on),
        "ends_on": (was.ends_on, term.ends_on),
    }
    return [name for name, (before, after) in dates.items() if before != after]


def _besides(done: TermsOutcome) -> tuple[str, ...]:
    counts = {
        "events made": done.added,
        "events moved": done.moved,
        "events taken out": done.removed,
        "invited events that are in the holidays now, which you decide about": len(done.outside),
    }
    return tuple(f"{what}: {count}" for what, count in counts.items() if count)
