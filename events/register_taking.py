"""After the register has been taken in: what households that have left hold goes to others, and whoever an
open event is for now is invited to it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from events.holds import LONDON
from events.invitations import invite_the_missing
from events.leavers import release_leavers
from storage.engine import Session


async def follow_the_register(
    session: Session, now: datetime, zone: ZoneInfo = LONDON, *, invite: bool = True
) -> list[str]:
    """Returns what followed, in words for the person who took the register in.

    ``invite`` false leaves inviting to the heartbeat, which does so within a minute: of thousands of new
    carers it takes longer than anybody should wait for the database.
    """
    released = await release_leavers(session, now, zone)
    invited = await invite_the_missing(session, now, zone) if invite else 0
    said = {
        "invitations withdrawn from households that have left": released,
        "carers invited to events that are open for them": invited,
    }
    return [f"{what}: {number}" for what, number in said.items() if number]
