"""Finding things of every kind by what somebody types: people, events, messages to many, and the rest.

Each search reads its table once, counts while it reads, and brings a few rows back. Looked into is what staff
keep: names, numbers, contacts, titles, what staff wrote to many. Never what a carer wrote or answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from storage.actions import ServiceAction
from storage.audiences import Audience
from storage.broadcasts import Broadcast
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Group, Household
from storage.households_queries import approved_on_day, still_a_carer
from storage.matching import folded, has_letters
from storage.series import EventTemplate, Series
from storage.staff import StaffMember
from storage.surveys import Round


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: every one of ``words``, or a phone number by the digits that are sure of it.

    ``social_worker_id`` limits people to one worker's households.
    """

    words: tuple[str, ...]
    phone: str
    today: date
    now: datetime
    social_worker_id: int | None = None

    @property
    def whole(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found. ``state``: where it stands, if that is anything but the usual. ``home``: of a
    carer, the number of their household."""

    id: int
    name: str
    ref: str = ""
    at: datetime | None = None
    state: str = ""
    home_id: int | None = None
    home: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of what was found, and how much that is in all."""

    lines: Sequence[Hit]
    total: int


@dataclass(frozen=True, slots=True)
class Part:
    """Which of what is found is brought back."""

    offset: int = 0
    count: int = 6


async def find_carers(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Carers by name, number, number of the household, address or phone; who has left, at the end."""
    gone = ~still_a_carer(wanted.today)
    name = _name()
    query = (
        _lines(Carer.id, name, Carer.ref, state=_when(gone, "left"))
        .add_columns(Household.id.label("home_id"), Household.ref.label("home"))
        .join(Carer.household)
        .where(Carer.erased_at.is_(None), _theirs(wanted), _is_person(wanted))
        .order_by(_is_not(Carer.ref, wanted), gone, _begins_late(name, wanted))
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
    )
    return await _hits(session, query, part)


async def find_households(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Households by their number; by the name of a carer, the carer is found with it."""
    ended = ~approved_on_day(wanted.today)
    query = (
        _lines(Household.id, literal(""), Household.ref, state=_when(ended, "ended"))
        .where(_theirs(wanted), _says(wanted, Household.ref))
        .order_by(_is_not(Household.ref, wanted), ended, Household.ref, Household.id)
    )
    found = await _hits(session, query, part)
    names = await names_in(session, [line.id for line in found.lines])
    return replace(found, lines=[replace(line, name=names.get(line.id, "")) for line in found.lines])


async def find_constellations(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Constellations that a current household is in, by name; they have no number."""
    query = (
        select(Household.constellation)
        .where(Household.constellation.is_not(None), approved_on_day(wanted.today), _theirs(wanted))
        .distinct()
    )
    names = sorted(name for name in await session.scalars(query) if name and says(name, wanted))
    lines = [Hit(0, name) for name in names[part.offset : part.offset + part.count]]
    return Hits(lines, len(names))


async def find_events(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Events by title, place or number: those to come, the next first, then the past, the latest first."""
    over = Event.ends_at < wanted.now
    says = _says(wanted, Event.title, Event.venue, Event.ref)
    query = (
        _lines(Event.id, Event.title, Event.ref, Event.starts_at, Event.state)
        .where(says)
        .order_by(_is_not(Event.ref, wanted), over, case((~over, Event.starts_at)))
        .order_by(Event.starts_at.desc(), Event.id)
    )
    return await _hits(session, query, part)


async def find_series(session: Session, wanted: Wanted, part: Part) -> Hits:
    title = Series.pattern["title"].as_string()
    ended = Series.ended_at.is_not(None)
    query = _lines(Series.id, title, Series.ref, state=_when(ended, "ended"))
    query = query.where(_says(wanted, title, Series.ref)).order_by(ended, title, Series.id)
    return await _hits(session, query, part)


async def find_templates(session: Session, wanted: Wanted, part: Part) -> Hits:
    query = _lines(EventTemplate.id, EventTemplate.name).where(_says(wanted, EventTemplate.name))
    return await _hits(session, query.order_by(EventTemplate.name), part)


async def find_broadcasts(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Messages to many by their English words, the latest first. ``name`` is all of the words."""
    words = func.coalesce(Broadcast.texts["en"].as_string(), "")
    at = func.coalesce(
        Broadcast.started_at, Broadcast.starts_at, Broadcast.created_at, type_=Event.starts_at.type
    )
    query = _lines(Broadcast.id, words, at=at, state=Broadcast.state).where(_says(wanted, words))
    return await _hits(session, query.order_by(Broadcast.id.desc()), part)


async def find_groups(session: Session, wanted: Wanted, part: Part) -> Hits:
    query = _lines(Group.id, Group.name).where(_says(wanted, Group.name))
    return await _hits(session, query.order_by(func.lower(Group.name), Group.id), part)


async def find_audiences(session: Session, wanted: Wanted, part: Part) -> Hits:
    query = _lines(Audience.id, Audience.name).where(_says(wanted, Audience.name))
    return await _hits(session, query.order_by(func.lower(Audience.name), Audience.id), part)


async def find_rounds(session: Session, wanted: Wanted, part: Part) -> Hits:
    """Rounds of surveys by title or number, the latest first."""
    says = _says(wanted, Round.title, Round.ref)
    query = _lines(Round.id, Round.title, Round.ref, Round.opens_at, Round.state).where(says)
    return await _hits(session, query.order_by(Round.opens_at.desc(), Round.id), part)


async def find_actions(session: Session, wanted: Wanted, part: Part) -> Hits:
    """What the service does about what carers said, in the words of staff."""
    says = _says(wanted, ServiceAction.said, ServiceAction.did)
    query = _lines(ServiceAction.id, ServiceAction.said, state=ServiceAction.state).where(says)
    return await _hits(session, query.order_by(ServiceAction.id.desc()), part)


async def find_staff(session: Session, wanted: Wanted, part: Part) -> Hits:
    gone = StaffMember.left_on.is_not(None)
    role = case((gone, "left"), else_=type_coerce(StaffMember.role, String))
    says = _says(wanted, StaffMember.name, func.coalesce(StaffMember.email, ""))
    query = _lines(StaffMember.id, StaffMember.name, state=role).where(says)
    return await _hits(session, query.order_by(gone, StaffMember.name, StaffMember.id), part)


def _lines(number: Any, name: Any, ref: Any = "", at: Any = None, state: Any = "") -> Select[Any]:
    """The fields of a `Hit`, and how many hits there are in all."""
    return select(
        number.label("id"),
        name.label("name"),
        _field(ref).label("ref"),
        _field(at).label("at"),
        _field(state).label("state"),
        func.count().over().label("total"),
    )


def _field(value: Any) -> Any:
    return literal(value) if isinstance(value, str | None) else value


async def _hits(session: Session, query: Select[Any], part: Part) -> Hits:
    rows = (await session.execute(query.offset(part.offset).limit(part.count))).all()
    lines = [
        Hit(row.id, row.name or "", row.ref or "", row.at, str(row.state or ""), *row[6:]) for row in rows
    ]
    return Hits(lines, rows[0].total if rows else 0)


def _name() -> ColumnElement[str]:
    """With a space before each name: what begins with one begins a name."""
    return literal(" ") + Carer.first_name + literal(" ") + Carer.last_name


def _is_person(wanted: Wanted) -> ColumnElement[bool]:
    """The carer, with their household, is found by every word, or by the phone number."""
    by_words = and_(*(_has(word) for word in wanted.words))
    if not wanted.phone:
        return by_words
    dialled: ColumnElement[str] = func.coalesce(Carer.phone, "")
    for sign in " -()+":
        dialled = func.replace(dialled, sign, "")
    return or_(by_words, dialled.contains(wanted.phone, autoescape=True))


def _has(word: str) -> ColumnElement[bool]:
    texts: list[Any] = [Carer.first_name, Carer.last_name, Carer.ref, Household.ref]
    if "@" in word or "." in word:  # else everybody of one provider would be found by a word of its name
        texts.append(func.coalesce(Carer.email, ""))
    return has_letters(word, *texts)


def says(text: str, wanted: Wanted) -> bool:
    """Whether a text at hand has every word in it."""
    return all(folded(word) in folded(text) for word in wanted.words)


def _says(wanted: Wanted, *texts: Any) -> ColumnElement[bool]:
    return and_(true(), *(has_letters(word, *texts) for word in wanted.words))


def _theirs(wanted: Wanted) -> ColumnElement[bool]:
    worker = wanted.social_worker_id
    return true() if worker is None else Household.social_worker_id == worker


def _is_not(ref: Any, wanted: Wanted) -> ColumnElement[bool]:
    """Orders what was asked for by its very number first."""
    return func.lower(ref) != wanted.whole.lower()


def _begins_late(name: ColumnElement[str], wanted: Wanted) -> ColumnElement[bool]:
    """Orders those first of whom a name begins with the first word."""
    return ~has_letters(f" {wanted.words[0]}", name) if wanted.words else false()


def _when(condition: ColumnElement[bool], word: str) -> ColumnElement[str]:
    return case((condition, word), else_="")


async def names_in(session: Session, household_ids: Sequence[int]) -> dict[int, str]:
    """The names of each household's carers who have not left it."""
    query = (
        select(Carer.household_id, Carer.first_name, Carer.last_name)
        .where(Carer.household_id.in_(household_ids), Carer.last_name != "")
        .order_by(Carer.main_carer.desc(), Carer.id)
    )
    names: dict[int, list[str]] = {}
    for home, first, last in (await session.execute(query)).all():
        names.setdefault(home, []).append(f"{first} {last}".strip())
    return {home: " and ".join(of_home) for home, of_home in names.items()}
