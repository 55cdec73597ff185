"""The standing cast of the tests: invented people who appear in every story.

Amal and Jo Reed share a household. Sam Okafor has one of their own, Lin Marsh another. Priya Lane is the
coordinator, Tom Birch the Reeds' social worker, Dee Hall the manager, Ash Moor the administrator. The
stranger is known to nobody.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from storage.engine import Session
from storage.households import Carer, Household, HouseholdType
from storage.staff import Role, StaffMember

NOON = datetime(2025, 5, 6, 11, 0, tzinfo=UTC)
"""A Tuesday in May, 12:00 in London: outside quiet hours, and in summer time."""

STRANGER_CHAT = 9_999


@dataclass(frozen=True)
class Cast:
    reeds: Household
    amal: Carer
    jo: Carer
    okafors: Household
    sam: Carer
    marshes: Household
    lin: Carer
    priya: StaffMember
    tom: StaffMember
    dee: StaffMember
    ash: StaffMember


async def gather(session: Session, now: datetime = NOON, linked: bool = True) -> Cast:
    """Put the cast into the database; ``linked`` people have a chat (101 and up carers, 901 and up staff)."""

    def staff(number: int, name: str, role: Role) -> StaffMember:
        chat = 900 + number if linked else None
        return StaffMember(
            name=name, role=role, chat_id=chat, added_at=now, linked_at=now if linked else None
        )

    priya = staff(1, "Priya Lane", Role.COORDINATOR)
    tom = staff(2, "Tom Birch", Role.SOCIAL_WORKER)
    dee = staff(3, "Dee Hall", Role.MANAGER)
    ash = staff(4, "Ash Moor", Role.ADMINISTRATOR)
    session.add_all([priya, tom, dee, ash])
    await session.flush()

    def household(ref: str, worker: StaffMember | None) -> Household:
        return Household(
            ref=ref,
            type=HouseholdType.MAINSTREAM,
            approved_on=date(2019, 6, 1),
            area="North",
            social_worker_id=worker.id if worker else None,
        )

    reeds, okafors, marshes = household("H1", tom), household("H2", None), household("H3", None)
    session.add_all([reeds, okafors, marshes])
    await session.flush()

    def carer(number: int, home: Household, first: str, last: str, main: bool = True) -> Carer:
        return Carer(
            ref=f"C{number}",
            household_id=home.id,
            main_carer=main,
            first_name=first,
            last_name=last,
            birth_year=1968,
            chat_id=100 + number if linked else None,
            linked_at=now if linked else None,
        )

    amal, jo = carer(1, reeds, "Amal", "Reed"), carer(2, reeds, "Jo", "Reed", main=False)
    sam, lin = carer(3, okafors, "Sam", "Okafor"), carer(4, marshes, "Lin", "Marsh")
    session.add_all([amal, jo, sam, lin])
    await session.flush()
    return Cast(reeds, amal, jo, okafors, sam, marshes, lin, priya, tom, dee, ash)
