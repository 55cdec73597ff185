"""Who works for the service and has an account, for an administrator to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from carers.sign_in import IDLE_LIMIT
from storage.engine import Session
from storage.matching import folded
from storage.staff import Role, StaffMember
from storage.staff_lists import all_staff, households_by_worker, last_seen, staff_names


@dataclass(frozen=True, slots=True)
class Account:
    """One member of staff. ``browsers``: where they are signed in now. Times are aware UTC."""

    id: int
    name: str
    role: Role
    email: str
    connected: bool
    browsers: int
    left_on: date | None
    version: int = 1
    connected_ever: bool = False
    email_failed_at: datetime | None = None
    email_failed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account as an administrator sees it. ``seen_at``: when they were last in the console, as far as the
    audit log goes back; ``households``: of how many they are the social worker."""

    account: Account
    seen_at: datetime | None
    households: int


class Show(StrEnum):
    """Which of the colleagues to list."""

    HERE = "here"
    NOT_CONNECTED = "not_connected"
    """Who has never connected their Telegram account."""
    NO_WAY_IN = "no_way_in"
    """Who can ask for no sign-in link: neither connected nor with an address."""
    LEFT = "left"


async def list_accounts(session: Session, now: datetime) -> Sequence[Account]:
    """Everybody by name; those who left come last."""
    return [
        _account(member, browsers) for member, browsers in await all_staff(session, now, now - IDLE_LIMIT)
    ]


def _account(member: StaffMember, browsers: int) -> Account:
    return Account(
        id=member.id,
        name=member.name,
        role=member.role,
        email=member.email or "",
        connected=member.chat_id is not None,
        browsers=browsers,
        left_on=member.left_on,
        version=member.version,
        connected_ever=member.linked_at is not None,
        email_failed_at=member.email_failed_at,
        email_failed_reason=member.email_failed_reason,
    )


async def find_colleagues(
    session: Session, now: datetime, today: date, words: str = "", show: Show = Show.HERE
) -> Sequence[Colleague]:
    """Whoever fits, by name. ``today``: the service's local date. ``words``: parts of a name or of an
    address, whatever their case and accents."""
    wanted = folded(words).split()
    seen, homes = await last_seen(session), await households_by_worker(session, today)
    return [
        Colleague(one, seen.get(one.id), homes.get(one.id, 0))
        for one in await list_accounts(session, now)
        if _is_shown(one, show) and all(word in folded(f"{one.name} {one.email}") for word in wanted)
    ]


def _is_shown(one: Account, show: Show) -> bool:
    if show is Show.LEFT or one.left_on is not None:
        return show is Show.LEFT and one.left_on is not None
    if show is Show.NOT_CONNECTED:
        return not one.connected_ever
    return show is Show.HERE or not (one.connected or one.email)


async def colleague(session: Session, staff_id: int, now: datetime, today: date) -> Colleague | None:
    """One account, of whoever works here or has left. ``today``: the service's local date."""
    found = next((one for one in await list_accounts(session, now) if one.id == staff_id), None)
    if found is None:
        return None
    seen, homes = await last_seen(session), await households_by_worker(session, today)
    return Colleague(found, seen.get(staff_id), homes.get(staff_id, 0))


__all__ = [
    "Account",
    "Colleague",
    "Role",
    "Show",
    "colleague",
    "find_colleagues",
    "list_accounts",
    "staff_names",
]
