"""Who came, and how it was for them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum


class AttendanceState(StrEnum):
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class Attendance(Base):
    """One carer at one event. ``source``: console, chat, walk_in, poster or import; ``rest:`` and where from
    for what was noted of all the others at once."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("event_id", "carer_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    state: Mapped[AttendanceState] = mapped_column(text_enum(AttendanceState))
    source: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Feedback(Base):
    """What a carer said of an event: 1 (poor) to 5 (very good), and a comment purged after 90 days."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("event_id", "carer_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), index=True)
    rating: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime]
