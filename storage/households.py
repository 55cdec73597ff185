"""Households, their carers, and the groups that carers belong to: the register."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    Time,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, text_enum
from storage.types import Json


class HouseholdType(StrEnum):
    MAINSTREAM = "mainstream"
    FAMILY_AND_FRIENDS = "family_and_friends"
    SHORT_BREAK = "short_break"
    SECOND_HOME = "second_home"
    PARENT_AND_CHILD = "parent_and_child"
    TRANSITION = "transition"
    STAYING_PUT = "staying_put"
    SUPPORTED_LODGINGS = "supported_lodgings"


class EndRoute(StrEnum):
    RESIGNATION = "resignation"
    DEREGISTRATION = "deregistration"
    RESIGNATION_BEFORE_DEREGISTRATION = "resignation_before_deregistration"


class ConstellationRole(StrEnum):
    HUB = "hub"
    SATELLITE = "satellite"


class Language(StrEnum):
    ENGLISH = "en"
    URDU = "ur"
    PUNJABI = "pa"
    ARABIC = "ar"


class Channel(StrEnum):
    """The ways by which a notice reaches a carer."""

    APP = "app"
    EMAIL = "email"
    LETTER = "letter"


class Household(Base):
    """One fostering household and its approval. Dates are local calendar dates."""

    __tablename__ = "households"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[HouseholdType] = mapped_column(text_enum(HouseholdType))
    approved_on: Mapped[date] = mapped_column(Date)
    notice_on: Mapped[date | None] = mapped_column(Date)
    """When their written notice came in: the approval ends 28 days later, on ``ended_on``."""
    ended_on: Mapped[date | None] = mapped_column(Date, index=True)
    end_route: Mapped[EndRoute | None] = mapped_column(text_enum(EndRoute))
    end_reasons: Mapped[list[str]] = mapped_column(Json, default=list)
    exit_asked_at: Mapped[datetime | None]
    """When its carers were sent the exit interview, or it was found that there was nobody to send it to."""
    area: Mapped[str | None] = mapped_column(String(120))
    constellation: Mapped[str | None] = mapped_column(String(120), index=True)
    constellation_role: Mapped[ConstellationRole | None] = mapped_column(text_enum(ConstellationRole))
    on_hold_since: Mapped[date | None] = mapped_column(Date)
    social_worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)

    carers: Mapped[list["Carer"]] = relationship(back_populates="household", order_by="Carer.id")


class Carer(Base):
    """One carer. ``chat_id`` is the private chat in which the bot talks to them, once they have linked.

    Two carers of one household may share a chat: both then have ``shares_chat``, and one of the two
    ``speaks``, which is whose turn the next message or tap in it is taken for.

    ``unreachable_since`` is set when a send was refused for good and cleared when they write again.
    Of an ended household, of who has left theirs and of who was erased no name, email or phone is kept: they
    are empty strings or null.
    """

    __tablename__ = "carers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    main_carer: Mapped[bool] = mapped_column(Boolean, default=False)
    first_name: Mapped[str] = mapped_column(String(120), default="")
    last_name: Mapped[str] = mapped_column(String(120), default="")
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    language: Mapped[Language] = mapped_column(text_enum(Language), default=Language.ENGLISH)
    language_chosen: Mapped[bool] = mapped_column(Boolean, default=False)
    """The carer chose the language in the chat: a later import of the register leaves it."""
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    left_on: Mapped[date | None] = mapped_column(Date)
    """From this local day they are no carer of the household any more, whose approval goes on."""
    chat_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    speaks: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    shares_chat: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    linked_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    """When the carer wrote /stop: nothing unasked is sent until they come back."""
    paused_until: Mapped[datetime | None]
    quiet_from: Mapped[time | None] = mapped_column(Time)
    """Quiet hours of their own, from and until this local time of day, besides those of the service."""
    quiet_until: Mapped[time | None] = mapped_column(Time)
    unreachable_since: Mapped[datetime | None]
    unreachable_reason: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[Channel | None] = mapped_column(text_enum(Channel))
    """The way that was chosen for them. Null: the app where they have it, else email; see `storage.ways`."""
    email_failed_at: Mapped[datetime | None]
    """When their address refused mail for good; a new address from the register clears it."""
    email_failed_reason: Mapped[str | None] = mapped_column(String(80))
    page_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Which links to their pages count: raising it ends all those given out before."""
    feed_number: Mapped[int | None]
    """Which calendar feed of theirs counts, from 1: a new one ends those before. Null: they never had one;
    below zero: the number of the last, which is switched off."""
    erasure_asked_at: Mapped[datetime | None]
    """When they asked to have everything about them erased, and staff have not decided yet."""
    erased_at: Mapped[datetime | None]
    """What was held of this person is gone; the row stays for the statistics and never fills again."""

    household: Mapped[Household] = relationship(back_populates="carers")


class Group(Base):
    """A named set of carers: a support group, baby carers, the Working Together Group.

    ``is_open``: carers may join it themselves; ``about`` tells them what it is.
    """

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    about: Mapped[str] = mapped_column(Text, default="", server_default="")
    is_open: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class GroupMember(Base):
    """A carer in a group. ``from_register``: an import put them there, so a later one may take them out."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    carer_id: Mapped[int] = mapped_column(
        ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    from_register: Mapped[bool] = mapped_column(Boolean, default=False)


class GroupLeaver(Base):
    """A carer who left this group, or was taken out by staff: a later import does not put them back."""

    __tablename__ = "group_leavers"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    carer_id: Mapped[int] = mapped_column(
        ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OptOut(Base):
    """A kind of notice that a carer does not want. No row means that they want it."""

    __tablename__ = "opt_outs"

    carer_id: Mapped[int] = mapped_column(ForeignKey("carers.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)


Index("ix_carers_name", Carer.last_name, Carer.first_name)
# The few who have left or were erased, found without looking through all.
Index(
    "ix_carers_left",
    Carer.left_on,
    sqlite_where=text("left_on IS NOT NULL"),
    postgresql_where=text("left_on IS NOT NULL"),
)
Index(
    "ix_carers_erased",
    Carer.erased_at,
    sqlite_where=text("erased_at IS NOT NULL"),
    postgresql_where=text("erased_at IS NOT NULL"),
)
# However many share a chat, one of them speaks in it.
Index(
    "uq_carers_speaking",
    Carer.chat_id,
    unique=True,
    sqlite_where=text("speaks"),
    postgresql_where=text("speaks"),
)
