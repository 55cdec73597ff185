"""You said, we did: what the service undertook to do about what carers said, and what came of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum
from storage.types import Json, JsonDict


class ActionState(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    """It cannot be done; ``did`` says why."""


class ServiceAction(Base):
    """One thing that carers said and what the service does about it; it names nobody but its owner."""

    __tablename__ = "service_actions"
    __table_args__ = (Index("ix_service_actions_published", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    said: Mapped[str] = mapped_column(Text)
    did: Mapped[str] = mapped_column(Text, default="")
    """What is being done, was done, or why it cannot be; empty while nothing can be said yet."""
    translations: Mapped[JsonDict] = mapped_column(Json, default=dict)
    """By language: ``{"ur": {"said": ..., "did": ...}}``. English stands above and stands in."""
    state: Mapped[ActionState] = mapped_column(text_enum(ActionState), default=ActionState.PLANNED)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    due_on: Mapped[date | None]
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id", ondelete="SET NULL"), index=True)
    """The survey's round from whose results it was made."""
    question: Mapped[str | None] = mapped_column(String(64))
    """The question of that round."""
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"), index=True)
    """The forum, or other event, at which it was asked."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]
    settled_on: Mapped[date | None]
    """The local day on which it was done or found not possible."""
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1)
