"""What the bot could not handle, for staff to know that somebody may wait for an answer."""

from collections.abc import Sequence

from storage.engine import Session
from storage.inbox_lists import SetAside, latest_set_aside

MOST_SHOWN = 50


async def set_aside(session: Session) -> Sequence[SetAside]:
    """The latest updates that were given up on; they are forgotten after a week."""
    return await latest_set_aside(session, MOST_SHOWN)


__all__ = ["SetAside", "set_aside"]
