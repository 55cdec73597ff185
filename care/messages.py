"""Reading what carers wrote: who waits, marking it answered, taking the words away.

A social worker reads what the carers of their own households wrote and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carers.audit import record
from carers.people import StaffMember
from storage.conversations import MessageState
from storage.conversations_lists import MessageLine, count_messages, lock_message, messages
from storage.engine import Session

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One page; pages count from 1. ``waiting`` counts what nobody has answered, on any page."""

    lines: Sequence[MessageLine]
    waiting: int
    page: int
    pages: int


async def waiting_count(session: Session, social_worker_id: int | None = None) -> int:
    """How many messages wait to be read."""
    return await count_messages(session, waiting=True, social_worker_id=social_worker_id)


async def list_messages(
    session: Session, *, waiting: bool, page: int = 1, social_worker_id: int | None = None
) -> MessagePage:
    """A page of what waits, urgent first, or of what was settled, the latest first."""
    open_now = await waiting_count(session, social_worker_id)
    total = (
        open_now
        if waiting
        else await count_messages(session, waiting=False, social_worker_id=social_worker_id)
    )
    pages = max(1, -(-total // PER_PAGE))
    page = min(page, pages)
    lines = await messages(
        session,
        waiting=waiting,
        social_worker_id=social_worker_id,
        offset=(page - 1) * PER_PAGE,
        count=PER_PAGE,
    )
    return MessagePage(lines, open_now, page, pages)


async def mark_answered(
    session: Session, message_id: int, by: StaffMember, now: datetime, social_worker_id: int | None = None
) -> bool:
    """Somebody has answered, by telephone or in person. False if it did not wait any more."""
    message = await lock_message(session, message_id, social_worker_id)
    if message is None or message.state is not MessageState.OPEN:
        return False
    message.state, message.answered_at, message.answered_by_id = MessageState.ANSWERED, now, by.id
    await record(session, now, by, "message.answer", f"message:{message.id}")
    return True


async def redact(
    session: Session, message_id: int, by: StaffMember, now: datetime, social_worker_id: int | None = None
) -> bool:
    """Erase the words for good, because they name a child or say what has no place here.

    That somebody wrote stays, and who erased it. False if there were no words left.
    """
    message = await lock_message(session, message_id, social_worker_id)
    if message is None or message.text is None:
        return False
    message.text, message.state = None, MessageState.REDACTED
    message.answered_at, message.answered_by_id = message.answered_at or now, message.answered_by_id or by.id
    await record(session, now, by, "message.redact", f"message:{message.id}")
    return True


__all__ = ["MessageLine", "MessagePage", "list_messages", "mark_answered", "redact", "waiting_count"]
