"""Changing the register by hand: a household's facts, its carers' contacts, and new ones of either.

Where a register file is imported, it stays the source: its next import says again what the file says. Who
edits sends along a mark of what they saw, so that nobody's change is undone unseen.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.constellations import oddities_of
from carers.households import can_change
from storage.engine import Session
from storage.household_queries import lock_household
from storage.households import Carer, ConstellationRole, Household, HouseholdType, Language
from storage.households_queries import carers_by_ref, households_by_ref, staff_of_service
from storage.routing import reroute
from storage.staff import Role, StaffMember

MOST_CARERS = 2
"""A household has one or two carers."""


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """What staff can change of a household. Dates are local days."""

    type: HouseholdType
    approved_on: date
    area: str | None = None
    constellation: str | None = None
    constellation_role: ConstellationRole | None = None
    on_hold_since: date | None = None
    social_worker_id: int | None = None


@dataclass(frozen=True, slots=True)
class CarerFacts:
    """What staff can change of a carer. ``main_carer`` true makes them the one main carer of the household;
    false changes nothing, for one carer always is."""

    first_name: str
    last_name: str
    birth_year: int | None = None
    language: Language = Language.ENGLISH
    email: str | None = None
    phone: str | None = None
    main_carer: bool = False


@dataclass(frozen=True, slots=True)
class NewCarer:
    """A carer to be added, with the number that the register will know them by."""

    ref: str
    facts: CarerFacts


class Edited(StrEnum):
    SAVED = "saved"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    OUTDATED = "outdated"
    """Somebody changed it since it was read."""
    NOT_KEPT = "not_kept"
    """They have left or were erased: no name and no contact of theirs is kept."""
    REF_TAKEN = "ref_taken"
    FULL = "full"
    """The household has two carers."""


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """``odd``: what is not as it should be now with the constellations concerned, in words. ``id``: of what
    was added; ``taken``: whose number another has, 0 the household's, 1 its first new carer's, and so on."""

    result: Edited
    odd: Sequence[str] = ()
    id: int | None = None
    taken: int | None = None


def mark(facts: HouseholdFacts | CarerFacts) -> str:
    """A few characters that tell these facts from any others."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def facts_of_household(home: Household) -> HouseholdFacts:
    """What stands there now."""
    return HouseholdFacts(
        home.type,
        home.approved_on,
        home.area,
        home.constellation,
        home.constellation_role,
        home.on_hold_since,
        home.social_worker_id,
    )


def facts_of_carer(carer: Carer) -> CarerFacts:
    """What stands there now."""
    return CarerFacts(
        carer.first_name,
        carer.last_name,
        carer.birth_year,
        carer.language,
        carer.email,
        carer.phone,
        carer.main_carer,
    )


async def facts_for_edit(
    session: Session, household_id: int, social_worker_id: int | None = None
) -> tuple[Household, HouseholdFacts] | None:
    """The household to edit, none of another worker's, and what stands there."""
    home = await session.get(Household, household_id, populate_existing=True)
    if home is None or social_worker_id not in (None, home.social_worker_id):
        return None
    return home, facts_of_household(home)


async def carer_for_edit(
    session: Session, household_id: int, carer_id: int, social_worker_id: int | None = None
) -> tuple[Household, Carer] | None:
    """A carer of this household, and the household; none of another worker's."""
    home = await session.get(Household, household_id, populate_existing=True)
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if home is None or carer is None or carer.household_id != home.id:
        return None
    return (home, carer) if social_worker_id in (None, home.social_worker_id) else None


async def social_workers(session: Session) -> Sequence[StaffMember]:
    """Who can be a household's social worker, by name."""
    workers = [one for one in await staff_of_service(session) if one.role is Role.SOCIAL_WORKER]
    return sorted(workers, key=lambda one: one.name.casefold())


async def edit_household(
    session: Session,
    household_id: int,
    facts: HouseholdFacts,
    was: str,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> EditOutcome:
    """Change a household. ``was``: the `mark` of the facts that the editor saw."""
    home = await lock_household(session, household_id)
    if home is None:
        return EditOutcome(Edited.NOT_FOUND)
    before = facts_of_household(home)
    if mark(before) != was:
        return EditOutcome(Edited.OUTDATED)
    columns = _write(home, asdict(facts))
    if not columns:
        return EditOutcome(Edited.UNCHANGED)
    await session.flush()
    await record(session, now, by, "household.edit", f"household:{home.ref}", columns=columns)
    today = now.astimezone(zone).date()
    return EditOutcome(Edited.SAVED, await _odd(session, today, before.constellation, facts.constellation))


async def edit_carer(
    session: Session,
    carer_id: int,
    facts: CarerFacts,
    was: str,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> EditOutcome:
    """Change a carer. Another address ends the links that went to the one before, as with an import."""
    carer = await session.get(Carer, carer_id)
    home = await lock_household(session, carer.household_id) if carer else None
    if carer is None or home is None:
        return EditOutcome(Edited.NOT_FOUND)
    if not can_change(carer, home, now.astimezone(zone).date()):
        return EditOutcome(Edited.NOT_KEPT)
    if mark(facts_of_carer(carer)) != was:
        return EditOutcome(Edited.OUTDATED)
    values = asdict(facts)
    becomes_main = values.pop("main_carer") and not carer.main_carer
    mailed_to = (carer.email or "").casefold()
    columns = _write(carer, values)
    if "email" in columns:
        carer.email_failed_at = carer.email_failed_reason = None
        if mailed_to and (carer.email or "").casefold() != mailed_to:
            # Whoever reads the old mailbox has the links of every mail that went there.
            carer.page_number += 1
    if becomes_main:
        make_main(home, carer)
        columns.append("main_carer")
    if not columns:
        return EditOutcome(Edited.UNCHANGED)
    await session.flush()
    await reroute(session, now, carer.id)
    await record(session, now, by, "carer.edit", f"carer:{carer.ref}", columns=columns)
    return EditOutcome(Edited.SAVED)


async def add_household(
    session: Session,
    ref: str,
    facts: HouseholdFacts,
    carers: Sequence[NewCarer],
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> EditOutcome:
    """Add a newly approved household with its carers, the first of whom is the main one."""
    taken = await _taken(session, ref, [one.ref for one in carers])
    if taken is not None:
        return EditOutcome(Edited.REF_TAKEN, taken=taken)
    home = Household(ref=ref, **asdict(facts))
    session.add(home)
    await session.flush()
    for place, one in enumerate(carers):
        values = asdict(one.facts) | {"main_carer": place == 0}
        session.add(Carer(ref=one.ref, household_id=home.id, **values))
    await session.flush()
    await record(session, now, by, "household.add", f"household:{ref}", carers=[one.ref for one in carers])
    odd = await _odd(session, now.astimezone(zone).date(), facts.constellation)
    return EditOutcome(Edited.SAVED, odd, home.id)


async def add_carer(
    session: Session, household_id: int, new: NewCarer, by: StaffMember, now: datetime, zone: ZoneInfo
) -> EditOutcome:
    """Add a second carer to a household; they are invited to what is open within minutes."""
    home = await lock_household(session, household_id)
    today = now.astimezone(zone).date()
    if home is None or (home.ended_on is not None and home.ended_on <= today):
        return EditOutcome(Edited.NOT_FOUND)
    if is_full(home):
        return EditOutcome(Edited.FULL)
    taken = await _taken(session, "", [new.ref])
    if taken is not None:
        return EditOutcome(Edited.REF_TAKEN, taken=taken)
    carer = Carer(ref=new.ref, household_id=home.id, **(asdict(new.facts) | {"main_carer": False}))
    session.add(carer)
    await session.flush()
    if new.facts.main_carer or not any(one.main_carer for one in there(home)):
        make_main(home, carer)
    await session.flush()
    await record(session, now, by, "carer.add", f"carer:{new.ref}", household=home.ref)
    return EditOutcome(Edited.SAVED, id=carer.id)


def there(home: Household) -> list[Carer]:
    """The carers of a household who have not left it."""
    return [one for one in home.carers if one.left_on is None]


def is_full(home: Household) -> bool:
    """Whether nobody else can join this household."""
    return len(there(home)) >= MOST_CARERS


def make_main(home: Household, carer: Carer) -> None:
    """Make this carer the one main carer of the household."""
    for one in home.carers:
        one.main_carer = False
    carer.main_carer = True


async def _taken(session: Session, household_ref: str, carer_refs: Sequence[str]) -> int | None:
    """Which of these numbers the register has already, or is there twice: see `EditOutcome.taken`."""
    if household_ref and await households_by_ref(session, [household_ref]):
        return 0
    known = await carers_by_ref(session, carer_refs)
    clashes = (n for n, ref in enumerate(carer_refs) if ref in known or ref in carer_refs[:n])
    return next((n + 1 for n in clashes), None)


async def _odd(session: Session, today: date, *names: str | None) -> list[str]:
    found = dict.fromkeys(name for name in names if name)
    return [odd.text for name in found for odd in await oddities_of(session, name, today)]


def _write(thing: Household | Carer, values: dict[str, Any]) -> list[str]:
    """Set what differs; returns the columns that did."""
    differs = [name for name, value in values.items() if getattr(thing, name) != value]
    for name in differs:
        setattr(thing, name, values[name])
    return differs


__all__ = [
    "MOST_CARERS",
    "CarerFacts",
    "EditOutcome",
    "Edited",
    "HouseholdFacts",
    "Language",
    "NewCarer",
    "add_carer",
    "add_household",
    "carer_for_edit",
    "edit_carer",
    "edit_household",
    "facts_for_edit",
    "facts_of_carer",
    "facts_of_household",
    "is_full",
    "make_main",
    "mark",
    "social_workers",
    "there",
]
