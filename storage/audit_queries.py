"""Searching the audit log: by who, by which deeds, by whom or what it was done to, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select

from storage.audiences import Audience
from storage.conversations import CarerMessage, Thread
from storage.deliveries import Delivery
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Group, Household
from storage.staff import AuditEntry, StaffMember

MOST_NAMED = 50
"""Of so many carers, events, groups or staff of one name the entries are found; a longer list of people is
better told apart by a fuller name."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what some words mean: carers by id, all by reference, and parties such as ``c5`` and ``h3``.

    ``subjects`` are as the log writes them: ``carer:C1``.
    """

    carers: Collection[int] = ()
    refs: Collection[str] = ()
    parties: Collection[str] = ()
    subjects: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Which entries: ``actor`` a part of the name, ``actions`` codes, from ``since`` until before ``until``,
    aware UTC. Null is no limit."""

    actor: str = ""
    actions: Collection[str] | None = None
    about: About | None = None
    since: datetime | None = None
    until: datetime | None = None


Named = Mapping[str, tuple[int, str]]
"""What a subject is called today, and its id: ``carer:C1`` is 5, "Amal Reed"."""


def _matching(query: Select[Any], search: AuditSearch) -> Select[Any]:
    if search.actor:
        query = query.where(AuditEntry.actor.icontains(search.actor, autoescape=True))
    if search.actions is not None:
        query = query.where(AuditEntry.action.in_(search.actions))
    if search.about is not None:
        query = query.where(_is_about(search.about))
    if search.since is not None:
        query = query.where(AuditEntry.at >= search.since)
    if search.until is not None:
        query = query.where(AuditEntry.at < search.until)
    return query


def _is_about(about: About) -> ColumnElement[bool]:
    """The subject itself, a carer or household named in the detail, or something of such a carer's."""
    theirs = [
        AuditEntry.subject.in_(
            select(literal(f"{word}:") + cast(table.id, String)).where(table.carer_id.in_(about.carers))
        )
        for word, table in (("message", CarerMessage), ("thread", Thread), ("delivery", Delivery))
        if about.carers
    ]
    detailed = [AuditEntry.detail[name].as_string().in_(about.refs) for name in ("carer", "household")]
    return or_(
        AuditEntry.subject.in_(about.subjects),
        AuditEntry.detail["party"].as_string().in_(about.parties),
        *detailed,
        *theirs,
    )


async def audit_entries(
    session: Session, search: AuditSearch, *, offset: int, count: int
) -> Sequence[AuditEntry]:
    """Entries that match, the latest first."""
    query = _matching(select(AuditEntry), search).order_by(AuditEntry.id.desc()).offset(offset).limit(count)
    return (await session.scalars(query)).all()


async def audit_entries_before(
    session: Session, search: AuditSearch, before: int | None, count: int
) -> Sequence[AuditEntry]:
    """Entries that match and are older than the one of this id, the latest first; null: from the latest."""
    query = _matching(select(AuditEntry), search).order_by(AuditEntry.id.desc()).limit(count)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return (await session.scalars(query)).all()


async def count_audit_entries(session: Session, search: AuditSearch) -> int:
    return await session.scalar(_matching(select(func.count(AuditEntry.id)), search)) or 0


async def was_noted(session: Session, staff_id: int, action: str, subject: str, since: datetime) -> bool:
    """Whether this person has an entry of this action and subject at or after ``since``."""
    query = select(AuditEntry.id).where(
        AuditEntry.subject == subject,
        AuditEntry.action == action,
        AuditEntry.staff_id == staff_id,
        AuditEntry.at >= since,
    )
    return await session.scalar(query.limit(1)) is not None


async def about_words(session: Session, words: str) -> About:
    """Whom or what these words mean: a reference, else a part of a name or title; or a subject as it stands.

    A household means its carers too.
    """
    exactly = words.lower()
    households = (await session.scalars(select(Household).where(func.lower(Household.ref) == exactly))).all()
    homes = [home.id for home in households]
    is_carer = or_(func.lower(Carer.ref) == exactly, Carer.household_id.in_(homes))
    carers = (await session.scalars(select(Carer).where(is_carer))).all()
    others = (await session.scalars(select(Event.ref).where(func.lower(Event.ref) == exactly))).all()
    subjects = [words, *(f"event:{ref}" for ref in others)]
    if not (households or carers or others):
        carers = await _carers_named(session, words)
        subjects += await _others_named(session, words)
    return About(
        carers=[carer.id for carer in carers],
        refs=[*(carer.ref for carer in carers), *(home.ref for home in households)],
        parties=[*(f"c{carer.id}" for carer in carers), *(f"h{home}" for home in homes)],
        subjects=[
            *subjects,
            *(f"carer:{carer.ref}" for carer in carers),
            *(f"household:{home.ref}" for home in households),
        ],
    )


async def _carers_named(session: Session, words: str) -> Sequence[Carer]:
    named = (Carer.first_name + " " + Carer.last_name).icontains(words, autoescape=True)
    return (await session.scalars(select(Carer).where(named).order_by(Carer.id).limit(MOST_NAMED))).all()


async def _others_named(session: Session, words: str) -> list[str]:
    """The subjects of events, staff and groups that these words are a part of the name of."""
    found: list[str] = []
    names: list[tuple[str, ColumnElement[Any], ColumnElement[str]]] = [
        ("event", Event.ref.expression, Event.title.expression),
        ("staff", StaffMember.id.expression, StaffMember.name.expression),
        ("group", Group.id.expression, Group.name.expression),
        ("audience", Audience.id.expression, Audience.name.expression),
    ]
    for word, key, name in names:
        query = select(key).where(name.icontains(words, autoescape=True)).limit(MOST_NAMED)
        found += [f"{word}:{one}" for one in (await session.execute(query)).scalars()]
    return found


async def named_subjects(session: Session, subjects: Collection[str]) -> Named:
    """What these subjects are called today, where they are still there and have a name."""
    wanted: dict[str, set[str]] = {}
    for subject in subjects:
        word, _, key = subject.partition(":")
        wanted.setdefault(word, set()).add(key)
    found: dict[str, tuple[int, str]] = {}
    full_name = func.trim(Carer.first_name + " " + Carer.last_name)
    names: list[tuple[str, Any, Any, Any]] = [
        ("carer", Carer.ref, Carer.id, full_name),
        ("household", Household.ref, Household.id, Household.ref),
        ("event", Event.ref, Event.id, Event.title),
        ("staff", cast(StaffMember.id, String), StaffMember.id, StaffMember.name),
        ("group", cast(Group.id, String), Group.id, Group.name),
        ("audience", cast(Audience.id, String), Audience.id, Audience.name),
    ]
    for word, key, number, name in names:
        if word in wanted:
            rows = await session.execute(select(key, number, name).where(key.in_(wanted[word])))
            found |= {f"{word}:{ref}": (row_id, called) for ref, row_id, called in rows}
    return found


async def last_entry_at(session: Session, action: str) -> datetime | None:
    """When this was done last; null: never, or longer ago than the log is kept."""
    return await session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == action))
