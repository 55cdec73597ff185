"""Where a conversation stands, so that a restart forgets nothing; and what carers wrote that is no answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text
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


class MessageState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    REDACTED = "redacted"


class CarerMessage(Base):
    """What a carer wrote that is no answer, for staff to read. Purged after 90 days, redacted on demand."""

    __tablename__ = "carer_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(text_enum(MessageState), default=MessageState.OPEN)
    urgent: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
