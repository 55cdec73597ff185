"""What came of a file: what it changed, or would change, and what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from carers.spreadsheet import Note, Notes, Sheet, Unreadable, read_sheet


@dataclass(slots=True)
class Tally:
    """What a file means for one kind of thing: refs, and for the changed ones what changes."""

    noun: str
    new: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    unchanged: int = 0

    def __str__(self) -> str:
        parts = [f"{len(self.new)} new", f"{len(self.changed)} changed", f"{self.unchanged} unchanged"]
        if self.ended:
            parts.append(f"{len(self.ended)} ended")
        return f"{self.noun}: {', '.join(parts)}"

    def lines(self) -> list[str]:
        """One line for each thing that is not left as it was."""
        return [
            *(f"{self.noun}: {ref} is new" for ref in self.new),
            *(f"{self.noun}: {ref} changes in {', '.join(what)}" for ref, what in self.changed.items()),
            *(f"{self.noun}: {ref} has ended" for ref in self.ended),
        ]


class Thing(StrEnum):
    """What a row of the register is about."""

    HOUSEHOLD = "household"
    CARER = "carer"


class Changed(StrEnum):
    """``ENDED``: an approval that went on until now has ended with this."""

    NEW = "new"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs, or one thing that is new. ``before`` and ``after`` as a file says them."""

    ref: str
    what: Thing
    kind: Changed
    column: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        who = f"{self.what.capitalize()} {self.ref}"
        if self.kind is Changed.NEW:
            return f"{who} is new: {self.after}"
        ends = " (the approval has ended)" if self.kind is Changed.ENDED else ""
        return f"{who}, {self.column}: {self.before or 'empty'} -> {self.after or 'empty'}{ends}"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """``done``: the file was taken. Otherwise nothing has changed: it has errors, or was only tried."""

    done: bool
    errors: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    tallies: tuple[Tally, ...] = ()
    besides: tuple[str, ...] = ()
    """What follows from it: ``group Evening is made``, ``told of a change: 12``."""
    changes: tuple[Change, ...] = ()
    """Each cell that differs, where the importer tells: the register's does."""


def open_sheet(
    name: str, content: bytes, known: Sequence[str], required: Iterable[str], notes: Notes
) -> Sheet | FileOutcome:
    """The rows of a file, or what came of it where it cannot be read: see `carers.spreadsheet.read_sheet`."""
    try:
        sheet = read_sheet(name, content, known, required, notes)
    except Unreadable as reason:
        return FileOutcome(done=False, errors=(Note(str(reason)),))
    if not sheet.rows:
        notes.warn("the file has no rows below its header")
    return sheet


def outcome(
    notes: Notes,
    *tallies: Tally,
    done: bool = False,
    besides: tuple[str, ...] = (),
    changes: tuple[Change, ...] = (),
) -> FileOutcome:
    """The notes in the order of the spreadsheet, with the tallies."""

    def place(note: Note) -> int:
        return note.row or 0

    return FileOutcome(
        done=done,
        errors=tuple(sorted(notes.errors, key=place)),
        warnings=tuple(sorted(notes.warnings, key=place)),
        tallies=tallies,
        besides=besides,
        changes=changes,
    )
