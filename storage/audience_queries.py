"""Saved audiences in the database: their rows, what their rules name, and what uses an audience."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, select, update

from storage.audiences import Audience
from storage.broadcasts import Broadcast, BroadcastState
from storage.engine import Session
from storage.events import Event, EventState
from storage.households import Carer, Group, Household
from storage.households_queries import Condition, still_a_carer
from storage.rows import insert_for
from storage.series import EventTemplate, Series
from storage.staff import Role, StaffMember
from storage.surveys import Round, RoundState


@dataclass(frozen=True, slots=True)
class Named:
    """What there is of the things that rules name: what is missing here is gone.

    ``events``: title and start in UTC by id; ``rounds``: title and opening of rounds with names.
    """

    groups: dict[str, int] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()
    constellations: frozenset[str] = frozenset()
    workers: dict[int, str] = field(default_factory=dict)
    events: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    rounds: dict[int, tuple[str, datetime]] = field(default_factory=dict)


async def find_named(
    session: Session,
    *,
    groups: Sequence[str] = (),
    areas: Sequence[str] = (),
    constellations: Sequence[str] = (),
    workers: Sequence[int] = (),
    events: Sequence[int] = (),
    rounds: Sequence[int] = (),
) -> Named:
    """Look these up; asks the database only for kinds of which any are named."""

    async def rows(query: Select[*tuple[Any, ...]], asked: Sequence[object]) -> list[Any]:
        return list((await session.execute(query)).all()) if asked else []

    in_area = select(Household.area).where(Household.area.in_(areas)).distinct()
    in_one = select(Household.constellation).where(Household.constellation.in_(constellations)).distinct()
    group = select(Group.name, Group.id).where(Group.name.in_(groups))
    worker = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(workers))
    event = select(Event.id, Event.title, Event.starts_at).where(Event.id.in_(events))
    named = Round.anonymous.is_(False)
    round = select(Round.id, Round.title, Round.opens_at).where(Round.id.in_(rounds), named)
    return Named(
        groups=dict(await rows(group, groups)),
        areas=frozenset(name for (name,) in await rows(in_area, areas)),
        constellations=frozenset(name for (name,) in await rows(in_one, constellations)),
        workers=dict(await rows(worker, workers)),
        events={number: (title, at) for number, title, at in await rows(event, events)},
        rounds={number: (title, at) for number, title, at in await rows(round, rounds)},
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What a rule can name, each in the order in which it is offered."""

    areas: Sequence[str]
    constellations: Sequence[str]
    groups: Sequence[str]
    workers: Sequence[tuple[int, str]]
    kinds: Sequence[str]
    """The kinds of event of which there are any."""
    events: Sequence[tuple[int, str, datetime]]
    rounds: Sequence[tuple[int, str, datetime]]


async def find_choices(
    session: Session, now: datetime, most: int, kept_events: Sequence[int] = ()
) -> Choices:
    """Everything that a rule can be made of. Of events that have begun the latest, of those to come the next,
    and of rounds with names the latest, at most so many of each; and ``kept_events``, whenever they are."""
    area, constellation = Household.area, Household.constellation
    worker = select(StaffMember.id, StaffMember.name).where(
        StaffMember.role == Role.SOCIAL_WORKER, StaffMember.left_on.is_(None)
    )
    supervising = select(Household.social_worker_id).where(Household.social_worker_id.is_not(None))
    others = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(supervising))
    event = select(Event.id, Event.title, Event.starts_at)
    on = Event.state != EventState.CANCELLED
    events = {
        *await session.execute(
            event.where(on, Event.starts_at <= now).order_by(Event.starts_at.desc()).limit(most)
        ),
        *await session.execute(event.where(on, Event.starts_at > now).order_by(Event.starts_at).limit(most)),
        *await session.execute(event.where(Event.id.in_(kept_events))),
    }
    named = select(Round.id, Round.title, Round.opens_at).where(
        Round.anonymous.is_(False), Round.state != RoundState.DRAFT
    )
    workers = {*(await session.execute(worker)).all(), *(await session.execute(others)).all()}

    async def names(query: Select[Any]) -> list[str]:
        return [name for name in (await session.scalars(query)).all() if name]

    return Choices(
        areas=await names(select(area).where(area.is_not(None)).distinct().order_by(area)),
        constellations=await names(
            select(constellation).where(constellation.is_not(None)).distinct().order_by(constellation)
        ),
        groups=await names(select(Group.name).order_by(Group.name)),
        workers=sorted(((number, name) for number, name in workers), key=lambda one: one[::-1]),
        kinds=await names(select(Event.kind).distinct().order_by(Event.kind)),
        events=sorted(
            ((number, title, at) for number, title, at in events), key=lambda one: (one[2], one[0])
        )[::-1],
        rounds=[
            (number, title, at)
            for number, title, at in await session.execute(
                named.order_by(Round.opens_at.desc(), Round.id).limit(most)
            )
        ],
    )


# The rows


async def all_audiences(session: Session) -> Sequence[Audience]:
    """Every saved audience, by name."""
    return (await session.scalars(select(Audience).order_by(Audience.name))).all()


async def saved_names(session: Session) -> Sequence[str]:
    return (await session.scalars(select(Audience.name).order_by(Audience.name))).all()


async def audience_named(session: Session, name: str) -> Audience | None:
    return (await session.scalars(select(Audience).where(Audience.name == name))).one_or_none()


async def add_audience(session: Session, values: dict[str, object]) -> int | None:
    """Its id; None where there is one of this name."""
    added = insert_for(session, Audience).values(values).on_conflict_do_nothing(index_elements=["name"])
    return (await session.scalars(added.returning(Audience.id))).one_or_none()


async def lock_audience(session: Session, audience_id: int) -> Audience | None:
    """The audience as it is now; nobody else changes it until the end."""
    query = select(Audience).where(Audience.id == audience_id).with_for_update(key_share=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def delete_audience(session: Session, audience_id: int) -> None:
    await session.execute(delete(Audience).where(Audience.id == audience_id))


async def sample_of(
    session: Session, today: date, conditions: Sequence[Condition], most: int
) -> list[tuple[int, str, str, str]]:
    """(id, first name, last name, household's ref) of a few current carers who fulfil the conditions.

    Taken from all over the register, and the same each time, so that a page can be looked at twice.
    """
    query = (
        select(Carer.id, Carer.first_name, Carer.last_name, Household.ref)
        .join(Carer.household)
        .where(still_a_carer(today), *conditions)
        .order_by(Carer.id * 7919 % 10007, Carer.id)
        .limit(most)
    )
    rows = (await session.execute(query)).all()
    return [(number, first, last, ref) for number, first, last, ref in rows]


# What uses an audience


@dataclass(frozen=True, slots=True)
class Use:
    """Something that is for an audience. ``what``: event, series, template, broadcast, survey or audience
    (whose rules name a group). ``at``: when an event begins, UTC, to tell it from its like."""

    what: str
    id: int
    title: str
    at: datetime | None = None


_UNSENT = (
    BroadcastState.DRAFT,
    BroadcastState.AWAITING_APPROVAL,
    BroadcastState.SCHEDULED,
    BroadcastState.SENDING,
    BroadcastState.PAUSED,
)


async def uses_of(session: Session, audience: str, now: datetime) -> list[Use]:
    """What would reach nobody if this audience were gone: events to come and series, templates, messages
    that have not gone out, rounds that have not opened, and saved audiences that name it as a group."""
    event = (
        select(Event.id, Event.title, Event.starts_at)
        .where(Event.audience == audience, Event.state != EventState.CANCELLED, Event.ends_at > now)
        .order_by(Event.starts_at, Event.id)
    )
    broadcast = select(Broadcast.id, Broadcast.texts).where(
        Broadcast.audience == audience, Broadcast.state.in_(_UNSENT)
    )
    round = select(Round.id, Round.title).where(Round.audience == audience, Round.state == RoundState.DRAFT)
    series = (await session.scalars(select(Series).where(Series.ended_at.is_(None)))).all()
    templates = (await session.scalars(select(EventTemplate))).all()
    return [
        *[Use("event", number, title, at) for number, title, at in await session.execute(event)],
        *[Use("series", one.id, one.pattern["title"]) for one in series if _is_for(one, audience)],
        *[Use("template", one.id, one.name) for one in templates if _is_for(one, audience)],
        *[
            Use("broadcast", number, _beginning(texts))
            for number, texts in await session.execute(broadcast.order_by(Broadcast.id))
        ],
        *[Use("survey", number, title) for number, title in await session.execute(round.order_by(Round.id))],
        *[Use("audience", one.id, one.name) for one in await all_audiences(session) if _names(one, audience)],
    ]


async def rename_audience_everywhere(session: Session, old: str, new: str) -> None:
    """Let everything that is for an audience, or names a group in a rule, call it by its new name.

    Past events and messages too, so that they go on saying whom they were for. To be called in the
    transaction in which the group or the saved audience itself is renamed.
    """
    for table in (Event, Broadcast, Round):
        await session.execute(update(table).where(table.audience == old).values(audience=new))
    for row in (*(await session.scalars(select(Series))), *(await session.scalars(select(EventTemplate)))):
        if _is_for(row, old):
            row.pattern = {**row.pattern, "audience": new}
    for audience in await all_audiences(session):
        if _names(audience, old):
            audience.include = _renamed(audience.include, old, new)
            audience.exclude = _renamed(audience.exclude, old, new)
            audience.version += 1
    await session.flush()


def _is_for(row: Series | EventTemplate, audience: str) -> bool:
    return bool(row.pattern.get("audience") == audience)


def _names(audience: Audience, group: str) -> bool:
    rules = (*audience.include, *audience.exclude)
    return any(rule.get("kind") == "group" and group in rule["names"] for rule in rules)


def _renamed(rules: Sequence[dict[str, Any]], old: str, new: str) -> list[dict[str, Any]]:
    def names(rule: dict[str, Any]) -> list[str]:
        return list(dict.fromkeys(new if name == old else name for name in rule["names"]))

    return [{**rule, "names": names(rule)} if rule.get("kind") == "group" else rule for rule in rules]


def _beginning(texts: dict[str, str]) -> str:
    words = " ".join(next(iter(texts.values()), "").split())
    return words if len(words) <= 60 else f"{words[:59]}…"
