"""The one-time links by which a Telegram account is connected, and who knocks without one."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId


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
