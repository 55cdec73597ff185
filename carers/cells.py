"""Reading the cells of one row as what they mean, noting every error instead of stopping at the first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from carers.spreadsheet import Notes, Row

Choice = TypeVar("Choice", bound=StrEnum)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BRITISH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2}|Z)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cells:
    """One row to be read. Each method returns what the cell says, or nothing where it is empty or wrong."""

    row: Row
    columns: frozenset[str]
    """The columns that the file has: one that is missing is said once, not at every row."""
    notes: Notes

    def error(self, column: str, message: str) -> None:
        self.notes.error(message, self.row.number, column)

    def warn(self, column: str, message: str) -> None:
        self.notes.warn(message, self.row.number, column)

    def text(self, column: str, longest: int, required: bool = False) -> str:
        value = self.row[column]
        if required and not value and column in self.columns:
            self.error(column, "must not be empty")
        if len(value) > longest:
            self.error(column, f"is longer than {longest} characters")
        return value

    def line(self, column: str, longest: int, required: bool = False) -> str:
        """A text on one line."""
        return " ".join(self.text(column, longest, required).split())

    def choice(self, column: str, kinds: type[Choice], required: bool = False) -> Choice | None:
        value = self.text(column, 1000, required).casefold()
        if not value:
            return None
        try:
            return kinds(value)
        except ValueError:
            self.error(column, f"{self.row[column]!r} must be one of {', '.join(kinds)}")
            return None

    def yes_no(self, column: str) -> bool | None:
        value = self.row[column].casefold()
        if value and value not in ("yes", "no"):
            self.error(column, f"{self.row[column]!r} must be yes or no")
        return {"yes": True, "no": False}.get(value)

    def whole_number(self, column: str, lowest: int, highest: int) -> int | None:
        value = self.row[column]
        if not value:
            return None
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not lowest <= int(value) <= highest:
            self.error(column, f"{value!r} must be a whole number from {lowest} to {highest}")
            return None
        return int(value)

    def several(self, column: str, longest: int) -> list[str]:
        """Values parted by ``;``, each once."""
        parts = (" ".join(part.split()) for part in self.row[column].split(";"))
        values = list(dict.fromkeys(part for part in parts if part))
        for value in values:
            if len(value) > longest:
                self.error(column, f"{value[:30]!r}... is longer than {longest} characters")
        return values

    def day(self, column: str, required: bool = False) -> date | None:
        value = self.text(column, 1000, required)
        if not value:
            return None
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.error(column, f"{value!r} must be {_as_iso(value) or 'a date such as 2025-05-24'}")
        return None

    def moment(self, column: str, zone: ZoneInfo, required: bool = False) -> datetime | None:
        """A local time as UTC. One that the clocks skip is an error; one that comes twice means the first.

        With an offset behind it (``2025-10-26 01:30+00:00``) there is no doubt.
        """
        value = self.text(column, 1000, required)
        if not value:
            return None
        try:
            if not _MOMENT.fullmatch(value):
                raise ValueError
            written = datetime.fromisoformat(value)
        except ValueError:
            self.error(column, f"{value!r} must be a date and a time such as 2025-05-24 10:00")
            return None
        if written.tzinfo is not None:
            return written.astimezone(UTC)
        return self._local(column, written.replace(tzinfo=zone))

    def _local(self, column: str, local: datetime) -> datetime | None:
        utc = local.astimezone(UTC)
        if utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.error(column, f"{self.row[column]!r} does not exist: the clocks go forward over it")
            return None
        if local.replace(fold=1).astimezone(UTC) - utc > timedelta(0):
            self.warn(column, f"{self.row[column]!r} comes twice, as the clocks go back; the first is meant")
        return utc


def _as_iso(text: str) -> str:
    """A date as it is written here, day first, as the file wants it; empty where it is none."""
    found = _BRITISH_DAY.fullmatch(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat() if found else ""
    except ValueError:
        return ""


def repeated(rows: Iterable[tuple[int, str]]) -> dict[int, int]:
    """The rows whose key was there before, each with the row that had it first. Empty keys do not count."""
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    for number, key in rows:
        if key and first.setdefault(key, number) != number:
            again[number] = first[key]
    return again
