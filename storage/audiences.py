"""Audiences that staff have saved: rules by which carers are chosen anew each time something is sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Json, JsonDict


class Audience(Base):
    """A saved audience: who fulfils every rule of ``include`` and none of ``exclude``.

    What a rule looks like is said by `carers.audience_rules`. ``version`` is raised by each change, so that
    of two people who edit at once the second is told.
    """

    __tablename__ = "audiences"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    include: Mapped[list[JsonDict]] = mapped_column(Json, default=list)
    exclude: Mapped[list[JsonDict]] = mapped_column(Json, default=list)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
