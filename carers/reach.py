"""Whether a carer can be reached in their chat."""

from collections.abc import Iterable
from datetime import datetime

from storage.engine import Session
from storage.households import Carer

BLOCKED = "blocked"


async def closed_the_chat(session: Session, carers: Iterable[Carer], now: datetime) -> None:
    """Somebody blocked the bot: staff see all whose chat it was as not reached, until one writes or taps
    again."""
    for carer in carers:
        carer.unreachable_since, carer.unreachable_reason = now, BLOCKED
    await session.flush()
