"""The office of the demo: who works there, and whose part a visitor can play."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.demo_names import ADMINISTRATOR, COORDINATOR, MANAGER, SOCIAL_WORKERS
from sandbox.state import FIRST_USER_ID
from storage.engine import Session
from storage.staff import Role, StaffMember

STAFF_CHAT = FIRST_USER_ID + 1000
PLAYED = {
    COORDINATOR: "Staff: fostering coordinator",
    MANAGER: "Staff: service manager",
    SOCIAL_WORKERS[0]: "Staff: social worker",
}
"""Staff with the app; the others sign in to the console alone."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with the app. ``pinned``: left for the visitor to play."""

    user_id: int
    first_name: str
    last_name: str
    language: str
    note: str
    pinned: bool = False
    started: bool = True
    blocked: bool = False
    carer_ref: str = ""


async def add_staff(session: Session, now: datetime) -> list[StaffMember]:
    """Everybody who works there; the first is the social worker whom the visitor may play."""
    roles = [(name, Role.SOCIAL_WORKER) for name in SOCIAL_WORKERS]
    roles += [
        (COORDINATOR, Role.COORDINATOR),
        (MANAGER, Role.MANAGER),
        (ADMINISTRATOR, Role.ADMINISTRATOR),
    ]
    added = now - timedelta(days=400)
    staff = [
        StaffMember(
            name=name,
            role=role,
            email=f"{name.replace(' ', '.')}@example.org".lower(),
            chat_id=STAFF_CHAT + number if name in PLAYED else None,
            added_at=added,
            linked_at=added if name in PLAYED else None,
        )
        for number, (name, role) in enumerate(roles)
    ]
    session.add_all(staff)
    await session.flush()
    return staff


def staff_people(staff: Sequence[StaffMember]) -> list[Person]:
    """Staff as people of the sandbox."""
    people = []
    for member in staff:
        if member.chat_id is not None:
            first_name, _, last_name = member.name.partition(" ")
            people.append(
                Person(member.chat_id, first_name, last_name, "en", PLAYED[member.name], pinned=True)
            )
    return people
