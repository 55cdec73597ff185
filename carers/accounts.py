"""Accounts of staff: who may use the console and the staff commands, kept by an administrator.

One administrator remains, whatever two of them do to each other at the same moment. No two who work here have
one email address: a sign-in link goes to it. Nor one name, by which the register knows them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from carers.audit import record
from carers.colleagues import Account, list_accounts
from carers.linking import new_link, revoke
from carers.sign_in import sign_out_everywhere
from carers.staff_ways import address_changed, staff_ways_changed
from carers.works import forget_works_of
from storage.engine import Session
from storage.staff import Role, StaffMember
from storage.staff_lists import (
    has_address,
    lock_administrators,
    locked_member,
    staff_named,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an account is to say. ``email`` may be empty."""

    name: str
    role: Role
    email: str = ""


class Refused(StrEnum):
    """Why an account stays as it is."""

    NOT_FOUND = "not_found"
    """There is no such person, or they have left; or, to be brought back, they have not."""
    UNCHANGED = "unchanged"
    """It says already what it is wanted to say."""
    CHANGED_MEANWHILE = "changed_meanwhile"
    LAST_ADMINISTRATOR = "last_administrator"
    NAME_TAKEN = "name_taken"
    ADDRESS_TAKEN = "address_taken"


class Ended(StrEnum):
    """What became of the wish to end somebody's access."""

    ENDED = "ended"
    NOT_FOUND = "not_found"
    YOURSELF = "yourself"
    LAST_ADMINISTRATOR = "last_administrator"


async def add_account(
    session: Session, wanted: Wanted, by: StaffMember | None, now: datetime
) -> tuple[StaffMember, str] | Refused:
    """Add someone and make the link by which they connect their Telegram account; returns both.

    Whoever bears the name already, such as a social worker whom the register named, is that same person:
    they get the role and a new link, and keep their households. In the console the role of a colleague who
    has connected is changed on their own page, and not by adding them again.
    """
    administrators = await lock_administrators(session)
    member = await staff_named(session, wanted.name)
    if member is not None and member.role is not wanted.role:
        if by is not None and member.linked_at is not None:
            return Refused.NAME_TAKEN
        if administrators == {member.id}:
            return Refused.LAST_ADMINISTRATOR
    if await has_address(session, wanted.email, but=member.id if member else 0):
        return Refused.ADDRESS_TAKEN
    if member is None:
        member = StaffMember(name=wanted.name, role=wanted.role, added_at=now, version=0)
        session.add(member)
    if member.role is not wanted.role:
        await forget_works_of(session, member.id, now)
    member.role = wanted.role
    member.version += 1
    await session.flush()
    if wanted.email:
        await address_changed(session, member, wanted.email, now)
    await record(session, now, by, "staff.add", f"staff:{member.id}", role=wanted.role.value)
    return member, await new_link(session, member, now)


async def change_account(
    session: Session, staff_id: int, version: int, wanted: Wanted, by: StaffMember, now: datetime
) -> Refused | None:
    """Change somebody's name, role and address; None where anything of it is new.

    What the role does not include any more is over with the next page that they open. ``version``: of the
    account as it was looked at.
    """
    administrators = await lock_administrators(session)
    member = await locked_member(session, staff_id)
    if member is None or member.left_on is not None:
        return Refused.NOT_FOUND
    changed = [name for name, old, new in _compared(member, wanted) if old != new]
    if not changed:
        return Refused.UNCHANGED
    if member.version != version:
        return Refused.CHANGED_MEANWHILE
    if wanted.role is not Role.ADMINISTRATOR and administrators == {member.id}:
        return Refused.LAST_ADMINISTRATOR
    if refused := await _taken(session, wanted, member.id):
        return refused
    before, member.name, member.role = member.role, wanted.name, wanted.role
    member.version += 1
    if "role" in changed:
        await forget_works_of(session, member.id, now)
    if "email" in changed:
        await address_changed(session, member, wanted.email, now)
    roles = {"was": before.value, "role": wanted.role.value} if "role" in changed else {}
    await record(session, now, by, "staff.change", f"staff:{member.id}", changed=changed, **roles)
    return None


def _compared(member: StaffMember, wanted: Wanted) -> list[tuple[str, str, str]]:
    return [
        ("name", member.name, wanted.name),
        ("role", member.role.value, wanted.role.value),
        ("email", member.email or "", wanted.email),
    ]


async def _taken(session: Session, wanted: Wanted, by_staff_id: int) -> Refused | None:
    if await staff_named(session, wanted.name, but=by_staff_id) is not None:
        return Refused.NAME_TAKEN
    return Refused.ADDRESS_TAKEN if await has_address(session, wanted.email, but=by_staff_id) else None


async def give_staff_link(session: Session, staff_id: int, by: StaffMember, now: datetime) -> str | None:
    """A fresh token by which this person connects a Telegram account; None for nobody, or who has left."""
    member = await session.get(StaffMember, staff_id)
    if member is None or member.left_on is not None:
        return None
    await record(session, now, by, "link.give", f"staff:{member.id}")
    return await new_link(session, member, now)


async def sign_out_colleague(session: Session, staff_id: int, by: StaffMember, now: datetime) -> int | None:
    """Sign somebody out of every browser, and make the sign-in links worthless that they have not used.
    Returns how many browsers there were; None for nobody."""
    member = await session.get(StaffMember, staff_id)
    return None if member is None else await sign_out_everywhere(session, member, by, now)


async def end_account(session: Session, staff_id: int, by: StaffMember, now: datetime, today: date) -> Ended:
    """Someone leaves: out of every browser and of the chat at once. ``today`` is the local date.

    Nobody ends their own access.
    """
    administrators = await lock_administrators(session)
    member = await locked_member(session, staff_id)
    if member is None or member.left_on is not None:
        return Ended.NOT_FOUND
    if member.id == by.id:
        return Ended.YOURSELF
    if administrators == {member.id}:
        return Ended.LAST_ADMINISTRATOR
    await sign_out_everywhere(session, member, by, now)
    await revoke(session, member, by, now)
    await forget_works_of(session, member.id, now)
    member.left_on, member.chat_id = today, None
    member.version += 1
    await staff_ways_changed(session, member.id, now)
    await record(session, now, by, "staff.end", f"staff:{member.id}")
    return Ended.ENDED


async def bring_back(
    session: Session, staff_id: int, by: StaffMember, now: datetime
) -> tuple[StaffMember, str] | Refused:
    """Give access again to someone who had left, in the role that they had; returns them and the link by
    which they connect their Telegram account anew."""
    await lock_administrators(session)
    member = await locked_member(session, staff_id)
    if member is None or member.left_on is None:
        return Refused.NOT_FOUND
    refused = await _taken(session, Wanted(member.name, member.role, member.email or ""), member.id)
    if refused is not None:
        return refused
    member.left_on = None
    member.version += 1
    await staff_ways_changed(session, member.id, now)
    await record(session, now, by, "staff.bring_back", f"staff:{member.id}", role=member.role.value)
    return member, await new_link(session, member, now)


__all__ = [
    "Account",
    "Ended",
    "Refused",
    "Role",
    "StaffMember",
    "Wanted",
    "add_account",
    "bring_back",
    "change_account",
    "end_account",
    "give_staff_link",
    "list_accounts",
    "sign_out_colleague",
]
