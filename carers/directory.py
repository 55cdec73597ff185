"""Looking carers up: who they are, how they stand with the bot, and what they were asked lately.

A social worker's look ends at their own households: what is not theirs is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.people import Carer
from storage.directory import (
    NO_WAY,
    NO_WORKER,
    Contact,
    Search,
    Ways,
    carer_with_household,
    carers_found,
    contact_of,
    count_by_way,
    count_carers,
    count_contacts,
    groups_of,
    latest_invitations,
    topics_turned_off,
    ways_of,
)
from storage.engine import Session
from storage.households import Channel, Household
from storage.households_queries import fosters_no_more
from storage.links import LinksOut, links_out
from storage.rsvp import RsvpState

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class CarerLine:
    """One carer of a list. ``since`` is when they came to stand so; ``why`` a refusal's reason. ``way``: by
    which way they are told, null for none. ``links``: personal links of theirs that were not used, if any."""

    id: int
    name: str
    ref: str
    household: str
    household_type: str
    social_worker: str
    language: str
    contact: Contact
    since: datetime | None
    why: str
    way: Channel | None
    links: LinksOut | None = None


@dataclass(frozen=True, slots=True)
class CarerList:
    """One page of a list; pages count from 1."""

    lines: Sequence[CarerLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What a carer, or their household, said to one event."""

    event_id: int
    title: str
    starts_at: datetime
    state: RsvpState


@dataclass(frozen=True, slots=True)
class CarerView:
    """All that staff see of one carer. ``chosen``: the way that was chosen for them, if one was. ``shares``:
    who of ``others`` has the same chat. ``left_on``: from this local day they are not of the household."""

    carer: CarerLine
    ways: Ways
    chosen: Channel | None
    email_failed_at: datetime | None
    email_failed_reason: str
    household: Household
    others: Sequence[CarerLine]
    shares: Sequence[str]
    groups: Sequence[str]
    turned_off: Sequence[str]
    email: str
    phone: str
    invitations: Sequence[Answered]
    left_on: date | None
    erased_at: datetime | None
    gone: bool
    """They foster here no more: nobody tells them anything."""


async def list_carers(
    session: Session,
    search: Search,
    now: datetime,
    zone: ZoneInfo,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> CarerList:
    """A page of the current carers who match, by name. A page past the end is the last one."""
    today = now.astimezone(zone).date()
    total = await count_carers(session, search, today, now)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    offset = (page - 1) * per_page
    found = await carers_found(session, search, today, now, offset=offset, count=per_page)
    ids = [carer.id for carer, _ in found]
    ways, links = await ways_of(session, ids), await links_out(session, ids)
    lines = [_line(carer, worker, ways[carer.id], now, links.get(carer.id)) for carer, worker in found]
    return CarerList(lines, total, page, pages)


async def count_by_contact(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> dict[Contact, int]:
    """How many current carers stand how with the bot."""
    search = Search(social_worker_id=social_worker_id)
    return await count_contacts(session, search, now.astimezone(zone).date(), now)


async def count_by_channel(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> dict[str, int]:
    """How many current carers are told by which way: by the name of a `Channel`, and `NO_WAY`."""
    today = now.astimezone(zone).date()
    counted = await count_by_way(session, Search(social_worker_id=social_worker_id), today, now)
    return {name: counted.get(name, 0) for name in (*Channel, NO_WAY)}


async def view_carer(
    session: Session, carer_id: int, now: datetime, today: date, social_worker_id: int | None = None
) -> CarerView | None:
    """One carer on this local day; None for nobody, and for a carer of another worker's household."""
    found = await carer_with_household(session, carer_id)
    if found is None or social_worker_id not in (None, found[0].household.social_worker_id):
        return None
    carer, worker = found
    ways = await ways_of(session, [one.id for one in carer.household.carers])
    links = await links_out(session, [carer.id])
    others = [one for one in carer.household.carers if one.id != carer.id]
    return CarerView(
        carer=_line(carer, worker, ways[carer.id], now, links.get(carer.id)),
        ways=ways[carer.id],
        chosen=carer.channel,
        email_failed_at=carer.email_failed_at,
        email_failed_reason=carer.email_failed_reason or "",
        household=carer.household,
        others=[_line(one, worker, ways[one.id], now) for one in others],
        shares=[name_of(one) for one in others if one.chat_id is not None and one.chat_id == carer.chat_id],
        groups=await groups_of(session, carer.id),
        turned_off=await topics_turned_off(session, carer.id),
        email=carer.email or "",
        phone=carer.phone or "",
        invitations=[
            Answered(event.id, event.title, event.starts_at, invitation.state)
            for invitation, event in await latest_invitations(session, carer, count=12)
        ],
        left_on=carer.left_on,
        erased_at=carer.erased_at,
        gone=fosters_no_more(carer, carer.household, today),
    )


def name_of(carer: Carer) -> str:
    """First and last name, or the number of who has none."""
    return f"{carer.first_name} {carer.last_name}".strip() or carer.ref


def _line(
    carer: Carer, worker: str | None, ways: Ways, now: datetime, links: LinksOut | None = None
) -> CarerLine:
    contact = contact_of(carer, now)
    since = {
        Contact.CONNECTED: carer.linked_at,
        Contact.UNREACHABLE: carer.unreachable_since,
        Contact.STOPPED: carer.stopped_at,
    }.get(contact)
    return CarerLine(
        id=carer.id,
        name=name_of(carer),
        ref=carer.ref,
        household=carer.household.ref,
        household_type=carer.household.type.value,
        social_worker=worker or "",
        language=carer.language.value,
        contact=contact,
        since=since,
        why=carer.unreachable_reason or "" if contact is Contact.UNREACHABLE else "",
        way=ways.way,
        links=links,
    )


__all__ = [
    "NO_WAY",
    "NO_WORKER",
    "Answered",
    "CarerLine",
    "CarerList",
    "CarerView",
    "Channel",
    "Contact",
    "Search",
    "Ways",
    "count_by_channel",
    "count_by_contact",
    "list_carers",
    "name_of",
    "view_carer",
]
