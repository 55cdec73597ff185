"""Updates as they came from Telegram: stored before they are acknowledged."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum


class UpdateState(StrEnum):
    NEW = "new"
    DONE = "done"
    SET_ASIDE = "set_aside"


class StoredUpdate(Base):
    """One update. ``id`` is the order of arrival; duplicates are told by equality of ``update_id`` alone,
    never by order, as Telegram starts at a random number after a quiet week.

    ``payload`` is the raw JSON. It is wiped when the update is done, so that what a carer wrote, or
    answered in a survey, does not linger here.
    """

    __tablename__ = "updates"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[UpdateState] = mapped_column(text_enum(UpdateState), default=UpdateState.NEW)
    payload: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    """The type of what went wrong, never its text, which may quote the carer."""


Index("ix_updates_state", StoredUpdate.state, StoredUpdate.id)
