"""Groups, who is in them, and who left them."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Subquery, delete, exists, func, select, update
from sqlalchemy.orm import contains_eager

from storage.engine import Session
from storage.events import Event
from storage.households import Carer, Group, GroupLeaver, GroupMember, Household
from storage.households_queries import CHUNK, Condition, ids_of_not_current, is_found_by, still_a_carer
from storage.rows import insert_for
from storage.rsvp import Invitation, RsvpState


async def leavers(session: Session, carer_ids: Collection[int]) -> dict[int, set[int]]:
    """The groups that these carers left or were taken out of, by carer."""
    found: dict[int, set[int]] = {}
    ids = sorted(carer_ids)
    for start in range(0, len(ids), CHUNK):
        query = select(GroupLeaver).where(GroupLeaver.carer_id.in_(ids[start : start + CHUNK]))
        for row in await session.scalars(query):
            found.setdefault(row.carer_id, set()).add(row.group_id)
    return found


async def groups_with_counts(
    session: Session, today: date, own_households: int | None
) -> Sequence[tuple[Group, int]]:
    """Every group by name, with how many carers of this local day are in it."""
    carers = _everybodys(today) if own_households is None else _workers(today, own_households)
    query = (
        select(Group, func.coalesce(carers.c.carers, 0))
        .outerjoin(carers, carers.c.group_id == Group.id)
        .order_by(func.lower(Group.name), Group.id)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


def _everybodys(today: date) -> Subquery:
    """How many of each group foster here: all less the few who do not."""
    members = select(GroupMember.group_id, func.count().label("carers")).group_by(GroupMember.group_id)
    gone = members.where(GroupMember.carer_id.in_(ids_of_not_current(today))).subquery()
    everybody = members.subquery()
    carers = everybody.c.carers - func.coalesce(gone.c.carers, 0)
    query = select(everybody.c.group_id, carers.label("carers"))
    return query.outerjoin(gone, gone.c.group_id == everybody.c.group_id).subquery()


def _workers(today: date, own_households: int) -> Subquery:
    """The same of this social worker's households."""
    return (
        select(GroupMember.group_id, func.count().label("carers"))
        .join(Carer, Carer.id == GroupMember.carer_id)
        .join(Carer.household)
        .where(still_a_carer(today), _of(own_households))
        .group_by(GroupMember.group_id)
        .subquery()
    )


async def group_by_id(session: Session, group_id: int, *, lock: bool = False) -> Group | None:
    """One group; ``lock``: it is neither changed nor deleted by anybody else until the end."""
    query = select(Group).where(Group.id == group_id)
    if lock:  # as it is now, whatever of it was read before
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def members_of_group(
    session: Session, group_id: int, today: date, own_households: int | None, offset: int, count: int
) -> Sequence[tuple[Carer, bool]]:
    """Carers of a group by name, each with whether the register put them there."""
    query = (
        select(Carer, GroupMember.from_register)
        .join(GroupMember, GroupMember.carer_id == Carer.id)
        .join(Carer.household)
        .options(contains_eager(Carer.household))
        .where(GroupMember.group_id == group_id, still_a_carer(today), _of(own_households))
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
        .offset(offset)
        .limit(count)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def count_members(session: Session, group_id: int, today: date, own_households: int | None) -> int:
    query = (
        select(func.count())
        .select_from(GroupMember)
        .join(Carer, Carer.id == GroupMember.carer_id)
        .join(Carer.household)
        .where(GroupMember.group_id == group_id, still_a_carer(today), _of(own_households))
    )
    return (await session.scalars(query)).one()


async def carers_not_in(
    session: Session, group_id: int, words: str, today: date, count: int
) -> Sequence[tuple[Carer, bool]]:
    """Carers whom these words find and who are not in the group, each with whether they left it."""
    there = exists().where(GroupMember.group_id == group_id, GroupMember.carer_id == Carer.id)
    left = exists().where(GroupLeaver.group_id == group_id, GroupLeaver.carer_id == Carer.id)
    query = (
        select(Carer, left)
        .join(Carer.household)
        .options(contains_eager(Carer.household))
        .where(still_a_carer(today), ~there, *(is_found_by(word) for word in words.split()))
        .order_by(Carer.last_name, Carer.first_name, Carer.id)
        .limit(count)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def current_among(session: Session, carer_ids: Collection[int], today: date) -> Sequence[Carer]:
    """Those of these carers who foster here on this local day, at most as many as one list holds."""
    query = (
        select(Carer)
        .join(Carer.household)
        .options(contains_eager(Carer.household))
        .where(Carer.id.in_(sorted(carer_ids)[:CHUNK]), still_a_carer(today))
        .order_by(Carer.id)
    )
    return (await session.scalars(query)).all()


async def from_register(session: Session, group_id: int, carer_ids: Collection[int]) -> set[int]:
    """Which of these carers the register put into the group."""
    query = select(GroupMember.carer_id).where(
        GroupMember.group_id == group_id, GroupMember.carer_id.in_(carer_ids), GroupMember.from_register
    )
    return set(await session.scalars(query))


async def put_in(session: Session, group_id: int, carer_id: int, *, from_register: bool = False) -> bool:
    """Make the carer a member; False if they are one. Two at once make them one once."""
    await session.execute(
        delete(GroupLeaver).where(GroupLeaver.group_id == group_id, GroupLeaver.carer_id == carer_id)
    )
    row = insert_for(session, GroupMember).values(
        group_id=group_id, carer_id=carer_id, from_register=from_register
    )
    made = row.on_conflict_do_nothing().returning(GroupMember.carer_id)
    return (await session.scalars(made)).one_or_none() is not None


async def take_out(session: Session, group_id: int, carer_id: int, *, for_good: bool = True) -> bool:
    """End a membership; False if there was none. ``for_good``: the register does not bring it back."""
    gone = delete(GroupMember).where(GroupMember.group_id == group_id, GroupMember.carer_id == carer_id)
    if (await session.scalars(gone.returning(GroupMember.carer_id))).one_or_none() is None:
        return False
    if not for_good:
        return True
    note = insert_for(session, GroupLeaver).values(group_id=group_id, carer_id=carer_id)
    await session.execute(note.on_conflict_do_nothing())
    return True


async def groups_of_one(session: Session, carer_id: int) -> Sequence[Group]:
    """The groups that a carer is in, by name."""
    query = select(Group).join(GroupMember).where(GroupMember.carer_id == carer_id)
    return (await session.scalars(query.order_by(func.lower(Group.name), Group.id))).all()


async def open_groups_without(session: Session, carer_id: int) -> Sequence[Group]:
    """The groups that a carer may join and is not in, by name."""
    theirs = select(GroupMember.group_id).where(GroupMember.carer_id == carer_id)
    query = select(Group).where(Group.is_open, Group.id.not_in(theirs))
    return (await session.scalars(query.order_by(func.lower(Group.name), Group.id))).all()


async def ask_no_more(session: Session, carer_id: int, audience: str, nudges: int) -> None:
    """Count the carer's own unanswered invitations to events for this audience as nudged this often."""
    for_it = select(Event.id).where(Event.audience == audience)
    await session.execute(
        update(Invitation)
        .where(
            Invitation.carer_id == carer_id,
            Invitation.event_id.in_(for_it),
            Invitation.state == RsvpState.INVITED,
            Invitation.answered_at.is_(None),
        )
        .values(nudges=nudges)
        .execution_options(synchronize_session=False)
    )


def _of(own_households: int | None) -> Condition:
    """The household is this social worker's; null: whosever it is."""
    everyone = Household.id.is_not(None)
    return everyone if own_households is None else Household.social_worker_id == own_households
