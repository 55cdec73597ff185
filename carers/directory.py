"""Looking carers up: who they are, how they stand with the bot, and what they were asked lately.

A social worker's look ends at their own households: what is not theirs is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.linking import new_link, unlink
from carers.pages import Purpose, end_links, new_code
from carers.people import Carer, StaffMember
from storage.directory import (
    NO_WAY,
    Contact,
    Search,
    Ways,
    carer_with_household,
    carers_found,
    contact_of,
    count_by_way,
    count_carers,
    groups_of,
    latest_invitations,
    topics_turned_off,
    ways_of,
)
from storage.engine import Session
from storage.households import Channel, Household
from storage.rsvp import RsvpState

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class CarerLine:
    """One carer of a list. ``since`` is when they came to stand so; ``why`` a refusal's reason. ``way``: by
    which way they are told, null for none."""

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
    """All that staff see of one carer. ``chosen``: the way that was chosen for them, if one was."""

    carer: CarerLine
    ways: Ways
    chosen: Channel | None
    email_failed_at: datetime | None
    email_failed_reason: str
    household: Household
    others: Sequence[CarerLine]
    groups: Sequence[str]
    turned_off: Sequence[str]
    email: str
    phone: str
    invitations: Sequence[Answered]


async def list_carers(
    session: Session, search: Search, now: datetime, zone: ZoneInfo, page: int = 1
) -> CarerList:
    """A page of the current carers who match, by name. A page past the end is the last one."""
    today = now.astimezone(zone).date()
    total = await count_carers(session, search, today, now)
    pages = max(1, -(-total // PER_PAGE))
    page = min(page, pages)
    offset = (page - 1) * PER_PAGE
    found = await carers_found(session, search, today, now, offset=offset, count=PER_PAGE)
    ways = await ways_of(session, [carer.id for carer, _ in found])
    lines = [_line(carer, worker, ways[carer.id], now) for carer, worker in found]
    return CarerList(lines, total, page, pages)


async def count_by_contact(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> dict[Contact, int]:
    """How many current carers stand how with the bot."""
    today = now.astimezone(zone).date()
    return {
        contact: await count_carers(session, Search("", contact, social_worker_id), today, now)
        for contact in Contact
    }


async def count_by_channel(
    session: Session, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> dict[str, int]:
    """How many current carers are told by which way: by the name of a `Channel`, and `NO_WAY`."""
    today = now.astimezone(zone).date()
    counted = await count_by_way(session, Search(social_worker_id=social_worker_id), today, now)
    return {name: counted.get(name, 0) for name in (*Channel, NO_WAY)}


async def view_carer(
    session: Session, carer_id: int, now: datetime, social_worker_id: int | None = None
) -> CarerView | None:
    """One carer; None for nobody, and for a carer of another worker's household."""
    found = await carer_with_household(session, carer_id)
    if found is None or social_worker_id not in (None, found[0].household.social_worker_id):
        return None
    carer, worker = found
    ways = await ways_of(session, [one.id for one in carer.household.carers])
    return CarerView(
        carer=_line(carer, worker, ways[carer.id], now),
        ways=ways[carer.id],
        chosen=carer.channel,
        email_failed_at=carer.email_failed_at,
        email_failed_reason=carer.email_failed_reason or "",
        household=carer.household,
        others=[
            _line(one, worker, ways[one.id], now) for one in carer.household.carers if one.id != carer.id
        ],
        groups=await groups_of(session, carer.id),
        turned_off=await topics_turned_off(session, carer.id),
        email=carer.email or "",
        phone=carer.phone or "",
        invitations=[
            Answered(event.id, event.title, event.starts_at, invitation.state)
            for invitation, event in await latest_invitations(session, carer, count=12)
        ],
    )


async def give_link(session: Session, carer_id: int, by: StaffMember, now: datetime) -> str | None:
    """A fresh personal token for this carer; None if there is no such carer or the approval has ended.

    Links given out earlier and unused stay valid.
    """
    carer = await session.get(Carer, carer_id)
    if carer is None or await _has_left(session, carer, now.date()):
        return None
    token = await new_link(session, carer, now)
    await record(session, now, by, "link.give", f"carer:{carer.ref}")
    return token


@dataclass(frozen=True, slots=True)
class PageLink:
    """What opens a carer's own page: their number for a signed link, and a code to read out or type."""

    carer_id: int
    page_number: int
    code: str


async def give_page(
    session: Session, carer_id: int, secret_key: str, by: StaffMember, now: datetime
) -> PageLink | None:
    """A way to the carer's own page, to show or print; None if there is no such carer or they have left.

    ``secret_key``: the service's.
    """
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None or await _has_left(session, carer, now.date()):
        return None
    code = await new_code(session, carer, Purpose.HOME, 0, secret_key, now)
    await record(session, now, by, "page.give", f"carer:{carer.ref}")
    return PageLink(carer.id, carer.page_number, code)


async def end_all_links(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Make every link and code to this carer's pages worthless, say because a letter went astray; False if
    there is no such carer."""
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None:
        return False
    await end_links(session, carer)
    await record(session, now, by, "page.end_links", f"carer:{carer.ref}")
    return True


async def disconnect(session: Session, carer_id: int, by: StaffMember, now: datetime) -> bool:
    """Take the bot off a lost phone; False if there is no such carer or none is connected."""
    carer = await session.get(Carer, carer_id)
    if carer is None or carer.chat_id is None:
        return False
    await unlink(session, carer, by, now)
    return True


async def _has_left(session: Session, carer: Carer, today: date) -> bool:
    household = await session.get_one(Household, carer.household_id)
    return household.ended_on is not None and household.ended_on <= today


def _line(carer: Carer, worker: str | None, ways: Ways, now: datetime) -> CarerLine:
    contact = contact_of(carer, now)
    since = {
        Contact.CONNECTED: carer.linked_at,
        Contact.UNREACHABLE: carer.unreachable_since,
        Contact.STOPPED: carer.stopped_at,
    }.get(contact)
    return CarerLine(
        id=carer.id,
        name=f"{carer.first_name} {carer.last_name}".strip() or carer.ref,
        ref=carer.ref,
        household=carer.household.ref,
        household_type=carer.household.type.value,
        social_worker=worker or "",
        language=carer.language.value,
        contact=contact,
        since=since,
        why=carer.unreachable_reason or "" if contact is Contact.UNREACHABLE else "",
        way=ways.way,
    )


__all__ = [
    "NO_WAY",
    "Answered",
    "CarerLine",
    "CarerList",
    "CarerView",
    "Channel",
    "Contact",
    "PageLink",
    "Search",
    "Ways",
    "count_by_channel",
    "count_by_contact",
    "disconnect",
    "end_all_links",
    "give_link",
    "give_page",
    "list_carers",
    "view_carer",
]
