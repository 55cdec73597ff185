"""What reports read: the register as plain records, and counts of what was done. Nothing here writes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    type_coerce,
)

from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Household
from storage.households_queries import not_left
from storage.rsvp import Invitation
from storage.surveys import Round, RoundState
from storage.ways import mail_is_on


@dataclass(frozen=True, slots=True)
class Approval:
    """A household's approval: local calendar dates, the main carer's year of birth where it is known."""

    household_type: str
    approved_on: date
    ended_on: date | None
    end_route: str | None
    end_reasons: tuple[str, ...]
    in_constellation: bool
    birth_year: int | None
    household_id: int = 0
    engaged: bool | None = None
    """Whether one of its carers attended an event in the first twelve months; None: nobody can know, for
    attendance was not recorded yet."""


async def count_approvals(session: Session) -> int:
    """How many households the register holds, present and past."""
    return (await session.scalars(select(func.count()).select_from(Household))).one()


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """The register as the database gave it; see `approvals_of`."""

    rows: Sequence[Any]
    alone: Mapping[int, int | None]
    """By household, the year of birth of who fosters there alone without being noted as the main carer."""


async def approvals(session: Session) -> list[Approval]:
    """Every household that the register holds, present and past."""
    return approvals_of(await register_rows(session))


async def register_rows(session: Session) -> RegisterRows:
    """Every household that the register holds, with its main carer; of two it is who came first."""
    home, carer = Household.__table__.c, Carer.__table__.c
    main = and_(carer.household_id == home.id, carer.main_carer, carer.left_on.is_(None))
    query = (
        select(
            home.id,
            type_coerce(home.type, String),
            type_coerce(home.approved_on, String),
            type_coerce(home.ended_on, String),
            type_coerce(home.end_route, String),
            cast(home.end_reasons, String),
            home.constellation,
            carer.id,
            carer.birth_year,
        )
        .select_from(Household.__table__.outerjoin(Carer.__table__, main))
        .order_by(home.id, carer.id.desc())
    )
    rows = (await session.execute(query)).all()
    return RegisterRows(rows, await _born_who_foster_alone(session))


def approvals_of(
    register: RegisterRows, since: date | None = None, engaged: Collection[int] = ()
) -> list[Approval]:
    """The households as records.

    ``engaged``: those that came to something in their first year, of all that were approved on or after
    ``since``; of the others nobody knows.
    """
    words, days, reasons = _Read(str), _Read(_day), _Read(_reasons)
    found = {}
    for key, kind, approved, ended, route, given, constellation, carer_id, born in register.rows:
        approved_on = days[approved]
        found[key] = Approval(
            words[kind],
            approved_on,
            days[ended],
            words[route] if route else None,
            reasons[given],
            bool(constellation),
            register.alone.get(key) if carer_id is None else born,
            key,
            key in engaged if since is not None and approved_on >= since else None,
        )
    return list(found.values())


class _Read(dict[Any, Any]):
    """What a column's values mean. Each is read once and is one object: a nation's households say the same
    few thousand things, and reading them all again would take seconds."""

    def __init__(self, meaning: Callable[[Any], Any]) -> None:
        self._meaning = meaning

    def __missing__(self, value: Any) -> Any:
        self[value] = meaning = self._meaning(value)
        return meaning


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _reasons(given: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(orjson.loads(given or "[]") or ()))


async def _born_who_foster_alone(session: Session) -> dict[int, int | None]:
    """By household, the year of birth of somebody who fosters alone and of whom the register does not say
    that they are the main carer: they are it all the same. Who left the household is not."""
    carer, other = Carer.__table__.c, Carer.__table__.alias("other")
    with_another = exists().where(
        other.c.household_id == carer.household_id, other.c.id != carer.id, other.c.left_on.is_(None)
    )
    query = select(carer.household_id, carer.birth_year).where(
        carer.left_on.is_(None), not_(carer.main_carer), not_(with_another)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def record_begins(session: Session) -> date | None:
    """The first day of which the database knows something that happened: a household left, an event began.

    Where neither did yet it is the day of the latest approval; None: the database is empty.
    """
    left = await session.scalar(select(func.min(Household.ended_on)))
    began = await session.scalar(select(func.min(Event.starts_at)))
    happened = [day for day in (left, began.date() if began else None) if day is not None]
    return min(happened) if happened else await session.scalar(select(func.max(Household.approved_on)))


async def carers_reached(session: Session, day: date, moment: datetime) -> tuple[int, int]:
    """(carers whom the bot reached at the end of ``day``, carers of households approved on it)."""
    found = await count_carers(session, day, moment)
    return found.reached, found.there


class CarersCounted(NamedTuple):
    """Carers of households approved on a day: those that the bot ``reached`` of all that were ``there``; and
    those ``not_seen`` of all that were there from some day on, ``throughout``."""

    reached: int
    there: int
    not_seen: int
    throughout: int


async def count_carers(
    session: Session,
    day: date,
    moment: datetime,
    since: date | None = None,
    was_seen: ColumnElement[bool] | None = None,
) -> CarersCounted:
    """The carers of households approved on ``day``, but those who had left theirs. Who was erased counts as
    before: a figure tells of nobody.

    ``moment`` is the end of ``day`` in UTC. Reached: linked by then, and not stopped or refused since; or,
    where the service sends email, with an address that has not failed by then, and not stopped. Throughout:
    of households approved on ``since`` already.
    """
    throughout = Household.approved_on <= (since or day)
    not_seen = and_(throughout, not_(was_seen)) if was_seen is not None else false()
    counts = (_number(_reached(moment)), func.count(), _number(not_seen), _number(throughout))
    query = (
        select(*counts)
        .select_from(Carer)
        .join(Household, Carer.household_id == Household.id)
        .where(
            Household.approved_on <= day,
            or_(Household.ended_on.is_(None), Household.ended_on > day),
            not_left(day),
        )
    )
    return CarersCounted(*map(int, (await session.execute(query)).one()))


def _reached(moment: datetime) -> ColumnElement[bool]:
    by_app = and_(
        Carer.chat_id.is_not(None),
        Carer.linked_at < moment,
        or_(Carer.unreachable_since.is_(None), Carer.unreachable_since >= moment),
    )
    by_email = and_(
        mail_is_on(),
        func.coalesce(Carer.email, "") != "",
        or_(Carer.email_failed_at.is_(None), Carer.email_failed_at >= moment),
    )
    return and_(or_(Carer.stopped_at.is_(None), Carer.stopped_at >= moment), or_(by_app, by_email))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def parties(session: Session, start: datetime, end: datetime) -> tuple[int, int]:
    """(parties that answered, parties invited) to events that start in [start, end).

    By event, so that an index alone is read: a nation is invited half a million times a year.
    """
    of_them = select(Event.id).where(Event.starts_at >= start, Event.starts_at < end)
    query = select(func.count(Invitation.answered_at), func.count()).where(Invitation.event_id.in_(of_them))
    some, everyone = (await session.execute(query)).one()
    return int(some), int(everyone)


async def survey_turnout(session: Session, start: datetime, end: datetime) -> tuple[int, int]:
    """(people who took part, people who were asked) in rounds that closed in [start, end)."""
    query = select(
        func.coalesce(func.sum(Round.took_part), 0), func.coalesce(func.sum(Round.asked), 0)
    ).where(Round.state == RoundState.CLOSED, Round.closed_at >= start, Round.closed_at < end)
    took_part, asked = (await session.execute(query)).one()
    return int(took_part), int(asked)
