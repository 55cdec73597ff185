"""Draws of a fair ballot, each with all that it takes to draw it again and come to the same end."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigId, text_enum
from storage.events import Mode


class Draw(Base):
    """One draw for the places in one mode: ``number`` 1 at the deadline, then one each time places come back.

    ``seed`` is what the chance was made of, ``places`` how many there were to give, null for no limit.
    ``drawn_by_id`` null: the clock drew.
    """

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("event_id", "mode", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    mode: Mapped[Mode] = mapped_column(text_enum(Mode))
    number: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(64))
    places: Mapped[int | None] = mapped_column(Integer)
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class DrawEntry(Base):
    """One party in one draw. ``turn`` is its place in the order drawn, from 1.

    ``seats``: the places it asked for. ``received`` and ``losses``: how often its household had places by
    ballot in the twelve months before, and how often it lost since it last had any, both as they were then:
    the weight follows from them. ``won``: it was offered its places; one that did not win was too large for
    what was left when its turn came, or nothing was left.
    """

    __tablename__ = "draw_entries"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id", ondelete="CASCADE"), primary_key=True)
    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    turn: Mapped[int] = mapped_column(Integer)
    seats: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer)
    losses: Mapped[int] = mapped_column(Integer)
    won: Mapped[bool] = mapped_column(Boolean)
