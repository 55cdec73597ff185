"""Saving audiences: looking at what rules find, keeping them under a name, changing and deleting them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audience import (
    CONSTELLATION,
    EVERYONE,
    SAVED,
    Reach,
    audience_names,
    audience_words,
)
from carers.audience_matching import conditions_of, named_in
from carers.audience_rules import Answered, Attended, Rules, rules_from_json, to_json
from carers.audience_sentence import gone_in_words, phrase, sentence
from carers.audit import record
from carers.people import StaffMember
from storage.audience_queries import (
    Choices,
    Use,
    add_audience,
    all_audiences,
    delete_audience,
    find_choices,
    lock_audience,
    rename_audience_everywhere,
    sample_of,
    uses_of,
)
from storage.audiences import Audience
from storage.engine import Session
from storage.households_queries import count_current

LONGEST_NAME = 80
SAMPLE = 8
MOST_CHOICES = 100
"""Events past, events to come and surveys to choose from in a rule."""
_TAKEN = frozenset({EVERYONE, "everyone", CONSTELLATION, "every constellation"})


class Refusal(StrEnum):
    """Why an audience was not saved or deleted."""

    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    NAME_TAKEN = "name_taken"
    """Another audience or group is called so."""
    NO_RULES = "no_rules"
    """Without a rule it is everybody, of which there is one already."""
    CHANGED_MEANWHILE = "changed_meanwhile"
    IN_USE = "in_use"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Look:
    """What rules find on a day: in words, in numbers, and a few of the carers by name.

    ``include`` and ``exclude`` are the rules one by one, in words. ``gone``: a sentence for each thing that
    a rule names and that is not there any more.
    """

    sentence: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    gone: tuple[str, ...]
    reach: Reach
    sample: tuple["Sampled", ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One of the carers of an audience."""

    id: int
    name: str
    household_ref: str


@dataclass(frozen=True, slots=True)
class SavedLine:
    """An audience in the list. ``gone``: some of its rules find nobody any more."""

    id: int
    name: str
    sentence: str
    gone: bool
    carers: int
    uses: int


@dataclass(frozen=True, slots=True)
class SavedAudience:
    """An audience to look at or to change; ``version`` goes into the form, to be sent along with a change."""

    id: int
    name: str
    rules: Rules
    version: int
    changed_at: datetime
    uses: tuple[Use, ...]


async def look_at(session: Session, rules: Rules, today: date, zone: ZoneInfo) -> Look:
    """What these rules, saved or not, find on this local day."""
    named = await named_in(session, rules)
    conditions = await conditions_of(session, rules, today)
    sample = await sample_of(session, today, conditions, SAMPLE)
    return Look(
        sentence=sentence(rules, named, zone),
        include=tuple(phrase(rule, named, zone) for rule in rules.include),
        exclude=tuple(phrase(rule, named, zone) for rule in rules.exclude),
        gone=tuple(gone_in_words(rules, named)),
        reach=Reach(*await count_current(session, today, *conditions)),
        sample=tuple(Sampled(number, f"{first} {last}".strip(), ref) for number, first, last, ref in sample),
    )


async def choices(session: Session, rules: Rules, now: datetime) -> Choices:
    """What rules can name: the groups, areas, events and so on that there are, and the events of these
    rules however long ago they were."""
    kept = [rule.event_id for rule in rules.all if isinstance(rule, Attended | Answered) and rule.event_id]
    return await find_choices(session, now, MOST_CHOICES, kept)


async def saved_audiences(session: Session, now: datetime, zone: ZoneInfo) -> list[SavedLine]:
    """Every saved audience with how many carers it has today and how much uses it, by name."""
    today = now.astimezone(zone).date()
    lines = []
    for row in await all_audiences(session):
        rules = _rules(row)
        named = await named_in(session, rules)
        carers, _, _ = await count_current(session, today, *await conditions_of(session, rules, today))
        uses = await uses_of(session, _audience(row.name), now)
        said = sentence(rules, named, zone)
        gone = bool(gone_in_words(rules, named))
        lines.append(SavedLine(row.id, row.name, said, gone, carers, len(uses)))
    return lines


async def saved_audience(session: Session, audience_id: int, now: datetime) -> SavedAudience | None:
    """One of them, or None."""
    row = await session.get(Audience, audience_id, populate_existing=True)
    if row is None:
        return None
    uses = await uses_of(session, _audience(row.name), now)
    return SavedAudience(row.id, row.name, _rules(row), row.version, row.changed_at, tuple(uses))


async def save_audience(
    session: Session, name: str, rules: Rules, by: StaffMember, now: datetime, zone: ZoneInfo
) -> int | Refusal:
    """Keep rules under a new name; its id. Of two people who take one name at once the second is refused."""
    name = " ".join(name.split())
    wrong = await _wrong(session, name, rules, now.astimezone(zone).date())
    if wrong is not None:
        return wrong
    made = await add_audience(session, {"name": name, **_as_kept(rules, by, now), **_made(by, now)})
    if made is None:
        return Refusal.NAME_TAKEN
    await record(session, now, by, "audience.save", f"audience:{made}", **_counted(rules))
    return made


async def change_audience(
    session: Session,
    audience_id: int,
    name: str,
    rules: Rules,
    version: int,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> Refusal | None:
    """Save over the version that was read; None: it is done.

    A new name follows in everything that is for this audience. What has been sent stays as it is; what is
    sent from now on goes to whom the new rules find.
    """
    row = await lock_audience(session, audience_id)
    if row is None:
        return Refusal.NOT_FOUND
    if row.version != version:
        return Refusal.CHANGED_MEANWHILE
    name = " ".join(name.split())
    wrong = await _wrong(session, name, rules, now.astimezone(zone).date(), besides=row.name)
    if wrong is not None:
        return wrong
    if name != row.name:
        await rename_audience_everywhere(session, _audience(row.name), _audience(name))
        row.name = name
    for column, value in _as_kept(rules, by, now).items():
        setattr(row, column, value)
    row.version += 1
    await session.flush()
    await record(session, now, by, "audience.change", f"audience:{row.id}", **_counted(rules))
    return None


async def remove_audience(
    session: Session, audience_id: int, by: StaffMember, now: datetime
) -> Refusal | None:
    """Delete it, unless something to come is for it; None: it is done."""
    row = await lock_audience(session, audience_id)
    if row is None:
        return Refusal.NOT_FOUND
    if await uses_of(session, _audience(row.name), now):
        return Refusal.IN_USE
    await delete_audience(session, row.id)
    await record(session, now, by, "audience.delete", f"audience:{row.id}")
    return None


async def _wrong(
    session: Session, name: str, rules: Rules, today: date, besides: str | None = None
) -> Refusal | None:
    """Why these cannot be saved. ``besides``: the name that the audience has so far."""
    if not name:
        return Refusal.NO_NAME
    if len(name) > LONGEST_NAME or not name.isprintable():
        return Refusal.TOO_LONG
    others = [one for one in await audience_names(session, today) if one != _audience(besides or "")]
    called = {word.casefold() for one in others for word in (one, audience_words(one))} | _TAKEN
    if name.casefold() in called:
        return Refusal.NAME_TAKEN
    return None if rules.all else Refusal.NO_RULES


def _audience(name: str) -> str:
    """As events and messages name it."""
    return f"{SAVED}:{name}"


def _rules(row: Audience) -> Rules:
    return rules_from_json(row.include, row.exclude)


def _as_kept(rules: Rules, by: StaffMember, now: datetime) -> dict[str, object]:
    return {
        "include": [to_json(rule) for rule in rules.include],
        "exclude": [to_json(rule) for rule in rules.exclude],
        "changed_at": now,
        "changed_by_id": by.id,
    }


def _made(by: StaffMember, now: datetime) -> dict[str, object]:
    return {"created_at": now, "created_by_id": by.id}


def _counted(rules: Rules) -> dict[str, int]:
    """What the audit log says of rules: how many. What staff call things is not for the log."""
    return {"include": len(rules.include), "exclude": len(rules.exclude)}


__all__ = [
    "LONGEST_NAME",
    "Choices",
    "Look",
    "Refusal",
    "Sampled",
    "SavedAudience",
    "SavedLine",
    "Use",
    "change_audience",
    "choices",
    "look_at",
    "remove_audience",
    "save_audience",
    "saved_audience",
    "saved_audiences",
]
