"""Fostering panels that staff noted, whose household is asked how it was the next morning."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Panel(Base):
    """A panel that considered a household: that it was held and what kind, never what was said or decided."""

    __tablename__ = "panels"
    __table_args__ = (UniqueConstraint("household_id", "held_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id", ondelete="CASCADE"))
    held_on: Mapped[date]
    about: Mapped[str] = mapped_column(String(40))
    """``approval``, ``review``, ``change`` or ``other``."""
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime | None]
    """When its carers were asked, or when it was found that there was nobody to ask."""
