"""Nominations: carers name another carer or household for recognition at the next forum."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum


class NominationState(StrEnum):
    NEW = "new"
    SHORTLISTED = "shortlisted"
    SET_ASIDE = "set_aside"
    CELEBRATED = "celebrated"


class Nomination(Base):
    """One carer's nomination. What they wrote goes after 90 days; what staff wrote to be read out stays."""

    __tablename__ = "nominations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    nominated_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("carers.id", ondelete="SET NULL"), index=True
    )
    whom: Mapped[str | None] = mapped_column(String(200))
    """The name as the carer wrote it; gone with their words."""
    words: Mapped[str | None] = mapped_column(Text)
    """Why, in the carer's words."""
    carer_id: Mapped[int | None] = mapped_column(ForeignKey("carers.id", ondelete="SET NULL"), index=True)
    """Who is meant, as staff found; with the household alone the household is meant."""
    household_id: Mapped[int | None] = mapped_column(
        ForeignKey("households.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[NominationState] = mapped_column(text_enum(NominationState), default=NominationState.NEW)
    citation: Mapped[str] = mapped_column(Text, default="")
    """What is read out, in the words of staff."""
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"), index=True)
    """The forum for which it is shortlisted."""
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1)
