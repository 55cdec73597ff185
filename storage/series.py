"""What repeats in the programme: series, the terms of the school year, and templates to start from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Json


class Series(Base):
    """An event that comes again: its pattern, and the rhythm by which its local days follow each other.

    ``pattern`` is an event without its date, ``rhythm`` the rule, both plain JSON as `events.pattern` and
    `events.rhythm` write them. ``first_on`` and ``until`` are local days, ``until`` null: it goes on.
    ``skipped`` lists the ISO days that the rule names and on which nothing takes place. ``made_until`` is the
    last day up to which its events are in the programme. ``version`` is the optimistic lock of the form.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    pattern: Mapped[dict[str, Any]]
    rhythm: Mapped[dict[str, Any]]
    first_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    skipped: Mapped[list[str]] = mapped_column(Json, default=list)
    made_until: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None]
    """When staff ended it: nothing more is made of it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)


class Term(Base):
    """A stretch of school days, first and last day included; holidays are what lies between two."""

    __tablename__ = "terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date] = mapped_column(Date, unique=True)
    ends_on: Mapped[date] = mapped_column(Date)


class EventTemplate(Base):
    """An event to start from: a pattern, and the rhythm that it usually has, or null."""

    __tablename__ = "event_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    pattern: Mapped[dict[str, Any]]
    rhythm: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)


class KindRule(Base):
    """How one kind of event is reminded of. A kind without a row has the usual rules.

    ``remind_days``: whole days before the start, longest first; empty for no reminder.
    """

    __tablename__ = "kind_rules"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    remind_days: Mapped[list[int]] = mapped_column(Json)
    nudge: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether those who have not answered are asked again."""
    feedback: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether those who came are asked how it was."""
    feedback_form: Mapped[str] = mapped_column(String(40), default="")
    """The survey that asks it; empty: one tap from poor to very good."""
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)
