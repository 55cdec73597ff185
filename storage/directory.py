"""Looking people up in the register: a page of carers, one household with its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Channel, Group, GroupMember, Household, OptOut
from storage.households_queries import Condition, is_found_by, still_a_carer
from storage.links import link_out
from storage.rsvp import Invitation
from storage.staff import StaffMember
from storage.ways import labelled_way, mail_is_on, takes_app, takes_mail, way

NO_WAY = "none"
"""In a `Search`: who is reached by no way at all."""
NO_WORKER = 0
"""In a `Search`: households of no social worker."""


class Contact(StrEnum):
    """How a carer stands with the bot. Of several, the first that stops a message counts."""

    NOT_CONNECTED = "not_connected"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    PAUSED = "paused"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class Search:
    """Which carers to list. ``social_worker_id`` limits to one worker's households, and to those of none
    where it is `NO_WORKER`. ``way``: a `Channel` by its name, or `NO_WAY`; empty for any. ``link``: whether
    they have a personal link that was not used. ``turned_off``: a topic that they do not want. ``among``:
    what carers must fulfil besides, such as the conditions of an audience."""

    words: str = ""
    contact: Contact | None = None
    social_worker_id: int | None = None
    way: str = ""
    link: bool | None = None
    turned_off: str = ""
    among: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """By which way a carer is told, null for none, and which would work.

    ``mail_on``: the service sends email at all.
    """

    way: Channel | None
    takes_app: bool
    takes_mail: bool
    mail_on: bool


def contact_of(carer: Carer, now: datetime) -> Contact:
    """How this carer stands now."""
    if carer.chat_id is None:
        return Contact.NOT_CONNECTED
    if carer.unreachable_since is not None:
        return Contact.UNREACHABLE
    if carer.stopped_at is not None:
        return Contact.STOPPED
    if carer.paused_until is not None and carer.paused_until > now:
        return Contact.PAUSED
    return Contact.CONNECTED


def stands(contact: Contact, now: datetime) -> ColumnElement[bool]:
    """Whether a carer stands so now: of all contacts exactly one holds."""
    linked, reachable = Carer.chat_id.is_not(None), Carer.unreachable_since.is_(None)
    running = Carer.stopped_at.is_(None)
    paused = and_(Carer.paused_until.is_not(None), Carer.paused_until > now)
    match contact:
        case Contact.NOT_CONNECTED:
            return Carer.chat_id.is_(None)
        case Contact.UNREACHABLE:
            return and_(linked, Carer.unreachable_since.is_not(None))
        case Contact.STOPPED:
            return and_(linked, reachable, Carer.stopped_at.is_not(None))
        case Contact.PAUSED:
            return and_(linked, reachable, running, paused)
        case Contact.CONNECTED:
            return and_(linked, reachable, running, ~paused)


def _found(search: Search, today: date, now: datetime) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [still_a_carer(today)]
    if search.social_worker_id is not None:
        wanted.append(Household.social_worker_id == (search.social_worker_id or None))
    if search.link is not None:
        wanted.append(link_out(Carer.id) if search.link else ~link_out(Carer.id))
    if search.turned_off:
        off = exists().where(OptOut.carer_id == Carer.id, OptOut.topic == search.turned_off)
        wanted.append(off)
    if search.contact is not None:
        wanted.append(stands(search.contact, now))
    if search.way:
        wanted.append(way().is_(None) if search.way == NO_WAY else way() == search.way)
    wanted.extend(is_found_by(word) for word in search.words.split())
    wanted.extend(search.among)
    return and_(true(), *wanted)


async def count_carers(session: Session, search: Search, today: date, now: datetime) -> int:
    query = select(func.count(Carer.id)).join(Carer.household).where(_found(search, today, now))
    return (await session.scalars(query)).one()


async def count_contacts(session: Session, search: Search, today: date, now: datetime) -> dict[Contact, int]:
    """How many carers who match stand how: all counted in one look at them."""
    counts = (func.count().filter(stands(contact, now)) for contact in Contact)
    query = select(*counts).select_from(Carer).join(Carer.household).where(_found(search, today, now))
    return dict(zip(Contact, (await session.execute(query)).one(), strict=True))


async def carers_found(
    session: Session, search: Search, today: date, now: datetime, *, offset: int, count: int
) -> Sequence[tuple[Carer, str | None]]:
    """Carers by name with their household, and the name of its social worker."""
    query = (
        _with_worker()
        .where(_found(search, today, now))
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
        .offset(offset)
        .limit(count)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).unique().all()]


async def count_by_way(session: Session, search: Search, today: date, now: datetime) -> dict[str, int]:
    """How many carers who match are told by which way; `NO_WAY` for none."""
    counted = await count_ways(session, _found(search, today, now))
    return {found.value if found else NO_WAY: number for found, number in counted.items()}


async def count_ways(session: Session, *conditions: ColumnElement[bool]) -> dict[Channel | None, int]:
    """How many carers who fulfil these conditions, on them or their household, are told by which way."""
    found = labelled_way()
    query = (
        select(found, func.count())
        .select_from(Carer)
        .join(Household, Household.id == Carer.household_id)
        .where(*conditions)
        .group_by(found)
    )
    return {Channel(name) if name else None: number for name, number in (await session.execute(query)).all()}


async def ways_of(session: Session, carer_ids: Collection[int]) -> Mapping[int, Ways]:
    """By which way each of these carers is told, and by which they could be."""
    query = select(Carer.id, labelled_way(), takes_app(), takes_mail(), mail_is_on()).where(
        Carer.id.in_(carer_ids)
    )
    return {
        carer_id: Ways(Channel(name) if name else None, bool(app), bool(mail), bool(on))
        for carer_id, name, app, mail, on in (await session.execute(query)).all()
    }


def _with_worker() -> Select[Carer, str]:
    return (
        select(Carer, StaffMember.name)
        .join(Carer.household)
        .outerjoin(StaffMember, StaffMember.id == Household.social_worker_id)
        .options(joinedload(Carer.household))
    )


async def carer_with_household(session: Session, carer_id: int) -> tuple[Carer, str | None] | None:
    """A carer, their household with all of its carers, and the name of its social worker."""
    query = (
        _with_worker()
        .where(Carer.id == carer_id)
        .options(joinedload(Carer.household).selectinload(Household.carers))
    )
    row = (await session.execute(query)).unique().one_or_none()
    return (row[0], row[1]) if row else None


async def groups_of(session: Session, carer_id: int) -> Sequence[str]:
    """The names of the groups that this carer is in."""
    query = select(Group.name).join(GroupMember).where(GroupMember.carer_id == carer_id).order_by(Group.name)
    return (await session.scalars(query)).all()


async def topics_turned_off(session: Session, carer_id: int) -> Sequence[str]:
    query = select(OptOut.topic).where(OptOut.carer_id == carer_id).order_by(OptOut.topic)
    return (await session.scalars(query)).all()


async def latest_invitations(
    session: Session, carer: Carer, count: int
) -> Sequence[tuple[Invitation, Event]]:
    """This carer's latest invitations, their household's included, by the event's start."""
    query = (
        select(Invitation, Event)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Invitation.household_id == carer.household_id,
            or_(Invitation.carer_id.is_(None), Invitation.carer_id == carer.id),
        )
        .order_by(Event.starts_at.desc(), Invitation.id)
        .limit(count)
    )
    return [(invitation, event) for invitation, event in (await session.execute(query)).all()]
