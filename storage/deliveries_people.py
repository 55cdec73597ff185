"""Carers who cannot be reached, as the engine finds out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, update

from storage.engine import Session
from storage.households import Carer


async def mark_unreachable(session: Session, reasons: Mapping[int, str], now: datetime) -> None:
    """Note for these chats why they take no messages. Who was unreachable before stays so since then."""
    if not reasons:
        return
    statement = (
        update(Carer)
        .where(Carer.chat_id == bindparam("chat"), Carer.unreachable_since.is_(None))
        .values(unreachable_since=bindparam("since"), unreachable_reason=bindparam("why"))
    )
    connection = await session.connection()
    await connection.execute(
        statement, [{"chat": chat, "since": now, "why": why[:60]} for chat, why in reasons.items()]
    )
