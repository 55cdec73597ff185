"""The office of the demo: who works there, whose part a visitor can play, and what lies on the desks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from carers.audience_rules import (
    Attended,
    InConstellation,
    InGroup,
    NotAttended,
    OfType,
    OnHold,
    Rules,
    Which,
)
from carers.saved_audiences import save_audience
from sandbox.demo_history import awake
from sandbox.demo_names import ADMINISTRATOR, ANSWERS, COORDINATOR, MANAGER, MESSAGES, SOCIAL_WORKERS
from sandbox.state import FIRST_USER_ID
from storage.conversations import CarerMessage, Thread, ThreadState
from storage.engine import Session
from storage.households import Carer, EndRoute, Household, HouseholdType
from storage.staff import Role, StaffMember

STAFF_CHAT = FIRST_USER_ID + 1000
PLAYED = {
    COORDINATOR: "Staff: fostering coordinator",
    MANAGER: "Staff: service manager",
    SOCIAL_WORKERS[0]: "Staff: social worker",
}
"""Staff with the app; the others sign in to the console alone."""

AUDIENCES = {
    "Not seen for six months": Rules((NotAttended(months=6),), (OnHold(),)),
    "Mainstream, in no constellation": Rules(
        (OfType((HouseholdType.MAINSTREAM,)), InConstellation(Which.NONE)), (OnHold(),)
    ),
    "Support groups": Rules(
        (InGroup(("evening-support-group", "daytime-support-group")), Attended(months=12))
    ),
}
"""The audiences that the coordinator has saved."""
NOTICE = timedelta(days=28)


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


async def add_audiences(
    session: Session, staff: Sequence[StaffMember], now: datetime, zone: ZoneInfo
) -> None:
    """What the coordinator saved for later."""
    coordinator = next(one for one in staff if one.name == COORDINATOR)
    for name, rules in AUDIENCES.items():
        await save_audience(session, name, rules, coordinator, now - timedelta(days=20), zone)


async def add_threads(
    session: Session,
    homes: Sequence[tuple[Household, Sequence[Carer]]],
    staff: Sequence[StaffMember],
    random: Random,
    now: datetime,
) -> None:
    """What carers wrote lately: some of it waits, one has been taken, the rest was answered and settled."""
    writers = [
        (household, carer)
        for household, carers in homes
        for carer in carers
        if carer.chat_id is not None and carer.unreachable_since is None
    ]
    coordinator = next(one for one in staff if one.name == COORDINATOR)
    chosen = random.sample(writers, len(MESSAGES))
    for number, (text, (household, carer)) in reversed(list(enumerate(zip(MESSAGES, chosen, strict=True)))):
        at = awake(now - timedelta(hours=5 + number * 31))
        owner = next((one for one in staff if one.id == household.social_worker_id), coordinator)
        thread = Thread(carer_id=carer.id, opened_at=at, heard_at=at, state=ThreadState.NEW)
        answer = ANSWERS.get(number)
        if number >= 3:
            thread.owner_id, thread.state = owner.id, ThreadState.TAKEN
        if answer is not None:
            answered_at = min(now, (at + timedelta(days=1)).replace(hour=10))
            thread.state, thread.answered_at = ThreadState.SETTLED, answered_at
            thread.settled_at, thread.settled_by_id = answered_at, owner.id
        session.add(thread)
        await session.flush()
        session.add(CarerMessage(carer_id=carer.id, thread_id=thread.id, text=text, received_at=at))
        if answer is not None and thread.answered_at is not None:
            session.add(
                CarerMessage(
                    carer_id=carer.id,
                    thread_id=thread.id,
                    written_by_id=owner.id,
                    text=answer,
                    received_at=thread.answered_at,
                )
            )
        await session.flush()


def give_notice(household: Household, today: date) -> None:
    """One household is leaving: its notice came in ten days ago, and the approval ends when it has run."""
    household.notice_on = today - timedelta(days=10)
    household.ended_on = household.notice_on + NOTICE
    household.end_route, household.end_reasons = EndRoute.RESIGNATION, ["retirement"]
