"""Settings that staff changed in the console, beside those of the environment."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class ServiceSetting(Base):
    """One setting by its name, such as ``duty_phone``, and its value as the environment would have it.

    Without a row the environment's value holds.
    """

    __tablename__ = "service_settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
