"""What a register file changes, as people read it: which column of whom, before and after."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from carers.file_outcome import Change, Changed, FileOutcome, Tally, Thing
from carers.register_rows import HouseholdRow
from storage.households import Carer, Household

_COLUMN_OF = {"type": "household_type", "social_worker_id": "social_worker", "household_id": "household_ref"}
_SAID_OF_NEW = ("household_type", "approved_on", "ended_on", "area", "constellation", "social_worker")


@dataclass(slots=True)
class RegisterChanges:
    """Counts what differs and keeps it. ``names``: what a column's keys are called, by column and key."""

    homes: Tally = field(default_factory=lambda: Tally("Households"))
    people: Tally = field(default_factory=lambda: Tally("Carers"))
    made: list[str] = field(default_factory=list)
    """What is made besides: groups and members of staff."""
    names: dict[str, dict[int, str]] = field(default_factory=dict)
    all: list[Change] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers for the audit log."""
        return {
            f"{tally.noun.lower()}_{what}": len(which)
            for tally in (self.homes, self.people)
            for what, which in (("new", tally.new), ("changed", tally.changed), ("ended", tally.ended))
        }

    def in_order(self) -> tuple[Change, ...]:
        """The households, then the carers, each with all that changes of it together."""
        first: dict[tuple[Thing, str], int] = {}
        for change in self.all:
            first.setdefault((change.what, change.ref), len(first))
        key = {who: (who[0] is Thing.CARER, at) for who, at in first.items()}
        return tuple(sorted(self.all, key=lambda change: key[change.what, change.ref]))

    def new_household(self, row: HouseholdRow) -> None:
        self.homes.new.append(row.ref)
        self.all.append(Change(row.ref, Thing.HOUSEHOLD, Changed.NEW, after=_in_short(row.values)))

    def new_carer(self, carer: Carer, home: Household) -> None:
        self.people.new.append(carer.ref)
        name = " ".join(filter(None, (carer.first_name, carer.last_name)))  # unset where the file has none
        after = f"{name}, household {home.ref}" if name else f"household {home.ref}"
        self.all.append(Change(carer.ref, Thing.CARER, Changed.NEW, after=after))

    def write(self, thing: Household | Carer, values: Mapping[str, Any], *, ended: bool = False) -> list[str]:
        """Set what differs and keep it; returns the columns that did. ``ended``: with this it has ended."""
        what = Thing.HOUSEHOLD if isinstance(thing, Household) else Thing.CARER
        columns = []
        for name, value in values.items():
            before = getattr(thing, name)
            if before == value:
                continue
            setattr(thing, name, value)
            column = _COLUMN_OF.get(name, name)
            kind = Changed.ENDED if ended and column == "ended_on" else Changed.CHANGED
            said = (self._said(column, before), self._said(column, value))
            self.all.append(Change(thing.ref, what, kind, column, *said))
            columns.append(column)
        return columns

    def regrouped(self, ref: str, before: Iterable[str], after: Iterable[str]) -> None:
        groups = (_listed(before), _listed(after))
        self.all.append(Change(ref, Thing.CARER, Changed.CHANGED, "groups", *groups))

    def _said(self, column: str, value: Any) -> str:
        if isinstance(value, int) and column in self.names:
            return self.names[column].get(value, "")
        return in_cell(value)


def count(tally: Tally, ref: str, columns: list[str]) -> None:
    """Count a thing as changed in these columns, or as unchanged where there are none."""
    if columns:
        tally.changed.setdefault(ref, []).extend(columns)
    else:
        tally.unchanged += 1


def fingerprint(outcome: FileOutcome) -> str:
    """What tells these changes from any others: nothing is taken in that nobody was shown."""
    shown = (sorted(map(repr, outcome.changes)), sorted(outcome.besides))
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def in_cell(value: Any) -> str:
    """A value as the file says it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case list():
            return ";".join(value)
    return str(value)


def _listed(names: Iterable[str]) -> str:
    return ";".join(sorted(names, key=str.casefold))


def _in_short(values: Mapping[str, Any]) -> str:
    said = {column: in_cell(values.get(column)) for column in _SAID_OF_NEW}
    lead = {"approved_on": "approved ", "ended_on": "ended ", "social_worker": "social worker "}
    return ", ".join(f"{lead.get(column, '')}{text}" for column, text in said.items() if text)
