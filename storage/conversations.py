"""Where a conversation stands, so that a restart forgets nothing; and what carers wrote that is no answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum
from storage.types import Json, JsonDict


class Conversation(Base):
    """The one thing that the bot is waiting to hear in a chat: ``topic`` and ``step`` name it."""

    __tablename__ = "conversations"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(40), default="")
    data: Mapped[JsonDict] = mapped_column(Json, default=dict)
    updated_at: Mapped[datetime]


class ThreadState(StrEnum):
    NEW = "new"
    """Nobody has taken it on."""
    TAKEN = "taken"
    ANSWERED = "answered"
    """Staff have answered, and the carer may write again."""
    SETTLED = "settled"


class Thread(Base):
    """What one carer and the service write to each other about one thing. A carer has at most one that is not
    settled. ``heard_at`` is when the carer last wrote."""

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    state: Mapped[ThreadState] = mapped_column(text_enum(ThreadState), default=ThreadState.NEW)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class CarerMessage(Base):
    """What a carer wrote that is no answer, or staff answered. Purged after 90 days, redacted on demand:
    then ``text`` is null."""

    __tablename__ = "carer_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """The member of staff who wrote it to the carer; null: the carer wrote it."""
    came_with: Mapped[str | None] = mapped_column(String(20))
    """What it came with that was not kept: ``photo``, ``video``, ``document``."""
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    """Where it stands in the chat, so that it can be taken away there too."""
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(index=True)


# Two messages that come at once open one thread.
Index(
    "uq_threads_unsettled",
    Thread.carer_id,
    unique=True,
    sqlite_where=text("state <> 'settled'"),
    postgresql_where=text("state <> 'settled'"),
)
Index("ix_threads_state", Thread.state, Thread.heard_at)
