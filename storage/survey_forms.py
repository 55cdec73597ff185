"""Surveys as a service words them: versions that staff write, and what is asked on which occasion."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, text_enum
from storage.types import Json, JsonDict


class FormState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    """It never changes again: rounds are started from it."""


_DRAFT = text("state = 'draft'")


class SurveyForm(Base):
    """One version of a survey. A service's own versions go before the standard one of the same name."""

    __tablename__ = "survey_forms"
    __table_args__ = (
        UniqueConstraint("survey", "version"),
        Index("uq_survey_forms_draft", "survey", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    source: Mapped[JsonDict] = mapped_column(Json)
    """The definition's JSON; while it is a draft, perhaps one that cannot be asked yet."""
    state: Mapped[FormState] = mapped_column(text_enum(FormState), default=FormState.DRAFT)
    edited: Mapped[int] = mapped_column(default=1)
    """The optimistic lock of the form: it goes up with every change."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    retired_at: Mapped[datetime | None]
    """Set on its latest version: the survey is offered for new rounds no more."""


class StandingSurvey(Base):
    """What is asked on an occasion. One without a row is asked as usual (`surveys.standing`)."""

    __tablename__ = "standing_surveys"

    occasion: Mapped[str] = mapped_column(String(40), primary_key=True)
    survey: Mapped[str] = mapped_column(String(40))
    is_on: Mapped[bool]
    anonymous: Mapped[bool]
    threshold: Mapped[int]
    period: Mapped[str] = mapped_column(String(20))
    """How long one round collects: ``month``, ``quarter``, ``half_year`` or ``year``."""
    open_days: Mapped[int]
    """How many days each carer has to answer."""
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
