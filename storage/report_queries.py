"""What reports read: the register as plain records, and counts of what was done. Nothing here writes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, not_, or_, select, type_coerce

from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Household
from storage.households_queries import not_left
from storage.report_attendance import seen
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


async def approvals(
    session: Session, since: date | None = None, engaged: Collection[int] = ()
) -> list[Approval]:
    """Every household that the register holds, present and past.

    ``engaged``: those that came to something in their first year, of all that were approved on or after
    ``since``; of the others nobody knows.
    """
    home, carer = Household.__table__.c, Carer.__table__.c
    main = and_(carer.household_id == home.id, carer.main_carer, carer.left_on.is_(None))
    rows = await session.execute(
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
    alone = await _born_who_foster_alone(session)
    words, days, reasons = _Read(str), _Read(_day), _Read(_reasons)
    found = {}
    for key, kind, approved, ended, route, given, constellation, carer_id, born in rows:
        approved_on = days[approved]
        found[key] = Approval(
            words[kind],
            approved_on,
            days[ended],
            words[route] if route else None,
            reasons[given],
            bool(constellation),
            alone.get(key) if carer_id is None else born,
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
    """(carers whom the bot reached at the end of ``day``, carers of households approved on it).

    ``moment`` is the end of ``day`` in UTC. Reached: linked by then, and not stopped or refused since; or,
    where the service sends email, with an address that has not failed by then, and not stopped.
    """
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
    not_stopped = or_(Carer.stopped_at.is_(None), Carer.stopped_at >= moment)
    reached = and_(not_stopped, or_(by_app, by_email))
    return await _count_carers(session, reached, day, day)


async def carers_not_seen(
    session: Session,
    since: date,
    day: date,
    start: datetime,
    end: datetime,
    years: Sequence[int] | None = None,
) -> tuple[int, int]:
    """(carers who attended nothing from ``start`` to ``end``, carers approved from ``since`` to ``day``).

    ``years`` as for `storage.report_attendance.seen`.
    """
    return await _count_carers(session, not_(seen(start, end, years)), day, since)


async def _count_carers(
    session: Session, condition: ColumnElement[bool], day: date, approved_by: date
) -> tuple[int, int]:
    """(carers whom the condition holds for, all carers) of households approved on ``day``, and before, but
    those who had left theirs. Who was erased counts as before: a figure tells of nobody."""
    query = (
        select(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), func.count())
        .select_from(Carer)
        .join(Household, Carer.household_id == Household.id)
        .where(
            Household.approved_on <= approved_by,
            or_(Household.ended_on.is_(None), Household.ended_on > day),
            not_left(day),
        )
    )
    some, everyone = (await session.execute(query)).one()
    return int(some), int(everyone)


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
