"""What a register file would change as somebody is shown it: of a great many the first, and how many more.

It can be kept as a file of its own for whoever has a large one looked at and comes back to the answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from carers.file_outcome import Change, Changed, Thing
from carers.register_drafts import Preview
from carers.spreadsheet import Note

MOST = 200
"""How many errors, warnings or changes are listed; the rest are counted."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The first of many. ``number``: how many there are."""

    first: tuple[T, ...]
    number: int

    @property
    def more(self) -> int:
        return self.number - len(self.first)


@dataclass(frozen=True, slots=True)
class Shown:
    """A `Preview` in short."""

    name: str
    draft_id: int | None
    mark: str
    stale: bool
    changes_nothing: bool
    errors: Listed[Note]
    warnings: Listed[Note]
    lines: tuple[str, ...]
    """What comes of it in sentences."""
    ended: Listed[Change]
    changed: Listed[Change]
    new: Listed[Change]


def in_short(found: Preview) -> Shown:
    """What is shown of it."""
    outcome = found.outcome

    def changes(kind: Changed) -> Listed[Change]:
        return _first([one for one in outcome.changes if one.kind is kind])

    return Shown(
        found.name,
        found.draft_id,
        found.mark,
        found.stale,
        found.changes_nothing,
        _first(outcome.errors),
        _first(outcome.warnings),
        (*map(str, outcome.tallies), *(line[:1].upper() + line[1:] for line in outcome.besides)),
        changes(Changed.ENDED),
        changes(Changed.CHANGED),
        changes(Changed.NEW),
    )


def as_file(shown: Shown) -> bytes:
    """To be kept."""
    return orjson.dumps(shown)


def from_file(content: bytes) -> Shown:
    """What `as_file` kept."""
    kept = orjson.loads(content)
    notes = {name: _listed(kept[name], _note) for name in ("errors", "warnings")}
    changes = {name: _listed(kept[name], _change) for name in ("ended", "changed", "new")}
    return Shown(**{**kept, "lines": tuple(kept["lines"]), **notes, **changes})


def _first(all_of_them: Sequence[T]) -> Listed[T]:
    return Listed(tuple(all_of_them[:MOST]), len(all_of_them))


def _listed(kept: dict[str, Any], one: Any) -> Listed[Any]:
    first: Iterable[dict[str, Any]] = kept["first"]
    return Listed(tuple(one(values) for values in first), kept["number"])


def _note(values: dict[str, Any]) -> Note:
    return Note(**values)


def _change(values: dict[str, Any]) -> Change:
    return Change(**{**values, "what": Thing(values["what"]), "kind": Changed(values["kind"])})
