"""Whether a carer can be reached in their chat."""

from datetime import datetime

from storage.engine import Session
from storage.households import Carer

BLOCKED = "blocked"


async def closed_the_chat(session: Session, carer: Carer, now: datetime) -> None:
    """The carer blocked the bot: staff see them as not reached until they write or tap again."""
    carer.unreachable_since, carer.unreachable_reason = now, BLOCKED
    await session.flush()
