"""Carers and staff who cannot be reached, as the engine finds out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from storage.engine import Session
from storage.households import Carer, Channel
from storage.staff import StaffMember
from storage.ways import staff_takes_mail

_NO_SYNC = {"synchronize_session": False}


async def mark_unreachable(session: Session, reasons: Mapping[int, str], now: datetime) -> None:
    """Note for these chats why they take no messages, with all carers whose chat it is. Who was unreachable
    before stays so since then. Staff are told by email from then on, where that reaches them, until they say
    otherwise."""
    if not reasons:
        return
    by_mail = update(StaffMember).where(StaffMember.chat_id.in_(reasons), staff_takes_mail())
    await session.execute(by_mail.values(channel=Channel.EMAIL).execution_options(**_NO_SYNC))
    # In one order, for two who share a chat may be locked together elsewhere.
    theirs = select(Carer.id).where(Carer.chat_id == bindparam("chat")).order_by(Carer.id).with_for_update()
    statement = (
        update(Carer)
        .where(Carer.id.in_(theirs), Carer.unreachable_since.is_(None))
        .values(unreachable_since=bindparam("since"), unreachable_reason=bindparam("why"))
    )
    connection = await session.connection()
    await connection.execute(
        statement, [{"chat": chat, "since": now, "why": why[:60]} for chat, why in reasons.items()]
    )


async def mark_addresses_failed(session: Session, reasons: Mapping[str, str], now: datetime) -> None:
    """Note for these email addresses why they take no mail, for whoever has them: a couple may share one, and
    a carer may work here. An address that failed before stays so since then."""
    for address, why in reasons.items():
        for them in (Carer, StaffMember):
            await session.execute(
                update(them)
                .where(func.lower(them.email) == func.lower(address), them.email_failed_at.is_(None))
                .values(email_failed_at=now, email_failed_reason=why[:80])
                .execution_options(**_NO_SYNC)
            )
