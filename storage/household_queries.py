"""Looking at households: a page of them, one with all that happened to it, and who is in a constellation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, update
from sqlalchemy.orm import selectinload

from storage.attendance import Attendance, AttendanceState
from storage.conversations import CarerMessage
from storage.deliveries import IS_WAITING, Delivery, DeliveryState
from storage.engine import Session
from storage.events import Event
from storage.households import Carer, ConstellationRole, Household, HouseholdType
from storage.households_queries import approved_on_day, is_called
from storage.rsvp import Invitation
from storage.staff import AuditEntry, StaffMember

IN_ANY, IN_NONE = "*", "-"
"""In a `HouseholdSearch`: in any constellation, in none."""


class Standing(StrEnum):
    """Which households a list shows; those approved now where nothing else is asked for."""

    CURRENT = "current"
    ON_HOLD = "on_hold"
    NOTICE = "notice"
    """The approval has an end, and it has not come."""
    ENDED = "ended"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class HouseholdSearch:
    """Which households to list. ``social_worker_id`` limits to one worker's. Empty texts ask for nothing."""

    words: str = ""
    standing: Standing = Standing.CURRENT
    type: HouseholdType | None = None
    area: str = ""
    constellation: str = ""
    social_worker_id: int | None = None


def _stands(standing: Standing, today: date) -> ColumnElement[bool]:
    match standing:
        case Standing.CURRENT:
            return approved_on_day(today)
        case Standing.ON_HOLD:
            return and_(approved_on_day(today), Household.on_hold_since <= today)
        case Standing.NOTICE:
            return and_(Household.ended_on.is_not(None), Household.ended_on > today)
        case Standing.ENDED:
            return Household.ended_on <= today
        case Standing.EVERY:
            return true()


def _found(search: HouseholdSearch, today: date) -> ColumnElement[bool]:
    wanted = [_stands(search.standing, today)]
    if search.social_worker_id is not None:
        wanted.append(Household.social_worker_id == search.social_worker_id)
    if search.type is not None:
        wanted.append(Household.type == search.type)
    if search.area:
        wanted.append(Household.area == search.area)
    if search.constellation == IN_NONE:
        wanted.append(Household.constellation.is_(None))
    elif search.constellation == IN_ANY:
        wanted.append(Household.constellation.is_not(None))
    elif search.constellation:
        wanted.append(Household.constellation == search.constellation)
    wanted.extend(_has(word) for word in search.words.split())
    return and_(true(), *wanted)


def _has(word: str) -> ColumnElement[bool]:
    """The word begins the household's number or one of its carers', or is part of a carer's name."""
    carers = select(Carer.household_id).where(is_called(word))
    return or_(Household.ref.istartswith(word, autoescape=True), Household.id.in_(carers))


async def count_found(session: Session, search: HouseholdSearch, today: date) -> int:
    """How many households match."""
    return (await session.scalars(select(func.count(Household.id)).where(_found(search, today)))).one()


async def households_found(
    session: Session, search: HouseholdSearch, today: date, *, offset: int, count: int
) -> Sequence[tuple[Household, str | None]]:
    """Households that match by their numbers, with all their carers, and the name of the social worker. Those
    whose approval ends or ended come by that day, the next to come and the latest first."""
    query = _with_worker().where(_found(search, today)).offset(offset).limit(count)
    if search.standing is Standing.NOTICE:
        query = query.order_by(Household.ended_on)
    elif search.standing is Standing.ENDED:
        query = query.order_by(Household.ended_on.desc())
    rows = (await session.execute(query.order_by(Household.ref))).all()
    return [(row[0], row[1]) for row in rows]


def _with_worker() -> Select[Household, str]:
    return (
        select(Household, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == Household.social_worker_id)
        .options(selectinload(Household.carers))
    )


async def household_with_worker(
    session: Session, household_id: int, social_worker_id: int | None
) -> tuple[Household, str | None] | None:
    """One household with all its carers as they are now, and its social worker's name; none of another
    worker's, where one is given."""
    query = _with_worker().where(Household.id == household_id).execution_options(populate_existing=True)
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def lock_household(session: Session, household_id: int) -> Household | None:
    """The household and its carers as they are now; nobody else changes who belongs to it until the end."""
    query = (
        select(Household)
        .where(Household.id == household_id)
        .options(selectinload(Household.carers))
        .with_for_update(of=Household)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).one_or_none()


async def areas(session: Session, social_worker_id: int | None = None) -> Sequence[str]:
    """The areas that the register names, by name."""
    query = select(Household.area).where(Household.area.is_not(None)).distinct().order_by(Household.area)
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    return [area for area in await session.scalars(query) if area]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a household was asked and did since some moment; messages are those that are still kept."""

    invited: int
    answered: int
    attended: int
    messages: int


async def counts_of(session: Session, household_id: int, since: datetime, until: datetime) -> Counts:
    """Of invitations made and events begun between these moments, and of what its carers wrote since."""
    when = and_(Event.starts_at >= since, Event.starts_at < until)
    asked = select(func.count(), func.count(Invitation.answered_at)).where(
        Invitation.household_id == household_id, Invitation.invited_at >= since
    )
    invited, answered = (await session.execute(asked)).one()
    came = select(func.count()).select_from(Attendance).join(Event, Event.id == Attendance.event_id)
    attended = await session.scalar(
        came.where(
            Attendance.household_id == household_id, Attendance.state == AttendanceState.ATTENDED, when
        )
    )
    wrote = (
        select(func.count())
        .select_from(CarerMessage)
        .join(Carer, Carer.id == CarerMessage.carer_id)
        .where(
            Carer.household_id == household_id,
            CarerMessage.written_by_id.is_(None),
            CarerMessage.received_at >= since,
        )
    )
    return Counts(invited, answered, attended or 0, await session.scalar(wrote) or 0)


async def latest_events_of(
    session: Session, household_id: int, until: datetime, count: int
) -> Sequence[tuple[Event, int]]:
    """The latest events that began before this moment and to which somebody of this household came, with how
    many of them did."""
    came = func.count()
    query = (
        select(Event, came)
        .join(Attendance, Attendance.event_id == Event.id)
        .where(
            Attendance.household_id == household_id,
            Attendance.state == AttendanceState.ATTENDED,
            Event.starts_at < until,
        )
        .group_by(Event.id)
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(count)
    )
    return [(event, number) for event, number in (await session.execute(query)).all()]


async def latest_invitations_of(
    session: Session, household_id: int, count: int
) -> Sequence[tuple[Event, datetime, int, int]]:
    """The events to which this household, or carers of it, were invited last: when, and how many of how many
    invitations were answered."""
    invited = func.min(Invitation.invited_at)
    query = (
        select(Event, invited, func.count(Invitation.answered_at), func.count())
        .join(Invitation, Invitation.event_id == Event.id)
        .where(Invitation.household_id == household_id)
        .group_by(Event.id)
        .order_by(invited.desc(), Event.id.desc())
        .limit(count)
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]


async def audit_of(session: Session, subjects: Sequence[str], count: int) -> Sequence[AuditEntry]:
    """The latest entries of the audit log about any of these, the latest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return (await session.scalars(query.limit(count))).all()


@dataclass(frozen=True, slots=True)
class ConstellationHome:
    """A current household in a constellation. ``carers``: their names, the main carer's first."""

    id: int
    ref: str
    constellation: str
    role: ConstellationRole | None
    area: str
    on_hold: bool
    social_worker_id: int | None
    carers: str


async def constellations_of(
    session: Session, today: date, social_worker_id: int | None = None
) -> Mapping[str, int]:
    """The constellations that current households are in, by name, with how many households of each; with a
    social worker those that a household of theirs is in, with how many of theirs."""
    query = (
        select(Household.constellation, func.count())
        .where(Household.constellation.is_not(None), approved_on_day(today))
        .group_by(Household.constellation)
    )
    if social_worker_id is not None:
        query = query.where(Household.social_worker_id == social_worker_id)
    found = {name: number for name, number in await session.execute(query) if name is not None}
    return dict(sorted(found.items()))


async def constellation_homes(
    session: Session, today: date, names: Collection[str]
) -> Sequence[ConstellationHome]:
    """The current households in these constellations, by their number. No more names than a page has."""
    query = (
        select(Household)
        .where(Household.constellation.in_(names), approved_on_day(today))
        .options(selectinload(Household.carers))
        .order_by(Household.ref)
    )
    return [
        ConstellationHome(
            home.id,
            home.ref,
            home.constellation or "",
            home.constellation_role,
            home.area or "",
            home.on_hold_since is not None and home.on_hold_since <= today,
            home.social_worker_id,
            " and ".join(names_of(home)),
        )
        for home in await session.scalars(query)
    ]


def names_of(home: Household) -> list[str]:
    """The names of who has not left this household, the main carer first; numbers where no name is kept."""
    there = sorted((one for one in home.carers if one.left_on is None), key=lambda one: not one.main_carer)
    return [f"{one.first_name} {one.last_name}".strip() or one.ref for one in there]


async def count_homes(session: Session, today: date, social_worker_id: int | None = None) -> int:
    """How many households are approved on this local day."""
    return await count_found(session, HouseholdSearch(social_worker_id=social_worker_id), today)


async def cancel_waiting(session: Session, carer_id: int) -> int:
    """Call off what waits to be sent to this carer; how much that was. What is being sent arrives."""
    gone = (
        update(Delivery)
        .where(Delivery.carer_id == carer_id, IS_WAITING)
        .values(state=DeliveryState.CANCELLED, reason=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.scalars(gone)).all())
