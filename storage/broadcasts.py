"""Broadcasts: what staff write to many carers at once, from the first draft to its recall."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum
from storage.types import Json


class BroadcastState(StrEnum):
    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


class Attachment(Base):
    """A photo or document that goes out with a broadcast. It has ``content``, uploaded in the console, or a
    ``telegram_file_id``, for what staff sent to the bot and Telegram keeps."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(100))
    is_photo: Mapped[bool]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    telegram_file_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Broadcast(Base):
    """One message of staff to an audience. Times are UTC.

    ``texts``: by language, as staff wrote it; English is there before it is sent, and stands in where a
    recipient's language is missing. ``topic``: what a carer can opt out of to be spared it, or null.
    ``send_at``: when staff want it to go out, null for at once; ``starts_at``: when it begins, known once it
    is confirmed and approved. ``version`` counts changes: whoever saves an older one is told.
    ``fingerprint`` tells whether the same was sent to the same audience before; ``repeat_meant``: staff said
    that it is meant to be.
    """

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[BroadcastState] = mapped_column(text_enum(BroadcastState), default=BroadcastState.DRAFT)
    version: Mapped[int] = mapped_column(Integer, default=1)
    texts: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    audience: Mapped[str] = mapped_column(String(120), default="all")
    topic: Mapped[str | None] = mapped_column(String(40))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), default="", index=True)
    repeat_meant: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who wrote this version: not the one who may approve it."""
    send_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was finished, cancelled or recalled."""
    corrected_at: Mapped[datetime | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"), index=True)
    """Its notice in the ledger, from the moment that it starts."""


IS_OPEN = text("broadcasts.state IN ('scheduled', 'sending', 'paused')")
"""Spelled out, for a database uses a partial index only where it can read the condition in the query."""

_OPEN = text("state IN ('scheduled', 'sending', 'paused')")
Index("ix_broadcasts_open", Broadcast.state, Broadcast.starts_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
