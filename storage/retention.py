"""Deleting what has been kept long enough, where no other noun has a query of its own for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, null, or_, update

from storage.attendance import Feedback
from storage.conversations import Conversation
from storage.deliveries import Notice
from storage.engine import Session
from storage.links import LinkAttempt, LinkToken, Stranger
from storage.staff import AuditEntry

_ALERTS = ("staff_alert", "staff_urgent", "sign_in_link")


async def forget_feedback_comments(session: Session, before: datetime) -> int:
    """Empty the comments on events that were given before then; how many. Ratings stay."""
    old = update(Feedback).where(Feedback.comment.is_not(None), Feedback.given_at < before)
    return await _count(session, old.values(comment=null()))


async def delete_spent_links(session: Session, before: datetime) -> int:
    """Delete personal links that were used, or revoked, before then; how many. Unused ones stay valid."""
    return await _count(
        session, delete(LinkToken).where(or_(LinkToken.used_at < before, LinkToken.revoked_at < before))
    )


async def delete_strangers(session: Session, before: datetime) -> int:
    """Delete the names of who wrote without a link and was last seen before then; how many."""
    return await _count(session, delete(Stranger).where(Stranger.last_seen_at < before))


async def delete_attempts(session: Session, before: datetime) -> int:
    """Delete the wrong links that were tried before then; how many."""
    return await _count(session, delete(LinkAttempt).where(LinkAttempt.at < before))


async def delete_conversations(session: Session, before: datetime) -> int:
    """Forget what the bot waits to hear since before then; in how many chats."""
    return await _count(session, delete(Conversation).where(Conversation.updated_at < before))


async def delete_alerts(session: Session, before: datetime) -> int:
    """Delete alerts to staff from before then, which name carers, with their deliveries; how many."""
    return await _count(session, delete(Notice).where(Notice.kind.in_(_ALERTS), Notice.created_at < before))


async def delete_audit_entries(session: Session, before: datetime) -> int:
    """Delete entries of the audit log from before then; how many."""
    return await _count(session, delete(AuditEntry).where(AuditEntry.at < before))


async def _count(session: Session, statement: Any) -> int:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - for the type checker
    return result.rowcount
