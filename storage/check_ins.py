"""Check-ins: that somebody of the service spoke to a household, when and how. Nothing of what was said."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum


class CheckInHow(StrEnum):
    """How a check-in was made, or tried; ``NO_ANSWER``: somebody tried and reached nobody."""

    VISIT = "visit"
    PHONE = "phone"
    MESSAGE = "message"
    EVENT = "event"
    NO_ANSWER = "no_answer"


class CheckIn(Base):
    """One check-in with a household, or one try. ``made_on`` is the local day of it."""

    __tablename__ = "check_ins"
    __table_args__ = (Index("ix_check_ins_household_id_made_on", "household_id", "made_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id", ondelete="CASCADE"))
    made_on: Mapped[date] = mapped_column(Date)
    how: Mapped[CheckInHow] = mapped_column(text_enum(CheckInHow))
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[datetime]
