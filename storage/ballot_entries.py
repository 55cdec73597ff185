"""Who has been drawn in a ballot, whatever became of it."""

from collections.abc import Collection

from sqlalchemy import select

from storage.ballot import DrawEntry
from storage.engine import Session


async def drawn_before(session: Session, invitation_ids: Collection[int]) -> set[int]:
    """Which of these invitations have won places in some draw."""
    query = select(DrawEntry.invitation_id).where(DrawEntry.invitation_id.in_(invitation_ids), DrawEntry.won)
    return set((await session.scalars(query)).all())
