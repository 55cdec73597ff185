"""Events to start from: the usual programme of a fostering service, and what the service kept of its own."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path

import orjson

from carers.audit import record
from events import pattern as patterns
from events import rhythm as rhythms
from events.pattern import INVITE_DAYS, Pattern
from events.rhythm import NAMED, Rhythm
from storage.engine import Session
from storage.events import Allocation, Mode, RsvpBy
from storage.series import EventTemplate
from storage.series_queries import all_templates, template_named
from storage.staff import StaffMember

ALTERNATE = "alternate in_person and online"
"""How files say that the modes take turns."""

TERM_TIME = "-term-time"
LONGEST_NAME = 120
_STANDARD = Path(__file__).with_name("standard_templates.csv")
_OWN, _OF_THE_PRODUCT = "own", "standard"


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template and its usual rhythm. ``key`` finds it: ``own:12`` or ``standard:coffee-afternoon``."""

    key: str
    name: str
    kind: str
    pattern: Pattern
    rhythm: Rhythm | None
    standard: bool


class TemplateProblem(StrEnum):
    """Why a template was not kept."""

    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    NAME_TAKEN = "name_taken"


async def templates(session: Session) -> list[TemplateLine]:
    """All templates, the service's own first."""
    return [*(_line(row) for row in await all_templates(session)), *standard_templates()]


async def template(session: Session, key: str) -> TemplateLine | None:
    """The template of this key."""
    kind, _, name = key.partition(":")
    if kind != _OWN:
        return next((line for line in standard_templates() if line.key == key), None)
    row = await session.get(EventTemplate, int(name)) if name.isdecimal() and len(name) < 10 else None
    return _line(row) if row else None


async def save_template(
    session: Session,
    name: str,
    pattern: Pattern,
    rhythm: Rhythm | None,
    by: StaffMember | None,
    now: datetime,
    *,
    replacing: bool = False,
) -> int | TemplateProblem:
    """Keep a template; its id, or why not. ``replacing``: one of the same name becomes this one.

    Raises ``ValueError`` for a pattern that has problems.
    """
    if found := patterns.problems(pattern):
        raise ValueError(f"a pattern that cannot be: {', '.join(found)}")
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        return TemplateProblem.TOO_LONG if name else TemplateProblem.NO_NAME
    row = await template_named(session, name)
    if row is not None and not replacing:
        return TemplateProblem.NAME_TAKEN
    if row is None:
        row = EventTemplate(name=name, created_at=now, created_by_id=by.id if by else None, version=0)
        session.add(row)
    row.pattern, row.rhythm = patterns.to_json(pattern), rhythms.to_json(rhythm) if rhythm else None
    row.updated_at, row.version = now, row.version + 1
    await session.flush()
    await record(session, now, by, "template.save", f"template:{row.id}", name=name)
    return row.id


async def delete_template(session: Session, key: str, by: StaffMember | None, now: datetime) -> bool:
    """Forget one of the service's own templates; false if there is none of this key."""
    line = await template(session, key)
    if line is None or line.standard:
        return False
    await session.delete(await session.get_one(EventTemplate, int(key.partition(":")[2])))
    await session.flush()
    await record(session, now, by, "template.delete", key.replace(_OWN, "template"), name=line.name)
    return True


def carried(line: TemplateLine) -> str:
    """What a template holds beside its name, as a text that `uncarried` reads."""
    rhythm = rhythms.to_json(line.rhythm) if line.rhythm else None
    return orjson.dumps([patterns.to_json(line.pattern), rhythm]).decode()


def uncarried(text: str) -> tuple[Pattern, Rhythm | None]:
    """Raises ``ValueError``, ``KeyError`` or ``TypeError`` for what `carried` has not written."""
    pattern, rhythm = orjson.loads(text)
    return patterns.from_json(pattern), rhythms.from_json(rhythm) if rhythm else None


@cache
def standard_templates() -> tuple[TemplateLine, ...]:
    """What fostering services usually put on. They come with the product and cannot be changed."""
    with _STANDARD.open(encoding="utf-8", newline="") as file:
        return tuple(_standard(csv.DictReader(file)))


def rhythm_named(name: str, mode: str) -> Rhythm | None:
    """The rhythm of a file's columns ``rhythm`` and ``mode``; None where no rhythm has that name.

    Any may have ``-term-time`` behind it.
    """
    name = name.casefold()
    rhythm = NAMED.get(name.removesuffix(TERM_TIME))
    if rhythm is None:
        return None
    return replace(rhythm, term_time_only=name.endswith(TERM_TIME), alternate=alternates(mode))


def alternates(mode: str) -> bool:
    """Whether a file's column ``mode`` says that the modes take turns."""
    return " ".join(mode.casefold().split()) == ALTERNATE


def _line(row: EventTemplate) -> TemplateLine:
    pattern = patterns.from_json(row.pattern)
    rhythm = rhythms.from_json(row.rhythm) if row.rhythm else None
    return TemplateLine(f"{_OWN}:{row.id}", row.name, pattern.kind, pattern, rhythm, standard=False)


def _standard(rows: Iterable[Mapping[str, str]]) -> Iterator[TemplateLine]:
    for row in rows:
        pattern = Pattern(
            title=row["title"],
            kind=row["kind"],
            description=row["description"],
            starts=time.fromisoformat(row["starts"]),
            minutes=int(row["minutes"]),
            mode=Mode.IN_PERSON if alternates(row["mode"]) else Mode(row["mode"]),
            rsvp_by=RsvpBy(row["rsvp_by"]),
            audience=row["audience"],
            capacity=int(row["capacity"]) if row["capacity"] else None,
            allocation=Allocation(row["allocation"]),
            deadline_days=int(row["deadline_days"]) if row["deadline_days"] else None,
            invite_days=int(row["invite_days"] or INVITE_DAYS),
        )
        yield TemplateLine(
            f"{_OF_THE_PRODUCT}:{row['key']}",
            row["title"],
            row["kind"],
            pattern,
            rhythm_named(row["rhythm"], row["mode"]),
            standard=True,
        )
