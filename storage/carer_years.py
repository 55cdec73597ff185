"""The rollup that reports read: what each carer came to in each fostering year.

Nothing in the product writes these rows. Triggers of the database do (migration 0009), in the very
transaction that notes an attendance, takes one back, or moves an event: so no way of writing, be it a tap, a
spreadsheet or a repair by hand, can leave them behind. What they hold could be counted anew from the
attendance at any time.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class CarerYear(Base):
    """The events that one carer attended in one year while in one household; without any there is no row.

    ``year`` is that in which the fostering year begins, in the United Kingdom: 2022 for 1 April 2022 to 31
    March 2023. ``trained`` of the ``attended`` were training. ``first_at`` and ``last_at`` are when the first
    and the last of them began.
    """

    __tablename__ = "carer_years"
    __table_args__ = {"info": {"counted": True}, "sqlite_with_rowid": False}  # noqa: RUF012 - read from the class

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), primary_key=True)
    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id"), primary_key=True, index=True)
    attended: Mapped[int] = mapped_column(Integer)
    trained: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
