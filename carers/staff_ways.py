"""By which way a member of staff is told: the app or email.

The way follows from what works (`storage.ways`) unless one is chosen here. Whatever waits for somebody whose
way changes goes by the new one.
"""

from datetime import datetime
from enum import StrEnum

from carers.audit import record
from storage.engine import Session
from storage.households import Channel
from storage.routing import reroute_staff
from storage.staff import StaffMember
from storage.staff_sessions import delete_unused_links
from storage.staff_ways import StaffOutOfReach, StaffWay, staff_out_of_reach, way_of_staff


class WayChosen(StrEnum):
    """What became of the wish to be told by another way."""

    CHOSEN = "chosen"
    SAME = "same"
    NO_APP = "no_app"
    """Their telephone is not connected."""
    NO_EMAIL = "no_email"
    """There is no address that takes mail, or the service sends none."""
    NOT_FOUND = "not_found"


async def choose_staff_way(session: Session, staff_id: int, channel: str | None, now: datetime) -> WayChosen:
    """Tell this person by ``app`` or ``email`` from now on, as they wish; null: by the app where they have
    it, else by email."""
    member = await session.get(StaffMember, staff_id, populate_existing=True)
    found = await way_of_staff(session, staff_id)
    if member is None or found is None:
        return WayChosen.NOT_FOUND
    if channel == Channel.APP and not found.has_app:
        return WayChosen.NO_APP
    if channel == Channel.EMAIL and not found.takes_mail:
        return WayChosen.NO_EMAIL
    if member.channel == channel:
        return WayChosen.SAME
    member.channel = channel
    await staff_ways_changed(session, staff_id, now)
    await record(session, now, member, "staff.way", f"staff:{staff_id}", way=channel or "usual")
    return WayChosen.CHOSEN


async def address_changed(session: Session, member: StaffMember, email: str, now: datetime) -> None:
    """Give somebody another address, or none: that the old one failed says nothing of it, and what waits goes
    there. Sign-in links that the old one was sent are worthless, for it may be somebody else's by now. The
    same address, typed again, is tried again. Whoever calls it records the deed."""
    new = email.strip() or None
    if new != member.email:
        await delete_unused_links(session, member.id)
    member.email = new
    member.email_failed_at = member.email_failed_reason = None
    await staff_ways_changed(session, member.id, now)


async def staff_ways_changed(session: Session, staff_id: int, now: datetime) -> None:
    """Move what waits for this person to the way that reaches them now."""
    await session.flush()
    await reroute_staff(session, now, staff_id)


__all__ = [
    "StaffOutOfReach",
    "StaffWay",
    "WayChosen",
    "address_changed",
    "choose_staff_way",
    "staff_out_of_reach",
    "staff_ways_changed",
    "way_of_staff",
]
