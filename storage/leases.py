"""Who leads, and small facts that outlive a process."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Json, JsonDict


class Lease(Base):
    """A role that one process holds at a time, such as polling. Once it expires another may take it."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime]


class Fact(Base):
    """A small fact by name: when the last good poll was, which day was purged last."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[JsonDict] = mapped_column(Json)
    updated_at: Mapped[datetime]
