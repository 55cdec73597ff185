"""Accounts of staff: who may use the console and the staff commands, added and ended by an administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from carers.audit import record
from carers.linking import new_link, revoke
from carers.sign_in import sign_out_everywhere
from storage.engine import Session
from storage.staff import Role, StaffMember
from storage.staff_lists import all_staff, staff_named


@dataclass(frozen=True, slots=True)
class Account:
    """One member of staff. ``browsers``: where they are signed in now."""

    id: int
    name: str
    role: Role
    email: str
    connected: bool
    browsers: int
    left_on: date | None


class Ended(StrEnum):
    """What became of the wish to end somebody's access."""

    ENDED = "ended"
    NOT_FOUND = "not_found"
    YOURSELF = "yourself"


async def list_accounts(session: Session, now: datetime) -> Sequence[Account]:
    """Everybody by name; those who left come last."""
    return [
        Account(
            id=member.id,
            name=member.name,
            role=member.role,
            email=member.email or "",
            connected=member.chat_id is not None,
            browsers=browsers,
            left_on=member.left_on,
        )
        for member, browsers in await all_staff(session, now)
    ]


async def add_account(
    session: Session, name: str, role: Role, by: StaffMember | None, now: datetime, email: str = ""
) -> tuple[StaffMember, str]:
    """Add someone and make the link by which they connect their Telegram account; returns both.

    Whoever bears the name already, such as a social worker whom the register named, is that same person:
    they get the role and a new link, and keep their households.
    """
    member = await staff_named(session, name)
    if member is None:
        member = StaffMember(name=name, role=role, added_at=now)
        session.add(member)
    member.role = role
    member.email = email or member.email
    await session.flush()
    await record(session, now, by, "staff.add", f"staff:{member.id}", role=role.value)
    return member, await new_link(session, member, now)


async def give_staff_link(session: Session, staff_id: int, by: StaffMember, now: datetime) -> str | None:
    """A fresh token by which this person connects a Telegram account; None for nobody, or who has left."""
    member = await session.get(StaffMember, staff_id)
    if member is None or member.left_on is not None:
        return None
    await record(session, now, by, "link.give", f"staff:{member.id}")
    return await new_link(session, member, now)


async def end_account(session: Session, staff_id: int, by: StaffMember, now: datetime, today: date) -> Ended:
    """Someone leaves: out of every browser and of the chat at once. ``today`` is the local date.

    Nobody ends their own access, so that one administrator at least remains.
    """
    member = await session.get(StaffMember, staff_id)
    if member is None or member.left_on is not None:
        return Ended.NOT_FOUND
    if member.id == by.id:
        return Ended.YOURSELF
    await sign_out_everywhere(session, member, by, now)
    await revoke(session, member, by, now)
    member.left_on, member.chat_id = today, None
    await record(session, now, by, "staff.end", f"staff:{member.id}")
    return Ended.ENDED
