"""The rules of a saved audience, and the form in which they are kept.

A carer is in the audience when every rule of `Rules.include` holds and none of `Rules.exclude` does; of
several values within one rule any will do. A rule that exists is in order: making one that is not raises
``ValueError``. Rules name groups, areas and constellations by their names, and events, rounds and staff by
their ids; what becomes of a rule whose thing is gone is said in `carers.audience_matching`.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import Enum, StrEnum
from types import UnionType
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from storage.households import ConstellationRole, HouseholdType, Language

MOST_RULES = 20
"""In each of the two lists."""
MOST_VALUES = 200
LONGEST_NAME = 120
MOST_YEARS = 60
MOST_MONTHS = 120
FIRST_DAY = date(1990, 1, 1)
_LARGEST_ID = 2**31 - 1


class Way(StrEnum):
    """How a carer is told; ``none``: by no way at all."""

    APP = "app"
    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


class Which(StrEnum):
    """Of which constellations a rule speaks."""

    ANY = "any"
    NAMED = "named"
    NONE = "none"


class To(StrEnum):
    """To what somebody came."""

    ANYTHING = "anything"
    KIND = "kind"
    EVENT = "event"


class Answer(StrEnum):
    """Where the invitation of a carer, or of their household, stands."""

    NONE = "none"
    ANY = "any"
    GOING = "going"
    MAYBE = "maybe"
    NOT_GOING = "not_going"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a carer or their household must be, have done, or have left undone."""

    kind: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                _must(len(value) <= MOST_VALUES and len(set(value)) == len(value))
                _must(all(_is_name(one) for one in value if type(one) is str))
                _must(all(0 < one <= _LARGEST_ID for one in value if type(one) is int))


@dataclass(frozen=True, slots=True)
class OfType(Rule):
    kind: ClassVar[str] = "household_type"
    values: tuple[HouseholdType, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.values)


@dataclass(frozen=True, slots=True)
class InArea(Rule):
    kind: ClassVar[str] = "area"
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.values)


@dataclass(frozen=True, slots=True)
class InConstellation(Rule):
    """``names`` where ``which`` is named; ``role`` null: hub and satellites alike."""

    kind: ClassVar[str] = "constellation"
    which: Which
    names: tuple[str, ...] = ()
    role: ConstellationRole | None = None

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(bool(self.names) == (self.which is Which.NAMED))
        _must(self.role is None or self.which is not Which.NONE)


@dataclass(frozen=True, slots=True)
class InGroup(Rule):
    kind: ClassVar[str] = "group"
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.names)


@dataclass(frozen=True, slots=True)
class Reads(Rule):
    kind: ClassVar[str] = "language"
    values: tuple[Language, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.values)


@dataclass(frozen=True, slots=True)
class Approved(Rule):
    """Approved for so many years, or (``at_least`` false) for less than that."""

    kind: ClassVar[str] = "years_approved"
    at_least: bool
    years: int

    def __post_init__(self) -> None:
        _must(1 <= self.years <= MOST_YEARS)


@dataclass(frozen=True, slots=True)
class HasWorker(Rule):
    """One of these members of staff supervises the household, or (``nobody``) none does."""

    kind: ClassVar[str] = "social_worker"
    ids: tuple[int, ...] = ()
    nobody: bool = False

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.ids or self.nobody)


@dataclass(frozen=True, slots=True)
class OnHold(Rule):
    kind: ClassVar[str] = "on_hold"


@dataclass(frozen=True, slots=True)
class MainCarer(Rule):
    kind: ClassVar[str] = "main_carer"


@dataclass(frozen=True, slots=True)
class ToldBy(Rule):
    kind: ClassVar[str] = "told_by"
    values: tuple[Way, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.values)


@dataclass(frozen=True, slots=True)
class Attended(Rule):
    """Was ticked at something: at anything, at a kind of event, or at one event.

    ``months``: within so many months up to the day on which the audience is asked for; ``since``: from this
    local day on; neither: ever. One event needs neither.
    """

    kind: ClassVar[str] = "attended"
    to: To = To.ANYTHING
    event_kind: str = ""
    event_id: int | None = None
    months: int | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        _must((self.to is To.KIND) == (self.event_kind != ""))
        _must(not self.event_kind or _is_name(self.event_kind))
        _must((self.to is To.EVENT) == (self.event_id is not None))
        _must(self.event_id is None or 0 < self.event_id <= _LARGEST_ID)
        _must(sum(one is not None for one in (self.months, self.since, self.event_id)) <= 1)
        _must(self.months is None or 1 <= self.months <= MOST_MONTHS)
        _must(self.since is None or self.since >= FIRST_DAY)


@dataclass(frozen=True, slots=True)
class NotAttended(Attended):
    """Was ticked at nothing of the sort: not seen."""

    kind: ClassVar[str] = "not_attended"


@dataclass(frozen=True, slots=True)
class Answered(Rule):
    """Was invited to this event, and the invitation stands like this."""

    kind: ClassVar[str] = "answered"
    event_id: int
    values: tuple[Answer, ...]

    def __post_init__(self) -> None:
        Rule.__post_init__(self)
        _must(self.values and 0 < self.event_id <= _LARGEST_ID)


@dataclass(frozen=True, slots=True)
class Silent(Rule):
    """Was invited within so many months, and neither they nor (where it answers) their household answered
    anything in that time."""

    kind: ClassVar[str] = "silent"
    months: int

    def __post_init__(self) -> None:
        _must(1 <= self.months <= MOST_MONTHS)


@dataclass(frozen=True, slots=True)
class TookPart(Rule):
    """Was asked in this round, and answered or did not. Rounds with names alone: of an anonymous one nobody
    is to learn, not even by counting, who took part."""

    kind: ClassVar[str] = "survey"
    round_id: int
    answered: bool

    def __post_init__(self) -> None:
        _must(0 < self.round_id <= _LARGEST_ID)


KINDS: dict[str, type[Rule]] = {
    one.kind: one
    for one in (
        OfType,
        InArea,
        InConstellation,
        InGroup,
        Reads,
        Approved,
        HasWorker,
        OnHold,
        MainCarer,
        ToldBy,
        Attended,
        NotAttended,
        Answered,
        Silent,
        TookPart,
    )
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Who is in an audience: whoever fulfils all of ``include`` and none of ``exclude``."""

    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        _must(len(self.include) <= MOST_RULES and len(self.exclude) <= MOST_RULES)

    @property
    def all(self) -> tuple[Rule, ...]:
        return self.include + self.exclude


def to_json(rule: Rule) -> dict[str, Any]:
    """As it is kept: its kind, and its fields as plain values."""
    return {"kind": rule.kind} | {field.name: _plain(getattr(rule, field.name)) for field in fields(rule)}


def from_json(value: Any) -> Rule:
    """Back from there, or from a browser. Raises ``ValueError`` for what is no rule in order."""
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        raise ValueError("no such kind of rule")
    rule = KINDS[value["kind"]]
    given = {name: said for name, said in value.items() if name != "kind"}
    hints = get_type_hints(rule)
    if not given.keys() <= {field.name for field in fields(rule)}:
        raise ValueError("a rule of this kind has no such part")
    try:
        return rule(**{name: _read(hints[name], said) for name, said in given.items()})
    except TypeError as missing:
        raise ValueError("a part of the rule is missing") from missing


def rules_from_json(include: Any, exclude: Any) -> Rules:
    """Both lists. Raises ``ValueError`` as `from_json` does."""
    if not isinstance(include, list) or not isinstance(exclude, list):
        raise ValueError("rules come in lists")
    return Rules(tuple(map(from_json, include)), tuple(map(from_json, exclude)))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _read(hint: Any, value: Any) -> Any:
    """A plain value as the type that the field has. Raises ``ValueError`` for any other."""
    if isinstance(hint, UnionType):
        kinds = [one for one in get_args(hint) if one is not type(None)]
        return None if value is None else _read(kinds[0], value)
    if get_origin(hint) is tuple:
        _must(isinstance(value, list))
        return tuple(_read(get_args(hint)[0], one) for one in value)
    if hint is date:
        _must(isinstance(value, str))
        return date.fromisoformat(value)
    if hint in (bool, int, str):
        _must(type(value) is hint)
        return value
    _must(isinstance(value, str))
    return hint(value)


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _must(fulfilled: object) -> None:
    if not fulfilled:
        raise ValueError("the rule is not in order")


__all__ = [
    "FIRST_DAY",
    "KINDS",
    "MOST_MONTHS",
    "MOST_RULES",
    "MOST_YEARS",
    "Answer",
    "Answered",
    "Approved",
    "Attended",
    "ConstellationRole",
    "HasWorker",
    "HouseholdType",
    "InArea",
    "InConstellation",
    "InGroup",
    "Language",
    "MainCarer",
    "NotAttended",
    "OfType",
    "OnHold",
    "Reads",
    "Rule",
    "Rules",
    "Silent",
    "To",
    "ToldBy",
    "TookPart",
    "Way",
    "Which",
    "from_json",
    "rules_from_json",
    "to_json",
]
