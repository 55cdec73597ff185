"""A carer who leaves their household while its approval goes on, comes back, or moves to another household.

What is the household's stays with who stays. What was the carer's own is given back at the next tick, and the
daily purge erases their name and contacts: until then a mistake is undone without loss.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from carers.audit import record
from carers.household_edits import is_full, make_main, there
from carers.linking import leave_chat
from carers.pages import end_links
from storage.engine import Session
from storage.household_queries import cancel_waiting, lock_household
from storage.households import Carer, Household
from storage.routing import reroute
from storage.rsvp_inviting import carry_along
from storage.staff import StaffMember


class Left(StrEnum):
    """What became of it."""

    DONE = "done"
    NOT_FOUND = "not_found"
    LAST = "last"
    """Nobody would be left in the household: its approval ends, which is another deed."""
    ALREADY = "already"
    """It is so already."""
    BAD_DATE = "bad_date"
    """After today, or before the approval."""
    FULL = "full"
    """The other household has two carers."""
    ENDED = "ended"
    """The approval of that household has ended."""


@dataclass(frozen=True, slots=True)
class LeftOutcome:
    """``main``: who became the main carer of the household by it."""

    result: Left
    main: Carer | None = None


async def leave_household(
    session: Session, carer_id: int, left_on: date, by: StaffMember, now: datetime, zone: ZoneInfo
) -> LeftOutcome:
    """The carer is no carer of their household any more from this local day, today or before.

    They are told nothing more: their chat, links, codes and calendar end, and what waits to be sent is called
    off. Who stays becomes the main carer.
    """
    carer, home = await _locked(session, carer_id)
    today = now.astimezone(zone).date()
    refused = _why_not(carer, home, today)
    if carer is None or home is None or refused:
        return LeftOutcome(refused or Left.NOT_FOUND)
    if not home.approved_on <= left_on <= today:
        return LeftOutcome(Left.BAD_DATE)
    main = _pass_on_main(home, carer)
    carer.left_on = left_on
    await _end_contact(session, carer, now)
    await carry_along(session, [carer.id], now)
    about = f"carer:{carer.ref}"
    await record(session, now, by, "carer.leave", about, household=home.ref, left_on=left_on.isoformat())
    return LeftOutcome(Left.DONE, main)


async def return_to_household(
    session: Session, carer_id: int, by: StaffMember, now: datetime, zone: ZoneInfo
) -> LeftOutcome:
    """That the carer left was a mistake, or is over: they are one of their household again.

    Their chat has to be connected anew, and where the purge came first their name and contacts to be entered.
    """
    carer, home = await _locked(session, carer_id)
    if carer is None or home is None or carer.erased_at is not None:
        return LeftOutcome(Left.NOT_FOUND)
    if carer.left_on is None:
        return LeftOutcome(Left.ALREADY)
    if _has_ended(home, now.astimezone(zone).date()):
        return LeftOutcome(Left.ENDED)
    if is_full(home):
        return LeftOutcome(Left.FULL)
    carer.left_on = None
    await session.flush()
    await record(session, now, by, "carer.return", f"carer:{carer.ref}", household=home.ref)
    return LeftOutcome(Left.DONE)


async def move_carer(
    session: Session,
    carer_id: int,
    to_household_id: int,
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo,
) -> LeftOutcome:
    """The carer goes on in another household, with their chat, their answers and invitations of their own.

    Who shared a chat with somebody of the household before loses it: no chat is of two households.
    """
    carer, home = await _locked(session, carer_id, to_household_id)
    today = now.astimezone(zone).date()
    refused = _why_not(carer, home, today)
    if carer is None or home is None or refused:
        return LeftOutcome(refused or Left.NOT_FOUND)
    there_now = await lock_household(session, to_household_id)
    if there_now is None:
        return LeftOutcome(Left.NOT_FOUND)
    if there_now.id == home.id:
        return LeftOutcome(Left.ALREADY)
    if _has_ended(there_now, today):
        return LeftOutcome(Left.ENDED)
    if is_full(there_now):
        return LeftOutcome(Left.FULL)
    main = _pass_on_main(home, carer)
    if carer.shares_chat:
        await leave_chat(session, carer, now)
    alone = not there(there_now)
    carer.household_id = there_now.id
    carer.main_carer = alone
    await session.flush()
    await carry_along(session, [carer.id], now)
    await reroute(session, now, carer.id)
    await record(session, now, by, "carer.move", f"carer:{carer.ref}", left=home.ref, household=there_now.ref)
    session.expire(home, ["carers"])
    session.expire(there_now, ["carers"])
    return LeftOutcome(Left.DONE, main)


async def _locked(
    session: Session, carer_id: int, besides: int | None = None
) -> tuple[Carer | None, Household | None]:
    """The carer and their household, held against everybody else who changes who belongs to it, so that of
    two who leave at once the second is the last. Households are locked in the order of their ids."""
    carer = await session.get(Carer, carer_id, populate_existing=True)
    if carer is None:
        return None, None
    for household_id in sorted({carer.household_id, besides or carer.household_id}):
        await lock_household(session, household_id)
    home = await lock_household(session, carer.household_id)
    return next(((one, home) for one in (home.carers if home else ()) if one.id == carer_id), (None, None))


def _why_not(carer: Carer | None, home: Household | None, today: date) -> Left | None:
    """Why this carer cannot go out of this household."""
    if carer is None or home is None or carer.erased_at is not None:
        return Left.NOT_FOUND
    if carer.left_on is not None:
        return Left.ALREADY
    if _has_ended(home, today):
        return Left.ENDED
    return Left.LAST if len(there(home)) < 2 else None


def _has_ended(home: Household, today: date) -> bool:
    return home.ended_on is not None and home.ended_on <= today


def _pass_on_main(home: Household, leaver: Carer) -> Carer | None:
    """Who stays is the main carer; returns them if they were not before."""
    stay = [one for one in there(home) if one.id != leaver.id]
    leaver.main_carer = False
    if any(one.main_carer for one in stay):
        return None
    make_main(home, stay[0])
    return stay[0]


async def _end_contact(session: Session, carer: Carer, now: datetime) -> None:
    await leave_chat(session, carer, now)
    await end_links(session, carer)
    await cancel_waiting(session, carer.id)


__all__ = ["Left", "LeftOutcome", "leave_household", "move_carer", "return_to_household"]
