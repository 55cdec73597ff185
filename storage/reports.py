"""What is kept of reports: what a service says about its figures, and the figures of a large register."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Json, JsonDict


class ReportComment(Base):
    """What staff say in their own words under one section of one year's report.

    ``year`` is that in which the fostering year begins. ``kept_numbers``: numbers in the text that were
    questioned and that the writer kept, as they are written, such as ``27``. ``version`` is the optimistic
    lock.
    """

    __tablename__ = "report_comments"
    __table_args__ = (UniqueConstraint("year", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    section: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    kept_numbers: Mapped[list[str]] = mapped_column(Json, default=list)
    version: Mapped[int] = mapped_column(Integer, default=1)
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class KeptReport(Base):
    """The figures of one year as they were counted at ``made_at``, where the register is too large to count
    them for each look. ``public``: the public version."""

    __tablename__ = "kept_reports"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    public: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    data_date: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime]
    report: Mapped[JsonDict] = mapped_column(Json)
