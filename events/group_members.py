"""Joining and leaving a group, and what follows for the events that are for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carers import groups
from carers.groups import GroupLine, GroupRefusal, Joined
from carers.people import Carer, StaffMember
from events.holds import LONDON
from events.invitations import MOST_NUDGES, invite_member
from storage.engine import Session
from storage.groups_queries import ask_no_more


@dataclass(frozen=True, slots=True)
class Membership:
    """What became of it, and to how many events the carer was invited now."""

    result: Joined
    group: GroupLine | None = None
    invited: int = 0


async def join_group(
    session: Session, carer: Carer, group_id: int, now: datetime, zone: ZoneInfo = LONDON
) -> Membership:
    """A carer joins an open group, and is invited to what is open for it."""
    done = await groups.join(session, carer, group_id, now)
    invited = await invite_member(session, carer, now, zone) if done.result is Joined.JOINED else 0
    return Membership(done.result, done.group, invited)


async def leave_group(session: Session, carer: Carer, group_id: int, now: datetime) -> Membership:
    """A carer leaves a group. Their invitations stay, and they are asked about those without an answer no
    more."""
    done = await groups.leave(session, carer, group_id, now)
    if done.result is Joined.LEFT and done.group is not None:
        await ask_no_more(session, carer.id, done.group.name, MOST_NUDGES)
    return Membership(done.result, done.group)


async def add_to_group(
    session: Session,
    group_id: int,
    carer_ids: Collection[int],
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo = LONDON,
    registered: Collection[int] = (),
) -> tuple[list[Carer], int] | GroupRefusal:
    """Staff put carers into a group: (who was not in it, how many invitations went to them). ``registered``
    as in `groups.add_carers`."""
    added = await groups.add_carers(session, group_id, carer_ids, by, now, _day(now, zone), registered)
    if isinstance(added, GroupRefusal):
        return added
    invited = [await invite_member(session, carer, now, zone) for carer in added]
    return added, sum(invited)


async def take_out_of_group(
    session: Session,
    group: GroupLine,
    carer_ids: Collection[int],
    by: StaffMember,
    now: datetime,
    zone: ZoneInfo = LONDON,
    put_in_by_mistake: Collection[int] = (),
) -> list[Carer]:
    """Staff take carers out of a group; who was in it. ``put_in_by_mistake``: `groups.take_out_carers`."""
    day = _day(now, zone)
    gone = await groups.take_out_carers(session, group.id, carer_ids, by, now, day, put_in_by_mistake)
    for carer in gone:
        await ask_no_more(session, carer.id, group.name, MOST_NUDGES)
    return gone


def _day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()
