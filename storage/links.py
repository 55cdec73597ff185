"""The one-time links by which a Telegram account is connected, and who knocks without one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    String,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage.base import Base, BigId
from storage.engine import Session


class LinkToken(Base):
    """A deep link's token, kept only as its SHA-256: who reads the database cannot use it."""

    __tablename__ = "link_tokens"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LinkAttempt(Base):
    """A wrong token offered by a chat: guessing is slowed by counting these."""

    __tablename__ = "link_attempts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Stranger(Base):
    """Somebody unknown who wrote to the bot: staff see that they did, and nothing of what they wrote."""

    __tablename__ = "strangers"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200), default="")
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]


async def link_of_hash(session: Session, token_hash: str) -> LinkToken | None:
    """The link with this token, used and revoked ones included."""
    return (await session.scalars(select(LinkToken).where(LinkToken.token_hash == token_hash))).one_or_none()


async def spend_link(session: Session, link_id: int, now: datetime) -> bool:
    """Use a link up. False if it was used or revoked before: of two chats with one link only one wins."""
    spent = await session.scalars(
        update(LinkToken)
        .where(LinkToken.id == link_id, LinkToken.used_at.is_(None), LinkToken.revoked_at.is_(None))
        .values(used_at=now)
        .returning(LinkToken.id)
    )
    return spent.one_or_none() is not None


async def revoke_links(
    session: Session, now: datetime, *, carer_id: int | None = None, staff_id: int | None = None
) -> int:
    """Revoke every unused link of this carer or member of staff; returns how many there were."""
    owner = LinkToken.carer_id == carer_id if carer_id is not None else LinkToken.staff_id == staff_id
    revoked = await session.scalars(
        update(LinkToken)
        .where(owner, LinkToken.used_at.is_(None), LinkToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(LinkToken.id)
    )
    return len(revoked.all())


_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class LinksOut:
    """Personal links of one carer that were given out and would still connect them: how many, and the day of
    the latest."""

    number: int
    latest: datetime


def link_out(owner: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether this carer has an unused link that still works."""
    return exists().where(LinkToken.carer_id == owner, *_unused())


def _unused() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LinkToken.used_at.is_(None), LinkToken.revoked_at.is_(None)


async def links_out(session: Session, carer_ids: Collection[int]) -> dict[int, LinksOut]:
    """The unused links of these carers, by carer; who has none is not among them."""
    found: dict[int, LinksOut] = {}
    ids = sorted(carer_ids)
    for start in range(0, len(ids), _AT_ONCE):
        query = (
            select(LinkToken.carer_id, func.count(), func.max(LinkToken.created_at))
            .where(LinkToken.carer_id.in_(ids[start : start + _AT_ONCE]), *_unused())
            .group_by(LinkToken.carer_id)
        )
        for owner, number, latest in (await session.execute(query)).all():
            if owner is not None:
                found[owner] = LinksOut(number, latest)
    return found


async def count_attempts(session: Session, since: datetime, chat_id: int | None = None) -> int:
    """How many wrong tokens were offered since then, by this chat or by all."""
    query = select(func.count()).select_from(LinkAttempt).where(LinkAttempt.at > since)
    if chat_id is not None:
        query = query.where(LinkAttempt.chat_id == chat_id)
    return (await session.scalars(query)).one()


async def forget_attempts(session: Session, before: datetime) -> None:
    """Delete the wrong attempts that no longer slow anybody."""
    await session.execute(delete(LinkAttempt).where(LinkAttempt.at < before))


async def waiting_strangers(session: Session) -> Sequence[Stranger]:
    """Who knocked and was not dismissed, the latest first."""
    query = select(Stranger).where(Stranger.dismissed_at.is_(None)).order_by(Stranger.last_seen_at.desc())
    return (await session.scalars(query)).all()
