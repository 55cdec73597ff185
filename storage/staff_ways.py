"""Reading by which way staff are told, and who cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from storage.engine import Session
from storage.staff import StaffMember
from storage.ways import mail_is_on, staff_takes_mail, usual_staff_way


@dataclass(frozen=True, slots=True)
class StaffWay:
    """How a member of staff is told. ``chosen``: ``app`` or ``email``, null where nothing was chosen; ``way``
    is what works now, null: nothing does. ``takes_mail``: their address works, and the service sends mail."""

    chosen: str | None
    way: str | None
    has_app: bool
    takes_mail: bool
    sends_mail: bool
    email: str
    email_failed_at: datetime | None
    email_failed_reason: str | None


@dataclass(frozen=True, slots=True)
class StaffOutOfReach:
    """Someone who works here and misses what they should be told: ``email_failed`` (their address refuses
    mail, since then) or ``no_way``. ``told``: the app reaches them all the same."""

    id: int
    name: str
    reason: str
    since: datetime | None
    told: bool


async def way_of_staff(session: Session, staff_id: int) -> StaffWay | None:
    """How this person is told; None for nobody, or who has left."""
    query = select(StaffMember, usual_staff_way(), staff_takes_mail(), mail_is_on()).where(
        StaffMember.id == staff_id, StaffMember.left_on.is_(None)
    )
    row = (await session.execute(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        return None
    member, way, takes_mail, sends = row
    return StaffWay(
        chosen=member.channel,
        way=way,
        has_app=member.chat_id is not None,
        takes_mail=bool(takes_mail),
        sends_mail=bool(sends),
        email=member.email or "",
        email_failed_at=member.email_failed_at,
        email_failed_reason=member.email_failed_reason,
    )


async def staff_out_of_reach(session: Session) -> Sequence[StaffOutOfReach]:
    """Who works here and has an address that refuses mail, or was connected once or has an address, and is
    reached by nothing; by name. A social worker whom only the register names is not expected to be told."""
    failed = and_(StaffMember.email_failed_at.is_not(None), mail_is_on())
    expected = or_(StaffMember.linked_at.is_not(None), StaffMember.email.is_not(None))
    query = (
        select(StaffMember, failed, usual_staff_way().is_not(None))
        .where(StaffMember.left_on.is_(None), or_(failed, and_(expected, usual_staff_way().is_(None))))
        .order_by(StaffMember.name, StaffMember.id)
    )
    return [
        StaffOutOfReach(
            member.id,
            member.name,
            "email_failed" if refuses else "no_way",
            member.email_failed_at if refuses else None,
            bool(told),
        )
        for member, refuses, told in (await session.execute(query)).all()
    ]
