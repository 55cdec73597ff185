"""Members of staff, how they sign in to the console, and the record of what they did."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, event
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum
from storage.types import Json, JsonDict


class Role(StrEnum):
    COORDINATOR = "coordinator"
    SOCIAL_WORKER = "social_worker"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class SignInWay(StrEnum):
    """How somebody comes to be signed in: a link in the chat or by email, or the app's own word for who they
    are."""

    CHAT = "chat"
    EMAIL = "email"
    MINI_APP = "mini_app"


class StaffMember(Base):
    """Someone who works for the service. The register may name a social worker who has never signed in.

    ``channel``: by which way they chose to be told, ``app`` or ``email``; null: the app, or email without it.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    email: Mapped[str | None] = mapped_column(String(254))
    chat_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    added_at: Mapped[datetime]
    linked_at: Mapped[datetime | None]
    left_on: Mapped[date | None] = mapped_column(Date)
    channel: Mapped[str | None] = mapped_column(String(10))
    email_failed_at: Mapped[datetime | None]
    """Since when their address refuses mail for good; null again with another address."""
    email_failed_reason: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class SignInLink(Base):
    """A one-time way into the console. Only a POST from the browser that opened it spends it.

    What the app says of who somebody is stands here too, spent, so that it is taken once.
    """

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
    way: Mapped[SignInWay] = mapped_column(
        text_enum(SignInWay), default=SignInWay.CHAT, server_default=SignInWay.CHAT.value
    )


class WebSession(Base):
    """A signed-in browser, kept by the hash of its cookie. ``agent``: the browser in words, for its owner."""

    __tablename__ = "web_sessions"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    data: Mapped[JsonDict] = mapped_column(Json, default=dict)
    way: Mapped[SignInWay] = mapped_column(
        text_enum(SignInWay), default=SignInWay.CHAT, server_default=SignInWay.CHAT.value
    )
    agent: Mapped[str] = mapped_column(String(80), default="", server_default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to whom, and when. Rows are only added. ``detail`` never holds what a carer wrote."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(120), default="")
    detail: Mapped[JsonDict] = mapped_column(Json, default=dict)


Index("ix_audit_log_subject", AuditEntry.subject)


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _only_added_to(*_: Any) -> None:
    """No code changes an entry or takes one out by mistake; the purge deletes old ones in bulk."""
    raise RuntimeError("the audit log is only added to")
