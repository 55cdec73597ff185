"""Households as staff look at them: a list, one household with what happened to it, approvals under notice.

A social worker's look ends at their own households: what is not theirs is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from carers.audit_words import deed_in_words
from carers.panels import panels_of
from storage.check_ins import CheckInHow
from storage.check_ins_queries import check_ins_of
from storage.engine import Session
from storage.household_queries import (
    IN_ANY,
    IN_NONE,
    Counts,
    HouseholdSearch,
    Standing,
    areas,
    audit_of,
    count_found,
    counts_of,
    household_with_worker,
    households_found,
    latest_events_of,
    latest_invitations_of,
    names_of,
)
from storage.households import Carer, ConstellationRole, EndRoute, Household, HouseholdType
from storage.households_queries import current_constellations, fosters_no_more
from storage.staff import AuditEntry

PER_PAGE = 50
COUNTED = timedelta(days=365)
"""Over how long a household's page counts what it was asked and did."""
_MOST_ENTRIES = 40
_CHECKED = {
    CheckInHow.VISIT: "a visit",
    CheckInHow.PHONE: "by telephone",
    CheckInHow.MESSAGE: "by message",
    CheckInHow.EVENT: "at an event",
}
_MOST_EVENTS = 12


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One household of a list. ``carers``: the names of those who have not left, the main carer's first."""

    id: int
    ref: str
    type: HouseholdType
    carers: Sequence[str]
    area: str
    constellation: str
    role: ConstellationRole | None
    social_worker: str
    on_hold_since: date | None
    ended_on: date | None
    """The day from which it is approved no more; in the future under notice."""
    has_ended: bool


@dataclass(frozen=True, slots=True)
class HouseholdList:
    """One page of a list; pages count from 1."""

    lines: Sequence[HouseholdLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list of households can be narrowed to."""

    areas: Sequence[str]
    constellations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Member:
    """A carer of a household. ``left_on``: from this local day they are one of it no more."""

    id: int
    ref: str
    name: str
    main: bool
    birth_year: int | None
    connected: bool
    left_on: date | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what happened. ``at`` is UTC, or null where a day alone is known; ``by`` who did it, where
    that is known. ``event_id``: the event that it is about."""

    on: date
    at: datetime | None
    text: str
    by: str = ""
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """All that staff see of one household. ``counts`` are of the last twelve months."""

    line: HouseholdLine
    approved_on: date
    notice_on: date | None
    end_route: EndRoute | None
    end_reasons: Sequence[str]
    social_worker_id: int | None
    members: Sequence[Member]
    """Who belongs to it, the main carer first."""
    left: Sequence[Member]
    """Who has left it."""
    counts: Counts
    timeline: Sequence[Entry]


async def list_households(
    session: Session, search: HouseholdSearch, today: date, page: int = 1, per_page: int = PER_PAGE
) -> HouseholdList:
    """A page of the households that match. A page past the end is the last one."""
    total = await count_found(session, search, today)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    found = await households_found(session, search, today, offset=(page - 1) * per_page, count=per_page)
    return HouseholdList([_line(home, worker, today) for home, worker in found], total, page, pages)


async def count_by_standing(
    session: Session, today: date, social_worker_id: int | None = None
) -> dict[Standing, int]:
    """How many households stand how."""
    return {
        standing: await count_found(
            session, HouseholdSearch(standing=standing, social_worker_id=social_worker_id), today
        )
        for standing in (Standing.CURRENT, Standing.ON_HOLD, Standing.NOTICE, Standing.ENDED)
    }


async def notices_running(session: Session, today: date, social_worker_id: int | None = None) -> int:
    """How many approvals have an end that has not come by this local day."""
    search = HouseholdSearch(standing=Standing.NOTICE, social_worker_id=social_worker_id)
    return await count_found(session, search, today)


async def choices(session: Session, today: date, social_worker_id: int | None = None) -> Choices:
    """The areas and constellations there are."""
    return Choices(await areas(session, social_worker_id), await current_constellations(session, today))


async def view_household(
    session: Session, household_id: int, now: datetime, zone: ZoneInfo, social_worker_id: int | None = None
) -> HouseholdView | None:
    """One household; None for none, and for one of another worker."""
    found = await household_with_worker(session, household_id, social_worker_id)
    if found is None:
        return None
    home, worker = found
    today = now.astimezone(zone).date()
    members = sorted((_member(one) for one in home.carers), key=lambda one: not one.main)
    return HouseholdView(
        line=_line(home, worker, today),
        approved_on=home.approved_on,
        notice_on=home.notice_on,
        end_route=home.end_route,
        end_reasons=home.end_reasons,
        social_worker_id=home.social_worker_id,
        members=[one for one in members if one.left_on is None],
        left=[one for one in members if one.left_on is not None],
        counts=await counts_of(session, home.id, now - COUNTED, now),
        timeline=await _timeline(session, home, now, zone),
    )


def carer_name(carer: Carer) -> str:
    """What staff call a carer: the number of one whose name is not kept."""
    return f"{carer.first_name} {carer.last_name}".strip() or carer.ref


def can_change(carer: Carer, home: Household, today: date) -> bool:
    """Whether names and contacts of this carer are kept, so that there is something to change."""
    return not fosters_no_more(carer, home, today)


async def _timeline(session: Session, home: Household, now: datetime, zone: ZoneInfo) -> list[Entry]:
    """What happened, the latest first: the register's own days, events attended, and what staff did."""
    entries = [
        *_days(home),
        *await _panels(session, home),
        *await _check_ins(session, home),
        *await _invited(session, home, zone),
        *await _attended(session, home, now, zone),
    ]
    subjects = [f"household:{home.ref}", *(f"carer:{one.ref}" for one in home.carers)]
    names = {f"carer:{one.ref}": carer_name(one) for one in home.carers}
    noted = await audit_of(session, subjects, _MOST_ENTRIES)
    entries.extend(_noted(entry, names, zone) for entry in noted if not entry.action.startswith("check_in."))
    return sorted(entries, key=lambda one: (one.on, one.at.timestamp() if one.at else 0), reverse=True)


def _days(home: Household) -> list[Entry]:
    found = [Entry(home.approved_on, None, "Approved")]
    if home.on_hold_since:
        found.append(Entry(home.on_hold_since, None, "On hold"))
    if home.notice_on:
        found.append(Entry(home.notice_on, None, "Written notice received"))
    if home.ended_on:
        found.append(Entry(home.ended_on, None, "Approval ends"))
    found += [
        Entry(one.left_on, None, f"{carer_name(one)} left the household")
        for one in home.carers
        if one.left_on
    ]
    return found


async def _panels(session: Session, home: Household) -> list[Entry]:
    return [
        Entry(panel.held_on, None, f"Panel: {panel.about.value}")
        for panel in await panels_of(session, home.id)
    ]


async def _check_ins(session: Session, home: Household) -> list[Entry]:
    found = await check_ins_of(session, home.id, _MOST_ENTRIES)
    return [Entry(one.made_on, None, check_in_words(one.how), by) for one, by in found]


def check_in_words(how: CheckInHow) -> str:
    """What a timeline says of a check-in."""
    return "Tried to reach them, no answer" if how is CheckInHow.NO_ANSWER else f"Check-in: {_CHECKED[how]}"


async def _invited(session: Session, home: Household, zone: ZoneInfo) -> list[Entry]:
    return [
        Entry(
            at.astimezone(zone).date(),
            at,
            f"Invited to {event.title}: {_answers(answered, asked)}",
            event_id=event.id,
        )
        for event, at, answered, asked in await latest_invitations_of(session, home.id, _MOST_EVENTS)
    ]


def _answers(answered: int, asked: int) -> str:
    if not answered:
        return "no answer yet"
    return "answered" if answered == asked else f"{answered} of {asked} answered"


async def _attended(session: Session, home: Household, now: datetime, zone: ZoneInfo) -> list[Entry]:
    return [
        Entry(
            event.starts_at.astimezone(zone).date(),
            event.starts_at,
            f"{event.title}: {'both' if came == 2 else 'one' if came == 1 else came} came",
            event_id=event.id,
        )
        for event, came in await latest_events_of(session, home.id, now, _MOST_EVENTS)
    ]


def _noted(entry: AuditEntry, names: dict[str, str], zone: ZoneInfo) -> Entry:
    whom = names.get(entry.subject, "")
    text = f"{deed_in_words(entry.action)}{f': {whom}' if whom else ''}"
    return Entry(entry.at.astimezone(zone).date(), entry.at, text, entry.actor)


def _line(home: Household, worker: str | None, today: date) -> HouseholdLine:
    return HouseholdLine(
        id=home.id,
        ref=home.ref,
        type=home.type,
        carers=names_of(home),
        area=home.area or "",
        constellation=home.constellation or "",
        role=home.constellation_role,
        social_worker=worker or "",
        on_hold_since=home.on_hold_since,
        ended_on=home.ended_on,
        has_ended=home.ended_on is not None and home.ended_on <= today,
    )


def _member(carer: Carer) -> Member:
    return Member(
        carer.id,
        carer.ref,
        carer_name(carer),
        carer.main_carer,
        carer.birth_year,
        carer.chat_id is not None,
        carer.left_on,
        carer.erased_at is not None,
    )


__all__ = [
    "IN_ANY",
    "IN_NONE",
    "ConstellationRole",
    "EndRoute",
    "Entry",
    "HouseholdLine",
    "HouseholdList",
    "HouseholdSearch",
    "HouseholdType",
    "HouseholdView",
    "Member",
    "Standing",
    "can_change",
    "carer_name",
    "choices",
    "count_by_standing",
    "list_households",
    "notices_running",
    "view_household",
]
